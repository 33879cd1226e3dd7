from __future__ import annotations

from dataclasses import replace

import pytest

from render import lifecycle, outlook
from render.outlook import LATELY, LEAST, MOST, Lengths, Outlook
from render.pace import milliseconds
from storage.queue import Turn
from tests.render.announcing import claim
from tests.render.world import World

KNOWN = Lengths(median_ms=100, slow_ms=300)


async def succeed(world: World, *seconds: float) -> None:
    """Have renders succeed, each so long after its submit."""
    world.limits = replace(world.limits, host_daily_credits=10**6, member_daily_credits=10**6)
    for length in seconds:
        render = await world.admit()
        await claim(world, render)
        now = world.clock.now_ms()
        await world.do(lambda tx, r=render, n=now: lifecycle.submitted(tx, r, at_ms=n, task_id="t"))
        world.clock.advance(length)
        now = world.clock.now_ms()
        assert await world.do(
            lambda tx, r=render, n=now: lifecycle.succeeded(
                tx, r, at_ms=n, video_url="u", video_expires_at_ms=n, price=1
            )
        )


async def lengths(world: World) -> Lengths | None:
    now = world.clock.now_ms()
    return await world.do(lambda tx: outlook.lengths(tx, now))


async def test_too_few_renders_foretell_nothing(world: World) -> None:
    await succeed(world, *[10] * (LEAST - 1))
    assert await lengths(world) is None
    assert outlook.start(Turn(3, None, 2), None, 0) is None
    assert outlook.end(await world.admit(), None) is None


async def test_the_median_and_the_slow_ones_are_known_from_the_last_renders(world: World) -> None:
    await succeed(world, *range(1, 12))
    assert await lengths(world) == Lengths(median_ms=6000, slow_ms=10_000)


async def test_the_latest_renders_alone_are_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST >= LEAST
    monkeypatch.setattr(outlook, "MOST", LEAST)
    await succeed(world, 99, *[10] * LEAST)
    assert await lengths(world) == Lengths(median_ms=10_000, slow_ms=10_000)


async def test_what_was_long_ago_foretells_nothing(world: World) -> None:
    await succeed(world, *[10] * LEAST)
    world.clock.advance(milliseconds(LATELY) / 1000)
    assert await lengths(world) is None


async def test_a_start_is_foretold_by_the_renders_before_it() -> None:
    # 40 ms after a submit, and then one more render.
    assert outlook.start(Turn(3, 1000, 2), KNOWN, 1040) == Outlook(usual_ms=1200, slow_ms=1600)
    assert outlook.start(Turn(0, None, 0), KNOWN, 1040) == Outlook(usual_ms=1040, slow_ms=1040)


async def test_an_end_is_foretold_from_the_submit_on(world: World) -> None:
    render = await world.admit()
    await claim(world, render)
    submitted_at_ms = world.clock.now_ms()
    found = outlook.end(await world.find(render), KNOWN)
    assert found == Outlook(usual_ms=submitted_at_ms + 100, slow_ms=submitted_at_ms + 300)
