from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from render import lifecycle
from render.lookout import Lookout
from render.pace import IDLE_SECONDS
from render.scheduler import Scheduler
from seedance import ListedModel, Offer
from storage import Transaction, settings
from storage.records import (
    AccountKey,
    Cause,
    Pause,
    Render,
    State,
    StopReason,
    Subject,
    SubmitStop,
)
from tests.render.offering import V2_0
from tests.render.world import COST, DAY_MS, MODEL, PAYERS, SERVER, World, rest


async def step(scheduler: Scheduler) -> float:
    seconds = await scheduler.step()
    await rest(scheduler.crew)
    return seconds


async def submitting(world: World) -> Render:
    render = await world.admit()
    now = world.clock.now_ms()
    claimed = await world.do(
        lambda tx: lifecycle.claim(tx, render, at_ms=now, body_digest="d", host=())
    )
    assert claimed
    return claimed


async def have_list(world: World, monkeypatch: pytest.MonkeyPatch, *models: ListedModel) -> None:
    async def listed() -> tuple[ListedModel, ...]:
        return models

    monkeypatch.setattr(world.client, "list_models", listed)
    await world.offers.refresh()


async def test_a_ready_render_is_claimed_and_submitted(world: World) -> None:
    render = await world.admit()
    await step(world.scheduler())
    assert (await world.find(render)).state is State.RENDERING
    assert [moved.state for moved in world.moved] == [State.SUBMITTING, State.RENDERING]


async def test_the_journal_is_whole_before_the_first_byte(world: World) -> None:
    render = await world.admit(images=1, ratio="adaptive")
    world.provider.on_create.append(world.provider.reset)
    await step(world.scheduler())
    there = await world.find(render)
    assert (there.attempts, there.submitted_at_ms) == (1, world.clock.now_ms())
    assert there.body_digest
    assert len(there.body_digest) == 64


async def test_a_render_that_waited_while_the_key_changed_is_known_by_the_new_one(
    world: World,
) -> None:
    render = await world.admit(key_fingerprint="the old one", base_url="https://old.example")
    await step(world.scheduler())
    there = await world.find(render)
    assert there.state is State.RENDERING
    assert there.key_fingerprint == world.client.fingerprint
    assert there.base_url == world.provider.base_url


async def test_a_render_can_be_undone_until_it_is_ready(world: World) -> None:
    render = await world.admit(ready_at_ms=world.clock.now_ms() + 5_000)
    scheduler = world.scheduler()
    assert await step(scheduler) == 5.0
    assert (await world.find(render)).state is State.QUEUED
    world.clock.advance(5)
    await step(scheduler)
    assert (await world.find(render)).state is State.RENDERING


async def test_a_render_without_a_card_is_not_claimed(world: World) -> None:
    render = await world.admit(card=False)
    await step(world.scheduler())
    assert (await world.find(render)).state is State.QUEUED


async def test_a_paused_server_is_not_claimed(world: World) -> None:
    render = await world.admit()
    pause = Pause(server_id=SERVER, author_id=1, reason="", at_ms=0)
    await world.do(lambda tx: settings.pause(tx, pause))
    await step(world.scheduler())
    assert (await world.find(render)).state is State.QUEUED


async def test_the_time_of_a_pause_is_not_waited(world: World) -> None:
    # Without a card it is not claimed.
    render, scheduler = await world.admit(card=False), world.scheduler()
    patience = world.pace.queue_time.total_seconds()
    world.clock.advance(patience - 100)
    pause = Pause(server_id=SERVER, author_id=1, reason="", at_ms=world.clock.now_ms())
    await world.do(lambda tx: settings.pause(tx, pause))
    world.clock.advance(3 * patience)
    assert await step(scheduler) == IDLE_SECONDS
    now = world.clock.now_ms()
    await world.do(lambda tx: settings.resume(tx, SERVER, at_ms=now))
    world.clock.advance(99)
    await step(scheduler)
    assert (await world.find(render)).state is State.QUEUED
    world.clock.advance(1)
    await step(scheduler)
    assert (await world.find(render)).cause is Cause.WAITED_TOO_LONG


async def test_no_more_are_with_the_provider_than_allowed(world: World) -> None:
    world.pace = replace(world.pace, concurrency=2)
    made = [await world.admit() for _ in range(3)]
    scheduler = world.scheduler()
    await step(scheduler)
    await step(scheduler)
    states = [(await world.find(render)).state for render in made]
    assert sorted(states) == [State.QUEUED, State.RENDERING, State.RENDERING]


async def test_a_late_render_takes_no_slot(world: World) -> None:
    world.pace = replace(world.pace, concurrency=1)
    first = await world.admit()
    scheduler = world.scheduler()
    await step(scheduler)
    now = world.clock.now_ms()
    await world.do(lambda tx: lifecycle.late(tx, first, at_ms=now))
    second = await world.admit()
    await step(scheduler)
    assert (await world.find(second)).state is State.RENDERING


async def test_a_submit_that_nobody_works_on_is_unknown(world: World) -> None:
    render = await submitting(world)
    await step(world.scheduler())
    assert (await world.find(render)).state is State.UNKNOWN
    assert world.provider.creates == []


async def test_a_submit_under_way_is_left_alone(world: World) -> None:
    render = await world.admit()
    world.provider.on_create.append(world.provider.never)
    scheduler = world.scheduler()
    await scheduler.step()
    await scheduler.step()
    assert (await world.find(render)).state is State.SUBMITTING
    await scheduler.crew.finish(timedelta())


async def test_an_unknown_render_gives_the_credits_back_in_time(world: World) -> None:
    render = await submitting(world)
    scheduler = world.scheduler()
    world.clock.advance(60)
    await step(scheduler)
    assert await world.held(render) == dict.fromkeys(PAYERS, COST)
    # Counted from the submit, as the card says.
    world.clock.advance(14 * 60 - 1)
    assert await step(scheduler) == 1.0
    world.clock.advance(1)
    await step(scheduler)
    there = await world.find(render)
    assert (there.state, there.cause) == (State.FAILED, Cause.OUTCOME_UNKNOWN)
    assert await world.spent(Subject.MEMBER) == 0
    # The host may have to pay.
    await world.alerts.step()
    (alert,) = world.herald.told
    assert alert.facts == {"render_id": render.id, "credits": COST}


async def test_a_render_that_waited_too_long_is_cancelled(world: World) -> None:
    render = await world.admit(card=False)
    world.clock.advance(2 * 3600)
    await step(world.scheduler())
    there = await world.find(render)
    assert (there.state, there.cause) == (State.CANCELLED, Cause.WAITED_TOO_LONG)
    assert there.told_at_ms is None


async def test_a_render_of_a_model_that_is_gone_is_cancelled_unsent(world: World) -> None:
    render = await world.admit()
    offer = world.offers.find(render.model)
    assert offer
    world.offers.remove(offer)
    await step(world.scheduler())
    there = await world.find(render)
    assert (there.state, there.cause) == (State.CANCELLED, Cause.MODEL_GONE)
    assert world.provider.creates == []


async def test_a_model_that_has_moved_to_another_route_is_not_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await have_list(world, monkeypatch, ListedModel(id=MODEL))
    render = await world.admit(route="videos")
    await step(world.scheduler())
    assert (await world.find(render)).cause is Cause.MODEL_GONE


async def test_a_render_of_a_model_that_no_list_names_is_cancelled_unsent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await have_list(world, monkeypatch, ListedModel(id=V2_0))
    render = await world.admit()
    await step(world.scheduler())
    assert (await world.find(render)).cause is Cause.MODEL_GONE


async def test_what_was_priced_by_a_list_waits_until_there_is_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = await world.admit(route="videos")
    scheduler = world.scheduler()
    assert await step(scheduler) == 60.0
    there = await world.find(render)
    assert (there.state, there.cause) == (State.QUEUED, None)
    assert await world.held(render) == dict.fromkeys(PAYERS, COST)

    await have_list(world, monkeypatch, ListedModel(id=MODEL, paths=("/v1/videos",)))
    world.clock.advance(60)
    await step(scheduler)
    assert (await world.find(render)).attempts == 1


async def test_a_render_that_waits_for_the_list_lets_others_pass(world: World) -> None:
    await world.admit(route="videos")
    world.clock.advance(1)
    other = await world.admit()
    await step(world.scheduler())
    assert (await world.find(other)).state is State.RENDERING


async def test_what_the_offer_cannot_carry_is_cancelled_unsent(world: World) -> None:
    render = await world.admit(duration_seconds=99)
    await step(world.scheduler())
    assert (await world.find(render)).cause is Cause.BAD_INPUT
    assert world.provider.creates == []


async def test_a_full_host_account_of_today_lets_yesterdays_render_wait(world: World) -> None:
    yesterday = await world.admit()
    world.clock.advance(DAY_MS / 1000)
    world.pace = replace(world.pace, queue_time=timedelta(days=3))
    world.limits = replace(world.limits, host_daily_credits=COST - 1)
    seconds = await step(world.scheduler())
    assert (await world.find(yesterday)).state is State.QUEUED
    assert seconds == 60.0


async def test_a_cancel_between_look_and_claim_wins(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = await world.admit()
    claim = lifecycle.claim

    async def cancel_first(
        tx: Transaction,
        render: Render,
        *,
        at_ms: int,
        body_digest: str,
        host: Sequence[tuple[AccountKey, int | None]],
    ) -> Render | None:
        await lifecycle.cancelled(tx, render.id, at_ms=at_ms, cause=Cause.CANCELLED_BY_MEMBER)
        return await claim(tx, render, at_ms=at_ms, body_digest=body_digest, host=host)

    monkeypatch.setattr(lifecycle, "claim", cancel_first)
    await step(world.scheduler())
    assert (await world.find(render)).state is State.CANCELLED
    assert world.provider.creates == []


async def test_a_stop_between_look_and_claim_leaves_the_render_queued(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = await world.admit()
    scheduler = world.scheduler()
    find = world.offers.find

    def stop_and_find(name: str) -> Offer | None:
        scheduler.crew.close()
        return find(name)

    monkeypatch.setattr(world.offers, "find", stop_and_find)
    await step(scheduler)
    assert (await world.find(render)).state is State.QUEUED


async def test_a_closed_scheduler_claims_nothing(world: World) -> None:
    render = await world.admit()
    scheduler = world.scheduler()
    scheduler.crew.close()
    await step(scheduler)
    assert (await world.find(render)).state is State.QUEUED


async def test_an_empty_queue_is_looked_at_rarely(world: World) -> None:
    assert await step(world.scheduler()) == IDLE_SECONDS


def host_stop(world: World) -> SubmitStop:
    return SubmitStop(reason=StopReason.HOST, since_ms=world.clock.now_ms())


async def test_while_the_host_has_stopped_it_nothing_is_claimed_across_restarts(
    world: World,
) -> None:
    render = await world.admit()
    stop = host_stop(world)
    await world.do(lambda tx: settings.stop_submits(tx, stop))
    await step(world.scheduler())
    await world.open()
    scheduler = world.scheduler()
    await step(scheduler)
    assert (await world.find(render)).state is State.QUEUED
    assert await world.held(render) == dict.fromkeys(PAYERS, COST)
    await world.do(lambda tx: settings.allow_submits(tx, author_id=1, at_ms=1))
    await step(scheduler)
    assert (await world.find(render)).state is State.RENDERING


async def test_a_stop_that_comes_between_the_look_and_the_claim_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = await world.admit()
    stop = host_stop(world)

    async def clears(*_: object) -> bool:
        await world.do(lambda tx: settings.stop_submits(tx, stop))
        return True

    monkeypatch.setattr(Lookout, "clears", clears)
    await step(world.scheduler())
    assert (await world.find(render)).state is State.QUEUED
    assert world.provider.creates == []


async def test_while_the_host_has_stopped_it_waits_end_in_their_time(world: World) -> None:
    waiting = await world.admit()
    lost = await submitting(world)
    await world.do(lambda tx: lifecycle.lost(tx, lost, at_ms=world.clock.now_ms(), why=""))
    stop = host_stop(world)
    await world.do(lambda tx: settings.stop_submits(tx, stop))
    world.clock.advance(world.pace.queue_time.total_seconds())
    await step(world.scheduler())
    assert (await world.find(waiting)).state is State.CANCELLED
    assert (await world.find(lost)).state is State.FAILED
    assert await world.held(waiting) == {}
