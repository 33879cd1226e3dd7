"""Say what the board tells a server's staff: numbers, ids and states, no member and no prompt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cogs.ui.markup import channel, relative
from cogs.ui.text import desk_list
from cogs.ui.text.amounts import number
from render.board import Sight
from storage.boards import Board
from storage.records import Render, State

# By this a board is known again, whatever it tells.
TITLE: Final = "## The queue"
NEEDS_YOU: Final = "**Needs somebody**"
ALL_WELL: Final = "Nothing needs anybody."
HOW_TO: Final = "-# `/queue show` opens one."
MOST_REPORTED: Final = 5

OFF: Final = "The board is gone."
WAS_OFF: Final = "There was no board."
EVERYBODY_READS: Final = (
    "It counts the videos of all channels, also of those that its readers cannot see, and shows"
    " numbers and states only: no member, no prompt, no video."
)


def board(sight: Sight) -> str:
    """Write the whole board."""
    return "\n".join([TITLE, *_stops(sight), desk_list.totals(sight.totals), *_needs(sight)])


def changed(at_ms: int) -> str:
    """Say since when it reads so."""
    return f"-# Last change {relative(at_ms)}"


def _stops(sight: Sight) -> Iterator[str]:
    if sight.stopped:
        yield desk_list.STOPPED
    if sight.outage:
        yield desk_list.service(sight.outage)
    if sight.pause:
        yield desk_list.paused(sight.pause)
    if sight.drain:
        yield desk_list.drained(sight.drain)


def _needs(sight: Sight) -> Iterator[str]:
    if sight.needs:
        yield NEEDS_YOU
    for render in sight.needs:
        since = render.late_at_ms if _late(render) else render.state_at_ms
        yield f"`{render.id}` {desk_list.state(render)} · {relative(since or 0)}"
    count = sight.totals
    more = count.unknown + count.late + count.awaiting_approval + count.undelivered
    if more > len(sight.needs):
        yield f"… and {number(more - len(sight.needs))} more in `/queue list`."
    if sight.reported:
        yield _reported(sight)
    yield HOW_TO if sight.needs or sight.reported else ALL_WELL


def _late(render: Render) -> bool:
    return render.state is State.RENDERING


def _reported(sight: Sight) -> str:
    ids = [
        f"`{render_id}`" if times == 1 else f"`{render_id}` ({number(times)} times)"
        for render_id, times in list(sight.reported.items())[:MOST_REPORTED]
    ]
    more = len(sight.reported) - len(ids)
    rest = f" and {number(more)} more" if more > 0 else ""
    return f"Reported in the last day: {', '.join(ids)}{rest}"


def shown(channel_id: int) -> str:
    """Tell who asked for the board where it comes up."""
    return f"The board comes up in {channel(channel_id)} in a few seconds. {EVERYBODY_READS}"


def closed(board: Board | None) -> str:
    """Say at the desk that the board cannot be shown; empty when it can."""
    if board is None or board.closed_at_ms is None or board.channel_id is None:
        return ""
    return (
        f"**No board** since {relative(board.closed_at_ms)}: {channel(board.channel_id)} is gone,"
        " or I may not write there. `/queue board` tries again."
    )
