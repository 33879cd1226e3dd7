"""Read what the provider says about a task, in every shape it is known to say it.

Shapes: https://apidoc.cometapi.com/api/video/bytedance/bytedance-video-get (tasks route, flat, as
Ark's), https://apidoc.cometapi.com/api/video/seedance/query (videos route), and the wrapped form
`{code, data: {status, data: {...}}}` that other clients of the gateway report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeGuard

from seedance.errors import ProviderBroken, Refused, SeedanceError, TaskMissing
from seedance.exchange import HttpRequest, JsonObject, as_object, layers, read_object
from seedance.faults import as_kind, read_words, sort_fault, trouble, words_in
from seedance.models import Route
from seedance.providers import COMETAPI, Provider


class TaskState(StrEnum):
    """Where a task stands; UNKNOWN, a word that nobody documented, is not an end."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """Hold what the provider says it renders; None where it says nothing."""

    resolution: str | None = None
    ratio: str | None = None
    duration_seconds: Decimal | None = None
    seed: int | None = None
    tokens: int | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Hold one answer about a task.

    `video_url` is set for SUCCEEDED only, and even then the provider may withhold it (a link that
    has expired); `last_frame_url`, of a PNG, stands beside it where the create asked for one.
    `error` is always set for FAILED: ProviderBroken when no known reason was given.
    """

    state: TaskState
    video_url: str | None = None
    last_frame_url: str | None = None
    error: SeedanceError | None = None
    echo: Echo = Echo()


_STATES = {
    word: state
    for state, words in {
        TaskState.QUEUED: ("queued", "submitted", "pending", "not_start"),
        TaskState.RUNNING: ("running", "in_progress", "processing"),
        TaskState.SUCCEEDED: ("succeeded", "success", "completed"),
        TaskState.FAILED: ("failed", "failure", "error"),
        TaskState.CANCELLED: ("cancelled", "canceled"),
        TaskState.EXPIRED: ("expired",),
    }.items()
    for word in words
}
_PLACES = (
    "content",
    "video_url",
    "result_url",
    "result",
    "output",
    "video",
    "metadata",
    "url",
    "download_url",
    "fail_reason",
)
_TASK_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_LINK = re.compile(r"https?://[!-~]{4,8000}")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
GREATEST = 2**63  # what a column holds
LAST_INSTANT = 2**33  # in seconds, the year 2242; beyond it the unit is another
LONGEST_VIDEO = 3600  # seconds


def is_task_id(value: object) -> TypeGuard[str]:
    """Say whether the value is an id that may stand in a path."""
    return isinstance(value, str) and _TASK_ID.fullmatch(value) is not None


def query_request(route: Route, task_id: str, provider: Provider = COMETAPI) -> HttpRequest:
    """Ask how a task stands."""
    return HttpRequest(method="GET", path=f"{provider.paths[route]}/{task_id}")


def cancel_request(route: Route, task_id: str, provider: Provider) -> HttpRequest:
    """Take a queued task out of the queue; of one that has ended this deletes the record."""
    return HttpRequest(method="DELETE", path=f"{provider.paths[route]}/{task_id}")


def read_task(route: Route, status: int, headers: Mapping[str, str], body: bytes) -> Task:
    """Return the task, or raise a SeedanceError and nothing else.

    Both routes are read by the same rules, because gateways mix their shapes. The videos route's
    `GET /v1/videos/{id}/content` is not offered in place of a missing link: it wants the key, and
    a download never carries one.
    """
    if not 200 <= status < 300:
        return _read_refusal(status, headers, body)
    document = read_object(body)
    if document is None:
        raise ProviderBroken(status=status, code="NotJson")
    return task_in(document) or _read_refusal(status, headers, body)


def task_in(document: JsonObject) -> Task | None:
    """Return the task that the object describes; None when it has no status."""
    found = tuple(layers(document))
    word = _status_word(found)
    if word is None:
        return None
    state = _STATES.get(word.strip().lower(), TaskState.UNKNOWN)
    video_url = _video_url(found) if state is TaskState.SUCCEEDED else None
    return Task(
        state=state,
        video_url=video_url,
        last_frame_url=_last_frame_url(found) if video_url else None,
        error=sort_fault(words_in(document)) if state is TaskState.FAILED else None,
        echo=_read_echo(found),
    )


def _read_refusal(status: int, headers: Mapping[str, str], body: bytes) -> Task:
    """Read an answer that is no task; a refusal by policy is the end of the task asked for."""
    words = read_words(body)
    if status == 404 or (words and "task_not_exist" in f"{words.code} {words.message}"):
        raise as_kind(TaskMissing, words, status)
    error = sort_fault(words, status, headers)
    if status < 500 and isinstance(error, Refused):
        return Task(state=TaskState.FAILED, error=error)
    raise trouble(words, status, headers)


def _status_word(found: Sequence[JsonObject]) -> str | None:
    """Return the status; an envelope's own status counts only if nothing wrapped has one."""
    return next(_texts((*found[1:], found[0]), "status"), None)


def _video_url(found: Sequence[JsonObject]) -> str | None:
    return next((link for layer in found for link in _links(layer)), None)


def _last_frame_url(found: Sequence[JsonObject]) -> str | None:
    contents = [content for layer in found if (content := as_object(layer.get("content")))]
    return next((url for url in _texts(contents, "last_frame_url") if _LINK.fullmatch(url)), None)


def _links(holder: JsonObject) -> Iterator[str]:
    """Yield the web addresses in the places where a video's may stand."""
    for key in _PLACES:
        value = holder.get(key)
        if isinstance(value, str) and _LINK.fullmatch(value.strip()):
            yield value.strip()
        elif inner := as_object(value):
            yield from _links(inner)


def _read_echo(found: Sequence[JsonObject]) -> Echo:
    seconds = (*_numbers(found, "duration"), *_numbers(found, "seconds"))
    usage = [usage for layer in found if (usage := as_object(layer.get("usage")))]
    created = next((int(number) for number in _numbers(found, "created_at")), None)
    return Echo(
        resolution=next(_texts(found, "resolution"), None),
        ratio=next(_texts(found, "ratio"), None),
        duration_seconds=next((number for number in seconds if number < LONGEST_VIDEO), None),
        seed=next((int(number) for number in _numbers(found, "seed")), None),
        tokens=next((int(number) for number in _numbers(usage, "completion_tokens")), None),
        created_at=_instant(created),
    )


def _instant(seconds: int | None) -> datetime | None:
    if seconds is None or seconds > LAST_INSTANT:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _texts(found: Iterable[JsonObject], key: str) -> Iterator[str]:
    """Yield the short texts that stand under the key."""
    for layer in found:
        value = layer.get(key)
        if isinstance(value, str) and value:
            yield value


def _numbers(found: Iterable[JsonObject], key: str) -> Iterator[Decimal]:
    """Yield the sane numbers that stand under the key, also those written as text."""
    for layer in found:
        value = layer.get(key)
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            value = Decimal(value)
        if (
            isinstance(value, int | Decimal)
            and not isinstance(value, bool)
            and 0 <= value < GREATEST
        ):
            yield Decimal(value)
