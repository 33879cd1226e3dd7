"""Pictures come from Discord's own servers, whole and not too heavy, or not at all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cogs.ui.uploads import Uploads
from render.errors import FrameFault, FrameRefused
from render.frames import MAX_BYTES
from storage.records import FrameRole


async def serve(request: web.Request) -> web.StreamResponse:
    if request.path == "/away":
        raise web.HTTPFound("/picture")
    if request.path == "/heavy":
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(MAX_BYTES // 1_000_000 + 1):
            await response.write(bytes(1_000_000))
        return response
    return web.Response(body=b"picture")


def attachment(url: str, size: int = 7) -> Any:  # noqa: ANN401 - stands for discord.Attachment
    return SimpleNamespace(url=url, size=size)


async def fetched(path: str, *, own: bool = True) -> bytes:
    application = web.Application()
    application.router.add_get("/{path}", serve)
    async with TestServer(application) as server, aiohttp.ClientSession() as session:
        api_url = str(server.make_url("/api/v10")) if own else None
        uploads = Uploads(session, api_url)
        return await uploads.fetch(attachment(str(server.make_url(path))), FrameRole.FIRST)


async def test_the_origin_of_discord_api_url_counts_as_discords() -> None:
    assert await fetched("/picture") == b"picture"


@pytest.mark.parametrize(("path", "own"), [("/picture", False), ("/away", True)])
async def test_other_addresses_and_redirects_are_not_followed(path: str, own: bool) -> None:
    with pytest.raises(FrameRefused) as refused:
        await fetched(path, own=own)
    assert refused.value.fault is FrameFault.GONE


async def test_a_picture_heavier_than_announced_is_let_go() -> None:
    with pytest.raises(FrameRefused) as refused:
        await fetched("/heavy")
    assert refused.value.fault is FrameFault.TOO_HEAVY


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com.evil.example/a.png",
        "https://cdn.discordapp.com:8443/a.png",
        "https://169.254.169.254/a.png",
        "file:///etc/passwd",
    ],
)
async def test_what_only_looks_like_discord_is_not_asked(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(FrameRefused):
            await Uploads(session, None).fetch(attachment(url), FrameRole.FIRST)
