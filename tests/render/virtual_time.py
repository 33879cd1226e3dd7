"""A clock that moves only when the test says so."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count

NOON_MS = 1_790_000_000_000 // 86_400_000 * 86_400_000 + 12 * 3_600_000


class VirtualClock:
    """Stand still, and let sleepers sleep, until `advance`."""

    def __init__(self) -> None:
        self._ms = NOON_MS
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def now_ms(self) -> int:
        return self._ms

    def monotonic(self) -> float:
        return (self._ms - NOON_MS) / 1000

    async def sleep(self, seconds: float) -> None:
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(
            self._sleepers, (self._ms + round(seconds * 1000), next(self._numbers), waking)
        )
        await waking

    def jump(self, seconds: float) -> None:
        """Let time pass unnoticed: sleepers wake at the next `advance`."""
        self._ms += round(seconds * 1000)

    def advance(self, seconds: float) -> None:
        self.jump(seconds)
        while self._sleepers and self._sleepers[0][0] <= self._ms:
            _, _, waking = heapq.heappop(self._sleepers)
            if not waking.done():
                waking.set_result(None)
