"""Name what may go wrong with the database.

StorageError
├── UnsupportedUrl   not the address of a SQLite file
├── DatabaseInUse    another process holds the database
├── DatabaseNewer    a later version of the program wrote it
├── DatabaseDamaged  the file is not, or is no longer, a sound database
└── DatabaseClosed   the database, or the transaction, has ended
"""

from __future__ import annotations


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
