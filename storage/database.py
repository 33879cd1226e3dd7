"""Open the database and run transactions on its one connection."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import aiosqlite

from storage import migrations
from storage.errors import (
    DatabaseClosed,
    DatabaseDamaged,
    DatabaseNewer,
    StorageError,
    StrayWal,
    UnsupportedUrl,
    translated,
)
from storage.lock import FileLock
from storage.slices import Slices

T = TypeVar("T")
Value = str | int | bytes | None
Row = dict[str, Any]

_BUSY_SECONDS = 5.0

# 256 KiB; copying them takes about a millisecond.
_SLICE_PAGES = 64
# The byte that is 2 in a file with a write-ahead log: https://sqlite.org/fileformat.html
_READ_VERSION = 19


class Transaction:
    """Run statements with named parameters; of use only while its work runs."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection: aiosqlite.Connection | None = connection

    async def execute(self, sql: str, params: Mapping[str, Value] | None = None) -> None:
        """Run one statement for what it does."""
        await self.fetch_all(sql, params)

    async def fetch_one(self, sql: str, params: Mapping[str, Value] | None = None) -> Row | None:
        """Run one statement and return its first row, if there is one."""
        rows = await self.fetch_all(sql, params)
        return rows[0] if rows else None

    async def fetch_all(
        self, sql: str, params: Mapping[str, Value] | None = None
    ) -> tuple[Row, ...]:
        """Run one statement to its end and return every row."""
        with translated():
            return tuple(
                cast("Iterable[Row]", await self._live().execute_fetchall(sql, params or {}))
            )

    def end(self) -> None:
        """Refuse further statements: they would run inside somebody else's transaction."""
        self._connection = None

    def _live(self) -> aiosqlite.Connection:
        if self._connection is None:
            raise DatabaseClosed
        return self._connection


Work = Callable[[Transaction], Awaitable[T]]


class Database:
    """Run one transaction after the other, each in a task of its own.

    A caller that is cancelled leaves its transaction to end by itself: whole, or not at all.
    """

    def __init__(self, connection: aiosqlite.Connection, path: Path, lock: FileLock | None) -> None:
        self.path = path
        self._connection = connection
        self._file_lock = lock
        self._turn = asyncio.Lock()
        self._pending: set[asyncio.Task[Any]] = set()
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        lock_wait: timedelta = timedelta(seconds=30),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> AsyncGenerator[Self]:
        """Open the database as the one process that uses it; make it, or bring it up to date."""
        path = _path(url)
        with translated():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock_path = path.with_name(f"{path.name}.lock")
            lock = await FileLock.acquire(lock_path, wait=lock_wait, sleep=sleep)
        with closing(lock):
            with translated():
                # SQLite gives its -wal and -shm files the mode that it finds here.
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
                _refuse_stray_wal(path)
            async with cls._connected(path, "rw", lock) as database:
                await database._prepare()
                yield database

    @classmethod
    @asynccontextmanager
    async def inspect(cls, url: str) -> AsyncGenerator[Self]:
        """Open the database for reading only, also beside the process that uses it."""
        path = _path(url)
        # Asked beforehand, because a connection that fails leaves its thread to the interpreter;
        # not by opening it, because closing a file drops every lock of the process on it.
        if not os.access(path, os.R_OK):
            raise StorageError(f"cannot be read: {path}")
        async with cls._connected(path, "ro", None) as database:
            await database.read(_examine)
            yield database

    async def transaction(self, work: Work[T]) -> T:
        """Run the work in a transaction of its own; it awaits nothing but the database."""
        return await self._run(work, ("pragma query_only = off", "begin immediate"))

    async def read(self, work: Work[T]) -> T:
        """Run work that only reads; it never sees what is not committed."""
        return await self._run(work, ("pragma query_only = on", "begin"))

    async def copy(self, write: Callable[[Slices], T]) -> T:
        """Let a thread copy the database in slices; it ends early with its caller and with this."""
        if self._closing is not None:
            raise DatabaseClosed
        abandoned = threading.Event()
        slices = Slices(
            self._connection._conn,  # pyright: ignore[reportPrivateUsage] - only sqlite3 has slices
            self._turn,
            # A commit of another process between two slices would begin an inspector's copy anew.
            pages=_SLICE_PAGES if self._file_lock else -1,
            ended=lambda: abandoned.is_set() or self._closing is not None,
        )
        task = asyncio.create_task(asyncio.to_thread(write, slices), name="copy the database")
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)
        try:
            return await asyncio.shield(task)
        finally:
            abandoned.set()

    async def close(self) -> None:
        """Refuse new work, wait for what is pending, then close; further calls wait as well."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name="close the database")
        await asyncio.shield(self._closing)

    @classmethod
    @asynccontextmanager
    async def _connected(cls, path: Path, mode: str, lock: FileLock | None) -> AsyncGenerator[Self]:
        address = f"{path.as_uri()}?mode={mode}"
        with translated():
            connection = await aiosqlite.connect(
                address,
                uri=True,
                isolation_level=None,
                timeout=_BUSY_SECONDS,
                # Slices are copied from another thread, while this one has nothing to do.
                check_same_thread=False,
            )
        # The connection's thread keeps the process alive until it is closed, whatever happens.
        database = cls(connection, path, lock)
        try:
            connection.row_factory = _as_mapping  # pyright: ignore[reportAttributeAccessIssue] - takes a function like sqlite3
            with translated():
                for pragma in ("synchronous = full", "foreign_keys = on", "trusted_schema = off"):
                    await connection.execute_fetchall(f"pragma {pragma}")
            yield database
        finally:
            await database.close()

    async def _prepare(self) -> None:
        found = await self.read(_examine)
        with translated():
            await self._connection.execute_fetchall("pragma journal_mode = wal")
        for migration in migrations.known()[found:]:
            await self.transaction(migration.apply)

    async def _run(self, work: Work[T], begin: tuple[str, ...]) -> T:
        if self._closing is not None:
            raise DatabaseClosed
        if asyncio.current_task() in self._pending:
            raise RuntimeError("a transaction inside a transaction would wait for itself")
        task = asyncio.create_task(self._take_turn(work, begin), name="transaction")
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)
        return await asyncio.shield(task)

    async def _take_turn(self, work: Work[T], begin: tuple[str, ...]) -> T:
        async with self._turn:
            tx = Transaction(self._connection)
            try:
                for statement in begin:
                    await tx.execute(statement)
                result = await work(tx)
                await tx.execute("commit")
            except BaseException:
                # Statements run in the order they were given, so this ends the transaction
                # even when the wait for one of them was cut short.
                with translated():
                    await self._connection.rollback()
                raise
            finally:
                tx.end()
            return result

    async def _close(self) -> None:
        try:
            while self._pending:
                await asyncio.wait(self._pending)
        finally:
            try:
                await self._connection.close()
            finally:
                if self._file_lock is not None:
                    self._file_lock.close()


def _path(url: str) -> Path:
    """Read sqlite:///relative or sqlite:////absolute."""
    named = re.fullmatch(r"sqlite:///([^?#]+)", url)
    if named is None or named[1] == ":memory:" or named[1].endswith("/"):
        scheme, colon, _ = url.partition(":")
        raise UnsupportedUrl(scheme if colon else "")
    return Path(named[1]).absolute()


def _refuse_stray_wal(path: Path) -> None:
    """Refuse the log of a database in whose place somebody put a backup."""
    wal = path.with_name(f"{path.name}-wal")
    # Before there is a connection: closing the file drops every lock of the process on it.
    with path.open("rb") as file:
        used_a_log = file.read(20)[_READ_VERSION:] == b"\2"
        new = file.tell() == 0
    if not (new or used_a_log) and wal.exists() and wal.stat().st_size:
        raise StrayWal(wal)


async def _examine(tx: Transaction) -> int:
    """Refuse a database that is newer than the program, or damaged; return its version."""
    found, newest = await migrations.version(tx), len(migrations.known())
    if found > newest:
        raise DatabaseNewer(found, newest)
    # The frames are large, and their thumbnails many; reading them all would delay every start.
    tables = await tx.fetch_all(
        "select name from sqlite_schema where type = 'table'"
        " and name not in ('frames', 'thumbnails') order by name"
    )
    for table in tables:
        findings = await tx.fetch_all("select * from pragma_quick_check(:name)", table)
        if [finding["quick_check"] for finding in findings] != ["ok"]:
            raise DatabaseDamaged("; ".join(finding["quick_check"] for finding in findings))
    return found


def _as_mapping(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}
