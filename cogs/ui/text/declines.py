"""Say what is declined beside requests: who may do what, and which act does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import Final

from cogs.ui.errors import (
    BotLacks,
    ChannelClosed,
    Declined,
    FirstMissing,
    HostOnly,
    LastPlace,
    LeftOpen,
    NoStaffChannel,
    NoSuchPreset,
    NoSuchRender,
    NoSuchServer,
    NotAModerator,
    NotAnAdmin,
    NotANumber,
    NotEverywhere,
    NothingGiven,
    NotTheHost,
    NotWaiting,
    NotYours,
    OneAtATime,
    WhoUnclear,
)
from cogs.ui.markup import channel, quoted
from cogs.ui.text.amounts import A_SPAN, number, with_dollars
from cogs.ui.text.refusals import PERMISSIONS
from cogs.ui.text.renders import STATES, credit, model_label, state_words
from render.errors import (
    AboveHost,
    ActRefused,
    AmountInvalid,
    BotGranted,
    CreditsOnly,
    ExpiryInvalid,
    LimitEmpty,
    LimitInUse,
    MemberAboveServer,
    NoSuchLimit,
    NoSuchWord,
    NotSettled,
    RefundCapReached,
    RefundTooMuch,
    ValueUnknown,
    WordInvalid,
    ZoneUnknown,
)
from storage.records import State

NOTHING_CHANGED: Final = "Nothing was changed."
LONGEST_QUOTE: Final = 60

# How the numbers are called that may be too small or too large.
_NUMBERS: Final[Mapping[str, str]] = {
    "credits": "An amount of credits",
    "hour_credits": "The credits an hour",
    "day_credits": "The credits a day",
    "week_credits": "The credits a week",
    "month_credits": "The credits a month",
    "daily_credits": "The credits a day",
    "renders_at_once": "The videos at once",
    "queue_length": "The videos that wait",
    "longest_seconds": "The longest duration",
    "channel_ids": "The channels and categories",
    "words": "The words on the list",
    "word_length": "The characters of a word",
    "account_days": "The days of an account",
    "member_days": "The days in this server",
}


@singledispatch
def declined(error: Declined | ActRefused) -> str:
    """Say why something is not done and what to do instead."""
    raise LookupError(type(error).__name__)


@declined.register
def _(error: BotLacks) -> str:
    names = ", ".join(PERMISSIONS[name] for name in error.permissions)
    return (
        f"I could not post the video here. I am missing: {names}."
        " Please ask a moderator to allow me that in this channel, or use another one."
    )


@declined.register
def _(_: NotAModerator) -> str:
    return "This is for moderators: it needs the permission Manage Messages."


@declined.register
def _(_: NotEverywhere) -> str:
    return (
        "This is about the whole server, and you moderate this channel alone. It needs the"
        " permission Manage Messages, or Manage Server, for the whole server."
    )


@declined.register
def _(_: NotTheHost) -> str:
    return "This is for the bot's host, and for members of this server who have Manage Server."


@declined.register
def _(_: NotYours) -> str:
    return "Only the member who asked for this video, or a moderator, may do that."


@declined.register
def _(error: NoSuchRender) -> str:
    return (
        f"I find no video {_quote(error.typed)} that you may see. The number has eight characters,"
        " and every message about a video shows it."
    )


@declined.register
def _(error: NotWaiting) -> str:
    if error.render.state is State.CANCELLED:
        return f"`{error.render.id}` is cancelled already."
    return (
        f"`{error.render.id}` can no longer be cancelled: {state_words(error.render).lower()}."
        " Only what still waits can be stopped."
    )


@declined.register
def _(_: NotAnAdmin) -> str:
    return "This is for this server's admins: it needs the permission Manage Server."


@declined.register
def _(error: NotANumber) -> str:
    return (
        f"{_quote(error.typed)} is no whole number. Please write digits only, like 500, without"
        f" points, commas or signs; 100 credits are $1. {NOTHING_CHANGED}"
    )


@declined.register
def _(error: NoSuchPreset) -> str:
    if not error.offered:
        return (
            "No preset is within what the bot's host gave this server. Please send `/server setup`"
            " without one and write your own amounts."
        )
    names = ", ".join(f"${name}" for name in error.offered)
    return f"There is no preset {_quote(error.typed)} here. You can choose: {names}."


@declined.register
def _(error: WhoUnclear) -> str:
    if error.named:
        return (
            "You named somebody in `which`, so please choose “a role or a member” in `who`, or"
            f" leave `which` empty. {NOTHING_CHANGED}"
        )
    return f"Please name the role or the member in `which`. {NOTHING_CHANGED}"


@declined.register
def _(_: NothingGiven) -> str:
    return (
        "There is nothing to change yet. Please add what you want to limit, like `day:120`;"
        " `none` takes a limit away."
    )


@declined.register
def _(_: LastPlace) -> str:
    return (
        "Without this one no channel would be left, and that means everywhere. Please add another"
        f" one first, or send `everywhere:True`. {NOTHING_CHANGED}"
    )


@declined.register
def _(error: LeftOpen) -> str:
    whats = [("channels", "everywhere")] * error.channels + [("roles", "everybody")] * error.roles
    gone, meant = (" and ".join(one) for one in zip(*whats, strict=True))
    return (
        f"All {gone} that were chosen here before are deleted. Please choose others now; left empty"
        f" once more, it means {meant}. {NOTHING_CHANGED}"
    )


@declined.register
def _(_: FirstMissing) -> str:
    return f"Please choose in `first` what waits for a moderator's yes. {NOTHING_CHANGED}"


@declined.register
def _(_: OneAtATime) -> str:
    return f"Please give only one of the two, and send the other one after it. {NOTHING_CHANGED}"


@declined.register
def _(_: NoStaffChannel) -> str:
    return (
        "This server has no staff channel. Please name a channel in `channel`, or choose the staff"
        f" channel in `/server setup`. {NOTHING_CHANGED}"
    )


@declined.register
def _(error: ChannelClosed) -> str:
    names = ", ".join(PERMISSIONS[name] for name in error.permissions)
    return (
        f"I may not write in {channel(error.channel_id)}: I am missing {names}. Please allow me"
        f" that, or choose another channel. {NOTHING_CHANGED}"
    )


@declined.register
def _(error: AmountInvalid) -> str:
    small = error.value < error.least
    bound = f"at least {number(error.least)}" if small else f"at most {number(error.most)}"
    return (
        f"{_NUMBERS[error.name]} must be {bound}; {number(error.value)} is"
        f" {'less' if small else 'more'}. {NOTHING_CHANGED}"
    )


@declined.register
def _(error: ValueUnknown) -> str:
    known = error.known
    if error.name == "models":
        known = tuple(map(model_label, known))
    return f"I know no {_quote(error.value)}. You can choose: {', '.join(known)}. {NOTHING_CHANGED}"


@declined.register
def _(_: ExpiryInvalid) -> str:
    return f"Credits that are given last from 1 to 366 days. {NOTHING_CHANGED}"


@declined.register
def _(error: ZoneUnknown) -> str:
    return (
        f"There is no time zone {_quote(error.name)}. Please choose one of the list that comes up"
        f" while you type, like Europe/Berlin. {NOTHING_CHANGED}"
    )


@declined.register
def _(_: BotGranted) -> str:
    return f"That is a bot, and bots make no videos here. Please name a member. {NOTHING_CHANGED}"


@declined.register
def _(_: LimitEmpty) -> str:
    return f"There is nothing there to take away. {NOTHING_CHANGED}"


@declined.register
def _(_: CreditsOnly) -> str:
    return (
        "The whole server is limited in credits only. Please set the rest for everyone, for a role"
        f" or for a member. {NOTHING_CHANGED}"
    )


@declined.register
def _(error: AboveHost) -> str:
    return (
        f"The bot's host gave this server at most {with_dollars(error.given)} {A_SPAN[error.span]},"
        f" and {number(error.value)} are more. {NOTHING_CHANGED}"
    )


@declined.register
def _(error: MemberAboveServer) -> str:
    return (
        f"One member would have {number(error.member_credits)} credits a day, which is more than"
        f" the {number(error.server_credits)} of the whole server. {NOTHING_CHANGED}"
    )


@declined.register
def _(_: NoSuchLimit) -> str:
    return "There is no such limit; `/server limits show` lists those that there are."


@declined.register
def _(error: WordInvalid) -> str:
    return (
        f"{_quote(error.typed)} has no letter, so it would fit any prompt, or none. Please write a"
        f" word, or a part of one with `*`, like `boat*`. {NOTHING_CHANGED}"
    )


@declined.register
def _(error: NoSuchWord) -> str:
    return f"{_quote(error.typed)} is not on the list; `/server words` shows it. {NOTHING_CHANGED}"


@declined.register
def _(error: LimitInUse) -> str:
    many = "1 video is" if error.renders == 1 else f"{error.renders} videos are"
    return (
        f"{many} under way that this limit let in, so it stays until they are done. You can change"
        f" it with `/server limits set`. {NOTHING_CHANGED}"
    )


@declined.register
def _(error: NotSettled) -> str:
    if error.state is None:
        return f"There is no such video in this server. {NOTHING_CHANGED}"
    # What was late is free, and delivered all the same.
    if error.state in {State.FAILED, State.CANCELLED, State.DELIVERED, State.UNDELIVERED}:
        return f"This video cost nothing, so there is nothing to give back. {NOTHING_CHANGED}"
    return (
        f"This video is not paid yet ({STATES[error.state].lower()}). Please wait until it is done."
        f" {NOTHING_CHANGED}"
    )


@declined.register
def _(_: HostOnly) -> str:
    return f"This is for the bot's host. {NOTHING_CHANGED}"


@declined.register
def _(error: NoSuchServer) -> str:
    return (
        f"I am in no server {_quote(error.typed)}, or in several of that name. Please choose one"
        f" from the list, or send its number. {NOTHING_CHANGED}"
    )


@declined.register
def _(error: RefundTooMuch) -> str:
    if not error.left:
        return f"All that this video cost is given back already. {NOTHING_CHANGED}"
    return (
        f"Of what this video cost, {credit(error.left)} can still be given back, and"
        f" {number(error.credits)} are more. {NOTHING_CHANGED}"
    )


@declined.register
def _(error: RefundCapReached) -> str:
    left = f"You have {number(error.left)} left for today." if error.left else "Yours are used up."
    return (
        f"A moderator gives at most 500 credits a day back. {left} For more, please ask the bot's"
        f" host. {NOTHING_CHANGED}"
    )


def _quote(words: str) -> str:
    return quoted(words, limit=LONGEST_QUOTE)
