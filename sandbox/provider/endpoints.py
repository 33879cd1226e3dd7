"""The provider's HTTP endpoints."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.provider import files, tasks_route, videos_route
from sandbox.provider.faults import Fault, Where
from sandbox.provider.models import FOREIGN_RECORDS, Model, Route
from sandbox.provider.rejections import Rejected, gateway, model_not_found, task_not_exist

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from sandbox.provider.asked import Asked
    from sandbox.provider.faults import Planned
    from sandbox.provider.server import Provider
    from sandbox.provider.task import Task

LARGEST_BODY = 64 * 1024 * 1024
RESETS = {Fault.RESET_BEFORE_READING, Fault.RESET_BEFORE_CREATION, Fault.RESET_AFTER_CREATION}
SPOIL_ONLY_THE_ANSWER = {
    Fault.RESET_AFTER_CREATION,
    Fault.BAD_GATEWAY_AFTER_CREATION,
    Fault.TORN_JSON,
    Fault.TORN_BODY,
    Fault.NO_ID,
    Fault.SLOW,
}


@web.middleware
async def _reject(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Rejected as rejected:
        return web.json_response(rejected.body, status=rejected.status, headers=rejected.headers)


class Endpoints:
    """Answer the bot's calls out of the provider's books."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def application(self) -> web.Application:
        """Return the application with every documented address."""
        application = web.Application(client_max_size=LARGEST_BODY, middlewares=[_reject])
        add = application.router.add_route
        add("POST", Route.TASKS, self._create_on_tasks)
        add("GET", f"{Route.TASKS}/{{id}}", self._query_on_tasks)
        add("POST", Route.VIDEOS, self._create_on_videos)
        add("GET", f"{Route.VIDEOS}/{{id}}", self._query_on_videos)
        add("GET", f"{Route.VIDEOS}/{{id}}/content", self._content)
        add("GET", "/api/models", self._list_models)
        add("GET", "/files/{id}.mp4", self._file)
        add("GET", "/inside", self._inside)
        add("*", "/{anything:.*}", self._nowhere)
        return application

    async def _create_on_tasks(self, request: web.Request) -> web.StreamResponse:
        return await self._create(request, Route.TASKS)

    async def _create_on_videos(self, request: web.Request) -> web.StreamResponse:
        return await self._create(request, Route.VIDEOS)

    async def _create(self, request: web.Request, route: Route) -> web.StreamResponse:
        self._provider.create_calls += 1
        self._provider.changed()
        planned = self._provider.faults.next(Where.CREATE)
        if planned and planned.fault is Fault.RESET_BEFORE_READING:
            return _sever(request)
        self._authorize(request)
        asked = await self._read(request, route)
        later = planned is not None and planned.later
        if planned and not later and planned.fault not in SPOIL_ONLY_THE_ANSWER:
            return await _spoil(request, planned, {}, asked.model.name)
        task = self._provider.begin(asked, planned if later else None)
        answer = (
            tasks_route.created(task)
            if route is Route.TASKS
            else videos_route.created(task, self._provider.vocabulary)
        )
        if planned and not later:
            return await _spoil(request, planned, answer, asked.model.name)
        return web.json_response(answer)

    async def _read(self, request: web.Request, route: Route) -> Asked:
        read = tasks_route.read if route is Route.TASKS else videos_route.read
        try:
            return await read(request, lambda name: self._model(name, route))
        except Rejected as rejected:
            # Nobody can know of a model that it was retired a moment ago.
            if not (rejected.status == 503 and self._provider.retired):
                what = rejected.body["error"]["message"]
                self._provider.violations.append(f"POST {route}: {what}")
            raise

    def _model(self, name: str, route: Route) -> Model:
        if not name:
            raise gateway(400, "", "model name is required")
        for model in self._provider.models:
            if (model.name, model.route, model.upcoming) == (name, route, False):
                return model
        raise model_not_found(name)

    async def _query_on_tasks(self, request: web.Request) -> web.StreamResponse:
        task = await self._asked_after(request, Route.TASKS)
        return await self._tell(request, task, tasks_route.shown(task, self._link(task)))

    async def _query_on_videos(self, request: web.Request) -> web.StreamResponse:
        task = await self._asked_after(request, Route.VIDEOS)
        shown = videos_route.shown(task, self._link(task), self._provider.vocabulary)
        return await self._tell(request, task, shown)

    async def _asked_after(self, request: web.Request, route: Route) -> Task:
        key = self._authorize(request, *self._provider.former_keys)
        for task in self._provider.tasks:
            same = (task.id, task.key) == (request.match_info["id"], key)
            if same and task.asked.model.route is route:
                return task
        raise task_not_exist()

    async def _tell(
        self, request: web.Request, task: Task, answer: dict[str, Any]
    ) -> web.StreamResponse:
        task.queries += 1
        self._provider.changed()
        planned = self._provider.faults.next(Where.QUERY)
        if planned is None:
            return web.json_response(answer)
        return await _spoil(request, planned, answer, task.asked.model.name)

    def _link(self, task: Task) -> str | None:
        if not task.succeeded or task.hides_its_url:
            return None
        return self._provider.files.link(self._provider.base_url, task)

    async def _content(self, request: web.Request) -> web.StreamResponse:
        task = await self._asked_after(request, Route.VIDEOS)
        if not task.succeeded:
            raise gateway(400, "invalid_request", "video is not ready")
        return await self._hand_over(request, task)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:
            self._provider.violations.append("GET a video: the key was sent along")
            return web.Response(status=400, text="Only one authentication is allowed")
        for task in self._provider.tasks:
            if task.id == request.match_info["id"] and self._provider.files.allows(
                task.id, dict(request.query)
            ):
                return await self._hand_over(request, task)
        return files.forbidden()

    async def _hand_over(self, request: web.Request, task: Task) -> web.StreamResponse:
        task.downloads += 1
        self._provider.changed()
        planned = self._provider.faults.next(Where.FILE)
        if planned is None:
            return files.video(task.film)
        return await files.spoiled(
            request, planned, task.film, f"{self._provider.inside_url}/inside"
        )

    async def _inside(self, request: web.Request) -> web.StreamResponse:
        self._provider.lured += 1
        return files.video(b"secrets of the host's network")

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        records = FOREIGN_RECORDS + [model.record() for model in self._provider.models]
        page, size = (int(request.query.get(name, 0)) for name in ("page", "page_size"))
        start = max(0, page - 1) * size
        answer = {
            "success": True,
            "page": page,
            "page_size": size,
            "total": len(records),
            "data": records[start : start + size] if size else records,
        }
        planned = self._provider.faults.next(Where.MODELS)
        return await _spoil(request, planned, answer, "") if planned else web.json_response(answer)

    async def _nowhere(self, request: web.Request) -> web.StreamResponse:
        self._provider.violations.append(f"{request.method} {request.path}: no such address")
        return web.Response(status=404, text=files.HTML_PAGE, content_type="text/html")

    def _authorize(self, request: web.Request, *former_keys: str) -> str:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if key not in {self._provider.key, *former_keys}:
            raise gateway(401, "", "Invalid token")
        return key


async def _spoil(
    request: web.Request, planned: Planned, answer: dict[str, Any], model: str
) -> web.StreamResponse:
    """Send anything but the plain answer."""
    if rejection := planned.rejection(model):
        raise rejection
    if planned.fault in RESETS:
        return _sever(request)
    if planned.fault is Fault.HTML:
        return web.Response(text=files.HTML_PAGE, content_type="text/html")
    text = json.dumps(answer)
    if planned.fault is Fault.TORN_JSON:
        return web.Response(text=text[: len(text) // 2], content_type="application/json")
    if planned.fault is Fault.TORN_BODY:
        return await _tear(request, text.encode())
    return await _changed_answer(planned, answer)


async def _changed_answer(planned: Planned, answer: dict[str, Any]) -> web.Response:
    """Send a well-formed answer that is late, or says something odd."""
    match planned.fault:
        case Fault.NO_ID:
            answer = {name: answer[name] for name in answer if name not in {"id", "task_id"}}
        case Fault.UNKNOWN_STATUS:
            answer["status"] = "archiving"
        case Fault.SLOW:
            await asyncio.sleep(planned.delay_seconds)
        case _:
            raise AssertionError(f"{planned.fault} means nothing for this call")
    return web.json_response(answer)


async def _tear(request: web.Request, body: bytes) -> web.StreamResponse:
    """Promise the whole body, send half of it and hang up."""
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport:
        request.transport.close()
    return response


def _sever(request: web.Request) -> web.Response:
    """Reset the connection, so that the other side reads an error and not an end."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()
