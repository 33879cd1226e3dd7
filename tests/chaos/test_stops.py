"""Stop the bot at some moments of the story; `python -m tests.chaos.stops` plays more of them."""

from __future__ import annotations

import asyncio

from tests.chaos.stops import moments, play

SEED = 9
STORY_SECONDS = 8.0


async def test_a_stop_at_any_moment_is_in_time_and_breaks_no_promise() -> None:
    stops = await asyncio.gather(*(play(one, STORY_SECONDS) for one in moments(2, SEED)))
    assert [str(stop) for stop in stops if stop.broken] == []


def test_a_seed_is_the_same_moments_again() -> None:
    assert moments(50, SEED) == moments(50, SEED) != moments(50, SEED + 1)
