from __future__ import annotations

import asyncio
import json
import logging
import socket
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest

from seedance import (
    Ambiguous,
    BadInput,
    Client,
    FrameImage,
    FrameRole,
    ModelGone,
    NotSent,
    RateLimited,
    Refused,
    SeedanceError,
    Submission,
    offers,
)
from tests.seedance import answers
from tests.seedance.servers import (
    Behaviour,
    Server,
    Talk,
    answer_endlessly,
    answering,
    close_once_read,
    close_unread,
    cut_the_answer,
    cut_the_json,
    free_port,
    reset_amid_the_answer,
    reset_once_read,
    reset_unread,
    serving,
    stall,
    talk_nonsense,
)

KEY = "sk-0123456789abcdef"
PROMPT = "A paper boat drifts on a quiet lake at sunrise."
PRO, NEWEST, *_ = offers([], None)
ON_TASKS = Submission(offer=PRO, prompt=PROMPT, duration_seconds=5, resolution="720p", ratio="16:9")
ON_VIDEOS = replace(ON_TASKS, offer=NEWEST)
SOON = timedelta(milliseconds=40)


def client(session: aiohttp.ClientSession, url: str) -> Client:
    return Client(session, base_url=url, key=KEY)


async def create(
    session: aiohttp.ClientSession, behaviour: Behaviour, submission: Submission = ON_TASKS
) -> tuple[str, Server]:
    async with serving(behaviour) as server:
        return await client(session, server.url).create(submission), server


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
