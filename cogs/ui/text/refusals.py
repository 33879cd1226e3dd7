"""Say every refusal: what was hit, what is left, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import singledispatch
from typing import Final

from cogs.ui.markup import any_of, channel, copyable, member, quoted, relative, role
from cogs.ui.text.amounts import THIS_SPAN, number
from cogs.ui.text.renders import TROUBLES, clips, credit, model_label
from cogs.ui.text.rulebook import TurnedAway, turned_away
from render.errors import (
    FrameFault,
    FrameRefused,
    LastFrameAlone,
    LedgerUnavailable,
    ModelUnknown,
    NoModelOffered,
    NotAllowed,
    OptionNotCarried,
    OverCeiling,
    Paused,
    PromptEmpty,
    PromptTooLong,
    QueueFull,
    Refusal,
    RoleNeeded,
    ServerClosed,
    ServerNotAllowed,
    ServicePaused,
    SettingTwice,
    SettingUnreadable,
    SubmitsStopped,
    TooManyAtOnce,
    ValueNotOffered,
    WrongPlace,
)
from seedance import Option
from storage.records import FrameRole, Holder, StopReason, Subject

NOT_HEARD: Final = (
    "Discord did not let me answer in time, so this was not started and nothing was charged."
    " Please send it again."
)
HEARD_TWICE: Final = (
    "Discord says that this was answered already, so I did not start it, and charged nothing"
    " for it. If nothing else shows up here within a minute, please send it again."
)
COMMANDS_CHANGED: Final = (
    "This command has just changed. Please restart Discord (Ctrl+R), or try again in a minute."
)
ONLY_IN_SERVERS: Final = "This works in a server only. Please send it there."
CARD_IMPOSSIBLE: Final = (
    "I could not write in this channel just now, so this was not started and your credits are"
    " back. Please try again, or ask a moderator whether I may write here."
)
NOTHING_CHARGED: Final = "Nothing was charged."

_OPTION_WORDS: Final[Mapping[Option, str]] = {
    Option.DURATION: "duration",
    Option.RATIO: "ratio",
    Option.RESOLUTION: "resolution",
    Option.SEED: "seed",
    Option.AUDIO: "choice of sound",
    Option.FIRST_FRAME: "first frame",
    Option.LAST_FRAME: "last frame",
}
_FRAME_WORDS: Final[Mapping[FrameRole, str]] = {
    FrameRole.FIRST: "first frame",
    FrameRole.LAST: "last frame",
}
_FRAME_FAULTS: Final[Mapping[FrameFault, str]] = {
    FrameFault.UNREADABLE: "is no picture that I can open. Please send it as JPEG or PNG.",
    FrameFault.UNSUPPORTED: "is of a kind that I cannot use."
    " JPEG, PNG, WebP, BMP, TIFF and HEIC work.",
    FrameFault.ANIMATED: "moves. Please send a picture that stands still.",
    FrameFault.TOO_HEAVY: "is too large a file{size}. Please send one below 30 MB.",
    FrameFault.TOO_SMALL: "is too small{size}. Please send one with more than 300 pixels a side.",
    FrameFault.TOO_LARGE: "has too many pixels{size}. Please send one of less than 6000 a side.",
    FrameFault.TOO_MANY_PIXELS: "has too many pixels{size} for a WebP."
    " Please send it as a JPEG or a PNG.",
    FrameFault.TOO_ELONGATED: "is too long and narrow{size}. Please cut it, so that the long side"
    " is less than two and a half times the short one.",
    FrameFault.GONE: "could not be fetched from Discord. Please attach it again.",
}
PERMISSIONS: Final[Mapping[str, str]] = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "attach_files": "Attach Files",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}


def prompt_back(prompt: str) -> str:
    """Hand a prompt back, so that it can be copied."""
    return f"Your prompt, to copy:\n{copyable(prompt)}"


def unexpected(report_id: str) -> str:
    """Answer for what should not have happened."""
    return (
        "Something went wrong on my side. Please try again; if it happens again, tell the bot's"
        f" host this number: `{report_id}`."
    )


@singledispatch
def refusal(error: Refusal) -> str:
    """Say why a wish is not fulfilled and what to do instead."""
    raise LookupError(type(error).__name__)


@refusal.register
def _(_: PromptEmpty) -> str:
    return (
        "There is nothing to see in this prompt. Please describe a scene, for example:"
        " A paper boat drifts on a quiet lake at sunrise."
    )


@refusal.register
def _(error: PromptTooLong) -> str:
    return (
        f"This prompt has {error.length} characters and {error.limit} fit."
        f" Please shorten it by {error.length - error.limit}."
    )


@refusal.register
def _(error: SettingTwice) -> str:
    values = " and ".join(_quoted(error.values))
    return (
        f"The prompt sets the {_OPTION_WORDS[error.option]} twice, to {values}."
        " Please leave only one of them."
    )


@refusal.register
def _(error: SettingUnreadable) -> str:
    return (
        f"I cannot read {_quote(error.written)} in the prompt. Please write a value behind it,"
        " like `--duration 5`, or leave it out and use the option of `/video`."
    )


@refusal.register
def _(error: ValueNotOffered) -> str:
    return (
        f"{model_label(error.model)} has no {_OPTION_WORDS[error.option]} {_quote(error.value)}."
        f" You can choose: {', '.join(error.valid)}."
    )


@refusal.register
def _(error: OptionNotCarried) -> str:
    what = f"{model_label(error.model)} takes no {_OPTION_WORDS[error.option]}."
    if not error.carriers:
        return f"{what} No other model here does either, so please leave it out."
    models = ", ".join(model_label(name) for name in error.carriers)
    return f"{what} Please leave it out, or choose a model that does: {models}."


@refusal.register
def _(error: ModelUnknown) -> str:
    models = ", ".join(model_label(name) for name in error.offered)
    return f"There is no model {_quote(error.name)} here. You can choose: {models}."


@refusal.register
def _(_: NoModelOffered) -> str:
    return (
        "No video can be made at the moment: the video service offers none of the models that"
        " this bot uses. Please try again later, or tell the bot's host."
    )


@refusal.register
def _(error: FrameRefused) -> str:
    size = ""
    if error.width and error.height:
        size = f" ({error.width} × {error.height} pixels)"
    elif error.size_bytes:
        size = f" ({error.size_bytes / 1_000_000:.0f} MB)"
    return f"The {_FRAME_WORDS[error.role]} {_FRAME_FAULTS[error.fault].format(size=size)}"


@refusal.register
def _(_: LastFrameAlone) -> str:
    return "A last frame needs a first one. Please add a picture as `first_frame`."


@refusal.register
def _(error: Paused) -> str:
    pause = error.pause
    reason = f" The reason: {quoted(pause.reason, limit=300)}." if pause.reason else ""
    return (
        f"{member(pause.author_id)} paused new videos in this server {relative(pause.at_ms)}."
        f"{reason} What already waits keeps its place. Please send yours when it goes on."
    )


@refusal.register
def _(_: ServerNotAllowed) -> str:
    return "I do not make videos in this server. Only the bot's host can open it; please ask them."


@refusal.register
def _(_: ServerClosed) -> str:
    return (
        "This server has not opened the bot to its members yet. Somebody with Manage Server can,"
        " with `/server setup`; it takes a minute."
    )


@refusal.register
def _(error: WrongPlace) -> str:
    places = any_of(map(channel, sorted(error.channel_ids)))
    return f"Videos are not made in this channel. Please send it in {places}."


@refusal.register
def _(error: RoleNeeded) -> str:
    roles = any_of(map(role, sorted(error.role_ids)))
    return f"Videos here are for members with the role {roles}, and you have none of them."


@refusal.register
def _(error: TurnedAway) -> str:
    return turned_away(error)


@refusal.register
def _(error: NotAllowed) -> str:
    what = _what(error.option, error.value)
    if not error.allowed:
        return f"{what} is not open to you{_by(error.holder)}, and neither is anything else here."
    names = [model_label(name) if error.option is None else name for name in error.allowed]
    return f"{what} is not open to you{_by(error.holder)}. You can choose: {', '.join(names)}."


def _what(option: Option | None, value: str) -> str:
    return model_label(value) if option is None else f"The {_OPTION_WORDS[option]} {_quote(value)}"


def _by(holder: Holder | None) -> str:
    """Say who drew a limit, where it is not the same for all."""
    match holder:
        case Holder.ROLE:
            return " with your role"
        case Holder.MEMBER:
            return ", by a limit for you alone"
        case _:
            return " in this server"


@refusal.register
def _(error: OverCeiling) -> str:
    match error.account.key.subject:
        case Subject.HOST:
            return _host_spent(error)
        case Subject.SERVER:
            return _server_spent(error)
        case _:
            return _member_spent(error)


def _host_spent(error: OverCeiling) -> str:
    """Tell of the host's ceiling without any figure of the host's."""
    fits = _fits(error)
    used = "nearly used up" if fits else "used up"
    return _sentences(
        f"The bot's budget is {used} for {THIS_SPAN[error.account.key.span]}",
        fits,
        f"There is more {relative(error.account.key.ends_at_ms)}",
    )


def _server_spent(error: OverCeiling) -> str:
    account = error.account
    return _sentences(
        f"This video costs {credit(error.cost)}, and this server has {_left(account.left or 0)} of"
        f" {number(account.ceiling or 0)} left for {THIS_SPAN[account.key.span]}",
        _fits(error),
        f"There is more {relative(account.key.ends_at_ms)}",
    )


def _member_spent(error: OverCeiling) -> str:
    account = error.account
    own = account.left or 0
    have = f"{_left(own)} of {number(account.ceiling or 0)} left for {THIS_SPAN[account.key.span]}"
    if error.granted:
        have = f"{number(error.granted)} given to you, and {have}"
    enough = clips(own + error.granted, error.clip_credits, error.clip_seconds)
    return _sentences(
        f"This video costs {credit(error.cost)}, and you have {have}"
        f"{f' ({enough})' if enough else ''}",
        _fits(error),
        f"There is more {relative(account.key.ends_at_ms)}",
    )


def _fits(error: OverCeiling) -> str:
    return f"With `duration:{error.fitting_seconds}` it fits" if error.fitting_seconds else ""


def _left(amount: int) -> str:
    return number(amount) if amount else "none"


def _sentences(*words: str) -> str:
    return " ".join(f"{one}." for one in words if one)


@refusal.register
def _(error: TooManyAtOnce) -> str:
    many = "a video" if error.limit == 1 else f"{error.limit} videos"
    return (
        f"You have {many} under way, and that is the limit{_by_whom(error.holder)}. Please send"
        " this one when one of them is done; `/renders list` shows them."
    )


@refusal.register
def _(error: QueueFull) -> str:
    return (
        f"{error.limit} videos wait in this server already, and that is the limit"
        f"{_by_whom(error.holder)}. Please send yours again in a few minutes."
    )


def _by_whom(holder: Holder | None) -> str:
    match holder:
        case Holder.ROLE:
            return " of your role"
        case Holder.MEMBER:
            return " for you"
        case _:
            return ""


@refusal.register
def _(error: ServicePaused) -> str:
    return (
        f"No video can start at the moment: {TROUBLES[error.reason]}. That began"
        f" {relative(error.since_ms)}. Please send yours again later."
    )


@refusal.register
def _(error: SubmitsStopped) -> str:
    if error.reason is StopReason.HOST:
        return (
            "The bot's host has stopped new videos for now. What waits keeps its place. Please send"
            " yours again later."
        )
    return (
        "No video can start at the moment: the bot's host has to look after it first, and has been"
        " told. Please send yours again later."
    )


@refusal.register
def _(_: LedgerUnavailable) -> str:
    return "I could not look up what you may spend, so I did not start. Please try in a minute."


def _quote(words: str) -> str:
    return quoted(words, limit=60)


def _quoted(words: Iterable[str]) -> list[str]:
    return [_quote(word) for word in words]
