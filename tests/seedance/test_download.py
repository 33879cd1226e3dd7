from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from seedance import (
    DownloadFailed,
    LinkDead,
    NotAVideo,
    ProviderBroken,
    RateLimited,
    SeedanceError,
    TooLarge,
    UnsafeAddress,
)
from seedance.download import LookUp, stream
from tests.seedance import answers
from tests.seedance.servers import Server, Talk, free_port, serving

FILM = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00" + bytes(200_000)
CERTIFICATE = Path(__file__).with_name("clips.example.pem")
SOON = timedelta(milliseconds=40)
LONG = timedelta(seconds=30)


@pytest_asyncio.fixture(name="session")
async def make_session() -> AsyncIterator[aiohttp.ClientSession]:
    trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as session:
        yield session


async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    *,
    own: str = "https://api.example",
    cap: int = 10**6,
    idle: timedelta = LONG,
    total: timedelta = LONG,
) -> bytes:
    parts = stream(
        session, url, own_origin=own, max_bytes=cap, idle_timeout=idle, total_timeout=total
    )
    return b"".join([part async for part in parts])


async def give_film(talk: Talk) -> None:
    await talk.listen()
    talk.answer(200, FILM)


async def test_a_video_of_the_providers_own_origin_arrives_whole(
    session: aiohttp.ClientSession,
) -> None:
    async with serving(give_film) as server:
        path = "/a%2Fb.mp4?X-Sig=a%2Bb%7E&n=%41"
        assert await fetch(session, server.url + path, own=server.url + "/base/path") == FILM
        assert server.talks[0].target == path
        assert server.talks[0].header("accept-encoding") == "identity"
        assert server.talks[0].header("authorization") is None


async def test_a_download_that_is_closed_early_lets_go_of_the_connection(
    session: aiohttp.ClientSession,
) -> None:
    async with serving(give_film) as server:
        parts = stream(session, server.url, own_origin=server.url, max_bytes=10**6)
        async with aclosing(parts):
            assert (await anext(parts)).startswith(FILM[:12])
        assert not session.connector._acquired  # pyright: ignore


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, LinkDead),
        (404, LinkDead),
        (410, LinkDead),
        (429, RateLimited),
        (500, ProviderBroken),
        (503, ProviderBroken),
        (204, DownloadFailed),
        (206, DownloadFailed),
        (304, DownloadFailed),
        (401, DownloadFailed),
    ],
)
async def test_a_status_says_what_became_of_the_link(
    session: aiohttp.ClientSession, status: int, kind: type[SeedanceError]
) -> None:
    async def refuse(talk: Talk) -> None:
        await talk.listen()
        talk.answer(status, Retry_After="5")

    async with serving(refuse) as server:
        with pytest.raises(SeedanceError) as caught:
            await fetch(session, server.url, own=server.url)
    assert type(caught.value) is kind
    assert caught.value.status == status
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == timedelta(seconds=5)


@pytest.mark.parametrize("body", [answers.HTML, b"", b"\x00\x00\x00\x18fty", FILM[4:]])
async def test_what_does_not_begin_like_an_mp4_is_not_a_video(
    session: aiohttp.ClientSession, body: bytes
) -> None:
    async def give(talk: Talk) -> None:
        await talk.listen()
        talk.answer(200, body, Content_Type="video/mp4")

    async with serving(give) as server:
        with pytest.raises(NotAVideo):
            await fetch(session, server.url, own=server.url)


async def test_an_announced_size_over_the_cap_is_not_even_begun(
    session: aiohttp.ClientSession,
) -> None:
    async with serving(give_film) as server:
        assert await fetch(session, server.url, own=server.url, cap=len(FILM)) == FILM
        with pytest.raises(TooLarge) as caught:
            await fetch(session, server.url, own=server.url, cap=len(FILM) - 1)
    assert caught.value.code == "ContentLength"


async def test_a_body_that_never_ends_is_cut_at_the_cap(session: aiohttp.ClientSession) -> None:
    async def pour(talk: Talk) -> None:
        await talk.listen()
        talk.say(b"HTTP/1.1 200 OK\r\n\r\n" + FILM)
        while True:
            talk.say(bytes(65536))
            await talk.writer.drain()

    async with serving(pour) as server:
        with pytest.raises(TooLarge) as caught:
            await fetch(session, server.url, own=server.url)
    assert caught.value.code == "TooManyBytes"


async def test_a_body_that_drips_for_ever_ends_with_the_total_time(
    session: aiohttp.ClientSession,
) -> None:
    async def drip(talk: Talk) -> None:
        await talk.listen()
        talk.say(b"HTTP/1.1 200 OK\r\n\r\n" + FILM[:16])
        while True:
            talk.say(b"\x00")
            await asyncio.sleep(0.005)

    async with serving(drip) as server:
        with pytest.raises(ProviderBroken) as caught:
            await fetch(session, server.url, own=server.url, total=SOON)
    assert caught.value.code == "TimeoutError"


async def test_a_body_that_stalls_ends_with_the_idle_time(session: aiohttp.ClientSession) -> None:
    async def stall(talk: Talk) -> None:
        await talk.listen()
        talk.say(b"HTTP/1.1 200 OK\r\n\r\n" + FILM[:16])
        await talk.reader.read()

    async with serving(stall) as server:
        with pytest.raises(ProviderBroken) as caught:
            await fetch(session, server.url, own=server.url, idle=SOON)
    assert caught.value.code == "SocketTimeoutError"


@pytest.mark.parametrize("sent", [FILM[:6], FILM[:100_000]])
async def test_a_body_that_ends_early_is_not_taken_for_the_video(
    session: aiohttp.ClientSession, sent: bytes
) -> None:
    async def cut(talk: Talk) -> None:
        await talk.listen()
        talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(FILM) + sent)

    async with serving(cut) as server:
        with pytest.raises(ProviderBroken) as caught:
            await fetch(session, server.url, own=server.url)
    assert caught.value.code == "ClientPayloadError"


async def test_a_server_that_is_not_there_is_a_broken_provider(
    session: aiohttp.ClientSession,
) -> None:
    url = f"http://127.0.0.1:{await free_port()}"
    with pytest.raises(ProviderBroken):
        await fetch(session, url, own=url)


# --- where a link may lead ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://example.com/a.mp4", UnsafeAddress),
        ("https://127.0.0.1/a.mp4", UnsafeAddress),
        ("https://127.1/a.mp4", UnsafeAddress),
        ("https://[::1]/a.mp4", UnsafeAddress),
        ("https://[::ffff:127.0.0.1]/a.mp4", UnsafeAddress),
        ("https://localhost/a.mp4", UnsafeAddress),
        ("https://169.254.169.254/latest/meta-data", UnsafeAddress),
        ("https://me:secret@1.1.1.1/a.mp4", UnsafeAddress),
        ("ftp://example.com/a.mp4", DownloadFailed),
        ("file:///etc/passwd", DownloadFailed),
        ("https:///a.mp4", DownloadFailed),
        ("https://example.com:99999/a.mp4", DownloadFailed),
        ("https://[::1/a.mp4", DownloadFailed),
        ("https://exa mple.com/", DownloadFailed),
        ("https://example.com/\r\nX: y", DownloadFailed),
        ("/a.mp4", DownloadFailed),
        ("", DownloadFailed),
    ],
)
async def test_a_link_that_leads_elsewhere_is_not_followed(
    session: aiohttp.ClientSession, url: str, kind: type[SeedanceError]
) -> None:
    with pytest.raises(SeedanceError) as caught:
        await fetch(session, url)
    assert type(caught.value) is kind


async def redirect_from(session: aiohttp.ClientSession, location: str | None) -> Server:
    async def answer(talk: Talk) -> None:
        await talk.listen()
        if talk.target == "/final.mp4":
            talk.answer(200, FILM)
        else:
            headers = {"Location": location} if location is not None else {}
            talk.answer(302, b"", **headers)

    async with serving(answer) as server:
        await fetch(session, server.url + "/start", own=server.url)
    return server


async def test_a_redirect_within_the_origin_is_followed(session: aiohttp.ClientSession) -> None:
    server = await redirect_from(session, "final.mp4")
    assert [talk.target for talk in server.talks] == ["/start", "/final.mp4"]


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("https://10.0.0.1/a.mp4", UnsafeAddress),
        ("https://169.254.169.254/", UnsafeAddress),
        ("https://localhost/a.mp4", UnsafeAddress),
        ("http://example.com/a.mp4", UnsafeAddress),
        ("//127.0.0.1:1/a.mp4", UnsafeAddress),
        ("https://me@example.com/a.mp4", UnsafeAddress),
        ("file:///etc/passwd", DownloadFailed),
        ("https://[", DownloadFailed),
        (None, DownloadFailed),
        ("/start", DownloadFailed),
    ],
)
async def test_a_redirect_is_checked_like_the_link_itself(
    session: aiohttp.ClientSession, location: str | None, kind: type[SeedanceError]
) -> None:
    with pytest.raises(SeedanceError) as caught:
        await redirect_from(session, location)
    assert type(caught.value) is kind


async def test_the_redirects_of_a_loop_come_to_an_end(session: aiohttp.ClientSession) -> None:
    with pytest.raises(DownloadFailed) as caught:
        await redirect_from(session, "/start")
    assert caught.value.code == "TooManyRedirects"


# --- the pinned address -------------------------------------------------------------------------


def looking_up(*addresses: str) -> LookUp:
    async def look_up(host: str, port: int) -> tuple[str, ...]:
        del host, port
        return addresses

    return look_up


async def fetch_pinned(session: aiohttp.ClientSession, url: str, look_up: LookUp) -> bytes:
    parts = stream(session, url, own_origin="https://api.example", max_bytes=10**6, look_up=look_up)
    return b"".join([part async for part in parts])


def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


async def test_the_checked_address_is_connected_to_under_the_links_name(
    session: aiohttp.ClientSession,
) -> None:
    async with serving(give_film, tls()) as server:
        url = f"https://clips.example:{server.port}/a%2Fb.mp4?sig=%2B"
        assert await fetch_pinned(session, url, looking_up("127.0.0.1")) == FILM
        (talk,) = server.talks
        assert talk.header("host") == f"clips.example:{server.port}"
        assert talk.target == "/a%2Fb.mp4?sig=%2B"


async def test_the_next_address_is_tried_when_the_first_is_dead(
    session: aiohttp.ClientSession,
) -> None:
    async with serving(give_film, tls()) as server:
        url = f"https://clips.example:{server.port}/a.mp4"
        assert await fetch_pinned(session, url, looking_up("127.0.0.2", "127.0.0.1")) == FILM


async def test_the_certificate_must_be_that_of_the_links_name(
    session: aiohttp.ClientSession,
) -> None:
    async with serving(give_film, tls()) as server:
        url = f"https://other.example:{server.port}/a.mp4"
        with pytest.raises(ProviderBroken) as caught:
            await fetch_pinned(session, url, looking_up("127.0.0.1"))
    assert caught.value.code == "ClientConnectorCertificateError"


async def test_a_name_that_does_not_resolve_may_resolve_later(
    session: aiohttp.ClientSession,
) -> None:
    async def look_up(host: str, port: int) -> tuple[str, ...]:
        raise OSError(host, port)

    with pytest.raises(ProviderBroken):
        await fetch_pinned(session, "https://clips.example/a.mp4", look_up)
