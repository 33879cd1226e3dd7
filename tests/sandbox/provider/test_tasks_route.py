from __future__ import annotations

import io

import pytest

from sandbox.provider import Provider, Status
from tests.sandbox.provider.conftest import PROMPT, Caller, body, data_uri, frame, picture


async def test_a_task_goes_from_running_to_succeeded(provider: Provider, caller: Caller) -> None:
    provider.hold()
    created = await caller.create(f"{PROMPT} --duration 4 --ratio 16:9 --rs 480p")
    assert (created.status, list(created.json)) == (200, ["id"])
    task = provider.tasks[0]
    await provider.until(lambda: task.status is Status.RUNNING)
    assert (await caller.query(task.id)).json["status"] == "running"
    provider.release()
    await provider.until(lambda: task.ended)
    answer = (await caller.query(task.id)).json
    assert answer["status"] == "succeeded"
    echo = {name: answer[name] for name in ("resolution", "ratio", "duration", "framespersecond")}
    assert echo == {"resolution": "480p", "ratio": "16:9", "duration": 4, "framespersecond": 24}
    assert answer["content"]["video_url"].startswith(provider.base_url)
    assert answer["usage"]["completion_tokens"] == 864 * 496 * (24 * 4 + 1) // 1024


async def test_a_task_may_wait_in_the_queue(provider: Provider, caller: Caller) -> None:
    provider.queue_seconds = 60
    task_id = (await caller.create()).json["id"]
    assert (await caller.query(task_id)).json["status"] == "queued"


async def test_the_ledger_knows_what_was_asked_for_and_billed(
    provider: Provider, caller: Caller
) -> None:
    provider.queue_seconds = 60
    first, last = picture(), picture((700, 700))
    text = f"{PROMPT} --duration 6 --ratio adaptive --seed 42"
    await caller.create(text, frame("first_frame", first), frame("last_frame", last))
    (task,) = provider.billed
    asked = task.asked
    assert (asked.prompt, asked.text) == (PROMPT, text)
    assert (asked.seconds, asked.resolution, asked.ratio, asked.seed) == (6, "720p", "16:9", 42)
    assert (asked.first, asked.last, asked.size) == (first, last, (1280, 720))
    assert provider.billed_usd == pytest.approx(6 * 0.052)


async def test_a_duration_of_minus_one_costs_the_longest(
    provider: Provider, caller: Caller
) -> None:
    provider.queue_seconds = 60
    await caller.create(f"{PROMPT} --dur -1")
    assert provider.tasks[0].asked.seconds == 12


async def test_a_portrait_frame_makes_an_adaptive_video_portrait(
    provider: Provider, caller: Caller
) -> None:
    provider.queue_seconds = 60
    await caller.create(PROMPT, frame(None, picture((400, 700))))
    assert provider.tasks[0].asked.ratio == "9:16"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("--duration 3", "duration 3"),
        ("--duration 13", "duration 13"),
        ("--duration 5.5", "not a whole number"),
        ("--duration five", "not a whole number"),
        ("--ratio 16x9", "ratio '16x9'"),
        ("--rs 720P", "resolution '720P'"),
        ("--rs 4k", "resolution '4k'"),
        ("--frames 57", "frames is not supported"),
        ("--fps 30", "fps must be 24"),
        ("--seed 4294967296", "seed 4294967296"),
        ("--seed -2", "seed -2"),
        ("--wm yes", "watermark must be"),
    ],
)
async def test_a_setting_that_the_model_does_not_have_is_rejected(
    provider: Provider, caller: Caller, text: str, words: str
) -> None:
    answer = await caller.create(f"{PROMPT} {text}")
    assert (answer.status, answer.code) == (400, "InvalidParameter")
    assert words in answer.message
    assert words in provider.violations[0]
    assert provider.tasks == []


TALL, SMALL = picture((400, 1600)), picture((300, 400))
WRONG_URLS = {
    "http": "https://cdn.discordapp.com/x.png",
    "upper case": data_uri(picture()).replace("png", "PNG"),
    "no base64": "data:image/png,abc",
    "damaged": data_uri(picture())[:-3],
    "not what it says": data_uri(picture(), "jpeg"),
    "text": data_uri(b"hello"),
    "cut": data_uri(picture()[:-40]),
    "unknown format": data_uri(picture(), "heic"),
    "too tall": data_uri(TALL),
    "too small": data_uri(SMALL),
    "empty": "data:image/png;base64,",
}


@pytest.mark.parametrize("url", WRONG_URLS.values(), ids=WRONG_URLS)
async def test_an_image_that_cannot_be_used_is_rejected(caller: Caller, url: str) -> None:
    answer = await caller.create(PROMPT, frame("first_frame", url=url))
    assert answer.status == 400
    assert answer.code in {"InvalidImageURL.InvalidFormat", "InvalidParameter"}


@pytest.mark.parametrize(
    "roles",
    [
        ["last_frame"],
        ["first_frame", "first_frame"],
        [None, None],
        ["first_frame", None],
        ["reference_image"],
        ["first_frame", "last_frame", "last_frame"],
    ],
)
async def test_roles_must_be_a_first_and_perhaps_a_last_frame(
    caller: Caller, roles: list[str | None]
) -> None:
    answer = await caller.create(PROMPT, *(frame(role) for role in roles))
    assert (answer.status, answer.code) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        ([], 400, "must be an object"),
        ({"content": []}, 400, "model name is required"),
        (body(PROMPT, model="seedance-2-5"), 503, "no available channel"),
        (body(""), 400, "must be the text"),
        (body(PROMPT) | {"content": "words"}, 400, "must be a list"),
        (body(PROMPT) | {"content": ["words"]}, 400, "must be an object"),
        (body(PROMPT) | {"content": [frame("first_frame")]}, 400, "must be the text"),
        (body(PROMPT) | {"resolution": "720p"}, 400, "Undocumented fields: resolution"),
        (body(PROMPT, {"type": "text", "text": "more"}), 400, "type image_url"),
    ],
)
async def test_a_body_of_another_shape_is_rejected(
    caller: Caller, content: object, status: int, words: str
) -> None:
    answer = await caller.post(content)
    assert answer.status == status
    assert words in answer.message


async def test_only_json_is_taken(provider: Provider, caller: Caller) -> None:
    url = f"{provider.base_url}/volc/v3/contents/generations/tasks"
    async with caller.session.post(url, data=b"{}", headers=caller.headers) as response:
        assert response.status == 400
    json_type = caller.headers | {"Content-Type": "application/json"}
    async with caller.session.post(url, data=b"{", headers=json_type) as response:
        assert response.status == 400


async def test_an_unknown_id_and_a_wrong_key_are_rejected(
    provider: Provider, caller: Caller
) -> None:
    answer = await caller.query("021773297205999example")
    assert answer.status == 400
    assert "task_not_exist" in answer.message
    caller.headers = {"Authorization": "Bearer sk-wrong"}
    answer = await caller.create()
    assert (answer.status, provider.tasks, provider.violations) == (401, [], [])


async def test_a_former_key_asks_after_its_own_tasks_and_makes_none(
    provider: Provider, caller: Caller
) -> None:
    task_id = (await caller.create()).json["id"]
    provider.change_key()
    assert (await caller.query(task_id)).status == 200
    assert (await caller.create()).status == 401
    caller.headers = {"Authorization": f"Bearer {provider.key}"}
    assert "task_not_exist" in (await caller.query(task_id)).message
    assert (await caller.create()).status == 200


async def test_a_retired_model_makes_nothing_and_finishes_what_it_began(
    provider: Provider, caller: Caller
) -> None:
    task_id = (await caller.create()).json["id"]
    provider.retire(provider.models[0].name)
    assert (await caller.create()).status == 503
    assert provider.violations == []
    await provider.until(lambda: provider.tasks[0].succeeded)
    assert (await caller.query(task_id)).status == 200


async def test_a_body_above_64_mb_is_not_read(provider: Provider, caller: Caller) -> None:
    url = f"{provider.base_url}/volc/v3/contents/generations/tasks"
    json_type = caller.headers | {"Content-Type": "application/json"}
    huge = io.BytesIO(bytes(65 * 1024 * 1024))
    async with caller.session.post(url, data=huge, headers=json_type) as response:
        assert response.status == 413
