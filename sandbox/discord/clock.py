"""The stand-in's clock: real time, plus whatever a test has skipped."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable


T = TypeVar("T")


class Clock:
    """Tell the time, and jump ahead so that nobody waits for a deadline."""

    def __init__(self) -> None:
        self._skipped_seconds = 0.0
        self._jumped = asyncio.Event()

    def now(self) -> float:
        """Give the time in seconds since 1970."""
        return time.time() + self._skipped_seconds

    def advance(self, seconds: float) -> None:
        """Jump ahead; whoever waits for a deadline wakes up at once."""
        self._skipped_seconds += seconds
        self._jumped.set()
        self._jumped = asyncio.Event()

    async def wait(self, waited_for: Awaitable[T], timeout_seconds: float) -> T:
        """Await something, for so long by this clock; raise TimeoutError afterwards."""
        deadline = self.now() + timeout_seconds
        task = asyncio.ensure_future(waited_for)
        try:
            while not task.done():
                left_seconds = deadline - self.now()
                if left_seconds <= 0:
                    raise TimeoutError
                await self._pause(task, left_seconds)
            return task.result()
        finally:
            task.cancel()

    async def _pause(self, task: asyncio.Future[T], seconds: float) -> None:
        jumped = asyncio.ensure_future(self._jumped.wait())
        try:
            await asyncio.wait((task, jumped), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            jumped.cancel()
