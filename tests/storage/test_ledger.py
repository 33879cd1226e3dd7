from __future__ import annotations

import pytest

from storage import Database, StorageError, Transaction, ledger
from storage.records import Entry, LedgerLine, Subject
from tests.storage import examples
from tests.storage.examples import MEMBER, NOW_MS, SERVER, render

MADE = render(id="K7F2M9QA")
ID = MADE.id
QUARTER_MS = NOW_MS - NOW_MS % (15 * 60 * 1000)


@pytest.fixture
async def holding(database: Database) -> Database:
    """Let a render hold 61 credits, while others are settled, refunded and paid by a grant."""

    async def work(tx: Transaction) -> None:
        await examples.admit(tx, MADE)
        settled, refunded = render(channel_id=1), render(channel_id=2)
        for made in (settled, refunded):
            await examples.admit(tx, made, 7)
            await examples.settle(tx, made, 5)
        await examples.refund(tx, refunded)
        await examples.give(tx)

    await database.transaction(work)
    return database


async def run(database: Database, statement: str) -> None:
    await database.transaction(lambda tx: tx.execute(statement))


@pytest.mark.parametrize(
    "statement", ["update ledger set held = 1", "delete from ledger", "delete from accounts"]
)
async def test_no_line_can_be_changed_or_lost(holding: Database, statement: str) -> None:
    lines = await holding.read(lambda tx: ledger.of_render(tx, ID))
    with pytest.raises(StorageError):
        await holding.transaction(lambda tx: tx.execute(statement))
    assert await holding.read(lambda tx: ledger.of_render(tx, ID)) == lines


@pytest.mark.parametrize(
    ("subject", "member_id", "held", "spent"),
    [
        (Subject.HOST, 0, 61, 10),
        (Subject.SERVER, 0, 61, 5),
        (Subject.MEMBER, MEMBER, 61, 10),
        (Subject.GRANT, MEMBER, 0, -30),
    ],
)
async def test_exactly_the_account_that_was_tampered_with_is_named(
    holding: Database, subject: Subject, member_id: int, held: int, spent: int
) -> None:
    assert await holding.read(ledger.check) == ()
    await run(
        holding,
        f"update accounts set spent = spent + 1 where subject = '{subject}' and spent <> -5",
    )
    (difference,) = await holding.read(ledger.check)
    assert difference == ledger.Difference(
        subject=subject,
        server_id=0 if subject is Subject.HOST else SERVER,
        member_id=member_id,
        starts_at_ms=NOW_MS if subject is Subject.GRANT else QUARTER_MS,
        held=held,
        spent=spent + 1,
        held_by_lines=held,
        spent_by_lines=spent,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "update totals set credits = 6 where renders = 1",
        "update totals set renders = 2 where renders = 1",
        "delete from totals where renders = 1",
    ],
)
async def test_exactly_the_total_that_was_tampered_with_is_named(
    holding: Database, statement: str
) -> None:
    await run(holding, statement)
    (difference,) = await holding.read(ledger.check)
    assert (difference.subject, difference.server_id) == (Subject.SERVER, SERVER)
    assert (difference.member_id, difference.starts_at_ms) == (MEMBER, QUARTER_MS)
    assert (difference.spent_by_lines, difference.renders_by_lines) == (5, 1)
    assert (difference.spent, difference.renders) != (5, 1)


async def test_a_total_of_nothing_is_named(holding: Database) -> None:
    await run(holding, "update totals set renders = 1, credits = 5 where renders = 0")
    (difference,) = await holding.read(ledger.check)
    assert (difference.spent, difference.spent_by_lines) == (5, 0)


async def test_an_account_with_credits_and_no_line_is_named(database: Database) -> None:
    await run(
        database,
        """
        insert into accounts (subject, span, server_id, member_id, starts_at_ms, ends_at_ms, spent)
        values ('host', 'quarter', 0, 0, 0, 1, 5)
        """,
    )
    (difference,) = await database.read(ledger.check)
    assert (difference.spent, difference.spent_by_lines) == (5, 0)


async def test_the_books_are_checked_beside_a_live_bot(holding: Database, url: str) -> None:
    async with Database.inspect(url) as inspector:
        assert await inspector.read(ledger.check) == ()
        await run(holding, "update accounts set held = 62 where subject = 'host'")
        (difference,) = await inspector.read(ledger.check)
        assert (difference.held, difference.held_by_lines) == (62, 61)


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
        (Entry.GRANT, 0, 1),
        (Entry.GRANT, 1, -1),
        (Entry.RESET, 0, 0),
        (Entry.RESET, -1, -1),
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
