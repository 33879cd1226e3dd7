from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from PIL import Image

from sandbox.provider import Provider, Route

TASKS_MODEL = "doubao-seedance-1-5-pro-251215"
VIDEOS_MODEL = "seedance-2-5"
PROMPT = "A paper boat drifts on a quiet lake at sunrise."


def picture(size: tuple[int, int] = (640, 360), kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, kind)
    return buffer.getvalue()


def data_uri(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def frame(role: str | None, content: bytes | None = None, url: str | None = None) -> dict[str, Any]:
    item: dict[str, Any] = {
        "type": "image_url",
        "image_url": {"url": url or data_uri(content or picture())},
    }
    return item | ({"role": role} if role else {})


def body(text: str, *frames: dict[str, Any], model: str = TASKS_MODEL) -> dict[str, Any]:
    return {"model": model, "content": [{"type": "text", "text": text}, *frames]}


@dataclass(slots=True)
class Answer:
    status: int
    json: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return self.json["error"]["message"]

    @property
    def code(self) -> str:
        return self.json["error"]["code"]


class Caller:
    """Calls the provider as a well-behaved client does."""

    def __init__(self, provider: Provider, session: aiohttp.ClientSession) -> None:
        self._provider = provider
        self.session = session
        self.headers = {"Authorization": f"Bearer {provider.key}"}

    async def _answer(
        self, method: str, path: str, *, json: object = None, data: aiohttp.FormData | None = None
    ) -> Answer:
        url = self._provider.base_url + path
        async with self.session.request(
            method, url, json=json, data=data, headers=self.headers
        ) as response:
            return Answer(response.status, await response.json(), dict(response.headers))

    async def create(
        self, text: str = PROMPT, *frames: dict[str, Any], **changes: object
    ) -> Answer:
        return await self.post(body(text, *frames) | changes)

    async def post(self, content: object) -> Answer:
        return await self._answer("POST", Route.TASKS, json=content)

    async def create_video(self, *files: bytes, **fields: str) -> Answer:
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in ({"model": VIDEOS_MODEL, "prompt": PROMPT} | fields).items():
            form.add_field(name, value)
        for number, content in enumerate(files):
            form.add_field("input_reference", content, filename=f"{number}.png")
        return await self._answer("POST", Route.VIDEOS, data=form)

    async def query(self, task_id: str, route: Route = Route.TASKS) -> Answer:
        return await self._answer("GET", f"{route}/{task_id}")

    async def get(self, path: str) -> Answer:
        return await self._answer("GET", path)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with await Provider.serve() as serving:
        serving.queue_seconds = serving.render_seconds = 0
        yield serving


@pytest.fixture
async def caller(provider: Provider) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(provider, session)
