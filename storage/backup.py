"""Copy the database while it is in use, and keep the copies of the last days."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from datetime import date
from functools import partial
from pathlib import Path

from storage.database import Database
from storage.errors import DatabaseDamaged, DestinationTaken, DiskFull, Occupant, translated
from storage.slices import Slices

FOLDER = "backups"

# What a backup leaves free, since the bot writes to the same disk.
_SPARE_BYTES = 16 * 1024 * 1024
# How many instructions of SQLite run until it is asked again whether to go on.
_INSTRUCTIONS = 10_000


async def backup(database: Database, destination: Path) -> None:
    """Copy the database to a new file, which is there whole and sound, or not at all."""
    part = destination.with_name(f"{destination.name}.part")
    await database.copy(partial(_write, database.path, part, destination))


async def backup_of_day(database: Database, day: date, *, keep: int) -> Path | None:
    """Make the day's backup beside the database and drop all but the newest; None: it is there."""
    return await database.copy(partial(_write_of_day, database.path, day, keep))


def kept(path: Path) -> tuple[Path, ...]:
    """Return the days' backups of the database at `path`, the newest first."""
    name = re.compile(rf"{re.escape(path.stem)}-\d{{4}}-\d\d-\d\d{re.escape(path.suffix)}")
    found = (file for file in path.with_name(FOLDER).glob("*") if name.fullmatch(file.name))
    return tuple(sorted(found, reverse=True))


def _write_of_day(source: Path, day: date, keep: int, slices: Slices) -> Path | None:
    folder = source.with_name(FOLDER)
    destination = folder / f"{source.stem}-{day.isoformat()}{source.suffix}"
    with translated():
        if destination.exists():
            return None
        folder.mkdir(mode=0o700, exist_ok=True)
        # One name for all days: what a process that was killed left is written over the next time.
        _write(source, folder / f"{source.name}.part", destination, slices)
        for old in kept(source)[keep:]:
            old.unlink()
    return destination


def _write(source: Path, part: Path, destination: Path, slices: Slices) -> None:
    with translated():
        _demand_vacancy(destination, source)
        _demand_room(destination.parent, source)
        with _held(part) as file:
            with closing(sqlite3.connect(part, isolation_level=None)) as target:
                _fill(target, slices, sync=partial(os.fsync, file))
            os.fsync(file)
            _demand_vacancy(destination, source)
            part.rename(destination)
        _sync_folder(destination.parent)


def _fill(target: sqlite3.Connection, slices: Slices, *, sync: Callable[[], None]) -> None:
    """Copy everything and demand that it is sound, in one file that needs no other."""
    target.execute("pragma journal_mode = off")
    target.execute("pragma synchronous = off")
    # Synced slice by slice, or the last sync would hold up the commits of the bot.
    slices.copy(target, between=sync)
    target.set_progress_handler(slices.ended, _INSTRUCTIONS)
    target.execute("pragma journal_mode = delete")
    findings = [finding for (finding,) in target.execute("pragma quick_check")]
    if findings != ["ok"]:
        raise DatabaseDamaged("; ".join(findings))


def _demand_vacancy(destination: Path, source: Path) -> None:
    if destination.is_dir():
        raise DestinationTaken(destination, Occupant.FOLDER)
    if os.path.lexists(destination):
        same = destination.exists() and destination.samefile(source)
        raise DestinationTaken(destination, Occupant.DATABASE if same else Occupant.FILE)


def _demand_room(folder: Path, source: Path) -> None:
    files = (source, source.with_name(f"{source.name}-wal"))
    needed = sum(file.stat().st_size for file in files if file.exists()) + _SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(f"{free} bytes are free, {needed} are needed: {folder}")


@contextmanager
def _held(part: Path) -> Generator[int]:
    """Open an empty file that no other process writes; it goes when what follows fails."""
    file = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _claim(file, part)
        try:
            yield file
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    finally:
        os.close(file)


def _claim(file: int, part: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Who held it may have given it its final name before the lock was free.
        ours = os.path.samestat(os.fstat(file), part.stat())
    except (BlockingIOError, FileNotFoundError):
        ours = False
    if not ours:
        raise DestinationTaken(part, Occupant.BACKUP)
    os.fchmod(file, 0o600)
    os.ftruncate(file, 0)


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder outlast a power cut."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
