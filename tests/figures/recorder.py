"""Record what a database is told, and tell it again with nothing around it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

# Its words, and its values by name.
Statement = tuple[str, Mapping[str, Any]]

PRAGMAS = ("synchronous = full", "foreign_keys = on", "trusted_schema = off")


@contextmanager
def recorded() -> Generator[list[Statement]]:
    """Record the statements, with their values, of every connection opened meanwhile."""
    told: list[Statement] = []

    class Recorder(sqlite3.Connection):
        def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401 - sqlite3's own signature
            told.append((sql, parameters))
            return super().execute(sql, parameters)

    with mock.patch("sqlite3.connect", partial(sqlite3.connect, factory=Recorder)):
        yield told


def transactions(told: list[Statement]) -> list[list[Statement]]:
    """Cut a recording after each commit."""
    cut: list[list[Statement]] = [[]]
    for statement in told:
        cut[-1].append(statement)
        if statement[0] == "commit":
            cut.append([])
    return [statements for statements in cut if statements]


def replay(path: Path, told: list[list[Statement]]) -> Iterator[float]:
    """Run the transactions on one connection; yield the seconds since the start after each."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(f"pragma {pragma}")
        begun = time.perf_counter()
        for statements in told:
            for sql, values in statements:
                connection.execute(sql, values).fetchall()
            yield time.perf_counter() - begun
