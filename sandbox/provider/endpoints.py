"""The provider's HTTP endpoints."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import socket
import struct
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.provider import direct_route, files, stills, tasks_route, upkeep, videos_route
from sandbox.provider.faults import Fault, Where
from sandbox.provider.models import FOREIGN_RECORDS, Model, Route
from sandbox.provider.rejections import Rejected, gateway
from sandbox.provider.status import Status

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
        self._listed_at = float("-inf")

    def application(self) -> web.Application:
        """Return the application with every address that the vendor documents."""
        application = web.Application(client_max_size=LARGEST_BODY, middlewares=[_reject])
        add = application.router.add_route
        vendor = self._provider.vendor
        for route in vendor.routes:
            add("POST", route, functools.partial(self._create, route=route))
            add("GET", f"{route}/{{id}}", functools.partial(self._query, route=route))
            if vendor.lists_and_deletes:
                add("GET", route, self._list_tasks)
                add("DELETE", f"{route}/{{id}}", functools.partial(self._delete, route=route))
        if Route.VIDEOS in vendor.routes:
            add("GET", f"{Route.VIDEOS}/{{id}}/content", self._content)
        if vendor.publishes_models:
            add("GET", "/api/models", self._list_models)
        add("GET", "/files/{id}.mp4", self._file)
        add("GET", "/files/{id}.png", self._still)
        add("GET", "/inside", self._inside)
        add("*", "/{anything:.*}", self._nowhere)
        return application

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
            return await self._spoil(request, planned, {}, asked.model.name)
        task = self._provider.begin(asked, planned if later else None)
        answer = (
            videos_route.created(task, self._provider.vocabulary)
            if route is Route.VIDEOS
            else tasks_route.created(task)
        )
        if planned and not later:
            return await self._spoil(request, planned, answer, asked.model.name)
        return web.json_response(answer)

    async def _read(self, request: web.Request, route: Route) -> Asked:
        find = functools.partial(self._model, route=route)
        try:
            if route is Route.VIDEOS:
                return await videos_route.read(request, find)
            body = await tasks_route.body_of(request, self._provider.vendor)
            read = tasks_route.read if route is Route.TASKS else direct_route.read
            return read(body, find)
        except Rejected as rejected:
            # Nobody can know of a model that it was retired a moment ago.
            if not (rejected.status in {404, 503} and self._provider.retired):
                what = rejected.body["error"]["message"]
                self._provider.violations.append(f"POST {route}: {what}")
            raise

    def _model(self, name: str, route: Route) -> Model:
        if not name:
            raise self._provider.vendor.nameless()
        for model in self._provider.models:
            if (model.name, model.route, model.upcoming) == (name, route, False):
                return model
        raise self._provider.vendor.reject(Fault.MODEL_NOT_FOUND, name)

    async def _query(self, request: web.Request, route: Route) -> web.StreamResponse:
        task = self._asked_after(request, route)
        task.queries += 1
        self._provider.changed()
        planned = self._provider.faults.next(Where.QUERY)
        answer = self._shown(task)
        if planned is None:
            return web.json_response(answer)
        return await self._spoil(request, planned, answer, task.asked.model.name)

    def _asked_after(self, request: web.Request, route: Route) -> Task:
        for task in self._tasks_of(request):
            if task.id == request.match_info["id"] and task.asked.model.route is route:
                return task
        raise self._provider.vendor.reject(Fault.TASK_NOT_EXIST)

    def _tasks_of(self, request: web.Request) -> list[Task]:
        """Return what the caller's key has made and not deleted."""
        key = self._authorize(request, *self._provider.former_keys)
        return [task for task in self._provider.tasks if task.key == key and not task.deleted]

    def _shown(self, task: Task) -> dict[str, Any]:
        match task.asked.model.route:
            case Route.TASKS:
                return tasks_route.shown(task, self._link(task))
            case Route.VIDEOS:
                return videos_route.shown(task, self._link(task), self._provider.vocabulary)
            case Route.DIRECT:
                return direct_route.shown(task, self._link(task), self._link(task, "png"))

    def _link(self, task: Task, kind: str = "mp4") -> str | None:
        if not task.succeeded or task.hides_its_url:
            return None
        return self._provider.files.link(self._provider.base_url, task, kind)

    async def _list_tasks(self, request: web.Request) -> web.StreamResponse:
        tasks = self._tasks_of(request)
        now = asyncio.get_running_loop().time()
        if now < self._listed_at + self._provider.list_seconds:
            raise self._provider.vendor.reject(Fault.RATE_LIMITED)
        self._listed_at = now
        shown, total = upkeep.page(tasks, request.query)
        answer = {"items": [self._shown(task) for task in shown], "total": total}
        planned = self._provider.faults.next(Where.LIST)
        if planned is None:
            return web.json_response(answer)
        return await self._spoil(request, planned, answer, "")

    async def _delete(self, request: web.Request, route: Route) -> web.StreamResponse:
        """Cancel a queued task; of one that has ended delete the record, which nobody wants."""
        task = self._asked_after(request, route)
        planned = self._provider.faults.next(Where.DELETE)
        if planned and planned.fault not in SPOIL_ONLY_THE_ANSWER:
            return await self._spoil(request, planned, {}, task.asked.model.name)
        if rejection := upkeep.undeletable(task):
            raise rejection
        if task.status is Status.QUEUED:
            task.move(Status.CANCELLED)
        else:
            task.deleted = True
            self._provider.violations.append(f"DELETE a task that has {task.status.value}")
        self._provider.changed()
        if planned:
            return await self._spoil(request, planned, {}, task.asked.model.name)
        return web.json_response({})

    async def _content(self, request: web.Request) -> web.StreamResponse:
        task = self._asked_after(request, Route.VIDEOS)
        if not task.succeeded:
            raise gateway(400, "invalid_request", "video is not ready")
        return await self._hand_over(request, task)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        task = self._linked(request)
        return await self._hand_over(request, task) if task else files.forbidden()

    async def _still(self, request: web.Request) -> web.StreamResponse:
        task = self._linked(request)
        if task is None:
            return files.forbidden()
        picture = await asyncio.to_thread(stills.last_frame, task.film)
        return web.Response(body=picture, content_type="image/png")

    def _linked(self, request: web.Request) -> Task | None:
        """Return the task whose file a valid link names; the key has no business there."""
        if "Authorization" in request.headers:
            self._provider.violations.append("GET a video: the key was sent along")
            raise web.HTTPBadRequest(text="Only one authentication is allowed")
        for task in self._provider.tasks:
            if task.id == request.match_info["id"] and self._provider.files.allows(
                task.id, dict(request.query)
            ):
                return task
        return None

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
        if planned is None:
            return web.json_response(answer)
        return await self._spoil(request, planned, answer, "")

    async def _nowhere(self, request: web.Request) -> web.StreamResponse:
        self._provider.violations.append(f"{request.method} {request.path}: no such address")
        return web.Response(status=404, text=files.HTML_PAGE, content_type="text/html")

    def _authorize(self, request: web.Request, *former_keys: str) -> str:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if key not in {self._provider.key, *former_keys}:
            raise self._provider.vendor.reject(Fault.BAD_KEY)
        return key

    async def _spoil(
        self, request: web.Request, planned: Planned, answer: dict[str, Any], model: str
    ) -> web.StreamResponse:
        """Send anything but the plain answer."""
        if rejection := planned.rejection(self._provider.vendor, model):
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
