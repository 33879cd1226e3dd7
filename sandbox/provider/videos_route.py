"""The route of CometAPI's current models: https://apidoc.cometapi.com/api/video/seedance/create."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.provider import commands, images
from sandbox.provider.asked import (
    Asked,
    checked_ratio,
    checked_resolution,
    checked_seconds,
    checked_seed,
)
from sandbox.provider.models import WHEN_UNSAID
from sandbox.provider.rejections import gateway, invalid
from sandbox.provider.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.provider.models import Model
    from sandbox.provider.task import Task

FIELDS = {"model", "prompt", "seconds", "size", "input_reference"}
PROGRESS = {Status.QUEUED: 0, Status.RUNNING: 30, Status.SUCCEEDED: 100}


class Vocabulary(Enum):
    """The two revisions of the page; each has its own words for a task's status."""

    NEWER = auto()
    OLDER = auto()


WORDS = {
    Vocabulary.NEWER: {
        Status.QUEUED: "queued",
        Status.RUNNING: "in_progress",
        Status.SUCCEEDED: "completed",
        Status.FAILED: "failed",
        Status.EXPIRED: "error",
        Status.CANCELLED: "failed",
    },
    Vocabulary.OLDER: {
        Status.QUEUED: "SUBMITTED",
        Status.RUNNING: "IN_PROGRESS",
        Status.SUCCEEDED: "SUCCESS",
        Status.FAILED: "FAILED",
        Status.EXPIRED: "ERROR",
        Status.CANCELLED: "FAILED",
    },
}


async def read(request: web.Request, find_model: Callable[[str], Model]) -> Asked:
    """Check a create call and return what it asks for."""
    if request.content_type != "multipart/form-data":
        raise gateway(400, "invalid_request", "the body must be multipart/form-data")
    posted = await request.post()
    form = {name: posted.getall(name) for name in posted}
    model = find_model(_word(form, "model", ""))
    if undocumented := sorted(set(form) - FIELDS):
        raise invalid(f"Undocumented fields: {', '.join(undocumented)}.")
    text = _word(form, "prompt", "")
    if not text.strip():
        raise gateway(400, "invalid_request", "prompt is required")
    prompt, overruling = commands.split(text)  # Ark reads them whichever route they come by
    resolution, ratio = _measures(model, _word(form, "size", WHEN_UNSAID))
    resolution = checked_resolution(model, overruling.get("resolution", resolution))
    ratio = checked_ratio(model, overruling.get("ratio", ratio), None)
    seconds = overruling.get("duration", _word(form, "seconds", "5"))
    return Asked(
        model=model,
        prompt=prompt,
        text=text,
        seconds=checked_seconds(model, seconds),
        resolution=resolution,
        ratio=ratio,
        size=model.sizes[resolution][ratio],
        seed=checked_seed(overruling.get("seed", "-1")),
        references=_references(model, form),
    )


def _word(form: Mapping[str, Sequence[object]], name: str, default: str) -> str:
    match form.get(name, [default]):
        case [str(value)]:
            return value
        case _:
            raise invalid(f"The field {name} must be one text.")


def _measures(model: Model, value: str) -> tuple[str, str]:
    """Return resolution and ratio for a ratio's label or an exact size in pixels."""
    for resolution in model.usd_per_second:
        for ratio, (width, height) in model.sizes[resolution].items():
            if value == f"{width}x{height}":
                return resolution, ratio
    return "720p", value


def _references(model: Model, form: Mapping[str, Sequence[object]]) -> tuple[bytes, ...]:
    given = form.get("input_reference", [])
    if given and not model.references:
        raise invalid(f"task_type r2v does not support model {model.name}")
    if len(given) > model.references:
        raise invalid(f"{model.name} takes at most {model.references} references.")
    contents: list[bytes] = []
    for upload in given:
        if not isinstance(upload, web.FileField):
            raise invalid("input_reference must be a file.")
        contents.append(upload.file.read())
        images.size_of(contents[-1], images.REFERENCE_FORMATS)
    return tuple(contents)


def created(task: Task, vocabulary: Vocabulary) -> dict[str, Any]:
    """Answer a create call."""
    return {
        "id": task.id,
        "task_id": task.id,
        "object": "video",
        "model": task.asked.model.name,
        "status": WORDS[vocabulary][Status.QUEUED],
        "progress": 0,
        "created_at": task.created_at,
    }


def shown(task: Task, video_url: str | None, vocabulary: Vocabulary) -> dict[str, Any]:
    """Answer a query; a failed task says nothing about why, as documented."""
    answer: dict[str, Any] = {
        "id": task.id,
        "object": "video",
        "model": task.asked.model.name,
        "status": WORDS[vocabulary][task.status],
        "progress": PROGRESS.get(task.status, 0),
        "created_at": task.created_at,
        "completed_at": task.updated_at,
    }
    if video_url:
        answer["video_url"] = video_url
    return answer
