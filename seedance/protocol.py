"""Build the paid request and read its answer; with `tasks` and `listing` the whole protocol.

Nothing here does I/O, so every documented answer is a test of its own. Pages:
https://apidoc.cometapi.com/api/video/bytedance/bytedance-video (tasks route) and
https://apidoc.cometapi.com/api/video/seedance/create (videos route).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from seedance.catalogue import ADAPTIVE, Offer, Option, Route
from seedance.errors import Ambiguous, BadInput, ModelGone
from seedance.exchange import HttpRequest, JsonObject, layers, read_object
from seedance.faults import DEFINITE, as_kind, read_words, sort_fault
from seedance.listing import ListedModel, models_request, read_models
from seedance.providers import Travel
from seedance.tasks import Echo, Task, TaskState, is_task_id, query_request, read_task

__all__ = [
    "Echo",
    "FrameImage",
    "FrameRole",
    "HttpRequest",
    "ListedModel",
    "Submission",
    "Task",
    "TaskState",
    "create_request",
    "models_request",
    "query_request",
    "read_created",
    "read_models",
    "read_task",
]


class FrameRole(StrEnum):
    """Which end of the video an image is."""

    FIRST = "first_frame"
    LAST = "last_frame"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameImage:
    """Hold one frame as `data:image/<format>;base64,…`, the format in lower case."""

    role: FrameRole
    data_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Hold what is to be rendered, in words that no longer depend on the route.

    The callback travels on the tasks route only, `safety_identifier` (at most 64 characters, a
    hash of the member) only to a provider that takes one.
    """

    offer: Offer
    prompt: str
    duration_seconds: int
    resolution: str
    ratio: str
    seed: int | None = None
    audio: bool | None = None
    frames: tuple[FrameImage, ...] = ()
    callback_url: str | None = None
    safety_identifier: str | None = None


def create_request(submission: Submission) -> HttpRequest:
    """Return the one paid request; raise BadInput for what its offer does not carry."""
    if misfit := _misfit(submission):
        raise BadInput(code="NotCarried", detail=misfit.value)
    path = submission.offer.provider.paths[submission.offer.route]
    if submission.offer.route is Route.VIDEOS:
        return HttpRequest(method="POST", path=path, form=_form(submission))
    return HttpRequest(method="POST", path=path, json=_task(submission))


def read_created(
    route: Route,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    secrets: Collection[str] = (),
) -> str:
    """Return the id of the task made; else raise what is certain, or Ambiguous.

    Both routes are read by the same rules, because gateways mix their shapes. `secrets` are what
    the provider may quote and nobody may read: the prompt, the key.
    """
    words = read_words(body)
    if 200 <= status < 300:
        if task_id := _task_id(read_object(body)):
            return task_id
        raise as_kind(Ambiguous, words, status, secrets)
    if status == 503 and words and words.code == "model_not_found":
        raise as_kind(ModelGone, words, status, secrets)
    if words is None or status not in DEFINITE:
        raise as_kind(Ambiguous, words, status, secrets)
    raise sort_fault(words, status, headers, secrets)


def _misfit(submission: Submission) -> Option | None:
    """Name the first part that the offer cannot carry: what is sent must be what was priced."""
    offer = submission.offer
    roles = tuple(frame.role for frame in submission.frames)
    wanted = [Option(role) for role in roles]
    wanted += [Option.SEED] * (submission.seed is not None)
    wanted += [Option.AUDIO] * (submission.audio is not None)
    fits = {
        Option.DURATION: submission.duration_seconds in offer.durations,
        Option.RESOLUTION: submission.resolution in offer.resolutions,
        Option.RATIO: submission.ratio in _ratios(submission),
        Option.LAST_FRAME: roles in {(), (FrameRole.FIRST,), (FrameRole.FIRST, FrameRole.LAST)},
    }
    misfits = [option for option in wanted if not offer.carries(option)]
    misfits += [option for option, does_fit in fits.items() if not does_fit]
    return misfits[0] if misfits else None


def _ratios(submission: Submission) -> tuple[str, ...]:
    """Return the ratios that are allowed with, or without, frames."""
    model, ratios = submission.offer.model, submission.offer.ratios
    if submission.frames and model.frames_need_adaptive:
        return tuple(ratio for ratio in ratios if ratio == ADAPTIVE)
    if not submission.frames and model.adaptive_needs_frame:
        return tuple(ratio for ratio in ratios if ratio != ADAPTIVE)
    return ratios


def _task(submission: Submission) -> JsonObject:
    provider, text, fields = submission.offer.provider, submission.prompt, _settings(submission)
    if provider.settings_travel is Travel.SUFFIX:
        text = " ".join([text.strip(), *(f"{name} {value}" for name, value in fields.items())])
        fields = {}
    # The text stands first because CometAPI's page says so; beside a frame there need be none.
    words = [{"type": "text", "text": text.strip()}] if text.strip() else []
    images = [
        {"type": "image_url", "image_url": {"url": frame.data_uri}, "role": frame.role.value}
        for frame in submission.frames
    ]
    return {
        "model": submission.offer.remote_id,
        "content": [*words, *images],
        **fields,
        **provider.fixed,
        **_addressed(submission),
    }


def _settings(submission: Submission) -> dict[str, str | int]:
    """Return what was chosen, under the names that the offer's route has for it."""
    chosen = {
        Option.RESOLUTION: submission.resolution,
        Option.RATIO: submission.ratio,
        Option.DURATION: submission.duration_seconds,
        Option.SEED: submission.seed,
        Option.AUDIO: submission.audio,
    }
    options = submission.offer.options
    return {options[option].field: value for option, value in chosen.items() if value is not None}


def _addressed(submission: Submission) -> dict[str, str]:
    """Return where to report, and for whom the task is."""
    named = {"callback_url": submission.callback_url}
    if submission.offer.provider.takes_safety_identifier:
        named["safety_identifier"] = submission.safety_identifier
    return {name: value for name, value in named.items() if value is not None}


def _form(submission: Submission) -> dict[str, str]:
    width, height = submission.offer.pixels(submission.resolution, submission.ratio)
    return {
        "model": submission.offer.remote_id,
        "prompt": submission.prompt,
        "seconds": str(submission.duration_seconds),
        "size": f"{width}x{height}",
    }


def _task_id(document: JsonObject | None) -> str | None:
    candidates = (
        str(value)
        for layer in layers(document or {})
        for key in ("id", "task_id")
        if isinstance(value := layer.get(key), str | int)
    )
    return next((text for text in candidates if is_task_id(text)), None)
