from __future__ import annotations

import asyncio
import random

import pytest

from storage import (
    Database,
    DatabaseClosed,
    StorageError,
    Transaction,
    settings,
)


async def names(tx: Transaction) -> set[str]:
    return {row["name"] for row in await tx.fetch_all("select name from settings")}


async def both(tx: Transaction, name: str) -> None:
    await settings.put(tx, f"{name} a", "")
    await settings.put(tx, f"{name} b", "")


class Fault(Exception):
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
