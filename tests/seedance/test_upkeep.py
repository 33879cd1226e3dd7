"""List and cancel: what the client does where the provider can."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import pytest

from seedance import (
    ARK,
    BYTEPLUS,
    COMETAPI,
    BadInput,
    BadKey,
    Client,
    Provider,
    ProviderBroken,
    Route,
    TaskMissing,
    TaskState,
)
from tests.seedance import answers
from tests.seedance.servers import Behaviour, Talk, answering, serving

KEY = "ark-0123456789abcdef"


def client(
    session: aiohttp.ClientSession,
    url: str,
    provider: Provider = ARK,
    naps: list[float] | None = None,
) -> Client:
    async def nap(seconds: float) -> None:
        if naps is not None:
            naps.append(seconds)

    return Client(session, base_url=url, key=KEY, provider=provider, sleep=nap)


def item(task_id: str, status: str = "running") -> dict[str, Any]:
    return {"id": task_id, "model": "m", "status": status, "created_at": 1778754737}


def paged(*pages: tuple[Sequence[str], int]) -> Behaviour:
    async def turn(talk: Talk) -> None:
        await talk.listen()
        number = int(talk.target.split("page_num=")[1].split("&")[0])
        ids, total = pages[number - 1] if number <= len(pages) else ((), pages[-1][1])
        talk.answer(200, answers.body({"items": [item(each) for each in ids], "total": total}))

    return turn


async def test_a_list_is_read_to_its_end_with_a_pause_between_pages(
    session: aiohttp.ClientSession,
) -> None:
    naps: list[float] = []
    async with serving(paged((["a", "b"], 3), (["c"], 3))) as server:
        listed = await client(session, server.url, naps=naps).list_tasks()
    assert [task.id for task in listed] == ["a", "b", "c"]
    assert naps == [1]
    assert {talk.header("authorization") for talk in server.talks} == {f"Bearer {KEY}"}


async def test_filters_go_with_every_page(session: aiohttp.ClientSession) -> None:
    async with serving(paged((["a"], 2), (["b"], 2))) as server:
        await client(session, server.url).list_tasks(state=TaskState.QUEUED, task_ids=["a", "b"])
    filters = "&filter.status=queued&filter.task_ids=a&filter.task_ids=b"
    assert [talk.target.endswith(filters) for talk in server.talks] == [True, True]


@pytest.mark.parametrize(
    "pages",
    [[(["a"], 2)], [(["a", "b"], 3), (["b"], 3)]],
    ids=["a page is empty", "a task was made meanwhile"],
)
async def test_a_part_of_the_list_is_no_list(
    session: aiohttp.ClientSession, pages: list[tuple[Sequence[str], int]]
) -> None:
    async with serving(paged(*pages)) as server:
        with pytest.raises(ProviderBroken) as caught:
            await client(session, server.url).list_tasks()
    assert caught.value.code == "ListInPieces"
    assert len(server.talks) == 2


async def test_a_list_without_end_is_left(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedance.client.MOST_PAGES", 2)
    async with serving(paged((["a"], 9), (["b"], 9), (["c"], 9))) as server:
        with pytest.raises(ProviderBroken):
            await client(session, server.url).list_tasks()
        assert len(server.talks) == 2


async def test_a_list_that_is_refused_is_logged_and_raised(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(answering(401, answers.ark_error("AuthenticationError"))) as server:
        with pytest.raises(BadKey):
            await client(session, server.url).list_tasks()
    assert "was answered 401" in caplog.text


# --- cancelling ---------------------------------------------------------------------------------


def scripted(*script: tuple[str, int, object]) -> Behaviour:
    """Answer call after call; each must come with its method."""
    rest = list(script)

    async def answer(talk: Talk) -> None:
        while rest:
            await talk.listen()
            method, status, document = rest.pop(0)
            assert talk.head.startswith(f"{method} /contents/generations/tasks/cgt-1 ".encode())
            talk.answer(status, answers.body(document))

    return answer


def told(status: str) -> tuple[str, int, object]:
    return ("GET", 200, item("cgt-1", status))


DONE = ("DELETE", 200, {})
REFUSED = ("DELETE", 409, answers.ark_error("InvalidAction"))
GONE = ("GET", 404, answers.ark_error("NotFound"))


async def cancel(session: aiohttp.ClientSession, *script: tuple[str, int, object]) -> TaskState:
    async with serving(scripted(*script)) as server:
        return (await client(session, server.url).cancel(Route.TASKS, "cgt-1")).state


async def test_a_queued_task_is_cancelled(session: aiohttp.ClientSession) -> None:
    state = await cancel(session, told("queued"), DONE, told("cancelled"))
    assert state is TaskState.CANCELLED


@pytest.mark.parametrize(
    "status", ["running", "succeeded", "failed", "cancelled", "expired", "odd"]
)
async def test_what_is_not_queued_is_left_alone(
    session: aiohttp.ClientSession, status: str
) -> None:
    """A DELETE of a finished task would delete its record, and the way to the video with it."""
    state = await cancel(session, told(status))
    assert state is not TaskState.QUEUED


async def test_a_task_that_began_in_between_goes_on(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    assert await cancel(session, told("queued"), REFUSED, told("running")) is TaskState.RUNNING
    assert caplog.records[0].levelno == logging.WARNING
    assert "DELETE" in caplog.text


async def test_a_cancelled_task_whose_record_is_gone_is_cancelled(
    session: aiohttp.ClientSession,
) -> None:
    assert await cancel(session, told("queued"), DONE, GONE) is TaskState.CANCELLED


async def test_a_task_that_is_missing_after_a_refusal_is_missing(
    session: aiohttp.ClientSession,
) -> None:
    with pytest.raises(TaskMissing):
        await cancel(session, told("queued"), REFUSED, GONE)


# --- who can what -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call", [Client.list_tasks, lambda one: one.cancel(Route.TASKS, "1")], ids=["list", "cancel"]
)
async def test_what_a_provider_cannot_do_never_reaches_the_socket(
    session: aiohttp.ClientSession, call: Callable[[Client], Any]
) -> None:
    with pytest.raises(BadInput) as caught:
        await call(client(session, "http://127.0.0.1:9", COMETAPI))
    assert caught.value.code == "NotOffered"


async def test_the_models_of_a_provider_without_a_list_are_the_documented_ones(
    session: aiohttp.ClientSession,
) -> None:
    listed = await client(session, "http://127.0.0.1:9", BYTEPLUS).list_models()
    assert [model.id for model in listed][:2] == [
        "dreamina-seedance-2-5-260628",
        "dreamina-seedance-2-0-260128",
    ]
