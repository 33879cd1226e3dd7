from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from storage import Database, DatabaseClosed, Transaction, accounts, ledger, renders, settings
from storage.backup import backup
from tests.storage import examples
from tests.storage.copies import files, fill, mode, names, put, spend

# The copy


async def test_a_backup_opens_as_the_database_and_its_ledger_balances(
    database: Database, destination: Path
) -> None:
    spent = {await spend(database) for _ in range(3)}
    await backup(database, destination)
    await spend(database)
    async with Database.open(f"sqlite:///{destination}") as restored:
        assert await restored.read(ledger.check) == ()
        assert {render.id for render in await restored.read(renders.unfinished)} == spent
        account = await restored.read(
            lambda tx: accounts.balance(tx, examples.key(examples.HOST), None)
        )
        assert (account.held, account.spent) == (0, 180)
        await spend(restored)
        assert await restored.read(ledger.check) == ()


async def test_a_backup_is_one_file_that_only_its_owner_may_read(
    database: Database, destination: Path
) -> None:
    await backup(database, destination)
    assert files(destination.parent) == ["copy.db"]
    assert mode(destination) == 0o600
    # Neither does looking at it need another file.
    async with Database.inspect(f"sqlite:///{destination}") as inspector:
        assert await inspector.read(ledger.check) == ()
        assert files(destination.parent) == ["copy.db"]


@pytest.mark.usefixtures("small_slices")
async def test_a_backup_in_a_stream_of_transactions_is_consistent(
    database: Database, destination: Path
) -> None:
    await fill(database, pages=60)
    before = {await spend(database) for _ in range(5)}
    copying = asyncio.create_task(backup(database, destination))
    spent = 0
    while not copying.done():
        await spend(database)
        spent += 1
    await copying
    # They had their turns between the slices.
    assert spent > 10
    async with Database.open(f"sqlite:///{destination}") as restored:
        assert await restored.read(ledger.check) == ()
        found = await restored.read(renders.unfinished)
        assert before <= {render.id for render in found}
        assert len(found) > len(before)


@pytest.mark.usefixtures("small_slices")
async def test_a_backup_has_nothing_of_a_transaction_that_was_undone(
    database: Database, destination: Path
) -> None:
    async def spill(tx: Transaction) -> None:
        # More than SQLite keeps in memory, so that it writes before the commit.
        await tx.execute("pragma cache_spill = 10")
        await tx.execute("update settings set value = 'y' || value where name = 'large'")
        await settings.put(tx, "undone", "y" * 4096 * 600)
        raise ZeroDivisionError

    await fill(database, pages=600)
    copying = asyncio.create_task(backup(database, destination))
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await database.transaction(spill)
    assert not copying.done()
    await copying
    async with Database.inspect(f"sqlite:///{destination}") as inspector:
        assert await inspector.read(names) == {"large"}
        assert await inspector.read(lambda tx: settings.get(tx, "large")) == "x" * 4096 * 600


# Beside a bot


async def test_an_inspector_backs_up_beside_the_bot_and_changes_nothing(
    database: Database, url: str, path: Path, destination: Path
) -> None:
    await fill(database, pages=300)
    spent = await spend(database)
    owned = (path, path.with_name("paperboat.db-wal"))
    before = [file.read_bytes() for file in owned]
    async with Database.inspect(url) as inspector:
        await backup(inspector, destination)
    assert [file.read_bytes() for file in owned] == before
    async with Database.inspect(f"sqlite:///{destination}") as inspector:
        assert [render.id for render in await inspector.read(renders.unfinished)] == [spent]


@pytest.mark.usefixtures("small_slices")
async def test_commits_of_the_bot_do_not_keep_an_inspector_from_its_end(
    database: Database, url: str, destination: Path
) -> None:
    await fill(database, pages=200)
    async with Database.inspect(url) as inspector:
        copying = asyncio.create_task(backup(inspector, destination))
        while not copying.done():
            await spend(database)
        await copying
    async with Database.inspect(f"sqlite:///{destination}") as inspector:
        assert await inspector.read(ledger.check) == ()


# Ends


@pytest.mark.usefixtures("small_slices")
async def test_closing_ends_a_backup_and_leaves_nothing_of_it(url: str, destination: Path) -> None:
    async with Database.open(url) as database:
        await fill(database, pages=600)
        copying = asyncio.create_task(backup(database, destination))
        await put(database, "one", "turn")
    with pytest.raises(DatabaseClosed):
        await copying
    with pytest.raises(DatabaseClosed):
        await backup(database, destination)
    assert files(destination.parent) == []


@pytest.mark.usefixtures("small_slices")
async def test_a_cancelled_backup_leaves_nothing_behind(url: str, destination: Path) -> None:
    async with Database.open(url) as database:
        await fill(database, pages=600)
        copying = asyncio.create_task(backup(database, destination))
        await put(database, "one", "turn")
        copying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await copying
        await put(database, "another", "turn")
    assert files(destination.parent) == []
