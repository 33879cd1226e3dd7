"""The card is a pure picture of the record, within Discord's limits."""

from __future__ import annotations

import json

import pytest

from cogs.ui.card import card
from render.pace import Pace
from storage.records import Cause, Pause, Render, State
from tests.cogs.examples import MEMBER_ID, render


def shown(one: Render, *, ahead: int = 0) -> str:
    return json.dumps(card(one, ahead=ahead, pace=Pace()).to_components(), ensure_ascii=False)


def test_a_card_shows_state_prospect_prompt_settings_member_and_id() -> None:
    words = shown(render(), ahead=2)
    for part in (
        "**Waits its turn** · <t:1790000000:R>",
        "2 before it.",
        "A paper boat drifts",
        "5 s · 720p · 16:9 · Seedance 1.5 pro · 27 credits",
        f"<@{MEMBER_ID}>",
        "7KQ2M9XA",
    ):
        assert part in words


def test_only_a_waiting_render_can_be_cancelled() -> None:
    waiting = {State.AWAITING_APPROVAL, State.QUEUED}
    for state in waiting:
        assert "cancel:7KQ2M9XA" in shown(render(state=state))
    for state in set(State) - waiting:
        assert "cancel:" not in shown(render(state=state, cause=Cause.BAD_INPUT))


@pytest.mark.parametrize("prompt", ["*" * 2000, "a.b" * 666, "\n" * 2000, "纸" * 2000])
def test_the_longest_card_fits_into_a_message(prompt: str) -> None:
    for state in State:
        one = render(
            prompt=prompt,
            state=state,
            cause=Cause.CANCELLED_BY_MODERATOR,
            detail="*" * 300,
            seed=2**32 - 1,
            audio=True,
        )
        for brake in (None, Pause(server_id=1, author_id=2, reason="*" * 300, at_ms=0)):
            view = card(one, ahead=20, pace=Pace(), brake=brake)
            assert view.content_length() <= 4000


def test_a_card_cannot_ping_or_link() -> None:
    words = shown(render(prompt="@everyone https://example.com <@1>"))
    assert "@everyone" in words
    assert r"\\@everyone https\\://example\\.com \\<\\@1>" in words
