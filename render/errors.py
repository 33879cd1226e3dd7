"""Name every refusal of a request and of an act, with the data that its sentence needs.

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
├── ServerClosed         its admins have not set the bot up yet
├── WrongPlace           they chose other channels
├── RoleNeeded           they chose roles, and the member has none of them
├── Blocked              a moderator stopped the member, or too much of theirs failed
├── AccountTooNew
├── MemberTooNew         joined too short a while ago
├── NewcomersPaused      too many first-time users came at once
├── WordRefused          a word of the server's list
├── NotAllowed           the model or value is not for this member
├── OverCeiling
├── TooManyAtOnce
├── QueueFull
├── SubmitsStopped       the host stopped it, or has to look at the database first
├── ServicePaused        submits pause for a while already
└── LedgerUnavailable    the database cannot answer

ActRefused
├── AmountInvalid
├── ValueUnknown         no model has it
├── ExpiryInvalid
├── ZoneUnknown
├── BotGranted
├── LimitEmpty           it says nothing
├── CreditsOnly          a server as a whole has no limits in kind
├── AboveHost            more than the host gave
├── MemberAboveServer
├── NoSuchLimit
├── LimitInUse
├── WordInvalid          it would fit any prompt, or none
├── NoSuchWord
├── NotSettled           nothing was paid that could be given back
├── RefundTooMuch        more than was paid
└── RefundCapReached     more than a moderator may give back in a day
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from render.breaker import Trouble
from seedance import Option
from storage.records import Account, FrameRole, Holder, Pause, Span, State, StopReason


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
    # For its format, which takes more memory than others.
    TOO_MANY_PIXELS = "too_many_pixels"
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


class ServerClosed(Refusal):
    """Nobody set the bot up in this server yet; its admins may render."""


@dataclass(kw_only=True, eq=False)
class WrongPlace(Refusal):
    """The server renders in other channels, or what lies under them."""

    channel_ids: frozenset[int]


@dataclass(kw_only=True, eq=False)
class RoleNeeded(Refusal):
    """The server renders for members with one of these roles."""

    role_ids: frozenset[int]


@dataclass(kw_only=True, eq=False)
class Blocked(Refusal):
    """The member may not render in this server for a time, or (None) for good."""

    until_ms: int | None
    # A moderator's; empty where it is automatic.
    reason: str
    automatic: bool


@dataclass(kw_only=True, eq=False)
class AccountTooNew(Refusal):
    """The server renders for accounts of some age."""

    days: int
    until_ms: int


@dataclass(kw_only=True, eq=False)
class MemberTooNew(Refusal):
    """The server renders for who joined some time ago."""

    days: int
    until_ms: int


@dataclass(kw_only=True, eq=False)
class NewcomersPaused(Refusal):
    """So many came for the first time that those who joined lately have to wait."""

    until_ms: int


class WordRefused(Refusal):
    """A word of the prompt is one that the server does not render; which one is not told."""


@dataclass(kw_only=True, eq=False)
class NotAllowed(Refusal):
    """A limit keeps this value from the member; `allowed` are the offered ones that it does not."""

    # None: the model.
    option: Option | None
    value: str
    allowed: tuple[str, ...]
    # Who set the limit.
    holder: Holder | None


@dataclass(kw_only=True, eq=False)
class OverCeiling(Refusal):
    """The cost does not fit under a ceiling; `account` says which, what is left, when it resets."""

    account: Account
    cost: int
    # Whose rule set the ceiling; None: the bot's default, or what the host gave.
    holder: Holder | None
    # What is left of the member's grants, where it is the member's ceiling.
    granted: int
    # The longest duration of the same model and resolution that still fits; None: none does.
    fitting_seconds: int | None
    # Credits of the request's model for a clip of the default length, for "about 2 clips".
    clip_credits: int
    clip_seconds: int


@dataclass(kw_only=True, eq=False)
class TooManyAtOnce(Refusal):
    """The member has as many renders under way as allowed."""

    limit: int
    holder: Holder | None


@dataclass(kw_only=True, eq=False)
class QueueFull(Refusal):
    """The server's queue is as long as allowed to this member."""

    limit: int
    holder: Holder | None


@dataclass(kw_only=True, eq=False)
class SubmitsStopped(Refusal):
    """The host has not yet allowed submits again."""

    reason: StopReason


@dataclass(kw_only=True, eq=False)
class ServicePaused(Refusal):
    """The service takes no renders of ours, since when is known."""

    reason: Trouble
    since_ms: int


class LedgerUnavailable(Refusal):
    """The database did not answer, so nothing was accepted."""


class ActRefused(Exception):
    """What a person wants to set, give or take back is not done; nothing was changed."""


@dataclass(kw_only=True, eq=False)
class AmountInvalid(ActRefused):
    """A number is too small or too large; `name` says which, as the records name it."""

    name: str
    value: int
    least: int
    most: int


@dataclass(kw_only=True, eq=False)
class ValueUnknown(ActRefused):
    """No model, or no model's resolution, is called so; `name` is as the records name it."""

    name: str
    value: str
    known: tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class ExpiryInvalid(ActRefused):
    """A grant would end before it begins, or never."""

    expires_at_ms: int
    latest_at_ms: int


@dataclass(kw_only=True, eq=False)
class ZoneUnknown(ActRefused):
    """No time zone is called so."""

    name: str


class BotGranted(ActRefused):
    """A bot cannot render, so it has no use for credits."""


class LimitEmpty(ActRefused):
    """The limit limits nothing."""


class CreditsOnly(ActRefused):
    """A server as a whole is limited in credits only; the rest is each member's."""


@dataclass(kw_only=True, eq=False)
class AboveHost(ActRefused):
    """A ceiling is above what the host gave the server; `given` is the most for this span."""

    span: Span
    value: int
    given: int


@dataclass(kw_only=True, eq=False)
class MemberAboveServer(ActRefused):
    """Each member would have more than the server as a whole."""

    member_credits: int
    server_credits: int


class NoSuchLimit(ActRefused):
    """There is no such limit that could be cleared."""


@dataclass(kw_only=True, eq=False)
class LimitInUse(ActRefused):
    """Renders are under way that were accepted under it; it may be changed, not cleared."""

    renders: int


@dataclass(kw_only=True, eq=False)
class WordInvalid(ActRefused):
    """A word for the list has no letter, so it would fit any prompt, or none."""

    typed: str


@dataclass(kw_only=True, eq=False)
class NoSuchWord(ActRefused):
    """None of the words is on the list."""

    typed: str


@dataclass(kw_only=True, eq=False)
class NotSettled(ActRefused):
    """Nothing was paid for the render, or not yet for good; None: this server has no such one."""

    state: State | None


@dataclass(kw_only=True, eq=False)
class RefundTooMuch(ActRefused):
    """More than what is left of the price that was paid."""

    credits: int
    left: int


@dataclass(kw_only=True, eq=False)
class RefundCapReached(ActRefused):
    """More than what the moderator may still give back today."""

    credits: int
    left: int
