from __future__ import annotations

import asyncio
import random
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from storage import (
    Database,
    DatabaseClosed,
    DatabaseDamaged,
    StorageError,
    Transaction,
    UnsupportedUrl,
    settings,
)


async def names(tx: Transaction) -> set[str]:
    return {row["name"] for row in await tx.fetch_all("select name from settings")}


async def both(tx: Transaction, name: str) -> None:
    await settings.put(tx, f"{name} a", "")
    await settings.put(tx, f"{name} b", "")


class Fault(Exception):
    pass


# Addresses


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("postgresql://paperboat:secret@db/paperboat", "postgresql"),
        ("sqlite://paperboat.db", "sqlite"),
        ("sqlite:///", "sqlite"),
        ("sqlite:///data/", "sqlite"),
        ("sqlite:///:memory:", "sqlite"),
        ("sqlite:///paperboat.db?mode=ro", "sqlite"),
        ("paperboat.db", ""),
        ("", ""),
    ],
)
async def test_an_address_of_anything_but_a_file_is_refused(url: str, scheme: str) -> None:
    with pytest.raises(UnsupportedUrl) as refusal:
        async with Database.open(url):
            pass
    assert refusal.value.scheme == scheme
    assert "secret" not in str(refusal.value)


async def test_a_relative_address_starts_where_the_process_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with Database.open("sqlite:///data/paperboat.db"):
        assert (tmp_path / "data" / "paperboat.db").exists()


async def test_a_path_may_hold_any_sign(tmp_path: Path) -> None:
    async with Database.open(f"sqlite:///{tmp_path}/50 % & ü/paper boat.db"):
        assert (tmp_path / "50 % & ü" / "paper boat.db").stat().st_size > 0


async def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with Database.open(f"sqlite:///{folder}/paperboat.db"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert files == {
        "paperboat.db": 0o600,
        "paperboat.db-wal": 0o600,
        "paperboat.db-shm": 0o600,
        "paperboat.db.lock": 0o600,
    }


async def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StorageError):
        async with Database.open(f"sqlite:///{tmp_path}/data/paperboat.db"):
            pass


async def test_a_folder_in_place_of_the_file_is_a_storage_error(path: Path, url: str) -> None:
    path.joinpath("inside").mkdir(parents=True)
    with pytest.raises(StorageError):
        async with Database.open(url):
            pass


# Transactions


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("busy_timeout", 5000),
    ],
)
async def test_the_connection_is_set_up_for_safety(
    database: Database, pragma: str, value: str | int
) -> None:
    rows = await database.read(lambda tx: tx.fetch_all(f"pragma {pragma}"))
    assert list(rows[0].values()) == [value]


async def test_a_transaction_returns_what_its_work_returns(database: Database) -> None:
    await database.transaction(lambda tx: settings.put(tx, "colour", "blue"))
    assert await database.read(lambda tx: settings.get(tx, "colour")) == "blue"


async def test_a_fault_undoes_the_transaction_and_reaches_the_caller(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await both(tx, "x")
        raise Fault

    with pytest.raises(Fault):
        await database.transaction(work)
    assert await database.read(names) == set()


async def test_parallel_transactions_never_share_their_fate(database: Database) -> None:
    async def work(tx: Transaction, number: int) -> None:
        await both(tx, str(number))
        if number % 2:
            raise Fault

    ends = await asyncio.gather(
        *(database.transaction(lambda tx, n=n: work(tx, n)) for n in range(40)),
        return_exceptions=True,
    )
    assert [isinstance(end, Fault) for end in ends] == [bool(n % 2) for n in range(40)]
    assert await database.read(names) == {f"{n} {x}" for n in range(0, 40, 2) for x in "ab"}


async def test_a_read_never_sees_what_is_not_committed(database: Database) -> None:
    written, go_on = asyncio.Event(), asyncio.Event()

    async def work(tx: Transaction) -> None:
        await both(tx, "x")
        written.set()
        await go_on.wait()
        raise Fault

    writer = asyncio.create_task(database.transaction(work))
    await written.wait()
    reader = asyncio.create_task(database.read(names))
    await asyncio.sleep(0.01)
    assert not reader.done()
    go_on.set()
    with pytest.raises(Fault):
        await writer
    assert await reader == set()


async def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(StorageError):
        await database.read(lambda tx: settings.put(tx, "colour", "blue"))
    await database.transaction(lambda tx: settings.put(tx, "colour", "red"))
    assert await database.read(lambda tx: settings.get(tx, "colour")) == "red"


async def test_a_transaction_that_has_ended_takes_no_statement(database: Database) -> None:
    kept: list[Transaction] = []

    async def work(tx: Transaction) -> None:
        kept.append(tx)

    await database.transaction(work)
    with pytest.raises(DatabaseClosed):
        await settings.put(kept[0], "colour", "blue")


async def test_a_transaction_inside_a_transaction_fails_instead_of_waiting_for_ever(
    database: Database,
) -> None:
    async def work(tx: Transaction) -> None:
        del tx
        await database.read(names)

    with pytest.raises(RuntimeError, match="inside a transaction"):
        await database.transaction(work)
    assert await database.read(names) == set()


@pytest.mark.parametrize("value", ["\ud800", 2**63])
async def test_a_value_that_cannot_be_stored_is_a_storage_error(
    database: Database, value: str | int
) -> None:
    with pytest.raises(StorageError):
        await database.read(lambda tx: tx.fetch_one("select :value as it", {"value": value}))


async def test_a_wrong_statement_is_a_storage_error(database: Database) -> None:
    with pytest.raises(StorageError) as error:
        await database.read(lambda tx: tx.fetch_one("select it from nowhere"))
    assert error.value.detail == "no such table: nowhere"


async def test_a_full_disk_undoes_the_transaction_and_the_next_one_runs(
    database: Database,
) -> None:
    async def work(tx: Transaction) -> None:
        await both(tx, "x")
        await settings.put(tx, "large", "x" * 1_000_000)

    async def limit(pages: int) -> None:
        await database.read(lambda tx: tx.fetch_all(f"pragma max_page_count = {pages}"))

    await limit(60)
    with pytest.raises(StorageError, match="disk is full"):
        await database.transaction(work)
    assert await database.read(names) == set()
    await limit(10_000)
    await database.transaction(work)
    assert await database.read(names) == {"x a", "x b", "large"}


# Cancellation


async def test_a_transaction_goes_on_when_its_caller_is_cancelled(database: Database) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def work(tx: Transaction) -> None:
        started.set()
        await go_on.wait()
        await both(tx, "x")

    caller = asyncio.create_task(database.transaction(work))
    await started.wait()
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    assert caller.cancelled()
    go_on.set()
    assert await database.read(names) == {"x a", "x b"}


async def test_a_cancelled_caller_leaves_its_transaction_whole_or_undone(
    database: Database,
) -> None:
    chance = random.Random(5)

    async def once(number: int) -> None:
        caller = asyncio.create_task(database.transaction(lambda tx: both(tx, str(number))))
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(chance.choice((0, 0, 0.0003)))
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)

    for start in range(0, 150, 3):
        await asyncio.gather(*(once(start + n) for n in range(3)))
    found = await database.read(names)
    assert {name[:-2] for name in found if name.endswith("a")} == {
        name[:-2] for name in found if name.endswith("b")
    }
    await database.transaction(lambda tx: both(tx, "after"))


async def test_a_cancelled_transaction_is_undone_and_the_next_one_runs(
    database: Database,
) -> None:
    chance = random.Random(7)
    whole: set[str] = set()

    for number in range(100):
        caller = asyncio.create_task(database.transaction(lambda tx, n=number: both(tx, str(n))))
        await asyncio.sleep(0)
        (inner,) = (task for task in asyncio.all_tasks() if task.get_name() == "transaction")
        for _ in range(chance.randrange(8)):
            await asyncio.sleep(chance.choice((0, 0.0002)))
        inner.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        if not caller.cancelled():
            whole |= {f"{number} a", f"{number} b"}

    found = await database.read(names)
    assert whole <= found
    assert {name[:-2] for name in found if name.endswith("a")} == {
        name[:-2] for name in found if name.endswith("b")
    }


# Closing


async def test_closing_waits_for_what_is_pending_and_refuses_what_is_new(url: str) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def work(tx: Transaction) -> None:
        started.set()
        await go_on.wait()
        await settings.put(tx, "colour", "blue")

    async with Database.open(url) as database:
        pending = asyncio.create_task(database.transaction(work))
        await started.wait()
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0.01)
        with pytest.raises(DatabaseClosed):
            await database.read(names)
        assert not closing.done()
        go_on.set()
        await closing
        await pending
        await database.close()
    async with Database.open(url) as database:
        assert await database.read(lambda tx: settings.get(tx, "colour")) == "blue"


async def test_closing_goes_on_when_its_caller_is_cancelled(url: str) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def work(tx: Transaction) -> None:
        started.set()
        await go_on.wait()
        await settings.put(tx, "colour", "blue")

    async with Database.open(url) as database:
        pending = asyncio.create_task(database.transaction(work))
        await started.wait()
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
        go_on.set()
        await pending
    async with Database.open(url) as database:
        assert await database.read(lambda tx: settings.get(tx, "colour")) == "blue"


# Looking at a database that somebody else uses


async def test_an_inspector_sees_what_is_committed_beside_the_bot(
    database: Database, url: str
) -> None:
    async def work(tx: Transaction) -> set[str]:
        await settings.put(tx, "second", "")
        async with Database.inspect(url) as inspector:
            return await inspector.read(names)

    await database.transaction(lambda tx: settings.put(tx, "first", ""))
    assert await database.transaction(work) == {"first"}


async def test_an_inspector_cannot_write(database: Database, url: str) -> None:
    async with Database.inspect(url) as inspector:
        with pytest.raises(StorageError):
            await inspector.transaction(lambda tx: settings.put(tx, "colour", "blue"))
    assert await database.read(names) == set()


async def test_an_inspector_makes_no_database(path: Path, url: str) -> None:
    with pytest.raises(StorageError):
        async with Database.inspect(url):
            pass
    assert list(path.parent.iterdir()) == []


# Damage


async def test_a_file_that_is_no_database_is_refused(path: Path, url: str) -> None:
    with path.open("wb") as file:
        file.write(b"A paper boat drifts on a quiet lake. " * 500)
    with pytest.raises(DatabaseDamaged):
        async with Database.open(url):
            pass
    with pytest.raises(DatabaseDamaged):
        async with Database.inspect(url):
            pass


async def test_a_page_that_was_overwritten_is_found_at_start(path: Path, url: str) -> None:
    async with Database.open(url) as database:
        root = await database.read(
            lambda tx: tx.fetch_one("select rootpage from sqlite_schema where name = 'ledger'")
        )
    assert root is not None
    with path.open("r+b") as file:
        file.seek((root["rootpage"] - 1) * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(DatabaseDamaged):
        async with Database.open(url):
            pass


async def test_a_value_that_its_column_cannot_hold_is_found_at_start(path: Path, url: str) -> None:
    async with Database.open(url) as database:
        await database.transaction(lambda tx: settings.put(tx, "colour", "blue"))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """
            pragma writable_schema = on;
            update sqlite_schema set sql = replace(sql, 'value text', 'value integer')
            where name = 'settings';
            """
        )
    with pytest.raises(DatabaseDamaged, match=r"value in settings\.value"):
        async with Database.open(url):
            pass
