"""A small CometAPI that answers as it is told, and remembers what it was paid for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 400
ROUTE = "/volc/v3/contents/generations/tasks"

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Provider:
    """Create a task on every create, unless an answer was put before it."""

    def __init__(self) -> None:
        self.creates: list[dict[str, Any]] = []
        self.tasks: dict[str, dict[str, Any]] = {}
        self.queries = 0
        # The key of each query.
        self.keys: list[str] = []
        self.downloads = 0
        # Answers for the next creates, queries and downloads; then all goes well again.
        self.on_create: deque[Answer] = deque()
        self.on_query: deque[Answer] = deque()
        self.on_download: deque[Answer] = deque()
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_post(ROUTE, self._create)
        application.router.add_get(ROUTE + "/{task}", self._query)
        application.router.add_get("/films/{task}.mp4", self._download)
        self._server = TestServer(application)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def base_url(self) -> str:
        return str(self._server.make_url("")).rstrip("/")

    def make_task(self) -> str:
        task_id = f"task-{len(self.tasks) + 1}"
        self.tasks[task_id] = {"id": task_id, "status": "running"}
        return task_id

    def finish(self, task_id: str = "task-1", **changes: object) -> None:
        """Let a task succeed, or end otherwise as the changes say."""
        self.tasks[task_id] |= {
            "status": "succeeded",
            "content": {"video_url": f"{self.base_url}/films/{task_id}.mp4"},
            **changes,
        }

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self.creates.append(await request.json())
        if self.on_create:
            return await self.on_create.popleft()(request)
        return web.json_response({"id": self.make_task()})

    async def _query(self, request: web.Request) -> web.StreamResponse:
        self.queries += 1
        self.keys.append(request.headers["Authorization"].removeprefix("Bearer "))
        if self.on_query:
            return await self.on_query.popleft()(request)
        task = self.tasks.get(request.match_info["task"])
        return web.json_response(task or {"message": "task_not_exist"}, status=200 if task else 400)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        self.downloads += 1
        if self.on_download:
            return await self.on_download.popleft()(request)
        return web.Response(body=VIDEO, content_type="video/mp4")

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """Break the connection; nothing was made."""
        assert request.transport
        request.transport.abort()
        return web.Response()

    async def create_and_reset(self, request: web.Request) -> web.StreamResponse:
        """Make the task, and break the connection before saying so."""
        self.make_task()
        return await self.reset(request)

    async def create_and_tear(self, request: web.Request) -> web.StreamResponse:
        """Make the task, and send half of the JSON."""
        return web.Response(body=f'{{"id": "{self.make_task()}'.encode())

    async def never(self, request: web.Request) -> web.StreamResponse:
        """Make the task, and never answer."""
        self.make_task()
        await asyncio.Event().wait()
        return web.Response()

    async def endless(self, request: web.Request) -> web.StreamResponse:
        """Send a video that does not end."""
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(VIDEO)
        while True:
            await response.write(bytes(65536))


def error(status: int, code: str, message: str = "no", **headers: str) -> Answer:
    """Answer with the provider's own error body."""

    async def answer(request: web.Request) -> web.StreamResponse:
        body = {"error": {"code": code, "message": message, "type": "comet_api_error"}}
        return web.json_response(body, status=status, headers=headers)

    return answer


def status(number: int) -> Answer:
    """Answer with a bare status."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=number)

    return answer


def redirect(location: str) -> Answer:
    """Answer with a redirect."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": location})

    return answer


OUT_OF_FUNDS = error(403, "insufficient_user_quota", "quota is not enough")
BAD_KEY = error(401, "", "Invalid token")
