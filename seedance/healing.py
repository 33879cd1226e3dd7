"""Find in the provider's list the tasks of creates whose answer was lost.

A task is taken for a render's only if nothing else is possible: it fits that render alone, the
render fits no other task that nobody owns, and what marks it is proven, not merely not denied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from seedance.client import CREATE_TIMEOUT
from seedance.inventory import ListedTask

T = TypeVar("T")

CLOCK_SKEW = timedelta(minutes=2)  # between the provider's clock and ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Hold what is known of a create that may have made a task whose id nobody knows.

    `remote_id` is the model as the create named it, `submitted_at` the moment before its first
    byte. Mark is the seed; where none was sent, the member's `safety_identifier`.
    """

    render_id: str
    remote_id: str
    submitted_at: datetime
    seed: int | None
    safety_identifier: str | None


def adoptions(
    traces: Collection[Trace], listed: Iterable[ListedTask], owned: Collection[str]
) -> dict[str, ListedTask]:
    """Return the tasks that can only be these renders', by the renders' ids.

    `traces` must hold every render that may have made a task in that time and has no task id, also
    those under way or given up; `listed` the whole list; `owned` the task ids of all renders.
    """
    free = {task.id: task for task in listed if task.id not in owned}.values()
    candidates = {
        trace.render_id: [task for task in free if _is_possible(trace, task)] for trace in traces
    }
    claims = Counter(task.id for tasks in candidates.values() for task in tasks)
    return {
        trace.render_id: task
        for trace in traces
        for task in candidates[trace.render_id]
        if len(candidates[trace.render_id]) == claims[task.id] == 1 and _is_proven(trace, task)
    }


def _is_possible(trace: Trace, listed: ListedTask) -> bool:
    """Say whether nothing that the list tells of the task speaks against it."""
    echo = listed.task.echo
    begins = trace.submitted_at - CLOCK_SKEW
    ends = trace.submitted_at + CREATE_TIMEOUT + CLOCK_SKEW
    return (
        listed.model == trace.remote_id
        and (echo.created_at is None or begins <= echo.created_at <= ends)
        and _agree(trace.seed, echo.seed)
        and _agree(trace.safety_identifier, listed.safety_identifier)
    )


def _agree(sent: T | None, told: T | None) -> bool:
    return sent is None or told is None or sent == told


def _is_proven(trace: Trace, listed: ListedTask) -> bool:
    """Say whether the list itself tells time and mark."""
    if listed.task.echo.created_at is None:
        return False
    if trace.seed is not None:
        return listed.task.echo.seed == trace.seed
    return (
        trace.safety_identifier is not None and listed.safety_identifier == trace.safety_identifier
    )
