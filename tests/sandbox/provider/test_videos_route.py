from __future__ import annotations

import pytest

from sandbox.provider import Fault, Provider, Route, Vocabulary
from tests.sandbox.provider.conftest import PROMPT, VIDEOS_MODEL, Caller, picture


@pytest.mark.parametrize(
    ("vocabulary", "words"),
    [
        (Vocabulary.NEWER, ("queued", "in_progress", "completed")),
        (Vocabulary.OLDER, ("SUBMITTED", "IN_PROGRESS", "SUCCESS")),
    ],
)
async def test_a_video_is_told_in_the_words_of_either_revision(
    provider: Provider, caller: Caller, vocabulary: Vocabulary, words: tuple[str, ...]
) -> None:
    provider.vocabulary = vocabulary
    provider.hold()
    created = (await caller.create_video(seconds="4", size="854x480")).json
    assert created["id"] == created["task_id"]
    assert (created["object"], created["model"], created["progress"]) == ("video", VIDEOS_MODEL, 0)
    seen = [created["status"]]
    task = provider.tasks[0]
    await provider.until(lambda: task.status == "running")
    seen.append((await caller.query(task.id, Route.VIDEOS)).json["status"])
    provider.release()
    await provider.until(lambda: task.ended)
    done = (await caller.query(task.id, Route.VIDEOS)).json
    assert (*seen, done["status"]) == words
    assert done["progress"] == 100
    assert done["video_url"].startswith(provider.base_url)


async def test_the_ledger_knows_the_settings_and_references(
    provider: Provider, caller: Caller
) -> None:
    provider.queue_seconds = 60
    await caller.create_video(picture(), seconds="10", size="720x1280")
    (task,) = provider.billed
    asked = task.asked
    assert (asked.prompt, asked.seconds, asked.size) == (PROMPT, 10, (720, 1280))
    assert (asked.resolution, asked.ratio, len(asked.references)) == ("720p", "9:16", 1)
    assert provider.billed_usd == pytest.approx(2.31)


async def test_a_ratio_as_size_means_720p(provider: Provider, caller: Caller) -> None:
    provider.queue_seconds = 60
    await caller.create_video(seconds="4", size="1:1")
    assert provider.tasks[0].asked.size == (960, 960)


async def test_commands_in_the_prompt_are_rendered_and_billed(
    provider: Provider, caller: Caller
) -> None:
    provider.queue_seconds = 60
    await caller.create_video(prompt=f"{PROMPT} --dur 30 --rs 480p", seconds="4", size="1280x720")
    asked = provider.tasks[0].asked
    assert (asked.seconds, asked.resolution, asked.size) == (30, "480p", (854, 480))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"seconds": "3"}, "duration 3"),
        ({"seconds": "4s"}, "not a whole number"),
        ({"size": "1281x720"}, "1281x720"),
        ({"size": "1920x1080"}, "1920x1080"),
        ({"prompt": " "}, "prompt is required"),
        ({"model": ""}, "model name is required"),
        ({"model": "doubao-seedance-1-5-pro-251215"}, "no available channel"),
        ({"resolution": "720p"}, "Undocumented fields: resolution"),
    ],
)
async def test_what_the_model_does_not_have_is_rejected(
    provider: Provider, caller: Caller, fields: dict[str, str], words: str
) -> None:
    answer = await caller.create_video(**fields)
    assert answer.status in {400, 503}
    assert words in answer.message
    assert (provider.tasks, len(provider.violations)) == ([], 1)


async def test_references_must_be_images_and_not_too_many(caller: Caller) -> None:
    assert (await caller.create_video(b"hello")).status == 400
    assert (await caller.create_video(picture(kind="BMP"))).status == 400
    fast = {"model": "doubao-seedance-2-0-fast"}
    assert (await caller.create_video(*[picture()] * 9, **fast)).status == 200
    assert "at most 9" in (await caller.create_video(*[picture()] * 10, **fast)).message


async def test_json_is_not_taken(provider: Provider, caller: Caller) -> None:
    url = provider.base_url + Route.VIDEOS
    form = {"model": VIDEOS_MODEL, "prompt": PROMPT}
    async with caller.session.post(url, json=form, headers=caller.headers) as response:
        assert response.status == 400


async def test_the_content_address_gives_the_video_to_the_key_alone(
    provider: Provider, caller: Caller
) -> None:
    provider.hold()
    await caller.create_video(seconds="4", size="854x480")
    url = f"{provider.base_url}{Route.VIDEOS}/{provider.tasks[0].id}/content"
    async with caller.session.get(url, headers=caller.headers) as response:
        assert response.status == 400
    provider.release()
    await provider.until(lambda: provider.tasks[0].ended)
    async with caller.session.get(url) as response:
        assert response.status == 401
    async with caller.session.get(url, headers=caller.headers) as response:
        assert (await response.read())[4:8] == b"ftyp"


async def test_a_failed_video_does_not_say_why(provider: Provider, caller: Caller) -> None:
    provider.fail(Fault.OUTPUT_REFUSED)
    await caller.create_video()
    await provider.until(lambda: provider.tasks[0].ended)
    answer = (await caller.query(provider.tasks[0].id, Route.VIDEOS)).json
    assert answer["status"] == "failed"
    assert "error" not in answer
