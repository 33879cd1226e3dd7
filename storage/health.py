"""Look how the database fares, and change nothing."""

from __future__ import annotations

from dataclasses import dataclass

from storage import ledger, migrations
from storage.database import Database, Row, Transaction
from storage.ledger import Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Hold what a host may want to know about the database."""

    # What SQLite finds wrong with the tables; nothing when they are whole.
    damage: tuple[str, ...]
    # Accounts that are not the sum of their ledger lines; not looked for in an older version.
    differences: tuple[Difference, ...]
    version: int
    # The version that this program brings a database to.
    newest_version: int
    journal: str
    sqlite: str
    size_bytes: int


async def examine(database: Database) -> Health:
    """Check the tables, each in a turn of its own, so that nobody waits long meanwhile.

    Frames and thumbnails are left out, as at the start: they are large, or many.
    """
    damage: list[str] = []
    for table in await database.read(_tables):
        damage += await database.read(lambda tx, table=table: _damage(tx, table))
    facts = await database.read(_facts)
    version, newest = await database.read(migrations.version), len(migrations.known())
    return Health(
        damage=tuple(damage),
        differences=await database.read(ledger.check) if version == newest else (),
        version=version,
        newest_version=newest,
        journal=facts["journal_mode"],
        sqlite=facts["sqlite"],
        size_bytes=facts["page_count"] * facts["page_size"],
    )


async def _tables(tx: Transaction) -> tuple[Row, ...]:
    return await tx.fetch_all(
        "select name from sqlite_schema where type = 'table'"
        " and name not in ('frames', 'thumbnails') order by name"
    )


async def _damage(tx: Transaction, table: Row) -> list[str]:
    rows = await tx.fetch_all("select quick_check from pragma_quick_check(:name)", table)
    return [row["quick_check"] for row in rows if row["quick_check"] != "ok"]


async def _facts(tx: Transaction) -> Row:
    rows = await tx.fetch_all(
        """
        select journal_mode, page_count, page_size, sqlite_version() as sqlite
        from pragma_journal_mode, pragma_page_count, pragma_page_size
        """
    )
    return rows[0]
