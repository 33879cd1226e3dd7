from __future__ import annotations

import asyncio
import json
import time

import aiohttp
import pytest

from sandbox.provider import Fault, Provider, Status, Where
from tests.sandbox.provider.conftest import Caller


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.TEXT_REFUSED, 400, "InputTextSensitiveContentDetected"),
        (Fault.IMAGE_REFUSED, 400, "InputImageSensitiveContentDetected"),
        (Fault.PERSON_REFUSED, 400, "InputImageSensitiveContentDetected.PrivacyInformation"),
        (Fault.AUDIO_REFUSED, 400, "InputAudioSensitiveContentDetected"),
        (Fault.BAD_KEY, 401, ""),
        (Fault.EMPTY_BALANCE, 403, "insufficient_user_quota"),
        (Fault.RATE_LIMITED, 429, "rate_limit_exceeded"),
        (Fault.MODEL_NOT_FOUND, 503, "model_not_found"),
        (Fault.SERVER_ERROR, 500, "do_request_failed"),
        (Fault.BAD_GATEWAY, 502, "bad_response_status_code"),
    ],
)
async def test_a_refusal_comes_once_and_creates_nothing(
    provider: Provider, caller: Caller, fault: Fault, status: int, code: str
) -> None:
    provider.fail(fault)
    refused = await caller.create()
    assert (refused.status, refused.code) == (status, code)
    assert (provider.tasks, provider.violations, provider.create_calls) == ([], [], 1)
    assert (await caller.create()).status == 200


async def test_faults_come_as_often_and_in_the_order_planned(
    provider: Provider, caller: Caller
) -> None:
    provider.fail(Fault.SERVER_ERROR, times=2)
    provider.fail(Fault.BAD_KEY, times=0)
    answers = [(await caller.create()).status for _ in range(4)]
    assert answers == [500, 500, 401, 401]
    provider.heal()
    assert (await caller.create()).status == 200


async def test_a_rate_limit_may_say_how_long(provider: Provider, caller: Caller) -> None:
    provider.fail(Fault.RATE_LIMITED, retry_after=7)
    provider.fail(Fault.RATE_LIMITED)
    assert (await caller.create()).headers["Retry-After"] == "7"
    assert "Retry-After" not in (await caller.create()).headers


@pytest.mark.parametrize(
    ("fault", "tasks"),
    [
        (Fault.RESET_BEFORE_READING, 0),
        (Fault.RESET_BEFORE_CREATION, 0),
        (Fault.RESET_AFTER_CREATION, 1),
    ],
)
async def test_a_reset_happens_before_or_after_the_task_exists(
    provider: Provider, caller: Caller, fault: Fault, tasks: int
) -> None:
    provider.fail(fault)
    with pytest.raises(aiohttp.ClientConnectionError):
        await caller.create()
    assert (len(provider.billed), provider.create_calls) == (tasks, 1)


async def test_a_gateway_may_break_after_the_task_exists(
    provider: Provider, caller: Caller
) -> None:
    provider.fail(Fault.BAD_GATEWAY_AFTER_CREATION)
    assert (await caller.create()).status == 502
    assert len(provider.billed) == 1


async def test_torn_answers_are_not_json(provider: Provider, caller: Caller) -> None:
    provider.fail(Fault.TORN_JSON)
    with pytest.raises(json.JSONDecodeError):
        await caller.create()
    provider.fail(Fault.TORN_BODY)
    with pytest.raises(aiohttp.ClientPayloadError):
        await caller.create()
    provider.fail(Fault.HTML)
    with pytest.raises(aiohttp.ContentTypeError):
        await caller.create()
    assert len(provider.billed) == 2


async def test_an_answer_without_an_id_is_a_task_all_the_same(
    provider: Provider, caller: Caller
) -> None:
    provider.fail(Fault.NO_ID, times=2)
    assert (await caller.create()).json == {}
    assert "id" not in (await caller.create_video()).json
    assert len(provider.billed) == 2


async def test_a_slow_answer_comes_after_the_task_exists(
    provider: Provider, caller: Caller
) -> None:
    provider.fail(Fault.SLOW, delay_seconds=0.05)
    started = time.monotonic()
    creating = asyncio.create_task(caller.create())
    await provider.created()
    assert not creating.done()
    assert (await creating).status == 200
    assert time.monotonic() - started >= 0.05


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.TEXT_REFUSED, Status.FAILED, "InputTextSensitiveContentDetected"),
        (Fault.OUTPUT_REFUSED, Status.FAILED, "OutputVideoSensitiveContentDetected"),
        (Fault.TASK_FAILS, Status.FAILED, "InternalServiceError"),
        (Fault.TASK_EXPIRES, Status.EXPIRED, None),
        (Fault.TASK_CANCELLED, Status.CANCELLED, None),
    ],
)
async def test_a_task_may_end_badly_and_is_not_billed(
    provider: Provider, caller: Caller, fault: Fault, status: Status, code: str | None
) -> None:
    provider.fail(fault, later=True)
    await caller.create()
    task = await provider.created()
    await provider.until(lambda: task.ended)
    answer = (await caller.query(task.id)).json
    assert answer["status"] == status
    assert (answer["error"]["code"] if "error" in answer else None) == code
    assert provider.billed == []


async def test_a_query_may_fail_or_tell_odd_things(provider: Provider, caller: Caller) -> None:
    await caller.create()
    task = provider.tasks[0]
    provider.fail(Fault.UNKNOWN_STATUS)
    provider.fail(Fault.RATE_LIMITED, where=Where.QUERY)
    provider.fail(Fault.TASK_NOT_EXIST)
    assert (await caller.query(task.id)).json["status"] == "archiving"
    assert (await caller.query(task.id)).status == 429
    assert "task_not_exist" in (await caller.query(task.id)).message
    assert (await caller.query(task.id)).status == 200
    assert task.queries == 4


async def test_a_success_may_lack_its_url(provider: Provider, caller: Caller) -> None:
    provider.fail(Fault.NO_VIDEO_URL)
    await caller.create()
    await provider.until(lambda: provider.tasks[0].ended)
    answer = (await caller.query(provider.tasks[0].id)).json
    assert (answer["status"], answer["content"]) == ("succeeded", {})
