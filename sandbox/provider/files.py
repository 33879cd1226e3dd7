"""The finished videos, behind links that look signed and run out."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from sandbox.provider.faults import Fault

if TYPE_CHECKING:
    from sandbox.provider.faults import Planned
    from sandbox.provider.task import Task

HTML_PAGE = "<!doctype html><title>Sign in</title><h1>Please sign in</h1>"
FORBIDDEN = "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"
CHUNK = bytes(64 * 1024)


@dataclass(slots=True, kw_only=True)
class Files:
    """Sign links, and serve what they name."""

    link_seconds: float = 24 * 3600
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def link(self, origin: str, task: Task, kind: str = "mp4") -> str:
        """Return the link to a video, or to its last frame, a `png`.

        It runs out `link_seconds` after the video was made.
        """
        expires = int(task.updated_at + self.link_seconds)
        query = {"Expires": expires, "Signature": self._signature(task.id, expires)}
        return f"{origin}/files/{task.id}.{kind}?{urlencode(query)}"

    def allows(self, task_id: str, query: dict[str, str]) -> bool:
        """Tell whether a link is one of ours and still valid."""
        expires = query.get("Expires", "")
        if not expires.isdecimal() or int(expires) <= time.time():
            return False
        return hmac.compare_digest(
            query.get("Signature", ""), self._signature(task_id, int(expires))
        )

    def _signature(self, task_id: str, expires: int) -> str:
        return hmac.new(self._secret, f"{task_id}:{expires}".encode(), hashlib.sha256).hexdigest()


def forbidden() -> web.Response:
    """Answer as an object store does when a link is not valid."""
    return web.Response(status=403, text=FORBIDDEN, content_type="application/xml")


def video(film: bytes) -> web.Response:
    """Answer with a video."""
    return web.Response(body=film, content_type="video/mp4")


async def spoiled(
    request: web.Request, planned: Planned, film: bytes, inside: str
) -> web.StreamResponse:
    """Answer with anything but the video; `inside` is an address that nobody should follow."""
    if planned.fault is Fault.VIDEO_FORBIDDEN:
        return forbidden()
    if planned.fault is Fault.VIDEO_LEADS_INSIDE:
        return web.Response(status=302, headers={"Location": inside})
    if planned.fault is Fault.VIDEO_IS_HTML:
        return web.Response(text=HTML_PAGE, content_type="text/html")
    response = web.StreamResponse(headers={"Content-Type": "video/mp4"})
    await response.prepare(request)
    await response.write(film[: len(film) // 2])
    while planned.fault is Fault.VIDEO_NEVER_ENDS:
        await response.write(CHUNK)
    await asyncio.get_running_loop().create_future()  # silence, until the other side gives up
    return response
