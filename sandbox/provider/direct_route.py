"""Ark's and BytePlus's own route: https://www.volcengine.com/docs/82379/1520757.

Every setting is a field of the body, checked strictly; the commands in the text count as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.provider import commands, tasks_route
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

    from sandbox.provider.models import Model
    from sandbox.provider.task import Task

# What our bot could send; the API has a few more.
FIELDS: dict[str, type] = {
    "model": str,
    "content": list,
    "resolution": str,
    "ratio": str,
    "duration": int,
    "seed": int,
    "generate_audio": bool,
    "execution_expires_after": int,
    "return_last_frame": bool,
    "callback_url": str,
    "safety_identifier": str,
}
SETTINGS = ("resolution", "ratio", "duration", "seed")
EXPIRY_SECONDS = (3600, 259_200)
TWO_DAYS = 172_800
LONGEST_IDENTIFIER = 64


def read(body: dict[str, Any], find_model: Callable[[str], Model]) -> Asked:
    """Check the body of a create call and return what it asks for."""
    model = find_model(str(body.get("model") or ""))
    _check_types(body)
    items = tasks_route.items_of(body.get("content"))
    text = tasks_route.text_of(items.pop(0)) if items[0].get("type") == "text" else ""
    frames = tasks_route.frames_of(model, items)
    prompt, settings = commands.split(text)
    if odd := settings.keys() - SETTINGS:
        raise invalid(f"The parameter {min(odd)} is not supported by this model.")
    settings = _merged(settings, body)
    _check_the_models_own(model, settings, body)
    resolution = checked_resolution(model, settings.get("resolution", "720p"))
    first_size = frames["first_frame"][1] if frames else None
    if first_size is None and settings.get("ratio") == ADAPTIVE and model.adaptive_needs_frame:
        raise invalid("The ratio adaptive needs a first frame.")
    ratio = checked_ratio(model, settings.get("ratio", ADAPTIVE), first_size)
    return Asked(
        model=model,
        prompt=prompt,
        text=text,
        seconds=checked_seconds(model, settings.get("duration", str(model.default_seconds))),
        resolution=resolution,
        ratio=ratio,
        size=model.sizes[resolution][ratio],
        seed=checked_seed(settings.get("seed", "-1")),
        first=frames["first_frame"][0] if frames else None,
        last=frames["last_frame"][0] if "last_frame" in frames else None,
        audio=bool(body.get("generate_audio", model.speaks)),
        expires_seconds=_checked_expiry(body.get("execution_expires_after", TWO_DAYS)),
        keeps_last_frame=bool(body.get("return_last_frame")),
        safety_identifier=_checked_identifier(body.get("safety_identifier")),
    )


def _check_types(body: dict[str, Any]) -> None:
    if unknown := sorted(body.keys() - FIELDS):
        raise invalid(f"Unknown fields: {', '.join(unknown)}.")
    for name, value in body.items():
        if type(value) is not FIELDS[name]:
            raise invalid(f"The parameter {name} must be of the type {FIELDS[name].__name__}.")


def _merged(commanded: dict[str, str], body: dict[str, Any]) -> dict[str, str]:
    """Add the fields to the commands; which of two values counts is documented nowhere."""
    fields = {name: str(body[name]) for name in SETTINGS if name in body}
    for name in commanded.keys() & fields.keys():
        if commanded[name] != fields[name]:
            raise invalid(f"The parameter {name} is given twice.")
    return commanded | fields


def _check_the_models_own(model: Model, settings: dict[str, str], body: dict[str, Any]) -> None:
    if "seed" in settings and not model.takes_seed:
        raise invalid(f"The parameter seed is not supported by {model.name}.")
    if "generate_audio" in body and not model.speaks:
        raise invalid(f"The parameter generate_audio is not supported by {model.name}.")


def _checked_expiry(seconds: int) -> int:
    if not EXPIRY_SECONDS[0] <= seconds <= EXPIRY_SECONDS[1]:
        raise invalid(f"execution_expires_after must be within {EXPIRY_SECONDS}.")
    return seconds


def _checked_identifier(value: str | None) -> str | None:
    if value is not None and not (value.isascii() and 0 < len(value) <= LONGEST_IDENTIFIER):
        raise invalid("safety_identifier must be 1 to 64 English characters.")
    return value


def shown(task: Task, video_url: str | None, last_frame_url: str | None) -> dict[str, Any]:
    """Answer a query, or show the task in a list."""
    answer: dict[str, Any] = tasks_route.shown(task, video_url) | {
        "service_tier": "default",
        "execution_expires_after": task.asked.expires_seconds,
    }
    if task.asked.safety_identifier is not None:
        answer["safety_identifier"] = task.asked.safety_identifier
    if task.succeeded:
        answer |= {"generate_audio": task.asked.audio, "draft": False}
        if video_url and task.asked.keeps_last_frame:
            answer["content"] = {"video_url": video_url, "last_frame_url": last_frame_url}
    return answer
