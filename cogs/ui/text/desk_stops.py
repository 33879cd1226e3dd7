"""Say who was stopped, and what is closed to new videos."""

from __future__ import annotations

from cogs.ui.markup import day_and_time, member, quoted
from storage.records import Pause


def drained(drain: Pause) -> str:
    """Tell a moderator that nothing new is taken."""
    reason = f" Members read: {quoted(drain.reason, limit=300)}." if drain.reason else ""
    return (
        "No new videos are taken in this server until `/queue resume`. What already waits is made"
        f" as usual.{reason}"
    )


def stopped(member_id: int, until_ms: int | None, reason: str, *, cancelled: int) -> str:
    """Tell a moderator that a member makes no videos, for how long, and what was cancelled."""
    how_long = f"until {day_and_time(until_ms)}" if until_ms else "until `/queue unstop`"
    match cancelled:
        case 0:
            waited = "Nothing of theirs waited."
        case 1:
            waited = "The one that waited is cancelled, and its credits are back."
        case _:
            waited = f"The {cancelled} that waited are cancelled, and their credits are back."
    return (
        f"{member(member_id)} makes no videos in this server {how_long}. {waited} What renders"
        f" already is still posted. They read: {quoted(reason, limit=300)}."
    )


def unstopped(member_id: int, *, was_stopped: bool) -> str:
    """Tell a moderator that a member makes videos again."""
    if was_stopped:
        return f"{member(member_id)} may make videos again."
    return f"{member(member_id)} was not stopped."
