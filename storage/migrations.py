"""Bring a database's schema up to date, one numbered file at a time."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.database import Transaction

FOLDER = Path(__file__).parent / "sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """Hold the statements that lead from version `number` - 1 to version `number`."""

    number: int
    statements: tuple[str, ...]

    async def apply(self, tx: Transaction) -> None:
        """Run the statements and mark the version, both in the given transaction."""
        # One by one: executescript would commit the transaction first.
        for statement in self.statements:
            await tx.execute(statement)
        await tx.execute(f"pragma user_version = {self.number}")


def known(folder: Path | None = None) -> tuple[Migration, ...]:
    """Read every migration, in order; numbers must run from 1 without a gap."""
    files = sorted((folder or FOLDER).glob("*.sql"))
    found = tuple(_read(file) for file in files)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"numbers are not 1, 2, 3 …: {[file.name for file in files]}")
    return found


async def version(tx: Transaction) -> int:
    """Return the version that the database is marked with; a new one has 0."""
    rows = await tx.fetch_all("pragma user_version")
    return int(rows[0]["user_version"])


def _read(file: Path) -> Migration:
    named = re.fullmatch(r"(\d{4})_[a-z_]+\.sql", file.name)
    if named is None:
        raise ValueError(f"not the name of a migration: {file.name}")
    return Migration(number=int(named[1]), statements=_split(file.read_text(encoding="utf-8")))


def _split(script: str) -> tuple[str, ...]:
    """Cut a script into statements, each of which ends a line."""
    statements: list[str] = []
    rest = ""
    for line in script.splitlines(keepends=True):
        rest += line
        if sqlite3.complete_statement(rest):
            statements.append(rest.strip())
            rest = ""
    if rest.strip():
        raise ValueError("the last statement does not end")
    return tuple(statements)
