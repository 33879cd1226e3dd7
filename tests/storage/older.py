"""Make databases as earlier versions of the program made them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from storage import Transaction
from storage.records import Render


def take_newer(folder: Path, than: int) -> dict[Path, str]:
    """Leave the migrations up to a version only, and return the others."""
    files = sorted(folder.glob("*.sql"))[than:]
    newer = {file: file.read_text() for file in files}
    for file in files:
        file.unlink()
    return newer


async def insert_as_then(tx: Transaction, table: str, values: Mapping[str, Any]) -> None:
    """Fill a table that need not have all of today's columns."""
    columns = [row["name"] for row in await tx.fetch_all(f"pragma table_info({table})")]
    among = [column for column in columns if column in values]
    await tx.execute(
        f"""
        insert into {table} ({", ".join(among)})
        values ({", ".join(f":{column}" for column in among)})
        """,
        {column: values[column] for column in among},
    )


async def keep_as_then(tx: Transaction, made: Render) -> Render:
    await insert_as_then(tx, "renders", {name: getattr(made, name) for name in made.__slots__})
    return made
