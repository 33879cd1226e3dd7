from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from render import lookout
from render.lookout import AGAIN_MS
from render.messenger import Obstacle, Posted, PostingBroken
from render.scheduler import Scheduler
from storage.records import Cause, Render, State, Subject
from tests.render.world import COST, SERVER, World, rest


async def step(scheduler: Scheduler) -> None:
    await scheduler.step()
    await rest(scheduler.crew)


@pytest.mark.parametrize("obstacle", Obstacle)
async def test_what_could_not_be_shown_is_not_paid_for_and_costs_nothing(
    world: World, obstacle: Obstacle
) -> None:
    render = await world.admit(images=1)
    world.discord.obstacle_now = obstacle
    await step(world.scheduler())
    there = await world.find(render)
    assert (there.state, there.cause, there.detail) == (
        State.CANCELLED,
        Cause.CARD_IMPOSSIBLE,
        obstacle,
    )
    assert world.provider.creates == []
    assert await world.held(render) == {}
    assert await world.spent(Subject.HOST) == 0
    await world.check()


@pytest.mark.parametrize(
    ("obstacle", "told"),
    [
        (Obstacle.SERVER_LEFT, True),
        (Obstacle.MEMBER_LEFT, True),
        (Obstacle.MEMBER_TIMED_OUT, False),
        (Obstacle.CHANNEL_CLOSED, False),
        (Obstacle.CARD_DELETED, False),
    ],
)
async def test_who_is_not_there_any_more_need_not_be_told(
    world: World, obstacle: Obstacle, told: bool
) -> None:
    render = await world.admit()
    world.discord.obstacle_now = obstacle
    await step(world.scheduler())
    assert ((await world.find(render)).told_at_ms is not None) is told


async def test_the_next_in_turn_is_not_kept_waiting_by_one_that_is_cancelled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, fine = await world.admit(), await world.admit()

    async def obstacle(render: Render, card: Posted | None) -> Obstacle | None:
        assert card
        return Obstacle.CARD_DELETED if render.id == gone.id else None

    monkeypatch.setattr(world.discord, "obstacle", obstacle)
    await step(world.scheduler())
    assert (await world.find(gone)).state is State.CANCELLED
    assert (await world.find(fine)).state is State.RENDERING


async def test_a_server_that_is_unavailable_cancels_nothing(world: World) -> None:
    render = await world.admit()
    world.discord.breaks_look.append(PostingBroken())
    scheduler = world.scheduler()
    await step(scheduler)
    there = await world.find(render)
    assert (there.state, there.ready_at_ms) == (State.QUEUED, world.clock.now_ms() + AGAIN_MS)
    assert (await world.held(render))[Subject.MEMBER] == COST
    world.clock.advance(AGAIN_MS / 1000)
    await step(scheduler)
    assert (await world.find(render)).state is State.RENDERING
    assert len(world.provider.creates) == 1


async def test_a_discord_that_does_not_answer_holds_nobody_up_for_long(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "LONGEST_LOOK_SECONDS", 0.01)
    render = await world.admit()

    async def obstacle(render: Render, card: Posted | None) -> Obstacle | None:
        await asyncio.Event().wait()
        return None

    monkeypatch.setattr(world.discord, "obstacle", obstacle)
    await step(world.scheduler())
    assert (await world.find(render)).ready_at_ms > world.clock.now_ms()


async def test_being_removed_from_a_server_empties_its_queue_and_no_other(world: World) -> None:
    world.pace = replace(world.pace, concurrency=1)
    begun = await world.admit()
    await step(world.scheduler())
    waiting = [await world.admit(), await world.admit()]
    elsewhere = await world.admit(server_id=SERVER + 1)
    await world.engine().vacate(SERVER)
    for render in waiting:
        there = await world.find(render)
        assert (there.state, there.detail) == (State.CANCELLED, Obstacle.SERVER_LEFT)
        assert there.told_at_ms
    assert (await world.find(begun)).state is State.RENDERING
    assert (await world.find(elsewhere)).state is State.QUEUED
    await world.check()
