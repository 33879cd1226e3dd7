"""Fill databases, and look at the files of their backups."""

from __future__ import annotations

import stat
from pathlib import Path

from storage import Database, Transaction, settings
from tests.storage import examples


async def put(database: Database, name: str, value: str = "") -> None:
    await database.transaction(lambda tx: settings.put(tx, name, value))


async def fill(database: Database, *, pages: int) -> None:
    await put(database, "large", "x" * 4096 * pages)


async def names(tx: Transaction) -> set[str]:
    return {row["name"] for row in await tx.fetch_all("select name from settings")}


async def spend(database: Database) -> str:
    """Hold and settle for one render, in two transactions."""
    made = examples.render()
    await database.transaction(lambda tx: examples.admit(tx, made))
    await database.transaction(lambda tx: examples.settle(tx, made, 60))
    return made.id


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)
