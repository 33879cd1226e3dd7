"""What a person brings back is paid by whom it concerns: the host for each time, others once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from render import lifecycle
from render.acts import NoRoom
from render.desk import Moderator
from storage.records import Cause, Entry, Render, State, Subject
from tests.render.room import Room
from tests.render.world import COST, DAY_MS, PAYERS, World

HOST = Moderator(id=13, host=True)


@pytest.fixture
def room(world: World) -> Room:
    return Room(world)


async def spent(world: World) -> tuple[int, int]:
    """Return what was spent today by the host and by the member."""
    return await world.spent(Subject.HOST), await world.spent(Subject.MEMBER)


async def sent_twice(room: Room) -> Render:
    render = await room.render(State.UNKNOWN)
    await room.desk.submit_again(render.id, HOST)
    return await room.claimed(render)


async def test_the_host_pays_for_the_first_time_and_holds_for_the_second(room: Room) -> None:
    render = await room.render(State.UNKNOWN)
    again = await room.desk.submit_again(render.id, HOST)
    assert again.state is State.QUEUED
    assert await spent(room.world) == (COST, 0)
    assert await room.world.held(again) == dict.fromkeys(PAYERS, COST)
    paid, held = (await room.world.lines(again))[-2:]
    assert [(line.entry, line.author) for line in (paid, held)] == [
        (Entry.SETTLE, str(HOST.id)),
        (Entry.HOLD, str(HOST.id)),
    ]
    await room.world.check()


async def test_a_video_of_the_second_time_costs_the_member_once(room: Room) -> None:
    render = await sent_twice(room)
    await room.finished(render)
    assert await spent(room.world) == (2 * COST, COST)
    assert not await room.world.held(render)
    await room.world.check()


async def test_what_is_lost_twice_is_free_for_the_member_and_paid_twice_by_the_host(
    room: Room,
) -> None:
    render = await sent_twice(room)
    now = room.world.clock.now_ms()
    await room.world.do(lambda tx: lifecycle.lost(tx, render, at_ms=now, why="reset"))
    await room.world.do(lambda tx: lifecycle.written_off(tx, render, at_ms=now))
    assert await spent(room.world) == (2 * COST, 0)
    await room.world.check()


async def test_a_cancellation_before_the_second_time_leaves_the_first_one_paid(room: Room) -> None:
    render = await room.render(State.UNKNOWN)
    await room.desk.submit_again(render.id, HOST)
    await room.desk.cancel(render.id, HOST)
    assert await spent(room.world) == (COST, 0)
    assert not await room.world.held(render)
    await room.world.check()


async def test_a_second_time_that_is_refused_leaves_the_first_one_paid(room: Room) -> None:
    render = await sent_twice(room)
    now = room.world.clock.now_ms()
    await room.world.do(
        lambda tx: lifecycle.refused(tx, render, at_ms=now, cause=Cause.BAD_INPUT, detail="")
    )
    assert await spent(room.world) == (COST, 0)
    await room.world.check()


async def test_nothing_is_sent_twice_past_a_ceiling_of_the_host(world: World) -> None:
    world.limits = replace(world.limits, host_daily_credits=2 * COST - 1)
    room = Room(world)
    render = await room.render(State.UNKNOWN)
    with pytest.raises(NoRoom) as caught:
        await room.desk.submit_again(render.id, HOST)
    assert (caught.value.account.ceiling, caught.value.cost) == (2 * COST - 1, COST)
    assert (await world.find(render)).state is State.UNKNOWN
    assert await spent(world) == (0, 0)
    assert await room.acts(render) == []


async def test_the_second_hold_counts_in_the_window_in_which_it_was_made(world: World) -> None:
    world.limits = replace(world.limits, host_daily_credits=2 * COST)
    room = Room(world)
    render = await room.render(State.UNKNOWN)
    # The first time is yesterday's; today there is room for this one alone.
    world.clock.advance(DAY_MS / 1000)
    world.limits = replace(world.limits, host_daily_credits=COST)
    room = Room(world)
    again = await room.desk.submit_again(render.id, HOST)
    assert (await room.claimed(again)).state is State.SUBMITTING
