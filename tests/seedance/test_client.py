from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
import pytest_asyncio

from seedance import (
    Ambiguous,
    BadInput,
    Client,
    FrameImage,
    FrameRole,
    ListedModel,
    ModelGone,
    NotSent,
    ProviderBroken,
    RateLimited,
    Refused,
    Route,
    SeedanceError,
    Submission,
    TaskMissing,
    TaskState,
    offers,
)
from tests.seedance import answers
from tests.seedance.servers import Behaviour, Server, Talk, free_port, serving

KEY = "sk-0123456789abcdef"
PROMPT = "A paper boat drifts on a quiet lake at sunrise."
PRO, NEWEST, *_ = offers([], None)
ON_TASKS = Submission(offer=PRO, prompt=PROMPT, duration_seconds=5, resolution="720p", ratio="16:9")
ON_VIDEOS = replace(ON_TASKS, offer=NEWEST)
SOON = timedelta(milliseconds=40)


@pytest_asyncio.fixture(name="session")
async def make_session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def client(session: aiohttp.ClientSession, url: str) -> Client:
    return Client(session, base_url=url, key=KEY)


def answering(status: int, document: object, **headers: str) -> Behaviour:
    raw = document if isinstance(document, bytes) else answers.body(document)

    async def answer(talk: Talk) -> None:
        await talk.listen()
        talk.answer(status, raw, **headers)

    return answer


async def create(
    session: aiohttp.ClientSession, behaviour: Behaviour, submission: Submission = ON_TASKS
) -> tuple[str, Server]:
    async with serving(behaviour) as server:
        return await client(session, server.url).create(submission), server


# --- create -------------------------------------------------------------------------------------


async def test_a_task_is_made_with_one_json_request(session: aiohttp.ClientSession) -> None:
    frame = FrameImage(role=FrameRole.FIRST, data_uri="data:image/png;base64,AA==")
    task_id, server = await create(
        session, answering(200, answers.CREATED_TASKS), replace(ON_TASKS, frames=(frame,))
    )
    assert task_id == "021773297205999example"
    (talk,) = server.talks
    assert talk.head.startswith(b"POST /volc/v3/contents/generations/tasks HTTP/1.1\r\n")
    assert talk.header("content-type") == "application/json"
    assert talk.header("authorization") == f"Bearer {KEY}"
    assert talk.header("accept-encoding") == "identity"
    assert json.loads(talk.body)["content"][1]["role"] == "first_frame"


async def test_the_videos_route_is_spoken_to_in_multipart(session: aiohttp.ClientSession) -> None:
    task_id, server = await create(session, answering(200, answers.CREATED_VIDEOS), ON_VIDEOS)
    assert task_id == "task_abc123"
    (talk,) = server.talks
    assert talk.target == "/v1/videos"
    assert (talk.header("content-type") or "").startswith("multipart/form-data; boundary=")
    for name, value in (("model", "seedance-2-5"), ("prompt", PROMPT), ("size", "1280x720")):
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in talk.body.replace(
            b"Content-Type: text/plain; charset=utf-8\r\n", b""
        )


async def test_each_create_has_a_connection_of_its_own(session: aiohttp.ClientSession) -> None:
    async with serving(answering(200, answers.CREATED_TASKS)) as server:
        one = client(session, server.url + "/")
        await one.create(ON_TASKS)
        await one.create(ON_TASKS)
    assert [talk.target for talk in server.talks] == ["/volc/v3/contents/generations/tasks"] * 2
    assert {talk.header("connection") for talk in server.talks} == {"close"}


async def test_what_the_offer_cannot_carry_never_reaches_the_socket(
    session: aiohttp.ClientSession,
) -> None:
    with pytest.raises(BadInput):
        await create(session, answering(200, answers.CREATED_VIDEOS), replace(ON_VIDEOS, seed=1))


async def test_a_refused_connection_is_not_sent(session: aiohttp.ClientSession) -> None:
    with pytest.raises(NotSent) as caught:
        await client(session, f"http://127.0.0.1:{await free_port()}").create(ON_TASKS)
    assert caught.value.code == "ClientConnectorError"


async def test_a_host_that_does_not_resolve_is_not_sent(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    with pytest.raises(NotSent) as caught:
        await client(session, "http://nowhere.example").create(ON_TASKS)
    assert caught.value.code == "ClientConnectorDNSError"


async def test_an_address_that_is_none_is_not_sent(session: aiohttp.ClientSession) -> None:
    with pytest.raises(NotSent) as caught:
        await client(session, "http://127.1:9").create(ON_TASKS)
    assert caught.value.code == "InvalidUrlClientError"


async def test_a_tls_handshake_with_something_else_is_not_sent(
    session: aiohttp.ClientSession,
) -> None:
    async def speak_plainly(talk: Talk) -> None:
        await talk.reader.read(1)
        talk.say(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    async with serving(speak_plainly) as server:
        with pytest.raises(NotSent) as caught:
            await client(session, f"https://127.0.0.1:{server.port}").create(ON_TASKS)
    assert caught.value.code == "ClientConnectorSSLError"


async def test_a_reset_during_the_tls_handshake_is_not_sent(
    session: aiohttp.ClientSession,
) -> None:
    async def reset(talk: Talk) -> None:
        await talk.reader.read(1)
        talk.reset()

    async with serving(reset) as server:
        with pytest.raises(NotSent):
            await client(session, f"https://127.0.0.1:{server.port}").create(ON_TASKS)


async def test_a_handshake_that_stalls_is_not_sent(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stall(talk: Talk) -> None:
        await talk.reader.read()

    monkeypatch.setattr("seedance.client.CONNECT_TIMEOUT", SOON)
    async with serving(stall) as server:
        with pytest.raises(NotSent) as caught:
            await client(session, f"https://127.0.0.1:{server.port}").create(ON_TASKS)
    assert caught.value.code == "ConnectionTimeoutError"


async def test_a_proxy_that_opens_no_tunnel_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(talk: Talk) -> None:
        await talk.listen()
        talk.answer(407)

    async with serving(refuse) as proxy, aiohttp.ClientSession(trust_env=True) as session:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "")
        with pytest.raises(NotSent) as caught:
            await client(session, "https://api.example").create(ON_TASKS)
    assert caught.value.code == "ClientHttpProxyError"
    assert KEY.encode() not in proxy.talks[0].head


async def close_unread(talk: Talk) -> None:
    talk.writer.close()


async def reset_unread(talk: Talk) -> None:
    talk.reset()


async def reset_once_read(talk: Talk) -> None:
    await talk.listen()
    talk.reset()


async def close_once_read(talk: Talk) -> None:
    await talk.listen()


async def reset_amid_the_answer(talk: Talk) -> None:
    await talk.listen()
    talk.say(b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"id": ')
    await talk.writer.drain()
    talk.reset()


async def cut_the_answer(talk: Talk) -> None:
    await talk.listen()
    body = answers.body(answers.TOP_LEVEL)
    talk.say(b"HTTP/1.1 400 No\r\nContent-Length: 90\r\n\r\n" + body)


async def cut_the_json(talk: Talk) -> None:
    await talk.listen()
    talk.answer(200, b'{"id": "task_abc')


async def talk_nonsense(talk: Talk) -> None:
    await talk.listen()
    talk.say(b"\x00\x01 nonsense\r\n\r\n")


async def answer_endlessly(talk: Talk) -> None:
    await talk.listen()
    talk.say(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        talk.say(b" " * 65536)
        await talk.writer.drain()


@pytest.mark.parametrize(
    "behaviour",
    [
        close_unread,
        reset_unread,
        reset_once_read,
        close_once_read,
        reset_amid_the_answer,
        cut_the_answer,
        cut_the_json,
        talk_nonsense,
        answer_endlessly,
        answering(502, answers.HTML),
        answering(307, b"", Location="/elsewhere"),
    ],
)
async def test_whatever_goes_wrong_once_connected_is_ambiguous_and_sent_once(
    session: aiohttp.ClientSession, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedance.client.LARGEST_ANSWER", 200_000)
    async with serving(behaviour) as server:
        with pytest.raises(Ambiguous):
            await client(session, server.url).create(ON_TASKS)
        assert len(server.talks) == 1


async def test_an_answer_that_never_comes_is_ambiguous(session: aiohttp.ClientSession) -> None:
    async def stall(talk: Talk) -> None:
        await talk.reader.read()

    async with serving(stall) as server:
        one = Client(session, base_url=server.url, key=KEY, create_timeout=SOON)
        with pytest.raises(Ambiguous) as caught:
            await one.create(ON_TASKS)
        assert caught.value.code == "TimeoutError"
        assert len(server.talks) == 1


@pytest.mark.parametrize(
    ("status", "document", "kind"),
    [
        (400, answers.ark_error("InputTextSensitiveContentDetected"), Refused),
        (429, answers.RPM, RateLimited),
        (503, answers.NO_CHANNEL, ModelGone),
        (500, answers.INVALID_REQUEST, Ambiguous),
    ],
)
async def test_the_answers_meaning_is_the_protocols(
    session: aiohttp.ClientSession, status: int, document: object, kind: type[SeedanceError]
) -> None:
    with pytest.raises(kind):
        await create(session, answering(status, document))


async def test_a_body_labelled_as_compressed_is_read_as_it_is(
    session: aiohttp.ClientSession,
) -> None:
    behaviour = answering(200, answers.CREATED_TASKS, Content_Encoding="gzip")
    assert (await create(session, behaviour))[0] == "021773297205999example"


async def test_neither_key_nor_prompt_is_logged_or_kept(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    prompt = " ".join([PROMPT] * 20)
    message = f"{KEY} may not draw {prompt} at https://x.example/a?sig=1"
    answer = answering(400, answers.gateway_error("", message))
    caplog.set_level(logging.DEBUG)
    with pytest.raises(BadInput) as caught:
        await create(session, answer, replace(ON_TASKS, prompt=prompt))
    assert caught.value.detail == (
        "[redacted] may not draw [redacted] at https://x.example/a?[signature]"
    )
    assert "answered 400" in caplog.text
    for secret in (KEY, "paper boat", "sig=1"):
        assert secret not in caplog.text
        assert secret not in repr(caught.value)


# --- query --------------------------------------------------------------------------------------


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
    async def stall(talk: Talk) -> None:
        await talk.reader.read()

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
