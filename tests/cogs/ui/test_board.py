"""A board says numbers, ids and states, fits into a message, and names no member."""

from __future__ import annotations

import pytest

from cogs.ui.text import board as text
from render.board import MOST_NEEDS, Sight
from render.breaker import Outage, Trouble
from storage.boards import Board
from storage.desk import Totals
from storage.records import Pause, State
from tests.cogs.examples import BORN_MS, MEMBER_ID, SERVER_ID, render

SECONDS = BORN_MS // 1000
CALM = Sight(
    totals=Totals(running=1, waiting=2),
    needs=(),
    reported={},
    outage=None,
    pause=None,
    drain=None,
    stopped=False,
)
PAUSE = Pause(server_id=SERVER_ID, author_id=4, reason="*" * 300, at_ms=BORN_MS)
WORST = Sight(
    totals=Totals(
        running=5000,
        waiting=5000,
        awaiting_approval=5000,
        unknown=5000,
        late=5000,
        undelivered=5000,
    ),
    needs=(render(state=State.RENDERING, late_at_ms=BORN_MS, prompt="boats"),) * MOST_NEEDS,
    reported={f"7KQ2M9X{number}": 99 for number in range(10)},
    outage=Outage(trouble=Trouble.OUT_OF_FUNDS, since_ms=BORN_MS, probe_at_ms=BORN_MS),
    pause=PAUSE,
    drain=PAUSE,
    stopped=True,
)


def test_a_calm_board_is_three_lines() -> None:
    assert text.board(CALM).splitlines() == [
        "## The queue",
        "**1** renders · **2** wait",
        "Nothing needs anybody.",
    ]


def test_what_needs_somebody_is_named_with_its_state_and_since_when() -> None:
    sight = Sight(
        totals=Totals(unknown=1, late=1, undelivered=4),
        needs=(
            render(state=State.UNKNOWN, state_at_ms=BORN_MS),
            render(state=State.RENDERING, late_at_ms=BORN_MS + 1000),
        ),
        reported={"A1B2C3D4": 1, "E5F6G7H8": 3},
        outage=None,
        pause=None,
        drain=None,
        stopped=False,
    )
    assert text.board(sight).splitlines()[2:] == [
        "**Needs somebody**",
        f"`7KQ2M9XA` Sent, no answer yet · <t:{SECONDS}:R>",
        f"`7KQ2M9XA` Rendering, late · <t:{SECONDS + 1}:R>",
        "… and 4 more in `/queue list`.",
        "Reported in the last day: `A1B2C3D4`, `E5F6G7H8` (3 times)",
        "-# `/queue show` opens one.",
    ]


def test_the_fullest_board_fits_and_shows_neither_prompt_nor_member() -> None:
    words = f"{text.board(WORST)}\n{text.changed(BORN_MS)}"
    assert len(words) <= 4000
    assert "boats" not in words
    assert str(MEMBER_ID) not in words
    assert "and 5 more" in words
    for part in ("**Stopped**", "**Paused**", "**Closed to new videos**", "nothing starts"):
        assert part in words


@pytest.mark.parametrize("closed_at_ms", [None, BORN_MS])
def test_the_desk_is_told_of_a_board_that_cannot_be_shown(closed_at_ms: int | None) -> None:
    board = Board(
        server_id=SERVER_ID, channel_id=9, asked_at_ms=1, closed_at_ms=closed_at_ms, attempts=1
    )
    words = text.closed(board)
    assert bool(words) is (closed_at_ms is not None)
    assert not words or "<#9> is gone, or I may not write there" in words
    assert text.closed(None) == ""
