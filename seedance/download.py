"""Fetch a result from wherever the provider says it is, and from nowhere else.

A link comes from outside, so it may only lead to the public internet over https, or to the
provider's own origin (the sandbox's is http on loopback). Each redirect is checked again, the
address that was checked is the address that is connected to, and no key is ever sent.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import aiohttp
from yarl import URL

from seedance.addresses import public_addresses
from seedance.errors import (
    DownloadFailed,
    LinkDead,
    NotAVideo,
    ProviderBroken,
    RateLimited,
    TooLarge,
    UnsafeAddress,
)
from seedance.faults import retry_after

IDLE_TIMEOUT = timedelta(seconds=30)
TOTAL_TIMEOUT = timedelta(minutes=10)
CONNECT_TIMEOUT = timedelta(seconds=15)
MOST_REDIRECTS = 5
CHUNK_BYTES = 65536
MAGIC_BYTES = 12  # size, `ftyp` and brand: the first box of every MP4 and MOV

_WELL_FORMED = re.compile(r"[!-~]{1,8000}")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DEAD = frozenset({403, 404, 410})
_TROUBLE = (aiohttp.ClientError, TimeoutError, OSError)

LookUp = Callable[[str, int], Awaitable[tuple[str, ...]]]


async def stream(
    session: aiohttp.ClientSession,
    url: str,
    *,
    own_origin: str,
    max_bytes: int,
    idle_timeout: timedelta = IDLE_TIMEOUT,
    total_timeout: timedelta = TOTAL_TIMEOUT,
    look_up: LookUp = public_addresses,
) -> AsyncGenerator[bytes, None]:
    """Yield the video's bytes; close the generator (`aclosing`) when you stop early.

    `own_origin` is any address of the provider's origin. Nothing is yielded before the content
    is known to begin like an MP4. Raises DownloadFailed and its kinds, RateLimited, and
    ProviderBroken for what may pass: 5xx, network, timeouts, a body that ends early.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + total_timeout.total_seconds()
    origin = URL(own_origin).origin()
    link = _read_link(url)
    try:
        for _ in range(MOST_REDIRECTS + 1):
            limits = aiohttp.ClientTimeout(
                total=max(deadline - loop.time(), 0.001),  # 0 would mean for ever
                sock_connect=CONNECT_TIMEOUT.total_seconds(),
                sock_read=idle_timeout.total_seconds(),
            )
            async with await _open(session, link, origin, look_up, limits) as response:
                if response.status in _REDIRECTS:
                    link = _read_link(response.headers.get("Location", ""), base=link)
                    continue
                _check_answer(response, max_bytes)
                received = 0
                async for chunk in _video_chunks(response.content):
                    received += len(chunk)
                    if received > max_bytes:
                        raise TooLarge(code="TooManyBytes")
                    yield chunk
                return
    except _TROUBLE as error:
        raise ProviderBroken(code=type(error).__name__) from error
    raise DownloadFailed(code="TooManyRedirects")


async def _video_chunks(content: aiohttp.StreamReader) -> AsyncGenerator[bytes, None]:
    try:
        head = await content.readexactly(MAGIC_BYTES)
    except asyncio.IncompleteReadError as error:
        raise NotAVideo(code="TooShort") from error
    if head[4:8] != b"ftyp":
        raise NotAVideo(code="NotMp4")
    yield head
    async for chunk in content.iter_chunked(CHUNK_BYTES):
        yield chunk


async def _open(
    session: aiohttp.ClientSession,
    link: URL,
    origin: URL,
    look_up: LookUp,
    limits: aiohttp.ClientTimeout,
) -> aiohttp.ClientResponse:
    """Connect to the origin by name, to all others by an address that was checked."""

    async def get(url: URL, server_hostname: str | None = None) -> aiohttp.ClientResponse:
        return await session.get(
            url,
            headers={"Host": link.host_port_subcomponent or "", "Accept-Encoding": "identity"},
            server_hostname=server_hostname,  # the certificate is checked against the name
            allow_redirects=False,
            auto_decompress=False,
            timeout=limits,
        )

    if link.origin() == origin:
        return await get(link)
    if link.scheme != "https":
        raise UnsafeAddress(code="NotHttps")
    host = link.raw_host or ""
    *others, last = await look_up(host, link.port or 443)
    for address in others:
        with suppress(aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return await get(link.with_host(address), host)
    return await get(link.with_host(last), host)


def _read_link(text: str, base: URL | None = None) -> URL:
    """Return the link unchanged, escapes and all, because it is signed."""
    try:
        link = URL(text, encoded=True)
        link = base.join(link) if base else link
        well_formed = bool(_WELL_FORMED.fullmatch(text) and link.raw_host and link.port)
    except ValueError:
        well_formed = False
        link = URL()
    if not well_formed or link.scheme not in {"http", "https"}:
        raise DownloadFailed(code="BadLink")
    if link.user is not None or link.password is not None:
        raise UnsafeAddress(code="CredentialsInLink")
    return link


def _check_answer(response: aiohttp.ClientResponse, max_bytes: int) -> None:
    status = response.status
    if status in _DEAD:
        raise LinkDead(status=status)
    if status == 429:
        raise RateLimited(retry_after(response.headers), status=status)
    if status >= 500:
        raise ProviderBroken(status=status)
    if status != 200:
        raise DownloadFailed(status=status)
    if (response.content_length or 0) > max_bytes:
        raise TooLarge(status=status, code="ContentLength")
