"""The database's health is read without changing anything."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import Database, Transaction, migrations
from storage.health import examine


async def run(database: Database, *statements: str) -> None:
    async def work(tx: Transaction) -> None:
        for statement in statements:
            await tx.execute(statement)

    await database.transaction(work)


async def test_a_sound_database_is_found_sound(database: Database) -> None:
    health = await examine(database)
    assert not health.damage
    assert not health.differences
    assert health.version == health.newest_version
    assert health.journal == "wal"
    assert health.sqlite == sqlite3.sqlite_version
    assert health.size_bytes > 4096


async def test_an_account_that_is_not_the_sum_of_its_lines_is_found(database: Database) -> None:
    await run(
        database,
        "insert into accounts (subject, span, server_id, member_id, starts_at_ms, ends_at_ms, held)"
        " values ('host', 'day', 0, 0, 1, 2, 7)",
    )
    (difference,) = (await examine(database)).differences
    assert (difference.held, difference.held_by_lines) == (7, 0)


async def test_damage_is_named_with_its_table(database: Database) -> None:
    await run(
        database,
        "pragma ignore_check_constraints = on",
        "insert into accounts (subject, span, server_id, member_id, starts_at_ms, ends_at_ms)"
        " values ('nobody', 'day', 0, 0, 1, 2)",
        "pragma ignore_check_constraints = off",
    )
    assert (await examine(database)).damage == ("CHECK constraint failed in accounts",)


@pytest.mark.parametrize("version", range(1, len(migrations.known())))
async def test_an_older_database_is_looked_at_before_it_is_brought_up_to_date(
    tmp_path: Path, version: int
) -> None:
    file = tmp_path / "older.db"
    with closing(sqlite3.connect(file)) as connection:
        for migration in migrations.known()[:version]:
            for statement in migration.statements:
                connection.execute(statement)
        connection.execute(f"pragma user_version = {version}")
        connection.commit()
    async with Database.inspect(f"sqlite:///{file}") as database:
        health = await examine(database)
    assert (health.version, health.damage, health.differences) == (version, (), ())
