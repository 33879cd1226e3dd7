from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Unpack

import pytest

from render import lifecycle
from render.alerts import Kind
from render.offers import Offers
from render.submission import submission_of
from render.worker import WRITE_AGAIN_SECONDS, Worker
from seedance import Client, Submission
from storage import StorageError, Transaction, frames
from storage.records import Cause, Render, State, Subject
from tests.render.provider import BAD_KEY, OUT_OF_FUNDS, Answer, Provider, error, status
from tests.render.world import COST, KEY, MODEL, PAYERS, Wish, World


async def claimed(world: World, **wish: Unpack[Wish]) -> tuple[Render, Submission]:
    render = await world.admit(**wish)
    images = await world.do(lambda tx: frames.of_render(tx, render.id))
    offer = world.offers.find(render.model)
    assert offer
    now = world.clock.now_ms()
    taken = await world.do(
        lambda tx: lifecycle.claim(tx, render, at_ms=now, body_digest="d", host=())
    )
    assert taken
    return taken, submission_of(taken, images, offer)


async def submit(world: World, worker: Worker | None = None) -> Render:
    render, submission = await claimed(world)
    await (worker or world.worker()).submit(render, submission)
    return await world.find(render)


async def test_a_submit_stores_the_task_and_sends_once(world: World) -> None:
    render = await submit(world)
    assert (render.state, render.task_id) == (State.RENDERING, "task-1")
    assert len(world.provider.creates) == 1
    assert [moved.state for moved in world.moved] == [State.RENDERING]


async def test_what_is_sent_is_what_was_asked_for(world: World) -> None:
    render, submission = await claimed(world, images=2, ratio="adaptive", seed=7)
    await world.worker().submit(render, submission)
    (body,) = world.provider.creates
    text, first, last = body["content"]
    assert text["text"].startswith("A paper boat drifts on a quiet lake at sunrise --resolution")
    assert "--duration 5" in text["text"]
    assert "--seed 7" in text["text"]
    assert (first["role"], last["role"]) == ("first_frame", "last_frame")
    assert first["image_url"]["url"] == "data:image/png;base64,cG5n"


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (error(400, "InputTextSensitiveContentDetected"), Cause.TEXT_REFUSED),
        (error(400, "InputImageSensitiveContentDetected"), Cause.IMAGE_REFUSED),
        (
            error(400, "InputImageSensitiveContentDetected.PrivacyInformation"),
            Cause.REAL_PERSON_REFUSED,
        ),
        (error(400, "InputAudioSensitiveContentDetected"), Cause.AUDIO_REFUSED),
        (error(400, "OutputVideoSensitiveContentDetected"), Cause.OUTPUT_REFUSED),
        (error(400, "InvalidParameter"), Cause.BAD_INPUT),
        (error(503, "model_not_found"), Cause.MODEL_GONE),
    ],
)
async def test_a_definite_refusal_fails_and_costs_nothing(
    world: World, answer: Answer, cause: Cause
) -> None:
    world.provider.on_create.append(answer)
    render = await submit(world)
    assert (render.state, render.cause) == (State.FAILED, cause)
    assert await world.spent(Subject.HOST) == await world.spent(Subject.MEMBER) == 0


async def test_a_model_that_is_gone_is_offered_no_more(world: World) -> None:
    world.provider.on_create.append(error(503, "model_not_found"))
    render = await submit(world)
    assert world.offers.find(render.model) is None


PROVES_NOTHING: dict[str, Callable[[Provider], Answer]] = {
    "reset": lambda provider: provider.reset,
    "reset after creation": lambda provider: provider.create_and_reset,
    "torn JSON": lambda provider: provider.create_and_tear,
    "silence": lambda provider: provider.never,
    "200 without an id": lambda _: status(200),
    "429 of a stranger": lambda _: status(429),
    "500": lambda _: error(500, "internal"),
    "502": lambda _: error(502, "bad_gateway"),
    "503": lambda _: error(503, "busy"),
}


@pytest.mark.parametrize("answer", PROVES_NOTHING)
async def test_an_answer_that_proves_nothing_is_unknown_and_not_sent_again(
    world: World, answer: str
) -> None:
    world.client = Client(
        world.session,
        base_url=world.provider.base_url,
        key=KEY,
        create_timeout=timedelta(seconds=0.2),
    )
    world.provider.on_create.append(PROVES_NOTHING[answer](world.provider))
    render = await submit(world)
    assert render.state is State.UNKNOWN
    assert len(world.provider.creates) == 1
    assert await world.held(render) == dict.fromkeys(PAYERS, COST)


async def test_a_refused_connection_goes_back_to_the_queue(world: World) -> None:
    world.client = Client(world.session, base_url="http://127.0.0.1:9", key=KEY)
    render = await submit(world)
    assert render.state is State.QUEUED
    # Full jitter: half of 5 s doubled once, for the first attempt.
    assert render.ready_at_ms == world.clock.now_ms() + 5_000
    assert await world.held(render) == dict.fromkeys(PAYERS, COST)


async def test_the_wait_doubles_with_each_attempt_and_ends_somewhere(world: World) -> None:
    world.client = Client(world.session, base_url="http://127.0.0.1:9", key=KEY)
    waits: list[int] = []
    for attempts in (1, 2, 30):
        render, submission = await claimed(world, attempts=attempts)
        await world.worker(jitter=1.0).submit(render, submission)
        waits.append((await world.find(render)).ready_at_ms - world.clock.now_ms())
    assert waits == [20_000, 40_000, 300_000]


@pytest.mark.parametrize(
    ("headers", "wait_ms"),
    [({"Retry-After": "90"}, 90_500), ({"Retry-After": "1"}, 1_500), ({}, 5_000)],
)
async def test_a_rate_limit_waits_as_told(
    world: World, headers: dict[str, str], wait_ms: int
) -> None:
    world.provider.on_create.append(error(429, "rate_limit_exceeded", **headers))
    render = await submit(world)
    assert render.state is State.QUEUED
    assert render.ready_at_ms == world.clock.now_ms() + wait_ms


@pytest.mark.parametrize("answer", [OUT_OF_FUNDS, BAD_KEY])
async def test_a_pause_keeps_hold_and_place(world: World, answer: Answer) -> None:
    world.provider.on_create.append(answer)
    render = await submit(world)
    assert (render.state, render.cause) == (State.QUEUED, None)
    assert render.ready_at_ms == world.clock.now_ms()
    # It was not served, so its member is not behind others now.
    assert render.submitted_at_ms is None
    assert await world.held(render) == dict.fromkeys(PAYERS, COST)


async def test_the_host_is_told_when_no_model_is_left(world: World) -> None:
    for _ in range(2):
        world.provider.on_create.append(error(503, "model_not_found"))
        claim = await claimed(world)
        await world.worker().submit(*claim)
        world.offers = Offers(world.client, (MODEL,), world.clock)
    await world.alerts.step()
    assert world.herald.kinds == [Kind.NO_MODEL]


async def test_a_bug_in_the_way_leaves_the_outcome_unknown(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: Submission) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(world.client, "create", broken)
    render = await submit(world)
    assert render.state is State.UNKNOWN
    assert "broke" in caplog.text


class FailingDisk:
    """Fail the first transitions, then keep them."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, failures: int) -> None:
        self.left = failures
        make = world.moves.make

        async def fail(
            transition: Callable[[Transaction], Awaitable[Render | None]],
        ) -> Render | None:
            if self.left:
                self.left -= 1
                raise StorageError("disk full")
            return await make(transition)

        monkeypatch.setattr(world.moves, "make", fail)


async def through(world: World, task: asyncio.Task[Any]) -> None:
    while not task.done():
        await asyncio.sleep(0.001)
        world.clock.advance(1)


async def test_an_id_that_the_disk_did_not_take_is_stored_a_little_later(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    FailingDisk(world, monkeypatch, 2)
    task = asyncio.create_task(submit(world))
    await through(world, task)
    assert (await task).task_id == "task-1"
    assert "is task task-1" in caplog.text


async def test_a_disk_that_stays_broken_leaves_the_journal(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    FailingDisk(world, monkeypatch, 1 + len(WRITE_AGAIN_SECONDS))
    render, submission = await claimed(world)
    task = asyncio.create_task(world.worker().submit(render, submission))
    await through(world, task)
    with pytest.raises(StorageError):
        await task
    assert (await world.find(render)).state is State.SUBMITTING
    assert len(world.provider.creates) == 1
