"""Tell the host what needs a person, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cogs.ui.markup import relative
from cogs.ui.text.amounts import with_dollars
from render.alerts import Alert, Fact, Kind
from render.breaker import Trouble
from storage.records import Span

_PAUSED: Final[Mapping[Trouble, str]] = {
    Trouble.OUT_OF_FUNDS: "**The account at the video service is empty**, or its key has reached"
    " its spending limit. Please top it up.",
    Trouble.BAD_KEY: "**The video service does not accept the key.** Please look at it in the"
    " service's console, write the right one into COMETAPI_KEY, and start the bot again.",
    Trouble.UNREACHABLE: "**The video service cannot be reached.** If its status page knows"
    " nothing of it, please look at this machine's network.",
}
_RESUMED: Final[Mapping[Trouble, str]] = {
    Trouble.OUT_OF_FUNDS: "The account at the video service has funds again.",
    Trouble.BAD_KEY: "The video service accepts the key again.",
    Trouble.UNREACHABLE: "The video service can be reached again.",
}
_SPANS: Final[Mapping[Span, str]] = {
    Span.HOUR: "this hour",
    Span.DAY: "today",
    Span.WEEK: "this week",
    Span.MONTH: "this month",
}


def words(alert: Alert) -> str:
    """Say what happened."""
    match alert.kind:
        case Kind.PAUSED:
            return _paused(alert)
        case Kind.RESUMED:
            return f"{_RESUMED[Trouble(alert.facts['trouble'])]} What waited goes on."
        case Kind.NO_MODEL:
            return (
                "**The video service offers none of the models** that this bot uses, so nothing"
                " can be rendered. Please look at SEEDANCE_MODELS, or for a newer version of the"
                " bot; the list is read again every six hours and at each start."
            )
        case Kind.WRITTEN_OFF:
            return _written_off(alert)
        case Kind.CEILING_REACHED:
            return _ceiling(alert)
        case Kind.SPENDING:
            return _spending(alert)
        case Kind.OLD_DATABASE:
            unused = relative(int(alert.facts["last_beat_ms"]))
            return (
                f"**This database was last in use {unused}, so it may be an old backup.** What"
                " waits in it may have been rendered and paid since, so no new video starts. If"
                " you have a later database, put it in place. If this is the latest, send"
                " `/host go`."
            )
        case Kind.STAGE_BREAKS:
            return (
                f"**A part of the bot breaks again and again** ({alert.facts['stage']},"
                f" {alert.facts['deaths']} times). The log says how; please report it."
                " Renders under way are safe."
            )


def _paused(alert: Alert) -> str:
    since = relative(int(alert.facts["since_ms"]))
    return (
        f"{_PAUSED[Trouble(alert.facts['trouble'])]} It began {since}, and no new video starts."
        " What waits keeps its place for as long as QUEUE_HOURS allows. I try again by myself, and"
        " tell you when it works."
    )


def _written_off(alert: Alert) -> str:
    return (
        f"**`{alert.facts['render_id']}` was sent and no answer came.** Its member has the credits"
        f" back. The video service may bill it all the same, so {_amount(alert.facts['credits'])}"
        " stay on your account. Its console shows whether it does."
    )


def _ceiling(alert: Alert) -> str:
    facts = alert.facts
    span, anew = Span(facts["span"]), relative(int(facts["ends_at_ms"]))
    return (
        f"**What you allow the bot to spend {_SPANS[span]} is nearly used up**: of"
        f" {_amount(facts['ceiling'])}, {_amount(facts['left'])} are left, and a video for"
        f" {_amount(facts['cost'])} was refused. The budget starts anew {anew}."
    )


def _spending(alert: Alert) -> str:
    facts = alert.facts
    span, anew = _SPANS[Span(facts["span"])], relative(int(facts["ends_at_ms"]))
    used = f"{_amount(facts['used'])} of {_amount(facts['ceiling'])}"
    if int(facts["percent"]) >= 100:
        return (
            f"**What you allow the bot to spend {span} is used up**: {used}. No new video is taken"
            f" until the budget starts anew {anew}; what was taken is finished."
        )
    return (
        f"**{facts['percent']} % of what you allow the bot to spend {span} is used**: {used}. The"
        f" budget starts anew {anew}. `/host spend` shows where it goes, and `/host stop` ends it."
    )


def _amount(fact: Fact) -> str:
    return with_dollars(int(fact))
