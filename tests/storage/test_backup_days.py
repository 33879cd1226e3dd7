from __future__ import annotations

import asyncio
import errno
import os
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from storage import Database, StorageError, renders
from storage.backup import backup_of_day, kept
from tests.storage.copies import files, fill, mode, names, put, spend

ROOT = Path(__file__).parents[2]
DAY = date(2026, 8, 7)


KILLED = """
import asyncio, sys
from pathlib import Path
from storage import Database, database as storage_database
from storage.backup import backup_of_day
from datetime import date

async def main():
    async with Database.open(sys.argv[1]) as database:
        await backup_of_day(database, date(2026, 8, 7), keep=7)

storage_database._SLICE_PAGES = 1
asyncio.run(main())
"""


async def test_a_kill_during_a_backup_leaves_the_old_one_and_the_way_free(
    url: str, path: Path
) -> None:
    async with Database.open(url) as database:
        spent = await spend(database)
        old = await backup_of_day(database, DAY - timedelta(days=1), keep=7)
        await fill(database, pages=4000)
    assert old is not None
    part = old.with_name("paperboat.db.part")
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, url, cwd=ROOT)
    while not part.exists() or part.stat().st_size == 0:
        assert child.returncode is None
        await asyncio.sleep(0.005)
    child.kill()
    await child.wait()
    assert kept(path) == (old,)
    async with Database.inspect(f"sqlite:///{old}") as inspector:
        assert [render.id for render in await inspector.read(renders.unfinished)] == [spent]
    async with Database.open(url) as database:
        new = await backup_of_day(database, DAY, keep=7)
    assert kept(path) == (new, old)
    assert not part.exists()


async def test_a_day_has_one_backup(database: Database, path: Path) -> None:
    made = await backup_of_day(database, DAY, keep=7)
    assert made == path.parent / "backups" / "paperboat-2026-08-07.db"
    assert mode(path.parent / "backups") == 0o700
    await put(database, "later", "today")
    assert await backup_of_day(database, DAY, keep=7) is None
    async with Database.inspect(f"sqlite:///{made}") as inspector:
        assert await inspector.read(names) == set()


async def test_the_newest_backups_are_kept_and_nothing_else_is_touched(
    database: Database, path: Path
) -> None:
    folder = path.parent / "backups"
    folder.mkdir()
    others = {"mine.db", "paperboat-2026-01-01.db.old", "other-2026-01-01.db", "paperboat-old.db"}
    for other in others:
        (folder / other).write_text("precious")
    for number in range(10):
        await backup_of_day(database, DAY + timedelta(days=number), keep=7)
    newest = [f"paperboat-2026-08-{day:02}.db" for day in range(16, 9, -1)]
    assert [file.name for file in kept(path)] == newest
    assert set(files(folder)) == {*newest, *others}


async def test_a_backup_that_fails_costs_no_older_one(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await backup_of_day(database, DAY, keep=1)

    def sync(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(StorageError, match="Input/output"):
        await backup_of_day(database, DAY + timedelta(days=1), keep=1)
    assert files(path.parent / "backups") == ["paperboat-2026-08-07.db"]
