"""List and delete tasks, as Ark and BytePlus do and CometAPI does not.

https://docs.byteplus.com/en/docs/ModelArk/1521675 and .../1521720
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.rejections import ark, invalid
from sandbox.provider.status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multidict import MultiMapping

    from sandbox.provider.rejections import Rejected
    from sandbox.provider.task import Task

PARAMETERS = {"page_num", "page_size", "filter.status", "filter.task_ids", "filter.model"}
STATES = {status.value for status in Status} - {Status.EXPIRED.value}
GREATEST = 500  # of both the page's number and its size
USUAL_SIZE = 10


def page(tasks: Sequence[Task], query: MultiMapping[str]) -> tuple[list[Task], int]:
    """Return the tasks of the page that was asked for, the newest first, and how many fit."""
    if unknown := sorted(set(query) - PARAMETERS):
        raise invalid(f"Unknown parameters: {', '.join(unknown)}.")
    number, size = _count(query, "page_num", 1), _count(query, "page_size", USUAL_SIZE)
    status, model = query.get("filter.status"), query.get("filter.model")
    ids = query.getall("filter.task_ids", [])
    if status is not None and status not in STATES:
        raise invalid(f"The status {status!r} is not one of {sorted(STATES)}.")
    found = [
        task
        for task in reversed(tasks)
        if (status is None or task.status.value == status)
        and (model is None or task.asked.model.name == model)
        and (not ids or task.id in ids)
    ]
    return found[(number - 1) * size : number * size], len(found)


def _count(query: MultiMapping[str], name: str, default: int) -> int:
    value = query.get(name, str(default))
    if not value.isdecimal() or not 1 <= int(value) <= GREATEST:
        raise invalid(f"{name} must be within 1 and {GREATEST}.")
    return int(value)


def undeletable(task: Task) -> Rejected | None:
    """Return why a task can neither be cancelled nor deleted now; the code is a guess of ours."""
    if task.status in {Status.RUNNING, Status.CANCELLED}:
        return ark(409, "InvalidAction", f"A task that is {task.status.value} cannot be deleted.")
    return None
