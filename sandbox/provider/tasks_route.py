"""The Ark-shaped route: https://apidoc.cometapi.com/api/video/bytedance/bytedance-video."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from sandbox.provider import commands, images
from sandbox.provider.asked import (
    Asked,
    checked_ratio,
    checked_resolution,
    checked_seconds,
    checked_seed,
)
from sandbox.provider.models import ADAPTIVE
from sandbox.provider.rejections import invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from sandbox.provider.models import Model, Size
    from sandbox.provider.task import Task
    from sandbox.provider.vendors import Vendor

FIELDS = {"model", "content", "callback_url"}  # CometAPI documents no other on this route
ROLES_OF_TWO = ("first_frame", "last_frame")


async def body_of(request: web.Request, vendor: Vendor) -> dict[str, Any]:
    """Return the JSON object that a create call carries."""
    if request.content_type != "application/json":
        raise vendor.malformation("the body must be application/json")
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise vendor.malformation("invalid character in the JSON body") from None
    if not isinstance(body, dict):
        raise vendor.malformation("the body must be an object")
    return cast("dict[str, Any]", body)


def read(body: dict[str, Any], find_model: Callable[[str], Model]) -> Asked:
    """Check the body of a create call and return what it asks for."""
    model = find_model(str(body.get("model") or ""))
    if undocumented := sorted(body.keys() - FIELDS):
        raise invalid(f"Undocumented fields: {', '.join(undocumented)}.")
    items = items_of(body.get("content"))
    text = text_of(items[0])
    frames = frames_of(model, items[1:])
    prompt, settings = commands.split(text)
    if "frames" in settings:
        raise invalid("The parameter frames is not supported by this model.")
    if settings.get("fps", "24") != "24":
        raise invalid("The parameter fps must be 24.")
    for switch in ("camera_fixed", "watermark"):
        if settings.get(switch, "false") not in {"true", "false"}:
            raise invalid(f"The parameter {switch} must be true or false.")
    resolution = checked_resolution(model, settings.get("resolution", "720p"))
    first_size = frames["first_frame"][1] if frames else None
    ratio = checked_ratio(model, settings.get("ratio", ADAPTIVE), first_size)
    return Asked(
        model=model,
        prompt=prompt,
        text=text,
        seconds=checked_seconds(model, settings.get("duration", "5")),
        resolution=resolution,
        ratio=ratio,
        size=model.sizes[resolution][ratio],
        seed=checked_seed(settings.get("seed", "-1")),
        first=frames["first_frame"][0] if frames else None,
        last=frames["last_frame"][0] if "last_frame" in frames else None,
    )


def items_of(content: object) -> list[dict[str, Any]]:
    """Return the items of `content`, at least one."""
    if not isinstance(content, list) or not content:
        raise invalid("content must be a list with at least one item.")
    items = cast("list[object]", content)
    if not all(isinstance(item, dict) for item in items):
        raise invalid("Every item of content must be an object.")
    return cast("list[dict[str, Any]]", items)


def text_of(item: dict[str, Any]) -> str:
    """Return the words of the item that must be the text."""
    text = item.get("text")
    if item.get("type") != "text" or not isinstance(text, str) or not text.strip():
        raise invalid("The first item of content must be the text.")
    return text


def frames_of(model: Model, items: list[dict[str, Any]]) -> dict[str, tuple[bytes, Size]]:
    """Return the files and sizes of the frames by their roles."""
    for item in items:
        if item.get("type") != "image_url" or not isinstance(item.get("image_url"), dict):
            raise invalid("After the text only items of type image_url may follow.")
    roles = [item.get("role") for item in items]
    if roles == [None]:
        roles = ["first_frame"]
    if roles not in ([], ["first_frame"], [*ROLES_OF_TWO], [*reversed(ROLES_OF_TWO)]):
        raise invalid(f"The roles {roles} are not a first frame with or without a last frame.")
    if "last_frame" in roles and not model.takes_last_frame:
        raise invalid(f"{model.name} takes no last frame.")
    return {
        str(role): images.frame_from(str(item["image_url"].get("url") or ""))
        for role, item in zip(roles, items, strict=True)
    }


def created(task: Task) -> dict[str, Any]:
    """Answer a create call."""
    return {"id": task.id}


def shown(task: Task, video_url: str | None) -> dict[str, Any]:
    """Answer a query."""
    answer: dict[str, Any] = {
        "id": task.id,
        "model": task.asked.model.name,
        "status": task.status.value,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
    }
    if task.error is not None:
        answer["error"] = task.error
    if task.succeeded:
        answer |= {
            "content": {"video_url": video_url} if video_url else {},
            "usage": {"completion_tokens": task.tokens, "total_tokens": task.tokens},
            "seed": task.asked.seed,
            "resolution": task.asked.resolution,
            "duration": task.asked.seconds,
            "ratio": task.asked.ratio,
            "framespersecond": 24,
        }
    return answer
