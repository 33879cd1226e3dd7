"""Keep what must not be lost: every line of SQL is here."""

from __future__ import annotations

from storage.database import Database, Transaction
from storage.errors import (
    DatabaseClosed,
    DatabaseDamaged,
    DatabaseInUse,
    DatabaseNewer,
    DestinationTaken,
    DiskFull,
    Occupant,
    StorageError,
    StrayWal,
    UnsupportedUrl,
)

__all__ = [
    "Database",
    "DatabaseClosed",
    "DatabaseDamaged",
    "DatabaseInUse",
    "DatabaseNewer",
    "DestinationTaken",
    "DiskFull",
    "Occupant",
    "StorageError",
    "StrayWal",
    "Transaction",
    "UnsupportedUrl",
]
