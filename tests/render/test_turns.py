"""Whose turn it is, as the scheduler keeps to it: caps, parking, and what changes meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from render.messenger import Obstacle, Posted
from render.pace import IDLE_SECONDS
from render.scheduler import Scheduler
from storage import Transaction, queue, settings
from storage.queue import Caps
from storage.records import Pause, Render, State
from tests.render.world import SERVER, World, rest


async def step(scheduler: Scheduler) -> float:
    seconds = await scheduler.step()
    await rest(scheduler.crew)
    return seconds


async def states(world: World, *made: Render) -> list[State]:
    return sorted([(await world.find(render)).state for render in made])


async def test_a_member_at_the_cap_lets_others_pass(world: World) -> None:
    world.pace = replace(world.pace, concurrency=3, member_concurrency=1)
    made = [await world.admit() for _ in range(2)]
    other = await world.admit(member_id=5)
    await step(world.scheduler())
    assert await states(world, *made) == [State.QUEUED, State.RENDERING]
    assert await states(world, other) == [State.RENDERING]


async def test_a_server_at_the_cap_lets_others_pass(world: World) -> None:
    world.pace = replace(world.pace, concurrency=3, server_concurrency=1)
    made = [await world.admit(member_id=number) for number in (5, 6)]
    other = await world.admit(server_id=SERVER + 1)
    await step(world.scheduler())
    assert await states(world, *made) == [State.QUEUED, State.RENDERING]
    assert await states(world, other) == [State.RENDERING]


async def test_a_parked_render_waits_without_losing_time(world: World) -> None:
    render, scheduler = await world.admit(), world.scheduler()
    patience = world.pace.queue_time.total_seconds()
    now = world.clock.now_ms()
    await world.do(lambda tx: queue.park(tx, render.id, at_ms=now, author="1"))
    world.clock.advance(3 * patience)
    assert await step(scheduler) == IDLE_SECONDS
    assert (await world.find(render)).state is State.QUEUED
    now = world.clock.now_ms()
    await world.do(lambda tx: queue.unpark(tx, render.id, at_ms=now, author="1"))
    await step(scheduler)
    assert (await world.find(render)).state is State.RENDERING


@pytest.mark.parametrize("act", ["park", "pause"])
async def test_a_moderator_between_look_and_claim_wins(
    world: World, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    render, scheduler, now = await world.admit(), world.scheduler(), world.clock.now_ms()
    look = world.discord.obstacle

    async def act_meanwhile(render: Render, card: Posted | None) -> Obstacle | None:
        pause = Pause(server_id=SERVER, author_id=1, reason="", at_ms=now)
        if act == "park":
            await world.do(lambda tx: queue.park(tx, render.id, at_ms=now, author="1"))
        else:
            await world.do(lambda tx: settings.pause(tx, pause))
        return await look(render, card)

    monkeypatch.setattr(world.discord, "obstacle", act_meanwhile)
    await step(scheduler)
    assert (await world.find(render)).state is State.QUEUED
    assert world.provider.creates == []


async def test_a_render_that_becomes_ready_after_the_last_ask_is_asked_for_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = await world.admit(ready_at_ms=world.clock.now_ms() + 5_000)
    next_claimable = queue.next_claimable

    async def slow(tx: Transaction, *, now_ms: int, caps: Caps) -> Render | None:
        found = await next_claimable(tx, now_ms=now_ms, caps=caps)
        world.clock.jump(5)
        return found

    scheduler = world.scheduler()
    with monkeypatch.context() as patch:
        patch.setattr(queue, "next_claimable", slow)
        assert await step(scheduler) == 0.0
    await step(scheduler)
    assert (await world.find(render)).state is State.RENDERING
