"""Hold the lock that lets one process at a time use a database."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from storage.errors import DatabaseInUse

_INTERVAL_SECONDS = 0.25


class FileLock:
    """Hold an flock on a file until closed; the kernel frees it when the process dies.

    The text in the file only tells a second opener who holds it.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._open = True

    @classmethod
    async def acquire(
        cls, path: Path, *, wait: timedelta, sleep: Callable[[float], Awaitable[None]]
    ) -> Self:
        """Take the lock, waiting as long as allowed for another holder to go."""
        lock = cls(path)
        try:
            waited = 0.0
            while not lock._try():
                if waited >= wait.total_seconds():
                    raise DatabaseInUse(lock._holder())
                await sleep(_INTERVAL_SECONDS)
                waited += _INTERVAL_SECONDS
        except BaseException:
            lock.close()
            raise
        return lock

    def close(self) -> None:
        """Let go; a second call does nothing."""
        if self._open:
            self._open = False
            os.close(self._file)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        since = datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
        os.ftruncate(self._file, 0)
        os.pwrite(
            self._file,
            f"process {os.getpid()} on {os.uname().nodename}, since {since}".encode(),
            0,
        )
        return True

    def _holder(self) -> str:
        return os.pread(self._file, 500, 0).decode(errors="replace").strip()
