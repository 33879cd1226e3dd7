"""Copy a database in slices, each between two transactions."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable

from storage.errors import DatabaseClosed


class Slices:
    """Copy a database from a thread, as of the last slice, while its transactions go on.

    What is committed meanwhile through the same connection goes into the copy as well.
    https://sqlite.org/backup.html
    """

    def __init__(
        self,
        source: sqlite3.Connection,
        turn: asyncio.Lock,
        *,
        pages: int,
        ended: Callable[[], bool],
    ) -> None:
        self._source = source
        self._turn = turn
        self._pages = pages
        self._loop = asyncio.get_running_loop()
        self.ended = ended

    def copy(self, target: sqlite3.Connection, *, between: Callable[[], None]) -> None:
        """Copy everything; call `between` after each slice, when the others have their turn."""

        def let_others(*_: int) -> None:
            self._give()
            try:
                between()
            finally:
                self._take()
            if self.ended():
                raise DatabaseClosed

        self._take()
        try:
            self._source.backup(target, pages=self._pages, progress=let_others)
        finally:
            self._give()

    def _take(self) -> None:
        asyncio.run_coroutine_threadsafe(self._turn.acquire(), self._loop).result()

    def _give(self) -> None:
        self._loop.call_soon_threadsafe(self._turn.release)
