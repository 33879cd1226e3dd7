"""Name what may go wrong with the database.

StorageError
├── UnsupportedUrl   not the address of a SQLite file
├── DatabaseInUse    another process holds the database
├── DatabaseNewer    a later version of the program wrote it
├── DatabaseDamaged  the file is not, or is no longer, a sound database
├── DatabaseClosed   the database, or the transaction, has ended
├── StrayWal         the log of another database lies beside the file
├── DiskFull         the disk has no room
└── DestinationTaken something is already where a backup should go

CeilingReached       not a fault: an owner has no room for an amount
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.records import Account


class StorageError(Exception):
    """The database could not do what was asked; `detail` is for the log."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class UnsupportedUrl(StorageError):
    """The address is not one of a SQLite file; only its scheme is kept, it may hold a password."""

    def __init__(self, scheme: str) -> None:
        super().__init__(scheme)
        self.scheme = scheme


class DatabaseInUse(StorageError):
    """Another process holds the database; `holder` says who, or is empty when it cannot be told."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


class DatabaseNewer(StorageError):
    """The database has version `found`; this program knows those up to `known`."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"version {found}, known up to {known}")
        self.found = found
        self.known = known


class DatabaseDamaged(StorageError):
    """The file is not, or is no longer, a sound database."""


class DatabaseClosed(StorageError):
    """The database, or the transaction, has ended."""

    def __init__(self) -> None:
        super().__init__("closed")


class StrayWal(StorageError):
    """The log at `path` is not of the file beside it, and would be written into it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"not of this database: {path}")
        self.path = path


class DiskFull(StorageError):
    """The disk has no room; what was to be written is undone."""


class Occupant(StrEnum):
    """Say what is already where a backup should go."""

    FOLDER = "folder"
    FILE = "file"
    # The very file that is to be copied.
    DATABASE = "database"
    # Another copy to the same place, which is under way.
    BACKUP = "backup"


class DestinationTaken(StorageError):
    """Something is already at `path`, where a backup should go; it was left as it is."""

    def __init__(self, path: Path, occupant: Occupant) -> None:
        super().__init__(f"{occupant}: {path}")
        self.path = path
        self.occupant = occupant


class CeilingReached(Exception):
    """The amount passes the ceiling of `account`; it is no fault of the database."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.account = account


@contextmanager
def translated() -> Generator[None]:
    """Raise as StorageError what SQLite, the file system and unstorable values raise."""
    try:
        yield
    except sqlite3.Error as error:
        # Errors of the module itself have no code; the low byte is the kind, the rest its detail.
        kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
        raise _KINDS.get(kind, StorageError)(str(error)) from error
    except (OSError, OverflowError, UnicodeEncodeError) as error:
        full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise (DiskFull if full else StorageError)(str(error)) from error


_KINDS: dict[int, type[DatabaseDamaged | DiskFull]] = {
    sqlite3.SQLITE_CORRUPT: DatabaseDamaged,
    sqlite3.SQLITE_NOTADB: DatabaseDamaged,
    sqlite3.SQLITE_FULL: DiskFull,
}
