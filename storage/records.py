"""Name the records that the tables hold, as they cross the storage border."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from storage.money import (
    LARGEST_AMOUNT,
    Account,
    AccountKey,
    Entry,
    Grant,
    Holder,
    HostSpend,
    LedgerLine,
    Movement,
    Owner,
    RoleGrant,
    Rule,
    Span,
    Subject,
    Total,
)
from storage.review import (
    ENGINE,
    Approval,
    ApprovalKind,
    ApprovalRule,
    Block,
    Consequence,
    Newcomers,
    Review,
    Word,
)

# Every record can be had from here.
__all__ = [
    "ENGINE",
    "FINAL_STATES",
    "LARGEST_AMOUNT",
    "Account",
    "AccountKey",
    "Approval",
    "ApprovalKind",
    "ApprovalRule",
    "Block",
    "Cause",
    "Consequence",
    "Entry",
    "Event",
    "Frame",
    "FrameRole",
    "Grant",
    "Holder",
    "HostSpend",
    "LedgerLine",
    "Message",
    "Movement",
    "Newcomers",
    "Owner",
    "Pause",
    "Purpose",
    "Render",
    "Review",
    "RoleGrant",
    "Rule",
    "Server",
    "Span",
    "State",
    "StopReason",
    "Subject",
    "SubmitStop",
    "Total",
    "Word",
]


class State(StrEnum):
    """Say where a render stands; the table of design and README explains each."""

    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    RENDERING = "rendering"
    RENDERED = "rendered"
    UNDELIVERED = "undelivered"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL_STATES = frozenset({State.DELIVERED, State.FAILED, State.CANCELLED})


class Cause(StrEnum):
    """Say why a render ended without a video; each has a sentence for people."""

    TEXT_REFUSED = "text_refused"
    IMAGE_REFUSED = "image_refused"
    REAL_PERSON_REFUSED = "real_person_refused"
    AUDIO_REFUSED = "audio_refused"
    OUTPUT_REFUSED = "output_refused"
    BAD_INPUT = "bad_input"
    MODEL_GONE = "model_gone"
    OUT_OF_FUNDS = "out_of_funds"
    BAD_KEY = "bad_key"
    PROVIDER_FAILED = "provider_failed"
    # The submit's outcome never became known, and the wait is over.
    OUTCOME_UNKNOWN = "outcome_unknown"
    TASK_EXPIRED = "task_expired"
    # The provider says it succeeded, and its video cannot be had.
    VIDEO_MISSING = "video_missing"
    CANCELLED_BY_MEMBER = "cancelled_by_member"
    CANCELLED_BY_MODERATOR = "cancelled_by_moderator"
    CANCELLED_BY_PROVIDER = "cancelled_by_provider"
    # QUEUE_HOURS passed before a slot or the provider became free.
    WAITED_TOO_LONG = "waited_too_long"
    CARD_IMPOSSIBLE = "card_impossible"
    # A moderator said no, or nobody said yes in time.
    DENIED = "denied"
    NOT_APPROVED = "not_approved"


class FrameRole(StrEnum):
    """Say which end of the video a frame guides."""

    FIRST = "first"
    LAST = "last"


class Purpose(StrEnum):
    """Say what a message of ours is for."""

    CARD = "card"
    RESULT = "result"
    # What its member is told beside the result.
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Render:
    """Describe one request of a member for one video."""

    # Eight characters of Crockford base32.
    id: str
    interaction_id: int
    server_id: int
    channel_id: int
    member_id: int
    age_restricted: bool
    state: State
    # Since when it is in this state.
    state_at_ms: int
    created_at_ms: int
    # Not claimed before this moment (undo, or a delay after a refused connection).
    ready_at_ms: int
    # What is sent: settings taken out, the rest neutralised.
    prompt: str
    # Same member, same digest within seconds: the same render.
    request_digest: str
    model: str
    route: str
    remote_id: str
    duration_seconds: int
    resolution: str
    ratio: str
    seed: int | None
    audio: bool | None
    # Credits held at admission.
    cost: int
    # Credits settled on the member's account, once the provider's echo is known.
    settled: int | None = None
    provider: str
    base_url: str
    key_fingerprint: str
    attempts: int = 0
    body_digest: str | None = None
    submitted_at_ms: int | None = None
    task_id: str | None = None
    # Late: the member's credits went back, and a video that still comes is free.
    late_at_ms: int | None = None
    video_url: str | None = None
    video_expires_at_ms: int | None = None
    # Name of the file in the spool, once it is whole.
    spool_name: str | None = None
    cause: Cause | None = None
    # The provider's code, or who cancelled and the reason given.
    detail: str | None = None
    # The member has been told of the end, or need not be, or cannot be.
    told_at_ms: int | None = None
    # The channel above, when it was asked for in a public thread.
    parent_id: int | None = None
    # The role whose rule applied when it was accepted.
    role_id: int | None = None
    # How long it was parked or its server paused while it waited, without what lasts.
    paused_ms: int = 0
    # A moderator put it before the others of its server, or had it wait until further notice.
    bumped_at_ms: int | None = None
    parked_at_ms: int | None = None
    # Why a moderator had to say yes first; None: nobody had to.
    review: Review | None = None

    # A moderator took it down: who, why, and since when nothing of it is left to be seen.
    taken_down_at_ms: int | None = None
    taken_down_by: int | None = None
    taken_down_why: str | None = None
    removed_at_ms: int | None = None

    @property
    def waiting_since_ms(self) -> int:
        """Return from when on its wait counts: what stood still does not."""
        return self.created_at_ms + self.paused_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Carry an input image, ready to be sent."""

    role: FrameRole
    media_type: str
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Record one transition of a render, or one act: what somebody changed, from what to what."""

    render_id: str | None
    at_ms: int
    from_state: State | None = None
    to_state: State | None = None
    # A member's id in digits, or "engine".
    author: str
    why: str
    # Known once it is written down; the same event either way.
    id: int | None = field(default=None, compare=False)
    # An act's server; None for what the host does to all of them.
    server_id: int | None = None
    # Empty for a transition, else a dotted word like "limits.set".
    action: str = ""
    # "member:123", "role:45", "everyone", "server", or empty.
    target: str = ""
    old_value: str = ""
    new_value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Record one message of ours about a render, before and after it is sent."""

    render_id: str
    number: int
    purpose: Purpose
    channel_id: int
    attempted_at_ms: int
    message_id: int | None = None

    @property
    def nonce(self) -> str:
        """Return what Discord de-duplicates by; at most 25 characters."""
        return f"{self.render_id}.{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Hold what is set for a server as a whole."""

    server_id: int
    # Only its admins render until it is.
    opened: bool = False
    # An IANA name; None is the host's.
    time_zone: str | None = None
    # Where, and who; empty means everywhere, everybody.
    channel_ids: frozenset[int] = frozenset()
    role_ids: frozenset[int] = frozenset()
    staff_channel_id: int | None = None
    audit_channel_id: int | None = None
    # What the host lets it spend a day; None is what every server may.
    given_daily_credits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Record who stopped a server's queue, and why."""

    server_id: int
    author_id: int
    reason: str
    at_ms: int


class StopReason(StrEnum):
    """Say why no render is submitted until the host allows it."""

    # It was last in use so long ago that another bot may have submitted its renders since.
    OLD_DATABASE = "old_database"
    HOST = "host"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitStop:
    """Record that no render is submitted, for all servers."""

    reason: StopReason
    since_ms: int
    # When the database had been in use before; of no meaning when the host stopped.
    last_beat_ms: int = 0
    author: str = "engine"
    # The host's own words, which no member reads.
    note: str = ""
