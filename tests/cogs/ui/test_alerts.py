"""The host reads what happened, what it means for the money, and what to do."""

from __future__ import annotations

import pytest

from cogs.ui.text import alerts, renders
from render.alerts import Alert, Fact, Kind
from render.breaker import Trouble
from render.pace import Pace
from storage.records import Cause, Span, State
from tests.cogs.examples import BORN_MS, render


def said(kind: Kind, **facts: Fact) -> str:
    return alerts.words(Alert(number=1, kind=kind, at_ms=BORN_MS, facts=facts))


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_has_words_for_its_beginning_and_its_end(trouble: Trouble) -> None:
    begun = said(Kind.PAUSED, trouble=trouble, since_ms=BORN_MS)
    assert f"<t:{BORN_MS // 1000}:R>" in begun
    assert "Please" in begun or "please" in begun
    assert "keeps its place" in begun
    over = said(Kind.RESUMED, trouble=trouble, since_ms=BORN_MS)
    assert over.endswith("again. What waited goes on.")


def test_a_write_off_names_what_it_may_cost() -> None:
    words = said(Kind.WRITTEN_OFF, render_id="7KQ2M9XA", credits=27)
    assert "`7KQ2M9XA`" in words
    assert "27 credits ($0.27) stay on your account" in words


@pytest.mark.parametrize(("span", "when"), [(Span.DAY, "today"), (Span.MONTH, "this month")])
def test_a_ceiling_is_told_in_dollars(span: Span, when: str) -> None:
    words = said(Kind.CEILING_REACHED, span=span, ceiling=500, left=12, cost=27, ends_at_ms=BORN_MS)
    assert when in words
    assert "of 500 credits ($5), 12 credits ($0.12) are left" in words
    assert "a video for 27 credits ($0.27) was refused" in words


@pytest.mark.parametrize("percent", [50, 80])
def test_a_part_of_a_ceiling_is_told_with_what_ends_it(percent: int) -> None:
    words = said(
        Kind.SPENDING, span=Span.WEEK, percent=percent, used=412, ceiling=500, ends_at_ms=BORN_MS
    )
    assert words.startswith(f"**{percent} % of what you allow the bot to spend this week is used**")
    assert "412 credits ($4.12) of 500 credits ($5)" in words
    assert f"starts anew <t:{BORN_MS // 1000}:R>" in words
    assert "`/host stop` ends it" in words


def test_a_ceiling_that_is_used_up_is_told_as_that() -> None:
    words = said(
        Kind.SPENDING, span=Span.HOUR, percent=100, used=500, ceiling=500, ends_at_ms=BORN_MS
    )
    assert words.startswith("**What you allow the bot to spend this hour is used up**")
    assert "No new video is taken until the budget starts anew <t:" in words


def test_what_a_person_must_look_at_says_where() -> None:
    assert "SEEDANCE_MODELS" in said(Kind.NO_MODEL)
    assert "/host go" in said(Kind.OLD_DATABASE, last_beat_ms=BORN_MS)
    words = said(Kind.STAGE_BREAKS, stage="poller", deaths=4)
    assert "(poller, 4 times)" in words
    assert "The log says how" in words


def test_every_alert_fits_a_message() -> None:
    facts: dict[str, Fact] = {
        "last_beat_ms": BORN_MS,
        "trouble": Trouble.BAD_KEY, "since_ms": BORN_MS, "render_id": "7KQ2M9XA",
        "credits": 10**9, "span": Span.MONTH, "ceiling": 10**9, "left": 10**9, "cost": 10**9,
        "ends_at_ms": BORN_MS, "stage": "scheduler", "deaths": 8, "percent": 80, "used": 10**9,
    }  # fmt: skip
    for kind in Kind:
        assert 0 < len(said(kind, **facts)) < 2000


@pytest.mark.parametrize("trouble", Trouble)
def test_a_waiting_member_reads_why_and_that_the_place_is_kept(trouble: Trouble) -> None:
    words = renders.prospect(render(), ahead=2, pace=Pace(), brake=trouble)
    assert words[0].isupper()
    assert "; your place is kept. If it has not started by <t:" in words


def test_who_waited_in_vain_reads_what_for() -> None:
    gone = render(
        state=State.CANCELLED, cause=Cause.WAITED_TOO_LONG, detail=Trouble.UNREACHABLE.value
    )
    assert renders.cause(gone) == (
        "It waited as long as it may, and the video service cannot be reached."
        " Please send it again later."
    )
