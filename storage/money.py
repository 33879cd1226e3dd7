"""Name the records of money, as they cross the storage border."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# A billion dollars. A month would need nine million amounts of it to overflow 64 bits.
LARGEST_AMOUNT = 10**12


class Subject(StrEnum):
    """Say whose account it is."""

    HOST = "host"
    SERVER = "server"
    MEMBER = "member"
    # Credits given to a member, beside the allowance.
    GRANT = "grant"


class Holder(StrEnum):
    """Say whom a rule is for."""

    # The server as a whole.
    SERVER = "server"
    # Each member for whom there is no better rule.
    EVERYONE = "everyone"
    ROLE = "role"
    MEMBER = "member"


class Span(StrEnum):
    """Say how long a window is, on the calendar."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Entry(StrEnum):
    """Say what a ledger line does to its account."""

    HOLD = "hold"
    SETTLE = "settle"
    RELEASE = "release"
    # Real cost beyond the hold, or cost that may have been billed for a failure.
    BOOK = "book"
    REFUND = "refund"
    # Credits given to a member, as an account of their own.
    GRANT = "grant"
    # What was spent in a window no longer counts.
    RESET = "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Name whose credits are counted: the host's, a server's, a member's in a server."""

    subject: Subject
    server_id: int = 0
    member_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountKey:
    """Name an owner and a calendar window, which begins and ends on a quarter of an hour."""

    subject: Subject
    span: Span
    starts_at_ms: int
    ends_at_ms: int
    server_id: int = 0
    member_id: int = 0

    @property
    def owner(self) -> Owner:
        """Return whose window it is."""
        return Owner(subject=self.subject, server_id=self.server_id, member_id=self.member_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Show what an owner has in a window, in credits; no ceiling means unlimited."""

    key: AccountKey
    ceiling: int | None
    held: int
    spent: int

    @property
    def left(self) -> int | None:
        """Return the credits that may still be held; None is unlimited."""
        if self.ceiling is None:
            return None
        return max(0, self.ceiling - self.held - self.spent)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """Record one movement of credits; the ledger only grows."""

    at_ms: int
    render_id: str | None
    entry: Entry
    # What the line adds to the account's held and spent credits.
    held: int
    spent: int
    author: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Show a member one movement of their own credits, the grants' included."""

    at_ms: int
    entry: Entry
    # How many were held, spent, given back or given; the entry says which.
    credits: int
    render_id: str | None
    reason: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Hold credits that a member has beside the allowance, until they end."""

    id: int
    server_id: int
    member_id: int
    credits: int
    # What is neither held nor spent.
    left: int
    at_ms: int
    expires_at_ms: int
    author: str
    reason: str
    # The render that it is a refund of.
    render_id: str | None = None
    # The role that it was given to.
    role_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant:
    """Promise a grant to everybody who holds a role before it ends."""

    id: int
    server_id: int
    role_id: int
    credits: int
    at_ms: int
    expires_at_ms: int
    author: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Limit what somebody may do; None leaves a limit to the next rule."""

    server_id: int
    holder: Holder
    # A role's or a member's id.
    holder_id: int = 0
    hour_credits: int | None = None
    day_credits: int | None = None
    week_credits: int | None = None
    month_credits: int | None = None
    renders_at_once: int | None = None
    queue_length: int | None = None
    longest_seconds: int | None = None
    highest_resolution: str | None = None
    # Empty: every model.
    models: tuple[str, ...] = ()

    def credits(self, span: Span) -> int | None:
        """Return the ceiling of a span's windows."""
        match span:
            case Span.HOUR:
                return self.hour_credits
            case Span.DAY:
                return self.day_credits
            case Span.WEEK:
                return self.week_credits
            case Span.MONTH:
                return self.month_credits


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Sum up what a member's renders with one role, channel and model cost."""

    member_id: int
    role_id: int | None
    channel_id: int
    model: str
    renders: int
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSpend:
    """Sum up what a server cost the host, in credits."""

    server_id: int
    held: int
    spent: int
    # What of it was for renders that gave no video, and may not have been billed.
    without_video: int
