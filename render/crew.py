"""Run tasks for renders side by side, so many at once and never two for one render."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

log = logging.getLogger(__name__)


class Crew:
    """Hold the tasks of one kind; what a task raises is logged and ends that task only."""

    def __init__(self, kind: str, *, size: int, on_end: Callable[[], None]) -> None:
        self._kind = kind
        self._size = size
        self._on_end = on_end
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    @property
    def full(self) -> bool:
        """Say whether nobody more may start."""
        return self._closed or len(self._tasks) >= self._size

    def __contains__(self, render_id: object) -> bool:
        return render_id in self._tasks

    def start(self, render_id: str, work: Coroutine[Any, Any, None]) -> None:
        """Begin the work for a render that has none under way."""
        task = asyncio.create_task(work, name=f"{self._kind} {render_id}")
        self._tasks[render_id] = task
        task.add_done_callback(lambda ended: self._end(render_id, ended))

    def close(self) -> None:
        """Be full from now on."""
        self._closed = True

    async def finish(self, grace: timedelta) -> None:
        """Let all end by themselves for so long, then cancel them.

        The grace is real time, whatever the clock: the process is leaving.
        """
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=grace.total_seconds())
        left = tuple(self._tasks.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _end(self, render_id: str, task: asyncio.Task[None]) -> None:
        del self._tasks[render_id]
        if not task.cancelled() and (error := task.exception()):
            log.error("The %s of render %s broke", self._kind, render_id, exc_info=error)
        self._on_end()
