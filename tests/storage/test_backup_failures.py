from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sqlite3
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage import (
    Database,
    DatabaseDamaged,
    DestinationTaken,
    DiskFull,
    Occupant,
    StorageError,
    frames,
    renders,
)
from storage.backup import backup
from storage.records import Frame, FrameRole
from tests.storage import examples
from tests.storage.copies import files, fill, names, put, spend

ROOT = Path(__file__).parents[2]


def write(file: Path) -> None:
    file.write_text("precious")


def written(file: Path) -> bool:
    return file.read_text() == "precious"


# Places that are taken


async def test_a_folder_is_no_destination(database: Database, destination: Path) -> None:
    with pytest.raises(DestinationTaken) as refusal:
        await backup(database, destination.parent)
    assert (refusal.value.path, refusal.value.occupant) == (destination.parent, Occupant.FOLDER)


async def test_a_file_that_exists_is_left_as_it_is(database: Database, destination: Path) -> None:
    write(destination)
    with pytest.raises(DestinationTaken) as refusal:
        await backup(database, destination)
    assert (refusal.value.path, refusal.value.occupant) == (destination, Occupant.FILE)
    assert written(destination)
    assert files(destination.parent) == ["copy.db"]


async def test_a_file_that_appears_meanwhile_is_left_as_it_is(
    database: Database, destination: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: write(destination))
    with pytest.raises(DestinationTaken):
        await backup(database, destination)
    assert written(destination)
    assert files(destination.parent) == ["copy.db"]


async def test_the_database_itself_is_no_destination(
    database: Database, path: Path, destination: Path
) -> None:
    os.symlink(path, destination)
    for itself in (path, destination):
        with pytest.raises(DestinationTaken) as refusal:
            await backup(database, itself)
        assert refusal.value.occupant is Occupant.DATABASE
    await put(database, "still", "here")


async def test_a_link_to_nothing_is_left_as_it_is(database: Database, destination: Path) -> None:
    os.symlink("nothing", destination)
    with pytest.raises(DestinationTaken) as refusal:
        await backup(database, destination)
    assert refusal.value.occupant is Occupant.FILE


@pytest.mark.usefixtures("small_slices")
async def test_of_two_backups_to_one_place_the_first_is_made(
    database: Database, destination: Path
) -> None:
    await fill(database, pages=60)
    ends = await asyncio.gather(
        backup(database, destination), backup(database, destination), return_exceptions=True
    )
    (refusal,) = (end for end in ends if end is not None)
    assert isinstance(refusal, DestinationTaken)
    assert refusal.occupant in {Occupant.BACKUP, Occupant.FILE}
    assert files(destination.parent) == ["copy.db"]
    async with Database.inspect(f"sqlite:///{destination}") as inspector:
        assert await inspector.read(names) == {"large"}


async def test_a_backup_that_another_process_writes_is_left_to_it(
    database: Database, destination: Path
) -> None:
    part = destination.with_name("copy.db.part")
    part.write_text("half")
    holder = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import fcntl, sys\nfile = open(sys.argv[1])\nfcntl.flock(file, fcntl.LOCK_EX)\n"
        "print(flush=True)\nsys.stdin.read()",
        str(part),
        stdin=PIPE,
        stdout=PIPE,
    )
    assert holder.stdout is not None
    await holder.stdout.readline()
    with pytest.raises(DestinationTaken) as refusal:
        await backup(database, destination)
    assert (refusal.value.path, refusal.value.occupant) == (part, Occupant.BACKUP)
    await holder.communicate(b"")
    assert part.read_text() == "half"
    await backup(database, destination)


async def test_a_folder_that_is_missing_is_not_made(database: Database, tmp_path: Path) -> None:
    # It may be where a disk should have been mounted.
    with pytest.raises(StorageError, match="No such file"):
        await backup(database, tmp_path / "missing" / "copy.db")
    assert not (tmp_path / "missing").exists()


# Failures


async def test_a_backup_that_would_fill_the_disk_is_not_begun(
    database: Database, destination: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(destination.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=16 * 1024 * 1024))
    with pytest.raises(DiskFull, match="16777216 bytes are free"):
        await backup(database, destination)
    assert files(destination.parent) == []


@pytest.mark.usefixtures("small_slices")
@pytest.mark.parametrize("failing", [1, 20])
async def test_a_disk_that_fills_up_meanwhile_leaves_nothing_and_holds_nobody_up(
    database: Database, destination: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    calls = 0

    def sync(file: int) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise OSError(errno.ENOSPC, "No space left on device")

    await fill(database, pages=60)
    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(DiskFull):
        await backup(database, destination)
    assert files(destination.parent) == []
    await spend(database)
    await backup(database, destination)


LIMITED = """
import asyncio, resource, sys
from pathlib import Path
from storage import Database, StorageError
from storage.backup import backup
from storage.records import Frame, FrameRole
from tests.storage import examples

async def main():
    async with Database.inspect(sys.argv[1]) as database:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * 1024, resource.RLIM_INFINITY))
        try:
            await backup(database, Path(sys.argv[2]))
        except StorageError as error:
            print(error.detail)

asyncio.run(main())
"""


async def test_a_write_that_fails_leaves_nothing_behind(
    database: Database, url: str, destination: Path
) -> None:
    await fill(database, pages=1000)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LIMITED, url, str(destination), stdout=PIPE, cwd=ROOT
    )
    out, _ = await child.communicate()
    assert (child.returncode, out) == (0, b"disk I/O error\n")
    assert files(destination.parent) == []


# The start looks at neither: it leaves the frames out.


async def overwrite_a_page(database: Database) -> None:
    root = await database.read(
        lambda tx: tx.fetch_one("select rootpage from sqlite_schema where name = 'frames'")
    )
    await database.close()
    assert root is not None
    with database.path.open("r+b") as file:
        file.seek((root["rootpage"] - 1) * 4096)
        file.write(b"\xff" * 4096)


async def change_a_column(database: Database) -> None:
    made = examples.render()
    image = Frame(role=FrameRole.FIRST, media_type="image/png", width=1, height=1, data=b"\xff")
    await database.transaction(lambda tx: renders.insert(tx, made))
    await database.transaction(lambda tx: frames.insert(tx, made.id, image))
    await database.close()
    with closing(sqlite3.connect(database.path)) as connection:
        connection.executescript(
            """
            pragma writable_schema = on;
            update sqlite_schema set sql = replace(sql, 'media_type text', 'media_type integer')
            where name = 'frames';
            """
        )


@pytest.mark.parametrize("damage", [overwrite_a_page, change_a_column])
async def test_a_copy_that_is_not_sound_is_not_kept(
    url: str, destination: Path, damage: Callable[[Database], Awaitable[None]]
) -> None:
    async with Database.open(url) as database:
        await damage(database)
    async with Database.open(url) as database:
        with pytest.raises(DatabaseDamaged):
            await backup(database, destination)
    assert files(destination.parent) == []
