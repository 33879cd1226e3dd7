"""Name every refusal of a request, with the data that its sentence needs.

Refusal
├── PromptEmpty
├── PromptTooLong
├── SettingTwice         two values for one setting inside the prompt
├── SettingUnreadable    --duration five
├── ValueNotOffered      the model has no such duration, ratio, resolution, seed
├── OptionNotCarried     no such option on this model's route
├── ModelUnknown
├── NoModelOffered
├── FrameRefused
├── LastFrameAlone
├── Paused
├── ServerNotAllowed
├── OverCeiling
├── TooManyAtOnce
├── QueueFull
├── SubmitsStopped       the host has to look at the database first
├── ServicePaused        submits pause for a while already
└── LedgerUnavailable    the database cannot answer
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from render.breaker import Trouble
from seedance import Option
from storage.records import Account, FrameRole, Pause


class Refusal(Exception):
    """A request is not accepted; nothing was held and nothing was sent."""


class PromptEmpty(Refusal):
    """Nothing but white space, invisible characters or settings."""


@dataclass(kw_only=True, eq=False)
class PromptTooLong(Refusal):
    """The prompt is over the limit."""

    length: int
    limit: int


@dataclass(kw_only=True, eq=False)
class SettingTwice(Refusal):
    """The prompt sets one option to two values."""

    option: Option
    values: tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class SettingUnreadable(Refusal):
    """A setting in the prompt has no value, or one that cannot be read."""

    written: str


@dataclass(kw_only=True, eq=False)
class ValueNotOffered(Refusal):
    """The model does not have this value."""

    option: Option
    value: str
    valid: tuple[str, ...]
    model: str


@dataclass(kw_only=True, eq=False)
class OptionNotCarried(Refusal):
    """The option cannot travel on the model's route; `carriers` are models that can take it."""

    option: Option
    model: str
    carriers: tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class ModelUnknown(Refusal):
    """The model is not offered."""

    name: str
    offered: tuple[str, ...]


class NoModelOffered(Refusal):
    """The provider serves none of the configured models now."""


class FrameFault(StrEnum):
    """Say what is wrong with an image."""

    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported"
    ANIMATED = "animated"
    TOO_HEAVY = "too_heavy"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    TOO_ELONGATED = "too_elongated"
    GONE = "gone"


@dataclass(kw_only=True, eq=False)
class FrameRefused(Refusal):
    """An image cannot be used; sizes are of the image as it was sent, where known."""

    role: FrameRole
    fault: FrameFault
    width: int | None = None
    height: int | None = None
    size_bytes: int | None = None


class LastFrameAlone(Refusal):
    """A last frame needs a first one."""


@dataclass(kw_only=True, eq=False)
class Paused(Refusal):
    """A moderator stopped the server's queue."""

    pause: Pause


class ServerNotAllowed(Refusal):
    """The host did not open the bot to this server (ALLOWED_GUILDS)."""


@dataclass(kw_only=True, eq=False)
class OverCeiling(Refusal):
    """The cost does not fit under a ceiling; `account` says which, what is left, when it resets."""

    account: Account
    cost: int
    # The longest duration of the same model and resolution that still fits; None: none does.
    fitting_seconds: int | None
    # Credits of the request's model for a clip of the default length, for "about 2 clips".
    clip_credits: int
    clip_seconds: int


@dataclass(kw_only=True, eq=False)
class TooManyAtOnce(Refusal):
    """The member has as many renders under way as allowed."""

    limit: int


@dataclass(kw_only=True, eq=False)
class QueueFull(Refusal):
    """The server's queue is as long as allowed."""

    limit: int


class SubmitsStopped(Refusal):
    """The database may be an old copy, and the host has not yet said that it is not."""


@dataclass(kw_only=True, eq=False)
class ServicePaused(Refusal):
    """The service takes no renders of ours, since when is known."""

    reason: Trouble
    since_ms: int


class LedgerUnavailable(Refusal):
    """The database did not answer, so nothing was accepted."""
