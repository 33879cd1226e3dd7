"""A pause by moderators stands on the cards, and takes nothing off the time to wait."""

from __future__ import annotations

from dataclasses import replace

from cogs.ui.text import renders
from render.pace import Pace
from storage.records import Pause
from tests.cogs.examples import BORN_MS, SERVER_ID, render

PACE = Pace()
PAUSE = Pause(server_id=SERVER_ID, author_id=4, reason="spam *wave*", at_ms=BORN_MS)


def test_a_pause_takes_the_place_of_any_position_and_time() -> None:
    words = renders.prospect(render(), ahead=2, pace=PACE, brake=PAUSE)
    assert words == (
        "Moderators paused the videos of this server: “spam \\*wave\\*”. Your place is kept, and"
        " the pause does not count as waiting."
    )
    unsaid = renders.prospect(render(), ahead=2, pace=PACE, brake=replace(PAUSE, reason=""))
    assert "this server. Your place" in unsaid


def test_a_pause_that_is_over_moves_the_end_of_the_wait() -> None:
    hour = 3_600_000
    later = renders.prospect(render(paused_ms=hour), ahead=0, pace=PACE)
    assert later == renders.prospect(render(created_at_ms=BORN_MS + hour), ahead=0, pace=PACE)
    assert later != renders.prospect(render(), ahead=0, pace=PACE)
