"""Speak of reports: to who makes one, and to the moderators, without saying who that was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cogs.ui.markup import quoted, relative
from cogs.ui.text.amounts import number
from cogs.ui.text.declines import NOTHING_CHANGED, declined
from render.reports import MOST_A_DAY, AlreadyReported, NoVideo, TakenDown, TooManyReports
from storage.records import Render
from storage.reports import Report

MENU: Final = "Report this video"
BUTTON: Final = "Report"
TITLE: Final = "Report {id}"
WHY: Final = "What is wrong with it?"
ABOUT_WHY: Final = "The moderators read this. Who made the video is not told who reported it."
LONGEST_SHOWN: Final = 100
MOST_SHOWN: Final = 3


def thanks(render: Render) -> str:
    """Tell a member that the report has arrived."""
    return (
        f"Thank you. The moderators of this server see that `{render.id}` was reported, and who"
        " made it is not told who reported it."
    )


def reported(reports: Sequence[Report]) -> str:
    """Tell moderators of a render how often it was reported, and why; empty when it was not."""
    if not reports:
        return ""
    times = "once" if len(reports) == 1 else f"{number(len(reports))} times"
    last = relative(reports[-1].at_ms)
    reasons = [one.reason for one in reversed(reports) if one.reason]
    shown = ", ".join(quoted(one, limit=LONGEST_SHOWN) for one in reasons[:MOST_SHOWN])
    more = len(reasons) - MOST_SHOWN
    rest = f" and {number(more)} more" if more > 0 else ""
    return f"**Reported {times}**, last {last}{f': {shown}{rest}' if shown else ''}."


@declined.register
def _(_: AlreadyReported) -> str:
    return "You reported this video already. The moderators see it."


@declined.register
def _(_: NoVideo) -> str:
    return "There is no video of mine here that could be reported. Nothing was reported."


@declined.register
def _(_: TakenDown) -> str:
    return "A moderator took this video down already. There is nothing left to report."


@declined.register
def _(error: TooManyReports) -> str:
    return (
        f"You reported {number(MOST_A_DAY)} videos within a day. You can report the next one"
        f" {relative(error.next_at_ms)}; if it cannot wait, please write to a moderator."
        f" {NOTHING_CHANGED}"
    )
