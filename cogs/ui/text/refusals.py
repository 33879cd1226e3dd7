"""Say every refusal: what was hit, what is left, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import singledispatch
from typing import Final

from cogs.ui.errors import (
    BotLacks,
    Declined,
    NoSuchRender,
    NotAModerator,
    NotTheHost,
    NotWaiting,
    NotYours,
)
from cogs.ui.markup import copyable, member, quoted, relative
from cogs.ui.text.renders import TROUBLES, clips, credit, model_label, state_words
from render.errors import (
    FrameFault,
    FrameRefused,
    LastFrameAlone,
    LedgerUnavailable,
    ModelUnknown,
    NoModelOffered,
    OptionNotCarried,
    OverCeiling,
    Paused,
    PromptEmpty,
    PromptTooLong,
    QueueFull,
    Refusal,
    ServerNotAllowed,
    ServicePaused,
    SettingTwice,
    SettingUnreadable,
    SubmitsStopped,
    TooManyAtOnce,
    ValueNotOffered,
)
from seedance import Option
from storage.records import Account, FrameRole, Span, State, Subject

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
    FrameFault.TOO_ELONGATED: "is too long and narrow{size}. Please cut it, so that the long side"
    " is less than two and a half times the short one.",
    FrameFault.GONE: "could not be fetched from Discord. Please attach it again.",
}
_SPANS: Final[Mapping[Span, str]] = {
    Span.HOUR: "this hour",
    Span.DAY: "today",
    Span.WEEK: "this week",
    Span.MONTH: "this month",
}
_OWNERS: Final[Mapping[Subject, str]] = {
    Subject.HOST: "What this bot may spend {span} is nearly used up",
    Subject.SERVER: "What this server may spend {span} is nearly used up",
    Subject.MEMBER: "That is more than you have left for {span}",
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
def refusal(error: Refusal | Declined) -> str:
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
def _(error: OverCeiling) -> str:
    key = error.account.key
    owner = _OWNERS[key.subject].format(span=_SPANS[key.span])
    lines = [f"{owner}: this video costs {credit(error.cost)}, and {_rest(error)}."]
    if error.fitting_seconds:
        lines.append(f"With `duration:{error.fitting_seconds}` it fits.")
    lines.append(f"{_resets(error.account)}.")
    return " ".join(lines)


def _rest(error: OverCeiling) -> str:
    account = error.account
    have = f"{account.left} of {credit(account.ceiling or 0)} are left"
    enough = clips(account.left, error.clip_credits, error.clip_seconds)
    return f"{have} ({enough})" if enough else have


def _resets(account: Account) -> str:
    return f"It starts anew {relative(account.key.ends_at_ms)}"


@refusal.register
def _(error: TooManyAtOnce) -> str:
    many = "a video" if error.limit == 1 else f"{error.limit} videos"
    return (
        f"You have {many} under way, and that is the limit. Please send this one when"
        " one of them is done; `/renders list` shows them."
    )


@refusal.register
def _(error: QueueFull) -> str:
    return (
        f"{error.limit} videos wait in this server already, and that is the limit."
        " Please send yours again in a few minutes."
    )


@refusal.register
def _(error: ServicePaused) -> str:
    return (
        f"No video can start at the moment: {TROUBLES[error.reason]}. That began"
        f" {relative(error.since_ms)}. Please send yours again later."
    )


@refusal.register
def _(_: SubmitsStopped) -> str:
    return (
        "No video can start at the moment: the bot's host has to look after it first, and has been"
        " told. Please send yours again later."
    )


@refusal.register
def _(_: LedgerUnavailable) -> str:
    return "I could not look up what you may spend, so I did not start. Please try in a minute."


@refusal.register
def _(error: BotLacks) -> str:
    names = ", ".join(PERMISSIONS[name] for name in error.permissions)
    return (
        f"I could not post the video here. I am missing: {names}."
        " Please ask a moderator to allow me that in this channel, or use another one."
    )


@refusal.register
def _(_: NotAModerator) -> str:
    return "This is for moderators: it needs the permission Manage Messages."


@refusal.register
def _(_: NotTheHost) -> str:
    return "This is for the bot's host, and for members of this server who have Manage Server."


@refusal.register
def _(_: NotYours) -> str:
    return "Only the member who asked for this video, or a moderator, may do that."


@refusal.register
def _(error: NoSuchRender) -> str:
    return (
        f"I find no video {_quote(error.typed)} that you may see. The number has eight characters,"
        " and every message about a video shows it."
    )


@refusal.register
def _(error: NotWaiting) -> str:
    if error.render.state is State.CANCELLED:
        return f"`{error.render.id}` is cancelled already."
    return (
        f"`{error.render.id}` can no longer be cancelled: {state_words(error.render).lower()}."
        " Only what still waits can be stopped."
    )


def _quote(words: str) -> str:
    return quoted(words, limit=60)


def _quoted(words: Iterable[str]) -> list[str]:
    return [_quote(word) for word in words]
