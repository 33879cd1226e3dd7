"""Read the provider's list of this account's tasks: those of the last seven days.

https://docs.byteplus.com/en/docs/ModelArk/1521675. The order is not documented, so only the whole
list tells that a task is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from seedance.errors import ProviderBroken
from seedance.exchange import HttpRequest, JsonObject, as_objects, read_object
from seedance.faults import read_words, trouble
from seedance.models import Route
from seedance.providers import Provider
from seedance.tasks import Task, TaskState, is_task_id, task_in

PAGE_SIZE = 500  # the greatest


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTask:
    """Hold one task of the list; `safety_identifier` is what its create named, where it is told."""

    id: str
    model: str
    task: Task
    safety_identifier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksPage:
    """Hold one page; `total` counts what fits the filters, on all pages."""

    tasks: tuple[ListedTask, ...]
    total: int


def tasks_request(
    provider: Provider,
    page: int = 1,
    *,
    state: TaskState | None = None,
    task_ids: Sequence[str] = (),
) -> HttpRequest:
    """Ask for one page, counted from 1; the filters narrow what is counted."""
    query = [("page_num", str(page)), ("page_size", str(PAGE_SIZE))]
    if state is not None:
        query.append(("filter.status", state.value))
    query += [("filter.task_ids", task_id) for task_id in task_ids]
    return HttpRequest(method="GET", path=f"{provider.paths[Route.TASKS]}?{urlencode(query)}")


def read_tasks_page(status: int, headers: Mapping[str, str], body: bytes) -> TasksPage:
    """Return one page, or raise RateLimited, BadKey, OutOfFunds or ProviderBroken.

    A page with one item that cannot be read is none: that item may be the one looked for.
    """
    if status != 200:
        raise trouble(read_words(body), status, headers)
    document = read_object(body) or {}
    raw, total = document.get("items"), document.get("total")
    items = as_objects(raw)
    if items is None or len(items) != len(raw or ()) or not isinstance(total, int):
        raise ProviderBroken(status=status, code="NoList")
    return TasksPage(tasks=tuple(_read_item(item) for item in items), total=total)


def _read_item(item: JsonObject) -> ListedTask:
    task, task_id, model = task_in(item), item.get("id"), item.get("model")
    if task is None or not is_task_id(task_id) or not isinstance(model, str):
        raise ProviderBroken(code="NotATask")
    named = item.get("safety_identifier")
    return ListedTask(
        id=task_id,
        model=model,
        task=task,
        safety_identifier=named if isinstance(named, str) and named else None,
    )
