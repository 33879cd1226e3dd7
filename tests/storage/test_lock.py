from __future__ import annotations

import os
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from storage import Database, DatabaseInUse, StorageError
from storage.lock import FileLock


async def no_sleep(seconds: float) -> None:
    del seconds


async def test_a_second_opener_waits_half_a_minute_and_is_told_who_holds(
    database: Database, url: str
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    with pytest.raises(DatabaseInUse) as refusal:
        async with Database.open(url, sleep=sleep):
            pass
    assert sum(slept) == 30
    assert refusal.value.holder.startswith(f"process {os.getpid()} on ")
    assert await database.read(lambda tx: tx.fetch_all("select 1 as one")) == ({"one": 1},)


async def test_a_second_opener_gets_in_when_the_first_goes(url: str) -> None:
    async with AsyncExitStack() as first:
        await first.enter_async_context(Database.open(url))

        async def sleep(seconds: float) -> None:
            del seconds
            await first.aclose()

        async with Database.open(url, sleep=sleep) as second:
            await second.read(lambda tx: tx.fetch_all("select 1"))


async def test_the_text_of_a_dead_holder_does_not_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text("process 1 on a machine of long ago, and a long name at that " * 5)
    lock = await FileLock.acquire(path, wait=timedelta(0), sleep=no_sleep)
    assert path.read_text().startswith(f"process {os.getpid()} on ")
    assert "long ago" not in path.read_text()
    lock.close()


async def test_closing_a_lock_twice_closes_nobody_elses_file(tmp_path: Path) -> None:
    lock = await FileLock.acquire(tmp_path / "lock", wait=timedelta(0), sleep=no_sleep)
    lock.close()
    with (tmp_path / "other").open("w") as other:
        lock.close()
        other.write("still open")


async def test_a_lock_that_the_system_refuses_is_a_storage_error(path: Path, url: str) -> None:
    path.with_name("paperboat.db.lock").mkdir()
    with pytest.raises(StorageError):
        async with Database.open(url):
            pass
