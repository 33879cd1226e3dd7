from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Unpack

import pytest
from aiohttp import web

from render import lifecycle
from render.pace import IDLE_SECONDS
from render.poller import LINKLESS_ANSWERS
from storage import renders
from storage.records import Cause, Render, State, Subject
from tests.render.provider import Answer, error, status
from tests.render.world import COST, PAYERS, Wish, World

HOUR = 3600


async def rendering(world: World, **wish: Unpack[Wish]) -> Render:
    """Take a render to the provider, as the scheduler and the worker would."""
    render = await world.admit(**wish)
    now = world.clock.now_ms()
    task_id = world.provider.make_task()
    await world.do(lambda tx: lifecycle.claim(tx, render, at_ms=now, body_digest="d", host=()))
    moved = await world.do(lambda tx: lifecycle.submitted(tx, render, at_ms=now, task_id=task_id))
    assert moved
    return moved


async def test_a_task_is_first_asked_after_when_it_may_be_done(world: World) -> None:
    await rendering(world)
    poller = world.poller()
    assert await poller.step() == 20.0
    world.clock.advance(19.9)
    await poller.step()
    assert world.provider.queries == 0
    world.clock.advance(0.1)
    assert await poller.step() == 10.0
    assert world.provider.queries == 1


async def test_a_restart_takes_up_what_was_rendering(world: World) -> None:
    render = await rendering(world)
    world.provider.finish()
    world.clock.advance(300)
    await world.poller().step()
    assert (await world.find(render)).state is State.RENDERED


async def test_a_success_is_settled_by_what_was_really_rendered(world: World) -> None:
    render = await rendering(world)
    offer = world.offers.find(render.model)
    assert offer
    world.provider.finish(resolution="480p", duration=4)
    world.clock.advance(20)
    await world.poller().step()
    there = await world.find(render)
    assert there.state is State.RENDERED
    assert there.settled == offer.credits("480p", 4) < COST
    assert there.video_url == f"{world.provider.base_url}/films/task-1.mp4"
    assert there.video_expires_at_ms == world.clock.now_ms() + 24 * HOUR * 1000
    assert await world.spent(Subject.HOST) == there.settled
    assert [moved.state for moved in world.moved] == [State.RENDERED]


@pytest.mark.parametrize(
    "echo", [{}, {"resolution": "8k", "duration": 5}, {"resolution": "720p", "duration": 5}]
)
async def test_an_echo_that_says_nothing_new_costs_what_was_held(
    world: World, echo: dict[str, Any]
) -> None:
    render = await rendering(world)
    world.provider.finish(**echo)
    world.clock.advance(20)
    await world.poller().step()
    assert (await world.find(render)).settled == COST


async def test_a_longer_video_is_the_hosts_loss(world: World) -> None:
    render = await rendering(world)
    world.provider.finish(duration=9.5, resolution="720p")
    world.clock.advance(20)
    await world.poller().step()
    offer = world.offers.find(render.model)
    assert offer
    assert (await world.find(render)).settled == COST
    assert await world.spent(Subject.HOST) == offer.credits("720p", 10)


async def test_a_model_that_is_gone_still_finishes_its_tasks(world: World) -> None:
    render = await rendering(world)
    offer = world.offers.find(render.model)
    assert offer
    world.offers.remove(offer)
    world.provider.finish(duration=9, resolution="720p")
    world.clock.advance(20)
    await world.poller().step()
    assert (await world.find(render)).settled == COST


@pytest.mark.parametrize(
    ("changes", "state", "cause"),
    [
        (
            {"status": "failed", "error": {"code": "InternalServiceError", "message": "no"}},
            State.FAILED,
            Cause.PROVIDER_FAILED,
        ),
        (
            {
                "status": "failed",
                "error": {"code": "OutputVideoSensitiveContentDetected", "message": "no"},
            },
            State.FAILED,
            Cause.OUTPUT_REFUSED,
        ),
        ({"status": "failed"}, State.FAILED, Cause.PROVIDER_FAILED),
        ({"status": "expired"}, State.FAILED, Cause.TASK_EXPIRED),
        ({"status": "cancelled"}, State.CANCELLED, Cause.CANCELLED_BY_PROVIDER),
    ],
)
async def test_a_task_that_ends_without_a_video_is_free_for_the_member(
    world: World, changes: dict[str, Any], state: State, cause: Cause
) -> None:
    render = await rendering(world)
    world.provider.finish(content=None, **changes)
    world.clock.advance(20)
    await world.poller().step()
    there = await world.find(render)
    assert (there.state, there.cause) == (state, cause)
    assert await world.spent(Subject.MEMBER) == 0
    assert await world.spent(Subject.HOST) == COST


@pytest.mark.parametrize("word", ["queued", "running", "baking", ""])
async def test_words_that_are_no_end_keep_it_going(world: World, word: str) -> None:
    render = await rendering(world)
    world.provider.finish(status=word)
    world.clock.advance(20)
    await world.poller().step()
    assert (await world.find(render)).state is State.RENDERING


async def test_a_success_without_a_link_is_asked_after_a_few_times(world: World) -> None:
    render = await rendering(world)
    world.provider.finish(content=None)
    poller = world.poller()
    await poller.step()
    for asked in range(LINKLESS_ANSWERS):
        assert (await world.find(render)).state is State.RENDERING
        world.clock.advance(20)
        await poller.step()
        assert world.provider.queries == asked + 1
    there = await world.find(render)
    assert (there.state, there.cause) == (State.FAILED, Cause.VIDEO_MISSING)
    assert await world.spent(Subject.MEMBER) == 0
    assert await world.spent(Subject.HOST) == COST


async def test_a_link_that_comes_after_all_is_taken(world: World) -> None:
    render = await rendering(world)
    world.provider.finish(content=None)
    poller = world.poller()
    world.clock.advance(20)
    await poller.step()
    world.provider.finish()
    world.clock.advance(10)
    await poller.step()
    assert (await world.find(render)).state is State.RENDERED


@pytest.mark.parametrize(
    "answer",
    [error(400, "", "task_not_exist"), status(500), status(404), error(401, "", "Invalid")],
)
async def test_no_answer_fails_a_render_and_each_is_followed_by_a_longer_wait(
    world: World, answer: Answer
) -> None:
    render = await rendering(world)
    world.provider.on_query.extend([answer] * 3)
    poller = world.poller()
    waits = [await poller.step()]
    for _ in range(4):
        world.clock.advance(waits[-1])
        waits.append(await poller.step())
    assert waits == [20, 20, 40, 80, 10]
    assert (await world.find(render)).state is State.RENDERING


async def test_a_reset_is_asked_again(world: World) -> None:
    render = await rendering(world)
    world.provider.finish()
    # aiohttp repeats a GET once by itself when a pooled connection breaks.
    world.provider.on_query.extend([world.provider.reset] * 2)
    poller = world.poller()
    world.clock.advance(20)
    await poller.step()
    assert (await world.find(render)).state is State.RENDERING
    world.clock.advance(20)
    await poller.step()
    assert (await world.find(render)).state is State.RENDERED


async def test_a_rate_limit_pauses_all_polls(world: World) -> None:
    await rendering(world)
    poller = world.poller()
    world.clock.advance(20)
    world.provider.on_query.append(error(429, "rate_limit_exceeded", **{"Retry-After": "45"}))
    assert await poller.step() == 45
    world.clock.advance(25)
    assert await poller.step() == 20
    assert world.provider.queries == 1
    world.clock.advance(20)
    await poller.step()
    assert world.provider.queries == 2


async def test_a_pause_is_never_longer_than_a_late_render_waits(world: World) -> None:
    await rendering(world)
    world.clock.advance(20)
    world.provider.on_query.append(error(429, "rate_limit_exceeded", **{"Retry-After": "9999"}))
    poller = world.poller()
    assert await poller.step() == 180
    world.clock.advance(180)
    await poller.step()
    assert world.provider.queries == 2


async def test_polls_keep_to_their_budget(world: World) -> None:
    world.limits = replace(world.limits, host_daily_credits=10**6, member_daily_credits=10**6)
    for _ in range(25):
        await rendering(world)
    world.clock.advance(20)
    poller = world.poller()
    asked: list[int] = []
    for _ in range(3):
        await poller.step()
        await poller.step()
        asked.append(world.provider.queries)
        world.clock.advance(1)
    assert asked == [10, 20, 25]


async def test_a_render_becomes_late_and_is_asked_after_more_rarely(world: World) -> None:
    render = await rendering(world)
    poller = world.poller()
    world.clock.advance(HOUR - 1)
    await poller.step()
    assert await world.held(render) == dict.fromkeys(PAYERS, COST)
    world.clock.advance(10)
    assert await poller.step() == 180
    assert await world.held(render) == {Subject.HOST: COST}
    queries = world.provider.queries
    world.clock.advance(179)
    await poller.step()
    assert world.provider.queries == queries
    world.clock.advance(1)
    await poller.step()
    assert world.provider.queries == queries + 1


async def test_late_comes_also_while_the_provider_is_down(world: World) -> None:
    render = await rendering(world)
    world.provider.on_query.append(status(500))
    world.clock.advance(HOUR)
    await world.poller().step()
    assert (await world.find(render)).late_at_ms == world.clock.now_ms()


async def test_a_late_video_still_comes_and_is_free(world: World) -> None:
    render = await rendering(world)
    poller = world.poller()
    world.clock.advance(HOUR)
    await poller.step()
    world.provider.finish()
    world.clock.advance(180)
    await poller.step()
    there = await world.find(render)
    assert (there.state, there.settled) == (State.RENDERED, 0)
    assert await world.spent(Subject.HOST) == COST


async def test_a_task_that_outlived_its_own_expiry_fails(world: World) -> None:
    render = await rendering(world)
    poller = world.poller()
    world.clock.advance(HOUR)
    await poller.step()
    world.clock.advance(47 * HOUR)
    await poller.step()
    there = await world.find(render)
    assert (there.state, there.cause) == (State.FAILED, Cause.TASK_EXPIRED)
    assert await world.spent(Subject.MEMBER) == 0


async def test_a_new_task_rings_the_bell(world: World) -> None:
    poller = world.poller()
    assert await poller.step() == IDLE_SECONDS
    poller.watch(await rendering(world))
    await poller.bell.wait(9999)
    assert await poller.step() == 20


async def test_a_task_that_is_told_of_twice_is_asked_after_once(world: World) -> None:
    render = await rendering(world)
    poller = world.poller()
    await poller.step()
    world.clock.advance(5)
    poller.watch(render)
    poller.watch(replace(render, state_at_ms=world.clock.now_ms()))
    world.clock.advance(15)
    await poller.step()
    assert world.provider.queries == 0
    world.clock.advance(5)
    await poller.step()
    assert world.provider.queries == 1


async def test_a_render_that_left_is_forgotten(world: World) -> None:
    render = await rendering(world)
    poller = world.poller()
    await poller.step()
    now = world.clock.now_ms()
    await world.do(lambda tx: lifecycle.ended(tx, render, at_ms=now, cause=Cause.TASK_EXPIRED))
    for _ in range(3):
        world.clock.advance(20)
        await poller.step()
    assert world.provider.queries == 0


async def test_what_breaks_inside_is_logged_and_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    render = await rendering(world)
    world.provider.finish()
    poller = world.poller()
    world.clock.advance(20)

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(world.client, "query", broken)
        await poller.step()
    assert "broke" in caplog.text
    world.clock.advance(10)
    await poller.step()
    assert (await world.find(render)).state is State.RENDERED


async def test_an_answer_after_somebody_else_moved_it_changes_nothing(world: World) -> None:
    render = await rendering(world)

    async def expire_meanwhile(request: web.Request) -> web.StreamResponse:
        now = world.clock.now_ms()
        await world.do(lambda tx: lifecycle.ended(tx, render, at_ms=now, cause=Cause.TASK_EXPIRED))
        return web.json_response(world.provider.tasks["task-1"])

    world.provider.finish()
    world.provider.on_query.append(expire_meanwhile)
    world.clock.advance(20)
    await world.poller().step()
    assert (await world.find(render)).state is State.FAILED
    assert await world.do(lambda tx: renders.in_states(tx, State.RENDERED)) == ()


async def test_a_pace_without_patience_is_obeyed(world: World) -> None:
    world.pace = replace(
        world.pace, poll_first=timedelta(seconds=1), poll_interval=timedelta(seconds=2)
    )
    await rendering(world)
    poller = world.poller()
    assert await poller.step() == 1.0
    world.clock.advance(1)
    assert await poller.step() == 2.0
