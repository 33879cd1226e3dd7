"""Count what the bot does to the world, and kill the bot at one of those moments.

Python imports this by itself when its folder is on PYTHONPATH. It changes three libraries and the
clock, never the product. Each effect has two edges, before and after; an edge is one line in the
file CHAOS_EDGES, and the process dies (SIGKILL) at line number CHAOS_KILL_AT.
CHAOS_AHEAD_SECONDS sets the wall clock ahead, for a bot that was away for some time.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

if TYPE_CHECKING:
    from sqlite3 import _Parameters

Send = Callable[..., Awaitable[aiohttp.ClientResponse]]
SPOOLED = (".part", ".mp4")
# Ids, and the tokens of interactions.
VARYING = re.compile(r"(?<=/)([0-9]{5,}|[0-9]+(?=\.mp4)|[\w-]{40,})")


class Edges:
    """Write the edges down, those of earlier lives included, and die at the one that is named."""

    def __init__(self, path: str, kill_at: int) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._passed = Path(path).read_bytes().count(b"\n")
        self._kill_at = kill_at
        self._turn = threading.Lock()

    def touch(self, name: str) -> None:
        """Pass an edge, or not."""
        with self._turn:
            self._passed += 1
            os.write(self._file, f"{name}\n".encode())
            if self._passed == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def around(self, effect: str) -> Generator[None]:
        """Pass the two edges of an effect; of one that fails too, since it may have happened."""
        self.touch(f"before {effect}")
        try:
            yield
        finally:
            self.touch(f"after {effect}")


def watch_commits(edges: Edges) -> None:
    """Watch every transaction that may write, from begin to commit."""

    class Connection(sqlite3.Connection):
        writing = False

        def execute(self, sql: str, parameters: _Parameters = (), /) -> sqlite3.Cursor:
            if sql.startswith("begin"):
                self.writing = sql == "begin immediate"
            if sql != "commit" or not self.writing:
                return super().execute(sql, parameters)
            with edges.around("commit"):
                return super().execute(sql, parameters)

    sqlite3.connect = partial(sqlite3.connect, factory=Connection)


def watch_requests(edges: Edges) -> None:
    """Watch every HTTP request, the gateway's too.

    Asking the same question again changes nothing, so of equal questions the first stands for all;
    otherwise the number of polls would number the edges anew each time.
    """
    send = cast("Send", aiohttp.ClientSession._request)
    asked: set[str] = set()

    @wraps(send)
    async def watched(
        self: aiohttp.ClientSession, method: str, url: URL | str, **options: object
    ) -> aiohttp.ClientResponse:
        effect = f"{method} {VARYING.sub('*', urlsplit(str(url)).path)}"
        if method == "GET":
            if str(url) in asked:
                return await send(self, method, url, **options)
            asked.add(str(url))
        with edges.around(effect):
            return await send(self, method, url, **options)

    setattr(aiohttp.ClientSession, send.__name__, watched)


def watch_files(edges: Edges) -> None:
    """Watch what becomes of the spool's files."""

    def watched(name: str, change: Callable[..., None]) -> Callable[..., None]:
        @wraps(change)
        def wrapper(target: int | str | Path, *others: object, **options: object) -> None:
            path = f"/proc/self/fd/{target}" if isinstance(target, int) else os.fspath(target)
            path = os.path.realpath(path)
            if not path.endswith(SPOOLED) or not os.path.exists(path):
                return change(target, *others, **options)
            with edges.around(f"{name} *{Path(path).suffix}"):
                return change(target, *others, **options)

        return wrapper

    for name in ("rename", "replace", "unlink", "remove", "fsync"):
        setattr(os, name, watched(name, getattr(os, name)))


def set_ahead(seconds: float) -> None:
    """Let the wall clock be so far ahead."""
    true_time, true_time_ns = time.time, time.time_ns
    time.time = lambda: true_time() + seconds
    time.time_ns = lambda: true_time_ns() + round(seconds * 1e9)


if "CHAOS_EDGES" in os.environ:
    written = Edges(os.environ["CHAOS_EDGES"], int(os.environ.get("CHAOS_KILL_AT") or 0))
    for watch in (watch_commits, watch_requests, watch_files):
        watch(written)
    set_ahead(float(os.environ.get("CHAOS_AHEAD_SECONDS") or 0))
