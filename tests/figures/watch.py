"""Watch how long work waits for its turn on a database, and how long it keeps it."""

from __future__ import annotations

import time
from typing import Any, TypeVar

from storage import Database, Transaction
from storage.database import Work

T = TypeVar("T")


class Watched(Database):
    """Note of every transaction and read what passed before its work, and while it ran."""

    def __init__(self, *values: Any) -> None:  # noqa: ANN401 - passed on as they are
        super().__init__(*values)
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.waits: list[float] = []
        self.holds: list[float] = []

    async def transaction(self, work: Work[T]) -> T:
        return await super().transaction(self._timed(work))

    async def read(self, work: Work[T]) -> T:
        return await super().read(self._timed(work))

    def _timed(self, work: Work[T]) -> Work[T]:
        asked = time.perf_counter()

        async def timed(tx: Transaction) -> T:
            begun = time.perf_counter()
            self.waits.append(begun - asked)
            try:
                return await work(tx)
            finally:
                self.holds.append(time.perf_counter() - begun)

        return timed
