"""Fetch the pictures that members attach, from Discord and from nowhere else."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import aiohttp
import discord
from yarl import URL

from render.errors import FrameFault, FrameRefused
from render.frames import MAX_BYTES
from storage.records import FrameRole

HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
TIMEOUT: Final = timedelta(seconds=60)


class Uploads:
    """Read attachments on a session that is passed in; `api_url` is DISCORD_API_URL, if set."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str | None) -> None:
        self._session = session
        self._own_origin = URL(api_url).origin() if api_url else None

    async def fetch(self, attachment: discord.Attachment, role: FrameRole) -> bytes:
        """Return the bytes at once, because the link soon dies; raise FrameRefused."""
        if attachment.size >= MAX_BYTES:
            raise FrameRefused(role=role, fault=FrameFault.TOO_HEAVY, size_bytes=attachment.size)
        try:
            data = await self._read(URL(attachment.url))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise FrameRefused(role=role, fault=FrameFault.GONE) from error
        if len(data) >= MAX_BYTES:
            raise FrameRefused(role=role, fault=FrameFault.TOO_HEAVY)
        return data

    async def _read(self, url: URL) -> bytes:
        if not self._is_discords(url):
            raise ValueError(url.host)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT.total_seconds())
        async with self._session.get(url, allow_redirects=False, timeout=timeout) as response:
            if response.status != 200:
                raise ValueError(response.status)
            data = bytearray()
            async for chunk in response.content.iter_chunked(65536):
                data += chunk
                if len(data) >= MAX_BYTES:
                    break
            return bytes(data)

    def _is_discords(self, url: URL) -> bool:
        if self._own_origin is not None and url.origin() == self._own_origin:
            return True
        return url.scheme == "https" and url.host in HOSTS and url.explicit_port in {None, 443}
