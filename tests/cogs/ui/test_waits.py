"""What a card says of a wait: how many come first, when it is over, or that nobody can say."""

from __future__ import annotations

from cogs.ui.text import renders
from render.brakes import Parked
from render.breaker import Trouble
from render.outlook import Outlook
from render.pace import Pace
from storage.records import State
from tests.cogs.examples import BORN_MS, render

PACE = Pace()
OUTLOOK = Outlook(usual_ms=BORN_MS + 60_000, slow_ms=BORN_MS + 180_000)
FORETOLD = f"<t:{BORN_MS // 1000 + 60}:t>, or <t:{BORN_MS // 1000 + 180}:t> when they are slow."
UNSAID = "How long it takes is not known yet."


def test_a_queued_render_says_when_it_starts_going_by_the_last_videos() -> None:
    words = renders.prospect(render(), ahead=2, pace=PACE, outlook=OUTLOOK)
    assert words.startswith(
        f"2 before it. Going by the last videos, it starts around {FORETOLD} If it has not"
    )


def test_a_rendering_one_says_when_it_is_done_going_by_the_last_videos() -> None:
    one = render(state=State.RENDERING)
    words = renders.prospect(one, ahead=0, pace=PACE, outlook=OUTLOOK)
    assert words.startswith(f"Going by the last videos, it is done around {FORETOLD} By ")


def test_without_history_no_time_is_invented() -> None:
    for state in (State.QUEUED, State.RENDERING):
        assert UNSAID in renders.prospect(render(state=state), ahead=2, pace=PACE)


def test_what_is_braked_foretells_nothing() -> None:
    for brake in (Parked.PARKED, Trouble.BAD_KEY):
        words = renders.prospect(render(), ahead=2, pace=PACE, brake=brake)
        assert UNSAID not in words
        assert "before it" not in words


def test_a_parked_render_keeps_its_place_and_waits_no_time() -> None:
    assert renders.prospect(render(), ahead=2, pace=PACE, brake=Parked.PARKED) == (
        "A moderator put it aside for now. Your place is kept, and this does not count as waiting."
    )
