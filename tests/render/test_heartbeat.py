from __future__ import annotations

import pytest

from render.alerts import Kind
from render.heartbeat import INTERVAL_SECONDS, Heartbeat
from storage import Transaction, accounts, renders, settings
from storage.records import State, StopReason, Subject, SubmitStop
from tests.render.world import World

QUEUE_SECONDS = 2 * 3600.0
DAY_SECONDS = 86_400.0


def heartbeat(world: World) -> Heartbeat:
    return Heartbeat(
        database=world.database, alerts=world.alerts, pace=world.pace, clock=world.clock
    )


async def stopped(world: World) -> SubmitStop | None:
    return await world.database.read(settings.submits_stopped)


async def into(world: World, state: State) -> None:
    """Accept a render and put it into a state, whatever led there."""
    render, now = await world.admit(), world.clock.now_ms()

    async def work(tx: Transaction) -> None:
        await renders.move(
            tx, render.id, expected=State.QUEUED, to=state, at_ms=now, author="1", why="a test"
        )
        await accounts.release(
            tx, render_id=render.id, subjects=Subject, at_ms=now, author="1", reason="a test"
        )

    await world.do(work)


async def test_each_step_beats_and_the_next_is_in_a_minute(world: World) -> None:
    beating = heartbeat(world)
    for _ in range(2):
        world.clock.jump(INTERVAL_SECONDS)
        assert await beating.step() == 60
        assert await world.database.read(settings.last_beat) == world.clock.now_ms()


async def test_a_new_database_does_not_stop(world: World) -> None:
    assert await heartbeat(world).look_back() is None
    assert await stopped(world) is None


@pytest.mark.parametrize("state", [State.QUEUED, State.SUBMITTING, State.UNKNOWN])
async def test_an_old_database_with_something_to_submit_stops(world: World, state: State) -> None:
    await heartbeat(world).step()
    last = world.clock.now_ms()
    await into(world, state)
    world.clock.jump(QUEUE_SECONDS + 1)
    expected = SubmitStop(
        reason=StopReason.OLD_DATABASE, since_ms=world.clock.now_ms(), last_beat_ms=last
    )
    assert await heartbeat(world).look_back() == expected
    assert await stopped(world) == expected


@pytest.mark.parametrize(
    "state", [state for state in State if state not in {"queued", "submitting", "unknown"}]
)
async def test_a_long_outage_with_nothing_to_submit_does_not_stop(
    world: World, state: State
) -> None:
    await heartbeat(world).step()
    await into(world, state)
    world.clock.jump(DAY_SECONDS)
    assert await heartbeat(world).look_back() is None
    assert await stopped(world) is None


async def test_an_outage_as_long_as_a_render_may_wait_does_not_stop(world: World) -> None:
    await heartbeat(world).step()
    await into(world, State.QUEUED)
    world.clock.jump(QUEUE_SECONDS)
    assert await heartbeat(world).look_back() is None


async def test_a_clock_that_was_put_back_does_not_stop(world: World) -> None:
    await heartbeat(world).step()
    await into(world, State.QUEUED)
    world.clock.jump(-DAY_SECONDS)
    assert await heartbeat(world).look_back() is None


async def test_a_stop_holds_over_restarts_until_the_host_allows_submits(world: World) -> None:
    await heartbeat(world).step()
    await into(world, State.QUEUED)
    world.clock.jump(DAY_SECONDS)
    stop = await heartbeat(world).look_back()
    assert stop is not None
    await heartbeat(world).step()
    world.clock.jump(INTERVAL_SECONDS)
    assert await heartbeat(world).look_back() == stop
    await world.do(lambda tx: settings.allow_submits(tx, author_id=1, at_ms=stop.since_ms))
    assert await heartbeat(world).look_back() is None


async def test_the_host_is_asked_before_an_old_database_submits(world: World) -> None:
    await heartbeat(world).step()
    await into(world, State.QUEUED)
    world.clock.jump(QUEUE_SECONDS + 1)
    await heartbeat(world).look_back()
    await world.alerts.step()
    (alert,) = world.herald.told
    assert alert.kind is Kind.OLD_DATABASE
