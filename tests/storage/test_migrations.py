from __future__ import annotations

from pathlib import Path

import pytest

from storage import Database, DatabaseNewer, StorageError, migrations, settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start from a copy of the project's own migrations."""
    made = tmp_path / "migrations"
    made.mkdir()
    for file in migrations.FOLDER.glob("*.sql"):
        (made / file.name).write_text(file.read_text())
    monkeypatch.setattr(migrations, "FOLDER", made)
    return made


def second(folder: Path, script: str) -> None:
    (folder / "0002_second.sql").write_text(script)


async def version(url: str) -> int:
    async with Database.inspect(url) as database:
        return await database.read(migrations.version)


async def test_a_new_database_has_the_newest_version(database: Database) -> None:
    assert await database.read(migrations.version) == len(migrations.known()) > 0


async def test_a_later_migration_keeps_every_row(folder: Path, url: str) -> None:
    async with Database.open(url) as database:
        await database.transaction(lambda tx: settings.put(tx, "colour", "blue"))
    second(folder, "create table extra (id integer primary key) strict;\n")
    async with Database.open(url) as database:
        assert await database.read(migrations.version) == 2
        assert await database.read(lambda tx: settings.get(tx, "colour")) == "blue"
        assert await database.read(lambda tx: tx.fetch_all("select * from extra")) == ()


async def test_a_migration_that_fails_leaves_nothing_behind(folder: Path, url: str) -> None:
    async with Database.open(url):
        pass
    second(
        folder,
        """
        create table extra (id integer primary key) strict;
        insert into settings (name, value) values ('half', 'done');
        insert into nowhere values (1);
        """,
    )
    with pytest.raises(StorageError, match="no such table: nowhere"):
        async with Database.open(url):
            pass
    (folder / "0002_second.sql").unlink()
    assert await version(url) == 1
    async with Database.open(url) as database:
        assert await database.read(lambda tx: settings.get(tx, "half")) is None
        with pytest.raises(StorageError, match="no such table: extra"):
            await database.read(lambda tx: tx.fetch_all("select * from extra"))


async def test_a_newer_database_is_refused_and_left_as_it_is(folder: Path, url: str) -> None:
    second(folder, "create table extra (id integer primary key) strict;\n")
    async with Database.open(url):
        pass
    (folder / "0002_second.sql").unlink()
    for door in (Database.open, Database.inspect):
        with pytest.raises(DatabaseNewer) as refusal:
            async with door(url):
                pass
        assert (refusal.value.found, refusal.value.known) == (2, 1)
    second(folder, "create table extra (id integer primary key) strict;\n")
    assert await version(url) == 2


def test_a_trigger_is_one_statement(folder: Path) -> None:
    trigger = "create trigger t before update on a begin\n    select 1;\n    select 2;\nend;"
    second(folder, f"-- Why: because.\n\n{trigger}\n\ncreate table b (id integer);\n")
    assert migrations.known()[1].statements == (
        f"-- Why: because.\n\n{trigger}",
        "create table b (id integer);",
    )


def test_a_statement_without_an_end_is_a_fault(folder: Path) -> None:
    second(folder, "create table a (id integer);\ncreate table b (id integer)\n")
    with pytest.raises(ValueError, match="does not end"):
        migrations.known()


@pytest.mark.parametrize("name", ["0003_gap.sql", "0001_again.sql"])
def test_numbers_are_unique_and_without_a_gap(folder: Path, name: str) -> None:
    (folder / name).write_text("select 1;\n")
    with pytest.raises(ValueError, match="numbers"):
        migrations.known()


@pytest.mark.parametrize("name", ["second.sql", "2_second.sql", "0002-second.sql"])
def test_a_file_without_a_number_is_a_fault(folder: Path, name: str) -> None:
    (folder / name).write_text("select 1;\n")
    with pytest.raises(ValueError, match="not the name"):
        migrations.known()
