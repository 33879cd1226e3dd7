from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest
from PIL import Image

from sandbox.provider import ARK, BYTEPLUS, Fault, Provider, Route, Status, Vendor, Where
from tests.sandbox.provider.conftest import PROMPT, Answer, Caller, frame, picture

MODEL = "doubao-seedance-2-0-260128"
NEWEST = "doubao-seedance-2-5-260628"
OLDEST = "doubao-seedance-1-0-pro-250528"
SOUND = {"resolution": "480p", "ratio": "16:9", "duration": 4}


class DirectCaller(Caller):
    """Calls Ark as a well-behaved client does."""

    async def ask(self, *frames: dict[str, Any], text: str = PROMPT, **fields: object) -> Answer:
        words = [{"type": "text", "text": text}] if text else []
        return await self.post({"model": MODEL, "content": [*words, *frames]} | SOUND | fields)

    async def post(self, content: object) -> Answer:
        return await self._answer("POST", Route.DIRECT, json=content)

    async def look(self, task_id: str) -> Answer:
        return await self.query(task_id, Route.DIRECT)

    async def list(self, query: str = "") -> Answer:
        return await self.get(f"{Route.DIRECT}{query}")

    async def delete(self, task_id: str) -> Answer:
        return await self._answer("DELETE", f"{Route.DIRECT}/{task_id}")


@pytest.fixture(name="vendor", params=[ARK])
def choose_vendor(request: pytest.FixtureRequest) -> Vendor:
    return request.param


@pytest.fixture(name="ark")
async def serve_ark(vendor: Vendor) -> AsyncIterator[Provider]:
    async with await Provider.serve(vendor) as serving:
        serving.queue_seconds = serving.render_seconds = serving.list_seconds = 0
        yield serving


@pytest.fixture(name="direct")
async def call_ark(ark: Provider) -> AsyncIterator[DirectCaller]:
    async with aiohttp.ClientSession() as session:
        yield DirectCaller(ark, session)


async def done(ark: Provider, direct: DirectCaller, **fields: object) -> Mapping[str, Any]:
    task_id = (await direct.ask(**fields)).json["id"]  # pyright: ignore[reportArgumentType]
    task = next(task for task in ark.tasks if task.id == task_id)
    await ark.until(lambda: task.ended)
    return (await direct.look(task_id)).json


async def test_a_task_is_made_from_fields_and_echoes_them(
    ark: Provider, direct: DirectCaller
) -> None:
    answer = await done(ark, direct, safety_identifier="a" * 64, execution_expires_after=3600)
    assert re.fullmatch(r"cgt-\d{14}-[0-9a-f]{5}", answer["id"])
    told = {name: answer[name] for name in ("status", *SOUND)}
    assert told == {"status": "succeeded"} | SOUND
    assert (answer["safety_identifier"], answer["execution_expires_after"]) == ("a" * 64, 3600)
    assert (answer["generate_audio"], answer["service_tier"]) == (True, "default")
    assert list(answer["content"]) == ["video_url"]
    assert ark.violations == []


async def test_the_last_frame_is_a_picture_of_the_videos_size(
    ark: Provider, direct: DirectCaller
) -> None:
    link = (await done(ark, direct, return_last_frame=True))["content"]["last_frame_url"]
    async with direct.session.get(link) as response:
        assert response.content_type == "image/png"
        assert Image.open(io.BytesIO(await response.read())).size == (864, 496)
    async with direct.session.get(link.partition("?")[0]) as response:
        assert response.status == 403


async def test_both_frames_are_taken_and_2_5_wants_the_adaptive_ratio(
    ark: Provider, direct: DirectCaller
) -> None:
    frames = frame("first_frame", picture((400, 700))), frame("last_frame")
    assert (await direct.ask(*frames, text="", model=NEWEST, ratio="adaptive")).status == 200
    asked = ark.tasks[0].asked
    assert (asked.ratio, asked.first is None, asked.last is None) == ("9:16", False, False)
    refused = await direct.ask(*frames, model=NEWEST)
    assert (refused.status, refused.code) == (400, "InvalidParameter.TaskTypeConstraint")


async def test_without_a_duration_2_5_makes_the_longest(
    ark: Provider, direct: DirectCaller
) -> None:
    ark.queue_seconds = 60
    content = [{"type": "text", "text": PROMPT}]
    await direct.post({"model": NEWEST, "content": content})
    await direct.post({"model": MODEL, "content": content})
    assert [task.asked.seconds for task in ark.tasks] == [30, 5]


async def test_commands_in_the_text_still_count(ark: Provider, direct: DirectCaller) -> None:
    ark.queue_seconds = 60
    content = [{"type": "text", "text": f"{PROMPT} --dur 15"}]
    await direct.post({"model": MODEL, "content": content})
    assert ark.tasks[0].asked.seconds == 15
    assert "given twice" in (await direct.ask(text=f"{PROMPT} --dur 15")).message


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"duration": "5"}, "duration must be of the type int"),
        ({"duration": True}, "duration must be of the type int"),
        ({"duration": 16}, "duration 16"),
        ({"resolution": "720P"}, "resolution '720P'"),
        ({"ratio": "2:1"}, "ratio '2:1'"),
        ({"seed": 7}, "seed is not supported"),
        ({"model": OLDEST, "seed": -2}, "seed -2"),
        ({"model": OLDEST, "generate_audio": False}, "generate_audio is not supported"),
        ({"model": OLDEST, "ratio": "adaptive"}, "needs a first frame"),
        ({"generate_audio": 1}, "generate_audio must be of the type bool"),
        ({"execution_expires_after": 3599}, "execution_expires_after"),
        ({"safety_identifier": "a" * 65}, "safety_identifier"),
        ({"safety_identifier": "Ärger"}, "safety_identifier"),
        ({"size": "1280x720"}, "Unknown fields: size"),
        ({"content": []}, "at least one item"),
        ({"text": f"{PROMPT} --cf true"}, "camera_fixed is not supported"),
        ({"text": " "}, "must be the text"),
    ],
)
async def test_what_the_page_does_not_allow_is_rejected(
    ark: Provider, direct: DirectCaller, fields: dict[str, Any], words: str
) -> None:
    answer = await direct.ask(**fields)
    assert (answer.status, answer.code) == (400, "InvalidParameter")
    assert words in answer.message
    assert (ark.tasks, len(ark.violations)) == ([], 1)


@pytest.mark.parametrize("vendor", [BYTEPLUS], indirect=True)
async def test_byteplus_has_names_of_its_own(ark: Provider, direct: DirectCaller) -> None:
    assert (await direct.ask(model="dreamina-seedance-2-0-260128")).status == 200
    refused = await direct.ask()
    assert (refused.status, refused.code) == (404, "InvalidEndpointOrModel.NotFound")
    assert ark.environment() == {
        "SEEDANCE_BASE_URL": f"{ark.base_url}/api/v3",
        "ARK_API_KEY": ark.key,
    }


@pytest.mark.parametrize(
    ("fault", "status", "code", "kind"),
    [
        (Fault.BAD_KEY, 401, "AuthenticationError", "Unauthorized"),
        (Fault.EMPTY_BALANCE, 403, "AccountOverdueError", "Forbidden"),
        (Fault.RATE_LIMITED, 429, "ModelAccountRpmRateLimitExceeded", "TooManyRequests"),
        (Fault.MODEL_NOT_FOUND, 404, "InvalidEndpointOrModel.NotFound", "NotFound"),
        (Fault.SERVER_ERROR, 500, "InternalServiceError", "InternalServerError"),
        (Fault.TEXT_REFUSED, 400, "InputTextSensitiveContentDetected", "BadRequest"),
    ],
)
async def test_ark_says_no_in_its_own_words(
    ark: Provider, direct: DirectCaller, fault: Fault, status: int, code: str, kind: str
) -> None:
    ark.fail(fault)
    answer = await direct.ask()
    assert (answer.status, answer.code, answer.json["error"]["type"]) == (status, code, kind)
    assert "Request id: " in answer.message
    assert ark.tasks == []


async def test_a_stranger_and_a_strange_id_get_arks_answers(direct: DirectCaller) -> None:
    missing = await direct.look("cgt-1")
    assert (missing.status, missing.code) == (404, "NotFound.task")
    nameless = await direct.ask(model="")
    assert (nameless.status, nameless.code) == (400, "MissingParameter")
    direct.headers = {"Authorization": "Bearer wrong"}
    assert (await direct.list()).code == "AuthenticationError"


async def test_ark_has_no_list_of_models_and_cometapi_none_of_tasks(
    ark: Provider, direct: DirectCaller, provider: Provider, caller: Caller
) -> None:
    async with direct.session.get(f"{ark.base_url}/api/models") as response:
        assert response.status == 404
    url = provider.base_url + Route.TASKS
    async with caller.session.get(url, headers=caller.headers) as response:
        assert response.status == 404


# --- the list -----------------------------------------------------------------------------------


async def test_the_list_has_the_newest_first_in_pages(ark: Provider, direct: DirectCaller) -> None:
    ark.queue_seconds = 60
    ids = [(await direct.ask()).json["id"] for _ in range(3)]
    first = (await direct.list("?page_num=1&page_size=2")).json
    second = (await direct.list("?page_num=2&page_size=2")).json
    assert [item["id"] for item in first["items"] + second["items"]] == ids[::-1]
    assert (first["total"], second["total"]) == (3, 3)


async def test_filters_narrow_the_list(ark: Provider, direct: DirectCaller) -> None:
    ark.queue_seconds = 60
    one, two = [(await direct.ask()).json["id"] for _ in range(2)]
    other = (await direct.ask(model=OLDEST)).json["id"]
    await direct.delete(one)
    for query, ids in {
        "filter.status=cancelled": [one],
        f"filter.task_ids={one}&filter.task_ids={two}": [two, one],
        f"filter.model={OLDEST}": [other],
    }.items():
        listed = (await direct.list(f"?{query}")).json
        assert [item["id"] for item in listed["items"]] == ids
        assert listed["total"] == len(ids)


@pytest.mark.parametrize(
    "query", ["page_num=0", "page_size=501", "page_num=x", "filter.status=expired", "status=queued"]
)
async def test_a_question_for_the_list_must_be_as_documented(
    direct: DirectCaller, query: str
) -> None:
    assert (await direct.list(f"?{query}")).code == "InvalidParameter"


async def test_the_list_is_given_out_once_a_second(ark: Provider, direct: DirectCaller) -> None:
    ark.list_seconds = 60
    assert (await direct.list()).status == 200
    assert (await direct.list()).status == 429


async def test_the_list_can_break(ark: Provider, direct: DirectCaller) -> None:
    ark.fail(Fault.SERVER_ERROR, where=Where.LIST)
    assert (await direct.list()).status == 500
    assert (await direct.list()).json == {"items": [], "total": 0}


# --- deleting -----------------------------------------------------------------------------------


async def test_a_queued_task_is_cancelled_and_costs_nothing(
    ark: Provider, direct: DirectCaller
) -> None:
    ark.queue_seconds = 0.02
    task_id = (await direct.ask()).json["id"]
    answer = await direct.delete(task_id)
    assert (answer.status, answer.json) == (200, {})
    ark.queue_seconds = 0
    await done(ark, direct)
    assert (await direct.look(task_id)).json["status"] == "cancelled"
    assert (await direct.delete(task_id)).status == 409
    assert (len(ark.billed), ark.violations) == (1, [])


async def test_a_running_task_cannot_be_cancelled(ark: Provider, direct: DirectCaller) -> None:
    ark.hold()
    task_id = (await direct.ask()).json["id"]
    await ark.until(lambda: ark.tasks[0].status is Status.RUNNING)
    assert (await direct.delete(task_id)).code == "InvalidAction"
    assert ark.tasks[0].status is Status.RUNNING


async def test_deleting_what_has_ended_loses_it_and_is_a_violation(
    ark: Provider, direct: DirectCaller
) -> None:
    task_id = (await done(ark, direct))["id"]
    assert (await direct.delete(task_id)).status == 200
    assert (await direct.look(task_id)).status == 404
    assert (await direct.list()).json["total"] == 0
    assert ark.violations == ["DELETE a task that has succeeded"]


async def test_a_delete_can_break_before_and_after_it_counts(
    ark: Provider, direct: DirectCaller
) -> None:
    ark.queue_seconds = 60
    task_id = (await direct.ask()).json["id"]
    ark.fail(Fault.SERVER_ERROR, where=Where.DELETE)
    assert (await direct.delete(task_id)).status == 500
    assert ark.tasks[0].status is Status.QUEUED
    ark.fail(Fault.BAD_GATEWAY_AFTER_CREATION, where=Where.DELETE)
    assert (await direct.delete(task_id)).status == 502
    assert ark.tasks[0].status is Status.CANCELLED
