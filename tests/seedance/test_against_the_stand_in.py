"""The client and the stand-in for Ark, both written from the same pages, understand each other."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import aiohttp
import pytest
from PIL import Image

import sandbox.provider as stand_in
from sandbox.provider import Fault, Where
from seedance import (
    ADAPTIVE,
    ARK,
    BYTEPLUS,
    PROVIDERS,
    Ambiguous,
    BadKey,
    Client,
    FrameImage,
    FrameRole,
    ModelGone,
    OutOfFunds,
    RateLimited,
    Refused,
    Route,
    SeedanceError,
    Submission,
    TaskMissing,
    TaskState,
    Trace,
    adoptions,
    offers,
)

VENDORS = {ARK.name: stand_in.ARK, BYTEPLUS.name: stand_in.BYTEPLUS}


@pytest.fixture(name="world", params=list(VENDORS))
async def serve(request: pytest.FixtureRequest) -> AsyncIterator[stand_in.Provider]:
    async with await stand_in.Provider.serve(VENDORS[request.param]) as world:
        world.queue_seconds = world.render_seconds = world.list_seconds = 0
        yield world


def client(session: aiohttp.ClientSession, world: stand_in.Provider, key: str = "") -> Client:
    return Client(
        session,
        base_url=world.environment()["SEEDANCE_BASE_URL"],
        key=key or world.key,
        provider=PROVIDERS[world.vendor.name],
    )


def ask(world: stand_in.Provider, name: str = "doubao-seedance-2-0") -> Submission:
    (offer,) = offers([name], None, PROVIDERS[world.vendor.name])
    return Submission(
        offer=offer,
        prompt="A paper boat drifts on a quiet lake at sunrise.",
        duration_seconds=4,
        resolution="480p",
        ratio="16:9",
        safety_identifier="5f1d",
    )


def image(role: FrameRole) -> FrameImage:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 700), "teal").save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return FrameImage(role=role, data_uri=f"data:image/png;base64,{data}")


async def test_every_model_renders_with_all_it_takes(
    session: aiohttp.ClientSession, world: stand_in.Provider
) -> None:
    one = client(session, world)
    frames = (image(FrameRole.FIRST), image(FrameRole.LAST))
    for offer in offers([], await one.list_models(), one.provider):
        plain = replace(ask(world, offer.name), frames=frames, ratio=ADAPTIVE)
        silent = "1-0" in offer.name
        await one.create(replace(plain, seed=7) if silent else replace(plain, audio=False))
    assert len(world.tasks) == 5
    assert {task.asked.audio for task in world.tasks} == {False}
    assert {task.asked.ratio for task in world.tasks} == {"9:16"}
    assert {task.asked.expires_seconds for task in world.tasks} == {3600}
    assert {task.asked.text for task in world.tasks} == {ask(world).prompt}
    assert world.violations == []


async def test_a_result_has_its_last_frame(
    session: aiohttp.ClientSession, world: stand_in.Provider
) -> None:
    one = client(session, world)
    task_id = await one.create(ask(world))
    await world.until(lambda: world.tasks[0].ended)
    task = await one.query(Route.TASKS, task_id)
    assert task.state is TaskState.SUCCEEDED
    assert task.last_frame_url
    async with session.get(task.last_frame_url) as response:
        assert response.content_type == "image/png"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.BAD_KEY, BadKey),
        (Fault.EMPTY_BALANCE, OutOfFunds),
        (Fault.RATE_LIMITED, RateLimited),
        (Fault.MODEL_NOT_FOUND, ModelGone),
        (Fault.TEXT_REFUSED, Refused),
        (Fault.SERVER_ERROR, Ambiguous),
        (Fault.BAD_GATEWAY_AFTER_CREATION, Ambiguous),
    ],
)
async def test_each_no_is_understood(
    session: aiohttp.ClientSession,
    world: stand_in.Provider,
    fault: Fault,
    kind: type[SeedanceError],
) -> None:
    world.fail(fault)
    with pytest.raises(SeedanceError) as caught:
        await client(session, world).create(ask(world))
    assert type(caught.value) is kind


async def test_a_task_that_nobody_knows_is_missing(
    session: aiohttp.ClientSession, world: stand_in.Provider
) -> None:
    with pytest.raises(TaskMissing):
        await client(session, world).query(Route.TASKS, "cgt-1")
    with pytest.raises(BadKey):
        await client(session, world, "wrong").query(Route.TASKS, "cgt-1")


async def test_a_create_whose_answer_was_lost_is_found_in_the_list(
    session: aiohttp.ClientSession, world: stand_in.Provider
) -> None:
    one, lost = client(session, world), ask(world)
    known = await one.create(lost)
    submitted_at = datetime.now(UTC)
    world.fail(Fault.RESET_AFTER_CREATION)
    with pytest.raises(Ambiguous):
        await one.create(lost)
    trace = Trace(
        render_id="R1",
        remote_id=lost.offer.remote_id,
        submitted_at=submitted_at,
        seed=None,
        safety_identifier="5f1d",
    )
    listed = await one.list_tasks()
    assert adoptions([trace], listed, [known])["R1"].id == world.tasks[1].id
    assert adoptions([trace], listed, []) == {}
    assert adoptions([replace(trace, safety_identifier="other")], listed, [known]) == {}


async def test_a_queued_task_is_cancelled_and_a_running_one_goes_on(
    session: aiohttp.ClientSession, world: stand_in.Provider
) -> None:
    one = client(session, world)
    world.hold()
    running = await one.create(ask(world))
    await world.until(lambda: world.tasks[0].status is stand_in.Status.RUNNING)
    world.queue_seconds = 60
    queued = await one.create(ask(world))
    assert (await one.cancel(Route.TASKS, queued)).state is TaskState.CANCELLED
    assert (await one.cancel(Route.TASKS, running)).state is TaskState.RUNNING
    world.release()
    await world.until(lambda: world.tasks[0].ended)
    assert (await one.cancel(Route.TASKS, running)).state is TaskState.SUCCEEDED
    assert (await one.query(Route.TASKS, running)).video_url
    assert world.violations == []


async def test_a_cancel_whose_answer_is_bad_is_judged_by_the_task(
    session: aiohttp.ClientSession, world: stand_in.Provider
) -> None:
    one = client(session, world)
    world.queue_seconds = 60
    task_id = await one.create(ask(world))
    world.fail(Fault.SERVER_ERROR, where=Where.DELETE)
    assert (await one.cancel(Route.TASKS, task_id)).state is TaskState.QUEUED
    world.fail(Fault.RESET_AFTER_CREATION, where=Where.DELETE)
    assert (await one.cancel(Route.TASKS, task_id)).state is TaskState.CANCELLED
