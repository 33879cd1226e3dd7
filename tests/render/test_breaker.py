"""Submits pause while the service takes none, one render tries, and the host knows."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from render import lifecycle
from render.alerts import HOUR_MS, Kind
from render.breaker import (
    LONGEST_PROBE_SECONDS,
    PATIENCE_MS,
    UNSENT_IN_A_ROW,
    Breaker,
    Outage,
    Trouble,
    outage,
    refusing,
)
from render.scheduler import Scheduler
from seedance import Ambiguous, BadInput, BadKey, Client, NotSent, OutOfFunds, RateLimited
from seedance import SeedanceError as Failure
from storage import queue, settings
from storage.records import Cause, Pause, Render, State
from tests.render.provider import BAD_KEY, OUT_OF_FUNDS, Answer, error, status
from tests.render.world import COST, DAY_MS, KEY, MEMBER, PAYERS, SERVER, World, rest

MINUTE = 60.0


async def step(scheduler: Scheduler) -> float:
    seconds = await scheduler.step()
    await rest(scheduler.crew)
    return seconds


async def now(world: World) -> Outage | None:
    return await world.do(outage)


async def told(world: World, breaker: Breaker) -> list[Kind]:
    """Let the host be told what is due, and return all that was told so far."""
    await breaker.step()
    await world.alerts.step()
    return world.herald.kinds


async def paused(world: World, scheduler: Scheduler, answer: Answer = OUT_OF_FUNDS) -> Render:
    """Let a render open the breaker, and return it."""
    render = await world.admit()
    world.provider.on_create.append(answer)
    await step(scheduler)
    assert await now(world)
    return render


async def hear(world: World, breaker: Breaker, failure: Failure | None) -> Outage | None:
    """Let the breaker note an answer to a render that is sent at this moment."""
    world.limits = replace(world.limits, member_daily_credits=10_000, host_daily_credits=10_000)
    render = replace(await world.admit(), submitted_at_ms=world.clock.now_ms())
    breaker.count(failure)
    return await world.do(lambda tx: breaker.note(tx, render, failure))


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [(OUT_OF_FUNDS, Trouble.OUT_OF_FUNDS), (BAD_KEY, Trouble.BAD_KEY)],
)
async def test_one_answer_is_enough_when_it_is_plain(
    world: World, answer: Answer, trouble: Trouble
) -> None:
    scheduler = world.scheduler()
    await paused(world, scheduler, answer)
    found = await now(world)
    assert found
    assert (found.trouble, found.since_ms) == (trouble, world.clock.now_ms())


async def test_only_a_row_of_refused_connections_opens(world: World) -> None:
    breaker = world.breaker()
    for _ in range(UNSENT_IN_A_ROW - 1):
        assert await hear(world, breaker, NotSent()) is None
    assert await hear(world, breaker, None) is None
    for _ in range(UNSENT_IN_A_ROW - 1):
        assert await hear(world, breaker, NotSent()) is None
    found = await hear(world, breaker, NotSent())
    assert found
    assert found.trouble is Trouble.UNREACHABLE


@pytest.mark.parametrize("failure", [RateLimited(), Ambiguous(), BadInput()])
async def test_nothing_else_opens(world: World, failure: Failure) -> None:
    breaker = world.breaker()
    for _ in range(5):
        assert await hear(world, breaker, failure) is None


async def test_what_waits_is_not_sent_and_tasks_go_on(world: World) -> None:
    running = await world.admit()
    scheduler = world.scheduler()
    await step(scheduler)
    refused = await paused(world, scheduler)
    waiting = await world.admit()
    await step(scheduler)
    assert len(world.provider.creates) == 2
    for render in (refused, waiting):
        assert (await world.find(render)).state is State.QUEUED
    world.provider.finish()
    world.clock.advance(30)
    poller = world.poller()
    await poller.step()
    world.clock.advance(30)
    await poller.step()
    assert (await world.find(running)).state is State.RENDERED


async def test_hold_and_place_are_kept(world: World) -> None:
    scheduler = world.scheduler()
    first = await paused(world, scheduler)
    world.clock.advance(0.1)
    second = await world.admit(member_id=MEMBER + 1)
    there = await world.find(first)
    assert there.submitted_at_ms is None
    assert there.ready_at_ms <= world.clock.now_ms()
    assert await world.held(first) == dict.fromkeys(PAYERS, COST)
    order = await world.do(lambda tx: queue.waiting_order(tx, world.pace.caps))
    assert list(order) == [first.id, second.id]


async def test_the_scheduler_wakes_for_the_probe(world: World) -> None:
    scheduler = world.scheduler()
    await paused(world, scheduler)
    # Full jitter, half of 2 s here.
    assert await step(scheduler) == 1.0
    world.clock.advance(0.999)
    await step(scheduler)
    assert len(world.provider.creates) == 1


async def test_one_render_goes_first_and_when_it_is_taken_all_go(world: World) -> None:
    scheduler = world.scheduler()
    await paused(world, scheduler)
    for _ in range(2):
        await world.admit()
    world.clock.advance(2)
    await scheduler.step()
    assert await world.do(queue.at_provider) == 1
    await rest(scheduler.crew)
    assert await now(world) is None
    await step(scheduler)
    assert len(world.provider.creates) == 4
    assert await world.do(queue.at_provider) == 3


async def test_probes_that_fail_come_less_and_less_often(world: World) -> None:
    breaker = world.breaker(jitter=1.0)
    await hear(world, breaker, OutOfFunds())
    waits: list[float] = []
    for _ in range(10):
        found = await now(world)
        assert found
        waits.append((found.probe_at_ms - world.clock.now_ms()) / 1000)
        world.clock.advance(waits[-1])
        await hear(world, breaker, OutOfFunds())
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == LONGEST_PROBE_SECONDS


@pytest.mark.parametrize(
    ("trouble", "answer", "over"),
    [
        (OutOfFunds(), None, True),
        (OutOfFunds(), BadInput(), False),
        (OutOfFunds(), RateLimited(), False),
        (OutOfFunds(), Ambiguous(), False),
        (OutOfFunds(), NotSent(), False),
        (BadKey(), BadInput(), False),
        (NotSent(), BadInput(), True),
        (NotSent(), RateLimited(), True),
        (NotSent(), Ambiguous(), False),
    ],
)
async def test_only_what_proves_the_contrary_ends_it(
    world: World, trouble: Failure, answer: Failure | None, over: bool
) -> None:
    breaker = world.breaker()
    for _ in range(UNSENT_IN_A_ROW):
        await hear(world, breaker, trouble)
    world.clock.advance(MINUTE)
    assert (await hear(world, breaker, answer) is None) == over


async def test_an_answer_to_what_was_sent_before_says_nothing(world: World) -> None:
    breaker = world.breaker()
    opened = await hear(world, breaker, OutOfFunds())
    assert await hear(world, breaker, None) == opened
    assert await hear(world, breaker, OutOfFunds()) == opened


async def test_another_trouble_is_told_too(world: World) -> None:
    breaker = world.breaker()
    for _ in range(UNSENT_IN_A_ROW):
        await hear(world, breaker, NotSent())
    assert await told(world, breaker) == [Kind.PAUSED]
    world.clock.advance(MINUTE)
    found = await hear(world, breaker, OutOfFunds())
    assert found
    assert found.trouble is Trouble.OUT_OF_FUNDS
    await told(world, breaker)
    assert [alert.facts["trouble"] for alert in world.herald.told] == [
        Trouble.UNREACHABLE,
        Trouble.OUT_OF_FUNDS,
    ]


async def test_after_a_restart_one_render_tries_at_once(world: World) -> None:
    scheduler = world.scheduler()
    render = await paused(world, scheduler)
    await world.admit()
    world.provider.on_create.append(OUT_OF_FUNDS)
    await world.open()
    await step(world.scheduler())
    assert len(world.provider.creates) == 2
    assert (await world.find(render)).state is State.QUEUED
    found = await now(world)
    assert found
    assert found.probe_at_ms > world.clock.now_ms()


async def test_what_waits_too_long_is_given_up_with_the_true_reason(world: World) -> None:
    scheduler = world.scheduler()
    render = await paused(world, scheduler)
    async with nothing_sent(world):
        world.clock.advance(world.pace.queue_time.total_seconds())
        await step(scheduler)
    there = await world.find(render)
    assert (there.state, there.cause) == (State.CANCELLED, Cause.WAITED_TOO_LONG)
    assert there.detail == Trouble.OUT_OF_FUNDS
    assert await world.held(render) == {}


@asynccontextmanager
async def nothing_sent(world: World) -> AsyncGenerator[None]:
    before = len(world.provider.creates)
    yield
    assert len(world.provider.creates) == before


async def test_the_host_is_told_at_once_after_an_hour_and_daily(world: World) -> None:
    breaker = world.breaker()
    await hear(world, breaker, OutOfFunds())
    moments: list[float] = []
    for _ in range(75):
        before = len(world.herald.told)
        await told(world, breaker)
        if len(world.herald.told) > before:
            moments.append(world.clock.monotonic() * 1000 / HOUR_MS)
        world.clock.advance(HOUR_MS / 1000)
    assert moments == [0, 1, 24, 48, 72]


async def test_each_step_is_told_once_also_across_restarts(world: World) -> None:
    await hear(world, world.breaker(), OutOfFunds())
    for _ in range(3):
        await told(world, world.breaker())
        await world.open()
    assert world.herald.kinds == [Kind.PAUSED]


async def test_the_steps_that_a_stopped_bot_missed_are_one(world: World) -> None:
    breaker = world.breaker()
    await hear(world, breaker, OutOfFunds())
    await told(world, breaker)
    world.clock.advance(5 * DAY_MS / 1000)
    assert await told(world, breaker) == [Kind.PAUSED, Kind.PAUSED]
    assert await told(world, breaker) == [Kind.PAUSED, Kind.PAUSED]


async def test_the_host_is_told_when_it_is_over(world: World) -> None:
    breaker = world.breaker()
    await hear(world, breaker, OutOfFunds())
    await told(world, breaker)
    world.clock.advance(MINUTE)
    await hear(world, breaker, None)
    assert await told(world, breaker) == [Kind.PAUSED, Kind.RESUMED]
    await hear(world, breaker, None)
    assert await told(world, breaker) == [Kind.PAUSED, Kind.RESUMED]


async def test_the_next_look_is_when_the_host_is_told_next(world: World) -> None:
    breaker = world.breaker()
    await hear(world, breaker, OutOfFunds())
    await breaker.step()
    world.clock.advance(HOUR_MS / 1000 - 10)
    assert await breaker.step() == 10.0


async def refuses(world: World) -> bool:
    return bool(await world.do(lambda tx: refusing(tx, world.clock.now_ms())))


async def test_new_requests_are_refused_after_a_while(world: World) -> None:
    scheduler = world.scheduler()
    await paused(world, scheduler)
    assert not await refuses(world)
    world.clock.advance(PATIENCE_MS / 1000)
    assert await refuses(world)


async def test_with_nothing_left_to_try_the_next_request_is_let_in(world: World) -> None:
    """Else the breaker would stay open for ever once the queue has run dry."""
    scheduler = world.scheduler()
    render = await paused(world, scheduler)
    world.clock.advance(PATIENCE_MS / 1000)
    await world.do(
        lambda tx: lifecycle.cancelled(
            tx, render.id, at_ms=world.clock.now_ms(), cause=Cause.CANCELLED_BY_MEMBER, told=True
        )
    )
    assert not await refuses(world)
    probe = await world.admit()
    assert await refuses(world)
    world.provider.on_create.append(OUT_OF_FUNDS)
    await step(scheduler)
    assert await refuses(world)
    world.clock.advance(LONGEST_PROBE_SECONDS)
    await step(scheduler)
    assert (await world.find(probe)).state is State.RENDERING
    assert not await refuses(world)


async def test_what_a_moderator_keeps_back_cannot_try(world: World) -> None:
    scheduler = world.scheduler()
    await paused(world, scheduler)
    world.clock.advance(PATIENCE_MS / 1000)
    pause = Pause(server_id=SERVER, author_id=1, reason="", at_ms=1)
    await world.do(lambda tx: settings.pause(tx, pause))
    assert not await refuses(world)


async def test_a_service_that_cannot_be_reached_pauses_all_and_comes_back(world: World) -> None:
    away: dict[str, Any] = {"base_url": "http://127.0.0.1:9", "key": KEY}
    there, world.client = world.client, Client(world.session, **away)
    queue = [await world.admit() for _ in range(UNSENT_IN_A_ROW)]
    scheduler = world.scheduler()
    await step(scheduler)
    found = await now(world)
    assert found
    assert found.trouble is Trouble.UNREACHABLE
    world.client = there
    await world.open()
    world.clock.advance(MINUTE)
    scheduler = world.scheduler()
    await step(scheduler)
    assert await now(world) is None
    await step(scheduler)
    assert {(await world.find(render)).state for render in queue} == {State.RENDERING}
    assert len(world.provider.creates) == len(queue)


async def test_a_probe_without_a_clear_answer_is_not_sent_again(world: World) -> None:
    scheduler = world.scheduler()
    render = await paused(world, scheduler)
    world.clock.advance(2)
    world.provider.on_create.append(status(502))
    await step(scheduler)
    assert (await world.find(render)).state is State.UNKNOWN
    assert await now(world)


async def test_a_refused_probe_fails_and_the_pause_goes_on(world: World) -> None:
    scheduler = world.scheduler()
    render = await paused(world, scheduler)
    world.clock.advance(2)
    world.provider.on_create.append(error(400, "InputTextSensitiveContentDetected"))
    await step(scheduler)
    assert (await world.find(render)).cause is Cause.TEXT_REFUSED
    assert await now(world)
