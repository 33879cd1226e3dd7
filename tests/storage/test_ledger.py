from __future__ import annotations

import pytest

from storage import Database, StorageError, Transaction, accounts, ledger, renders
from storage.records import Entry, LedgerLine, Subject
from tests.storage.examples import MEMBER, NOW_MS, SERVER, member, render

ID = "K7F2M9QA"


@pytest.fixture
async def holding(database: Database) -> Database:
    """Let a render hold 61 credits on a member's account."""

    async def work(tx: Transaction) -> None:
        await renders.insert(tx, render(id=ID))
        await accounts.hold(
            tx,
            render_id=ID,
            key=member(),
            ceiling=None,
            amount=61,
            at_ms=NOW_MS,
            author="222",
        )

    await database.transaction(work)
    return database


@pytest.mark.parametrize(
    "statement", ["update ledger set held = 1", "delete from ledger", "delete from accounts"]
)
async def test_no_line_can_be_changed_or_lost(holding: Database, statement: str) -> None:
    lines = await holding.read(lambda tx: ledger.of_render(tx, ID))
    with pytest.raises(StorageError):
        await holding.transaction(lambda tx: tx.execute(statement))
    assert await holding.read(lambda tx: ledger.of_render(tx, ID)) == lines


async def test_an_account_that_differs_from_its_lines_is_named(holding: Database) -> None:
    assert await holding.read(ledger.check) == ()
    await holding.transaction(lambda tx: tx.execute("update accounts set held = 60, spent = 2"))
    assert await holding.read(ledger.check) == (
        ledger.Difference(
            subject=Subject.MEMBER,
            server_id=SERVER,
            member_id=MEMBER,
            held=60,
            spent=2,
            held_by_lines=61,
            spent_by_lines=0,
        ),
    )


async def test_an_account_with_credits_and_no_line_is_named(database: Database) -> None:
    await database.transaction(
        lambda tx: tx.execute(
            """
            insert into accounts
                (subject, span, server_id, member_id, starts_at_ms, ends_at_ms, spent)
            values ('host', 'day', 0, 0, 0, 1, 5)
            """
        )
    )
    (difference,) = await database.read(ledger.check)
    assert (difference.spent, difference.spent_by_lines) == (5, 0)


@pytest.mark.parametrize(
    ("entry", "held", "spent"),
    [
        (Entry.HOLD, 0, 0),
        (Entry.HOLD, -1, 0),
        (Entry.HOLD, 1, 1),
        (Entry.SETTLE, 0, 1),
        (Entry.SETTLE, -1, 2),
        (Entry.SETTLE, -1, -1),
        (Entry.RELEASE, 1, 0),
        (Entry.RELEASE, -1, 1),
        (Entry.BOOK, 0, 0),
        (Entry.BOOK, -1, 1),
        (Entry.REFUND, 0, 1),
    ],
)
async def test_a_line_that_contradicts_its_entry_is_refused(
    holding: Database, entry: Entry, held: int, spent: int
) -> None:
    line = LedgerLine(
        at_ms=NOW_MS,
        render_id=ID,
        entry=entry,
        held=held,
        spent=spent,
        author="engine",
        reason="wrong",
    )
    with pytest.raises(StorageError, match="CHECK"):
        await holding.transaction(lambda tx: ledger.add(tx, 1, line))
