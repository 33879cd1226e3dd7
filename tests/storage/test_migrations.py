from __future__ import annotations

from pathlib import Path

import pytest

from storage import (
    Database,
    DatabaseNewer,
    StorageError,
    Transaction,
    frames,
    identifies,
    messages,
    migrations,
    renders,
    settings,
)
from storage.database import Row
from storage.records import Frame, FrameRole, Pause, Purpose
from tests.storage import examples
from tests.storage.older import insert_as_then, keep_as_then, take_newer

NEWEST = len(migrations.known())
# What there was from the beginning.
FILLED = ("renders", "messages", "frames", "events", "accounts", "ledger", "settings", "pauses")


def later(folder: Path, script: str) -> Path:
    file = folder / f"{NEWEST + 1:04}_later.sql"
    file.write_text(script)
    return file


async def everything(tx: Transaction) -> dict[str, tuple[Row, ...]]:
    tables = await tx.fetch_all("select name from sqlite_schema where type = 'table'")
    return {
        name: await tx.fetch_all(f"select * from {name} order by 1, 2")
        for name in (table["name"] for table in tables)
    }


async def some_of_everything(tx: Transaction) -> None:
    kept = await keep_as_then(tx, examples.render())
    await messages.begin(
        tx,
        render_id=kept.id,
        purpose=Purpose.CARD,
        channel_id=kept.channel_id,
        at_ms=examples.NOW_MS,
        renew=False,
    )
    asked = {
        "render_id": kept.id,
        "at_ms": 1,
        "to_state": kept.state,
        "author": "1",
        "why": "asked",
    }
    await insert_as_then(tx, "events", asked)
    image = Frame(role=FrameRole.FIRST, media_type="image/png", width=1, height=1, data=b"\0\xff")
    await frames.insert(tx, kept.id, image)
    day = {"subject": "host", "span": "day", "server_id": 0, "member_id": 0, "held": 61}
    await insert_as_then(tx, "accounts", {**day, "starts_at_ms": 0, "ends_at_ms": examples.DAY_MS})
    line = {"account_id": 1, "render_id": kept.id, "at_ms": 1, "entry": "hold", "held": 61}
    await insert_as_then(tx, "ledger", {**line, "spent": 0, "author": "1", "reason": "admitted"})
    await settings.put(tx, "colour", "blue")
    await settings.pause(tx, Pause(server_id=1, author_id=2, reason="a raid", at_ms=3))


async def version(url: str) -> int:
    async with Database.inspect(url) as database:
        return await database.read(migrations.version)


async def test_a_new_database_has_the_newest_version(database: Database) -> None:
    assert await database.read(migrations.version) == len(migrations.known()) > 0


async def test_a_later_migration_keeps_every_row(folder: Path, url: str) -> None:
    async with Database.open(url) as database:
        await database.transaction(lambda tx: settings.put(tx, "colour", "blue"))
    later(folder, "create table extra (id integer primary key) strict;\n")
    async with Database.open(url) as database:
        assert await database.read(migrations.version) == NEWEST + 1
        assert await database.read(lambda tx: settings.get(tx, "colour")) == "blue"
        assert await database.read(lambda tx: tx.fetch_all("select * from extra")) == ()


@pytest.mark.parametrize("old", range(1, NEWEST))
async def test_a_database_of_an_older_version_keeps_everything(
    folder: Path, url: str, old: int
) -> None:
    newer = take_newer(folder, old)
    async with Database.open(url) as database:
        await database.transaction(some_of_everything)
        before = await database.read(everything)
    assert await version(url) == old
    assert all(before[name] for name in FILLED)
    # Kept with every account until there were rules; it said what was set at the last hold.
    before["accounts"] = tuple(
        {name: value for name, value in row.items() if name != "ceiling"}
        for row in before["accounts"]
    )
    for file, script in newer.items():
        file.write_text(script)
    async with Database.open(url) as database:
        after = await database.read(everything)
        for name, rows in before.items():
            both = zip(rows, after[name], strict=True)
            assert all(then.items() <= now.items() for then, now in both)
        await database.transaction(lambda tx: identifies.note(tx, examples.NOW_MS))
    assert await version(url) == NEWEST


async def test_a_render_of_version_2_has_no_parent(folder: Path, url: str) -> None:
    newer = take_newer(folder, 2)
    made = examples.render()
    async with Database.open(url) as database:
        await database.transaction(lambda tx: keep_as_then(tx, made))
    for file, script in newer.items():
        file.write_text(script)
    async with Database.open(url) as database:
        assert await database.read(lambda tx: renders.find(tx, made.id)) == made
    assert made.parent_id is None


async def test_a_migration_that_fails_leaves_nothing_behind(folder: Path, url: str) -> None:
    async with Database.open(url):
        pass
    file = later(
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
    file.unlink()
    assert await version(url) == NEWEST
    async with Database.open(url) as database:
        assert await database.read(lambda tx: settings.get(tx, "half")) is None
        with pytest.raises(StorageError, match="no such table: extra"):
            await database.read(lambda tx: tx.fetch_all("select * from extra"))


async def test_a_newer_database_is_refused_and_left_as_it_is(folder: Path, url: str) -> None:
    file = later(folder, "create table extra (id integer primary key) strict;\n")
    async with Database.open(url):
        pass
    file.unlink()
    for door in (Database.open, Database.inspect):
        with pytest.raises(DatabaseNewer) as refusal:
            async with door(url):
                pass
        assert (refusal.value.found, refusal.value.known) == (NEWEST + 1, NEWEST)
    later(folder, "create table extra (id integer primary key) strict;\n")
    assert await version(url) == NEWEST + 1


def test_a_trigger_is_one_statement(folder: Path) -> None:
    trigger = "create trigger t before update on a begin\n    select 1;\n    select 2;\nend;"
    later(folder, f"-- Why: because.\n\n{trigger}\n\ncreate table b (id integer);\n")
    assert migrations.known()[-1].statements == (
        f"-- Why: because.\n\n{trigger}",
        "create table b (id integer);",
    )


def test_a_statement_without_an_end_is_a_fault(folder: Path) -> None:
    later(folder, "create table a (id integer);\ncreate table b (id integer)\n")
    with pytest.raises(ValueError, match="does not end"):
        migrations.known()


@pytest.mark.parametrize("name", [f"{NEWEST + 2:04}_gap.sql", "0001_again.sql"])
def test_numbers_are_unique_and_without_a_gap(folder: Path, name: str) -> None:
    (folder / name).write_text("select 1;\n")
    with pytest.raises(ValueError, match="numbers"):
        migrations.known()


@pytest.mark.parametrize("name", ["later.sql", "9_later.sql", "0009-later.sql"])
def test_a_file_without_a_number_is_a_fault(folder: Path, name: str) -> None:
    (folder / name).write_text("select 1;\n")
    with pytest.raises(ValueError, match="not the name"):
        migrations.known()
