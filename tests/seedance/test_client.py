from __future__ import annotations

import logging
from datetime import timedelta

import aiohttp
import pytest

from seedance import (
    Client,
    ListedModel,
    ProviderBroken,
    Route,
    TaskMissing,
    TaskState,
)
from tests.seedance import answers
from tests.seedance.servers import (
    Behaviour,
    Talk,
    answering,
    close_once_read,
    cut_the_answer,
    reset_amid_the_answer,
    reset_once_read,
    serving,
    stall,
    talk_nonsense,
)

KEY = "sk-0123456789abcdef"
SOON = timedelta(milliseconds=40)


def client(session: aiohttp.ClientSession, url: str) -> Client:
    return Client(session, base_url=url, key=KEY)


async def query(session: aiohttp.ClientSession, behaviour: Behaviour) -> TaskState:
    async with serving(behaviour) as server:
        return (await client(session, server.url).query(Route.VIDEOS, "task_abc123")).state


async def test_a_task_is_asked_for_with_the_key(session: aiohttp.ClientSession) -> None:
    async with serving(answering(200, answers.VIDEOS_COMPLETED)) as server:
        task = await client(session, server.url).query(Route.VIDEOS, "task_abc123")
    assert task.video_url == "https://example.com/seedance-output.mp4"
    (talk,) = server.talks
    assert talk.head.startswith(b"GET /v1/videos/task_abc123 HTTP/1.1\r\n")
    assert talk.header("authorization") == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "behaviour",
    [
        reset_once_read,
        close_once_read,
        reset_amid_the_answer,
        cut_the_answer,
        talk_nonsense,
        answering(500, answers.HTML),
        answering(302, b"", Location="/elsewhere"),
    ],
)
async def test_a_query_that_breaks_may_be_asked_again(
    session: aiohttp.ClientSession, behaviour: Behaviour
) -> None:
    with pytest.raises(ProviderBroken):
        await query(session, behaviour)


async def test_a_query_without_an_answer_ends(session: aiohttp.ClientSession) -> None:
    async with serving(stall) as server:
        one = Client(session, base_url=server.url, key=KEY, query_timeout=SOON)
        with pytest.raises(ProviderBroken) as caught:
            await one.query(Route.TASKS, "cgt-1")
    assert caught.value.code == "TimeoutError"


async def test_a_missing_task_is_logged_and_raised(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(TaskMissing):
        await query(session, answering(400, answers.TASK_NOT_EXIST))
    assert "task_not_exist" in caplog.text


async def test_a_failed_task_leaves_the_providers_words_in_the_log(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    assert await query(session, answering(200, answers.FAILED_ARK)) is TaskState.FAILED
    assert "OutputVideoSensitiveContentDetected" in caplog.text
    assert caplog.records[0].levelno == logging.WARNING


# --- the list -----------------------------------------------------------------------------------


async def test_the_list_is_read_without_a_key(session: aiohttp.ClientSession) -> None:
    page = answers.page(answers.LISTED_IMAGE, answers.listed("seedance-2-5"))
    async with serving(answering(200, page)) as server:
        listed = await client(session, server.url).list_models()
    assert listed == (ListedModel(id="gpt-image-2"), ListedModel(id="seedance-2-5"))
    (talk,) = server.talks
    assert talk.target == "/api/models"
    assert talk.header("authorization") is None


async def test_a_list_in_pages_is_read_to_its_end(session: aiohttp.ClientSession) -> None:
    async def turn_pages(talk: Talk) -> None:
        await talk.listen()
        number = int(talk.target.partition("page=")[2] or 1)
        records = [answers.listed(f"m{number}{letter}") for letter in "ab"]
        talk.answer(200, answers.body(answers.page(*records, number=number, size=2, total=5)))

    async with serving(turn_pages) as server:
        listed = await client(session, server.url).list_models()
        targets = [talk.target for talk in server.talks]
    assert [model.id for model in listed] == ["m1a", "m1b", "m2a", "m2b", "m3a", "m3b"]
    assert targets == ["/api/models", "/api/models?page=2", "/api/models?page=3"]


async def test_a_list_that_repeats_its_page_ends(session: aiohttp.ClientSession) -> None:
    page = answers.page(answers.listed("a"), number=1, size=1, total=99)
    async with serving(answering(200, page)) as server:
        assert len(await client(session, server.url).list_models()) == 1
        assert len(server.talks) == 2


async def test_a_list_without_end_is_left(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def turn_pages(talk: Talk) -> None:
        await talk.listen()
        number = int(talk.target.partition("page=")[2] or 1)
        page = answers.page(answers.listed(f"m{number}"), number=number, size=1, total=10**9)
        talk.answer(200, answers.body(page))

    monkeypatch.setattr("seedance.client.MOST_PAGES", 3)
    async with serving(turn_pages) as server:
        assert len(await client(session, server.url).list_models()) == 3


async def test_a_list_that_is_none_is_logged_and_raised(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(answering(404, answers.HTML)) as server:
        with pytest.raises(ProviderBroken):
            await client(session, server.url).list_models()
    assert "/api/models was answered 404" in caplog.text


# --- the key ------------------------------------------------------------------------------------


async def test_a_fingerprint_tells_keys_apart_and_no_more(session: aiohttp.ClientSession) -> None:
    one = client(session, "https://api.example")
    other = Client(session, base_url="https://api.example", key="sk-another")
    assert one.fingerprint == client(session, "https://elsewhere.example").fingerprint
    assert one.fingerprint != other.fingerprint
    assert len(one.fingerprint) == 12
    assert KEY not in repr(one)
    assert one.fingerprint in repr(one)
