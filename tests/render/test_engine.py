from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from aiohttp.web import Request, StreamResponse, json_response

from render import lifecycle
from render.engine import DEATHS_IN_A_ROW, Engine, EngineDied
from render.messenger import PlaceClosed, PostingBroken
from storage import StorageError, Transaction, queue
from storage.queue import Caps
from storage.records import AccountKey, Cause, Render, State, Subject
from tests.render.discord import CHANNEL
from tests.render.provider import VIDEO, error
from tests.render.world import COST, MEMBER, PAYERS, World

NO_GRACE = timedelta()


@asynccontextmanager
async def running(world: World) -> AsyncGenerator[Engine]:
    """Run an engine, and stop it in order."""
    engine = world.engine()
    task = asyncio.create_task(engine.run())
    try:
        yield engine
    finally:
        await engine.stop(timedelta(seconds=1))
        await task


async def crash(world: World, task: asyncio.Task[None]) -> None:
    """Drop an engine as a killed process would, and open the database anew."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await world.open()


async def admitted(world: World, engine: Engine) -> Render:
    render = await world.admit(card=False, ready_at_ms=world.clock.now_ms() + 5_000)
    assert await engine.announce(render)
    return render


async def finish_tasks(world: World) -> None:
    async def made() -> bool:
        return bool(world.provider.tasks)

    await world.until(made)
    world.provider.finish()


async def ended(task: asyncio.Task[None]) -> bool:
    return task.done()


async def test_a_render_goes_from_the_queue_to_the_posted_video(world: World) -> None:
    async with running(world) as engine:
        render = await admitted(world, engine)
        await finish_tasks(world)
        await world.until_state(render, State.DELIVERED)
        card = world.discord.cards[0]

        async def shown() -> bool:
            return bool(card.edits) and card.edits[-1][0] is State.DELIVERED

        await world.until(shown)
    (result,) = world.discord.results
    assert (result.file, result.below) == (VIDEO, card.id)
    assert len(world.provider.creates) == 1
    assert await world.whys(render) == ["asked for", "claimed", "submitted", "succeeded", "posted"]
    assert await world.spent(Subject.MEMBER) == COST
    assert await world.spent(Subject.HOST) == COST


async def test_a_refusal_is_told_and_frees_the_slot_for_the_next(world: World) -> None:
    world.pace = replace(world.pace, concurrency=1)
    world.provider.on_create.append(error(400, "InputTextSensitiveContentDetected"))
    async with running(world) as engine:
        first = await admitted(world, engine)
        await world.until_state(first, State.FAILED)
        second = await admitted(world, engine)
        await world.until_state(second, State.RENDERING)

        async def told() -> bool:
            return bool(world.discord.results)

        await world.until(told)
    assert world.discord.results[0].render_id == first.id


async def test_a_cancel_in_time_costs_nothing_and_needs_no_message(world: World) -> None:
    async with running(world) as engine:
        render = await admitted(world, engine)
        cancelled = await engine.cancel(render.id, author_id=MEMBER)
        assert cancelled
        assert cancelled.cause is Cause.CANCELLED_BY_MEMBER
        assert await engine.cancel(render.id, author_id=MEMBER) is None
        world.clock.advance(60)
        await asyncio.sleep(0.02)
    assert world.provider.creates == []
    assert world.discord.results == []
    assert await world.spent(Subject.HOST) == 0


async def test_an_unlucky_card_ends_the_render(world: World) -> None:
    async with running(world) as engine:
        world.discord.closed.add(CHANNEL)
        render = await world.admit(card=False)
        assert await engine.announce(render) is None
    assert (await world.find(render)).state is State.CANCELLED


async def test_a_card_is_brought_up_to_date_on_demand(world: World) -> None:
    async with running(world) as engine:
        render = await admitted(world, engine)
        await asyncio.sleep(0.02)
        edits = len(world.discord.cards[0].edits)
        await engine.refresh_card(render.id)

        async def edited() -> bool:
            return len(world.discord.cards[0].edits) > edits

        await world.until(edited, step=0)


async def test_an_ambiguous_submit_ends_by_itself_in_time(world: World) -> None:
    world.provider.on_create.append(world.provider.create_and_reset)
    async with running(world) as engine:
        render = await admitted(world, engine)
        await world.until_state(render, State.UNKNOWN)
        there = await world.until_state(render, State.FAILED, step=60)
        assert there.cause is Cause.OUTCOME_UNKNOWN
    assert len(world.provider.creates) == 1
    assert await world.spent(Subject.MEMBER) == 0
    assert await world.spent(Subject.HOST) == COST


async def test_a_late_video_is_delivered_and_free(world: World) -> None:
    async with running(world) as engine:
        render = await admitted(world, engine)
        await world.until_state(render, State.RENDERING)

        async def late() -> bool:
            return (await world.find(render)).late_at_ms is not None

        await world.until(late, step=60)
        world.provider.finish()
        await world.until_state(render, State.DELIVERED, step=60)
    assert await world.spent(Subject.MEMBER) == 0
    assert await world.spent(Subject.HOST) == COST
    assert len(world.discord.results) == 1


@pytest.mark.parametrize("state", [State.QUEUED, State.SUBMITTING, State.RENDERING, State.RENDERED])
async def test_a_crash_in_any_state_pays_once_and_loses_nothing(world: World, state: State) -> None:
    first = world.engine()
    task = asyncio.create_task(first.run())
    render = await admitted(world, first)
    if state is State.SUBMITTING:
        world.provider.on_create.append(world.provider.never)
    if state is State.RENDERED:
        world.discord.breaks_before.append(PostingBroken())
    if state is not State.QUEUED:
        if state is State.RENDERED:
            await finish_tasks(world)
        await world.until_state(render, state)
    await crash(world, task)

    async with running(world):
        if state is State.SUBMITTING:
            await world.until_state(render, State.UNKNOWN)
            await world.until_state(render, State.FAILED, step=60)
        else:
            await finish_tasks(world)
            await world.until_state(render, State.DELIVERED)

        async def told() -> bool:
            return bool(world.discord.results)

        await world.until(told)
    assert len(world.provider.creates) == 1
    assert len(world.discord.results) == 1
    assert len(world.discord.cards) == 1


async def test_a_stop_lets_a_create_under_way_end(world: World) -> None:
    engine = world.engine()
    task = asyncio.create_task(engine.run())
    render = await admitted(world, engine)
    await world.until_state(render, State.SUBMITTING)
    await engine.stop(timedelta(seconds=2))
    await task
    assert (await world.find(render)).task_id == "task-1"


async def test_a_stop_in_the_middle_of_a_claim_sends_that_render_and_claims_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = world.engine()
    claim = lifecycle.claim
    stops: list[asyncio.Task[None]] = []

    async def stop_and_claim(
        tx: Transaction,
        render: Render,
        *,
        at_ms: int,
        body_digest: str,
        host: Sequence[tuple[AccountKey, int | None]],
    ) -> Render | None:
        stops.append(asyncio.create_task(engine.stop(timedelta(seconds=2))))
        await asyncio.sleep(0.01)
        return await claim(tx, render, at_ms=at_ms, body_digest=body_digest, host=host)

    monkeypatch.setattr(lifecycle, "claim", stop_and_claim)
    made = [await world.admit() for _ in range(2)]
    await engine.run()
    await asyncio.gather(*stops)
    states = [(await world.find(render)).state for render in made]
    assert sorted(states) == [State.QUEUED, State.RENDERING]
    assert len(world.provider.creates) == 1


async def test_a_create_that_outlasts_the_grace_stays_in_the_journal(world: World) -> None:
    engine = world.engine()
    task = asyncio.create_task(engine.run())
    world.provider.on_create.append(world.provider.never)
    render = await admitted(world, engine)

    async def sent() -> bool:
        return bool(world.provider.creates)

    await world.until(sent)
    await engine.stop(timedelta(seconds=0.02))
    await task
    assert (await world.find(render)).state is State.SUBMITTING
    assert await world.held(render) == dict.fromkeys(PAYERS, COST)


async def test_a_stopped_engine_claims_nothing_more(world: World) -> None:
    engine = world.engine()
    await engine.stop(NO_GRACE)
    await engine.run()
    render = await world.admit()
    engine.wake()
    assert (await world.find(render)).state is State.QUEUED


async def test_a_stage_that_breaks_is_logged_and_goes_on_after_a_pause(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = 3
    next_claimable = queue.next_claimable

    async def fail(tx: Transaction, *, now_ms: int, caps: Caps) -> Render | None:
        nonlocal failures
        if failures:
            failures -= 1
            raise StorageError("disk I/O error")
        return await next_claimable(tx, now_ms=now_ms, caps=caps)

    monkeypatch.setattr(queue, "next_claimable", fail)
    async with running(world) as engine:
        render = await admitted(world, engine)
        await world.until_state(render, State.RENDERING)
    assert failures == 0
    assert "The engine's scheduler broke" in caplog.text
    assert world.herald.told == []


async def test_a_stage_that_never_recovers_ends_the_engine_with_its_name(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broke_at: list[float] = []

    async def fail() -> bool:
        broke_at.append(world.clock.monotonic())
        raise StorageError("disk I/O error")

    monkeypatch.setattr(world.offers, "refresh", fail)
    task = asyncio.create_task(world.engine().run())
    await world.until(lambda: ended(task))
    died = task.exception()
    assert isinstance(died, EngineDied)
    assert died.stage == "offers"
    pauses = [round(later - earlier) for earlier, later in pairwise(broke_at)]
    # Virtual time may pass while the disk is really at work.
    for pause, least in zip(pauses, (1, 2, 4, 8, 16, 32, 60), strict=True):
        assert least <= pause <= least + 5
    assert caplog.text.count("The engine's offers broke") == DEATHS_IN_A_ROW
    (alert,) = world.herald.told
    assert alert.facts == {"stage": "offers", "deaths": 4}


async def test_what_is_under_way_may_end_when_a_stage_has_died(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaving = asyncio.Event()

    async def answer_late(_: Request) -> StreamResponse:
        await leaving.wait()
        return json_response({"id": world.provider.make_task()})

    async def fail() -> bool:
        raise StorageError("disk I/O error")

    world.provider.on_create.append(answer_late)
    monkeypatch.setattr(world.offers, "refresh", fail)
    engine = world.engine()
    task = asyncio.create_task(engine.run())
    render = await admitted(world, engine)
    await world.until_state(render, State.SUBMITTING)
    # The grace is real time, and begins when all stages are told to stop.
    stopping = asyncio.create_task(engine._stopping.wait())
    stopping.add_done_callback(lambda _: leaving.set())
    await world.until(lambda: ended(task), step=60)
    assert isinstance(task.exception(), EngineDied)
    assert (await world.find(render)).state is State.RENDERING


async def test_one_good_step_in_between_is_a_new_life(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def fail_mostly() -> bool:
        asked.append(len(asked) + 1)
        if asked[-1] % DEATHS_IN_A_ROW:
            raise StorageError("disk I/O error")
        return True

    monkeypatch.setattr(world.offers, "refresh", fail_mostly)
    async with running(world):

        async def lives_on() -> bool:
            return len(asked) > 3 * DEATHS_IN_A_ROW

        await world.until(lives_on, step=3600)


async def test_the_list_of_models_is_had_again_in_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    async def refresh() -> bool:
        asked.append(world.clock.monotonic())
        return len(asked) > 1

    monkeypatch.setattr(world.offers, "refresh", refresh)
    async with running(world):

        async def thrice() -> bool:
            return len(asked) == 3

        await world.until(thrice, step=300)
    assert asked[1] - asked[0] == 300
    assert asked[2] - asked[1] == 6 * 3600


async def test_a_member_is_told_also_when_the_channel_is_gone(world: World) -> None:
    async with running(world) as engine:
        render = await admitted(world, engine)
        await finish_tasks(world)
        world.discord.closed.add(CHANNEL)
        world.discord.breaks_edit.extend([PlaceClosed()] * 9)
        await world.until_state(render, State.DELIVERED)
    assert world.discord.results[0].channel_id != CHANNEL


async def test_a_start_says_how_many_unfinished_renders_it_took_up(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for _ in range(3):
        await world.admit(ready_at_ms=world.clock.now_ms() + 3_600_000)

    async def said() -> bool:
        return "Took up 3 unfinished renders" in caplog.messages

    async with running(world):
        await world.until(said)
    assert caplog.messages.count("Took up 3 unfinished renders") == 1
