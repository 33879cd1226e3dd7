"""The way of a request through the stand-in: read, perhaps made to fail, acted on, answered."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web

from sandbox.discord.faults import Fault, When
from sandbox.discord.posting import Part
from sandbox.discord.refusals import Refusal
from sandbox.discord.rest import Call
from sandbox.discord.spec import Exchange

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.discord.rest import Handler
    from sandbox.discord.wire import Json
    from sandbox.discord.world import World

API = "/api/v10"
# These carry a token of their own in the path.
WITHOUT_AUTHORIZATION = re.compile(r"/(interactions|webhooks)/.*|/gateway")
# Everything that comes from behind the proxy has it; what the proxy itself says has not.
VIA = {"Via": "1.1 google"}
# Generous, since real limits are not ours to guess; clients only need to see the headers.
RATE_LIMIT = {
    "X-RateLimit-Limit": "1000",
    "X-RateLimit-Remaining": "999",
    "X-RateLimit-Reset-After": "1.000",
} | VIA


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back: a status and JSON, bytes or nothing."""

    status: int = 200
    content: object = None
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def response(self) -> web.Response:
        """Write it. The type is exactly `application/json`, as discord.py demands."""
        headers = dict(self.headers)
        if isinstance(self.content, bytes):
            return web.Response(body=self.content, status=self.status, headers=headers)
        if self.content is None:
            return web.Response(status=self.status, headers=headers)
        body = json.dumps(self.content).encode()
        headers["Content-Type"] = "application/json"
        return web.Response(body=body, status=self.status, headers=headers)


class Faults:
    """The faults that wait for their requests."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, int | None]] = []

    def add(self, fault: Fault) -> None:
        """Let it happen from now on."""
        self._waiting.append((fault, fault.times))

    def clear(self) -> None:
        """Forget what is left."""
        self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Give the fault for this request, the oldest first, and count it."""
        for index, (fault, left) in enumerate(self._waiting):
            if fault.matches(method, path):
                if left == 1:
                    del self._waiting[index]
                elif left is not None:
                    self._waiting[index] = (fault, left - 1)
                return fault
        return None


class Listener:
    """Answer requests, and keep a record of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()
        self.exchanges: list[Exchange] = []
        # Requests that nobody here could make sense of.
        self.complaints: list[str] = []

    def api(self, handler: Handler | None) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Make an aiohttp handler for one route of the API (None: there is no such route)."""

        async def handle(request: web.Request) -> web.Response:
            path = request.path.removeprefix(API)
            body, files = await _read(request)
            call = Call(
                world=self.world,
                arguments=request.match_info,
                query=request.query,
                body=body,
                files=files,
            )

            def act() -> Answer:
                return self._act(handler, call, request, path)

            return await self._answer(request, path, body, act)

        return handle

    async def file(self, request: web.Request) -> web.Response:
        """Hand out a file of the CDN."""

        def act() -> Answer:
            file = self.world.cdn.read(request.path, request.query)
            if file is None:
                return Answer(status=404, content=b"This content is no longer available.")
            kind = file.content_type or "application/octet-stream"
            return Answer(content=file.data, headers={"Content-Type": kind})

        return await self._answer(request, request.path, None, act)

    async def _answer(
        self, request: web.Request, path: str, body: object, act: Callable[[], Answer]
    ) -> web.Response:
        fault = self.faults.take(request.method, path)
        if fault is None:
            answer = act()
        else:
            answer = await _fail(fault, act)
        dropped = fault is not None and fault.reset
        self._record(request.method, path, body, answer, dropped=dropped)
        if dropped:
            _reset(request)
        return answer.response()

    def _record(
        self, method: str, path: str, body: object, answer: Answer, *, dropped: bool
    ) -> None:
        content = None if isinstance(answer.content, bytes) else answer.content
        status = 0 if dropped else answer.status
        self.exchanges.append(
            Exchange(method=method, path=path, status=status, body=body, answer=content)
        )
        self.world.changed()

    def _act(self, handler: Handler | None, call: Call, request: web.Request, path: str) -> Answer:
        authorization = request.headers.get("Authorization")
        wanted = f"Bot {self.world.token}"
        if authorization != wanted and not WITHOUT_AUTHORIZATION.fullmatch(path):
            return Answer(status=401, content={"message": "401: Unauthorized", "code": 0})
        where = f"{request.method} {path}"
        try:
            if handler is None:
                self.complaints.append(f"{where}: no such route here")
                raise Refusal(0)
            if call.body is BROKEN:
                raise Refusal(50109)
            content = handler(call)
        except Refusal as refusal:
            return Answer(status=refusal.status, content=refusal.body(), headers=RATE_LIMIT)
        except Exception as error:
            self.complaints.append(f"{where}: {error!r}")
            raise
        return Answer(status=204 if content is None else 200, content=content, headers=RATE_LIMIT)


async def _fail(fault: Fault, act: Callable[[], Answer]) -> Answer:
    """Do what the fault says, and what the request asks for before, after or not at all."""
    fails = fault.reset or fault.status is not None
    answer = act() if fault.when is When.AFTER else None
    await asyncio.sleep(fault.delay_seconds)
    if not fails:
        return answer or act()
    body: Json = {"message": fault.message, "code": fault.code}
    headers = dict(VIA) if fault.via else {}
    if fault.status == 429:
        body |= {"retry_after": fault.retry_after, "global": False}
        headers["Retry-After"] = str(fault.retry_after)
    return Answer(status=fault.status or 500, content=body, headers=headers)


def _reset(request: web.Request) -> None:
    """Drop the connection the hard way: RST, which clients see as ECONNRESET."""
    if request.transport is None:
        return
    connection: socket.socket | None = request.transport.get_extra_info("socket")
    if connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()


BROKEN = object()


async def _read(request: web.Request) -> tuple[Any, dict[int, Part]]:
    """Read JSON, or `payload_json` and `files[n]`; BROKEN stands for what is no JSON."""
    try:
        if request.content_type.startswith("multipart/"):
            return await _read_multipart(request)
        text = await request.text()
        return (json.loads(text) if text else None), {}
    except ValueError:
        return BROKEN, {}


async def _read_multipart(request: web.Request) -> tuple[Any, dict[int, Part]]:
    body: Any = {}
    files: dict[int, Part] = {}
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise ValueError("nested multipart")
        data = await part.read(decode=True)
        name = part.name or ""
        if name == "payload_json":
            body = json.loads(data)
        elif found := re.fullmatch(r"files\[(\d+)\]", name):
            files[int(found[1])] = Part(
                filename=part.filename or "unknown",
                data=bytes(data),
                content_type=part.headers.get("Content-Type"),
            )
    return body, files
