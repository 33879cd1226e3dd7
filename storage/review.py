"""Name the records of what a server's admins and moderators watch over; see storage.records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# What is written down as the author of what no person did.
ENGINE = "engine"


class Approval(StrEnum):
    """Say which renders a moderator says yes to first."""

    ALWAYS = "always"
    # Those with input images.
    IMAGES = "images"
    # Those of members who joined lately.
    NEWCOMERS = "newcomers"
    NEVER = "never"


class ApprovalKind(StrEnum):
    """Say what an approval rule is drawn around."""

    # A channel, a thread, a category; or the server, which is the widest place, by its own id.
    PLACE = "place"
    ROLE = "role"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRule:
    """Say what a moderator says yes to first in a place, or of the holders of a role."""

    server_id: int
    kind: ApprovalKind
    holder_id: int
    approval: Approval


class Review(StrEnum):
    """Say why a moderator had to say yes to a render first."""

    ALWAYS = "always"
    IMAGES = "images"
    NEWCOMERS = "newcomers"
    # What holds where no rule does: images of members who joined lately.
    NEWCOMERS_IMAGES = "newcomers_images"
    WORDS = "words"


class Consequence(StrEnum):
    """Say what becomes of a prompt with a word of the list."""

    REFUSE = "refuse"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Hold a pattern of a server's list, normalised as render.words does."""

    server_id: int
    pattern: str
    consequence: Consequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomers:
    """Say how old accounts and memberships must be, and whether newcomers have to wait now."""

    server_id: int
    account_days: int = 0
    member_days: int = 0
    # After too many first-time users at once.
    paused_until_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Keep a member from rendering in a server, for a time or (None) for good."""

    server_id: int
    member_id: int
    at_ms: int
    until_ms: int | None
    reason: str
    # A moderator's id in digits, or "engine".
    author: str

    @property
    def automatic(self) -> bool:
        """Say whether nobody decided it: too many renders of the member failed."""
        return self.author == ENGINE

    def holds(self, now_ms: int) -> bool:
        """Say whether it is in force."""
        return self.until_ms is None or now_ms < self.until_ms
