"""Hold credits, and sum what was used in any window."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from storage import Database, StorageError, Transaction, accounts, ledger, renders
from storage.errors import CeilingReached
from storage.records import (
    LARGEST_AMOUNT,
    Account,
    AccountKey,
    Entry,
    LedgerLine,
    Owner,
    Span,
    Subject,
)
from tests.storage import examples
from tests.storage.examples import DAY_MS, HOST, MEMBER, NOW_MS, SERVER, key, render, used, window

MINE = examples.member()
ROOM = examples.server()
MADE = render(id="K7F2M9QA")
QUARTER_MS = 15 * 60 * 1000


async def hold(
    database: Database,
    owner: Owner,
    amount: int,
    *ceilings: tuple[AccountKey, int],
    at_ms: int = NOW_MS,
) -> None:
    await database.transaction(
        lambda tx: examples.hold(tx, MADE, owner, amount, *ceilings, at_ms=at_ms)
    )


@pytest.fixture
async def holding(database: Database) -> Database:
    """Let a render hold 61 credits on the host's, a server's and a member's account."""
    await database.transaction(lambda tx: examples.admit(tx, MADE))
    return database


async def test_an_owner_who_never_used_anything_has_everything_left(database: Database) -> None:
    account = await database.read(lambda tx: accounts.balance(tx, key(MINE), 120))
    assert account == Account(key=key(MINE), ceiling=120, held=0, spent=0)
    assert account.left == 120


async def test_windows_are_read_together_in_the_order_they_are_asked_for(
    holding: Database,
) -> None:
    asked = [(key(MINE), 120), (key(MINE, at_ms=NOW_MS + DAY_MS), 90), (key(HOST), None)]
    found = await holding.read(lambda tx: accounts.balances(tx, asked))
    assert [(account.key, account.ceiling) for account in found] == asked
    assert [account.held for account in found] == [61, 0, 61]


async def test_a_hold_sets_credits_aside_with_its_line(holding: Database) -> None:
    account = await holding.read(lambda tx: accounts.balance(tx, key(MINE), 120))
    assert account == Account(key=key(MINE), ceiling=120, held=61, spent=0)
    line = LedgerLine(
        at_ms=NOW_MS,
        render_id=MADE.id,
        entry=Entry.HOLD,
        held=61,
        spent=0,
        author=str(MEMBER),
        reason="admitted",
    )
    assert await holding.read(lambda tx: ledger.of_render(tx, MADE.id)) == (line,) * 3


@pytest.mark.parametrize("span", Span)
@pytest.mark.parametrize("owner", [HOST, ROOM, MINE], ids=lambda owner: owner.subject)
async def test_a_hold_fits_up_to_the_ceiling_of_each_span_and_owner(
    holding: Database, owner: Owner, span: Span
) -> None:
    for ceiling in (0, 60, 121):
        with pytest.raises(CeilingReached) as refusal:
            await hold(holding, owner, 61, (key(owner, span), ceiling))
        expected = Account(key=key(owner, span), ceiling=ceiling, held=61, spent=0)
        assert refusal.value.account == expected
        assert await used(holding, owner) == (61, 0)
    await hold(holding, owner, 61, (key(owner, span), 122))
    assert await used(holding, owner) == (122, 0)
    assert await holding.read(ledger.check) == ()


async def test_the_first_ceiling_with_too_little_room_is_named(holding: Database) -> None:
    spans = ((Span.HOUR, 200), (Span.DAY, 100), (Span.MONTH, 90))
    with pytest.raises(CeilingReached) as refusal:
        await hold(holding, MINE, 61, *((key(MINE, span), ceiling) for span, ceiling in spans))
    assert refusal.value.account.key.span is Span.DAY
    assert refusal.value.account.left == 39


async def test_without_a_ceiling_everything_fits(database: Database) -> None:
    await database.transaction(lambda tx: renders.insert(tx, MADE))
    for _ in range(2):
        await hold(database, HOST, LARGEST_AMOUNT)
    assert await used(database, HOST) == (2 * LARGEST_AMOUNT, 0)


async def test_what_is_spent_takes_room_too(holding: Database) -> None:
    await holding.transaction(lambda tx: examples.settle(tx, MADE, 60))
    with pytest.raises(CeilingReached):
        await hold(holding, MINE, 61, (key(MINE), 120))
    await hold(holding, MINE, 60, (key(MINE), 120))


async def test_other_members_servers_and_windows_have_their_own(holding: Database) -> None:
    others = (examples.member(MEMBER + 1), examples.member(server_id=7), examples.server(7))
    for other in others:
        assert await used(holding, other) == (0, 0)
    for at_ms in (NOW_MS - DAY_MS, NOW_MS + DAY_MS):
        account = await holding.read(
            lambda tx, at=at_ms: accounts.balance(tx, key(MINE, at_ms=at), None)
        )
        assert account.held == 0


async def test_a_window_is_the_sum_of_its_quarters_and_of_no_other(database: Database) -> None:
    starts_at_ms, ends_at_ms = window()
    await database.transaction(lambda tx: renders.insert(tx, MADE))
    moments = (starts_at_ms - 1, starts_at_ms, ends_at_ms - 1, ends_at_ms)
    for number, at_ms in enumerate(moments):
        await hold(database, MINE, 10**number, at_ms=at_ms)
    assert await used(database, MINE) == (110, 0)
    assert await used(database, MINE, Span.MONTH) == (1111, 0)


async def test_a_ceiling_that_is_set_late_counts_what_was_used_before(holding: Database) -> None:
    later = NOW_MS + QUARTER_MS
    with pytest.raises(CeilingReached):
        await hold(holding, MINE, 61, (key(MINE, Span.HOUR), 100), at_ms=later)


async def test_what_was_held_in_the_last_minute_counts_in_its_own_day(database: Database) -> None:
    _, midnight_ms = window()
    await database.transaction(lambda tx: renders.insert(tx, MADE))
    await hold(database, MINE, 61, (key(MINE), 100), at_ms=midnight_ms - 60_000)
    tomorrow = key(MINE, at_ms=midnight_ms)
    await hold(database, MINE, 61, (tomorrow, 100), at_ms=midnight_ms)
    settled_at_ms = midnight_ms + 60_000
    await database.transaction(lambda tx: examples.settle(tx, MADE, 61, at_ms=settled_at_ms))
    assert await used(database, MINE) == (0, 61)


async def test_what_was_held_before_the_clock_went_back_is_of_its_own_day(
    database: Database,
) -> None:
    _, midnight_ms = window()
    await database.transaction(lambda tx: renders.insert(tx, MADE))
    await hold(database, MINE, 61, at_ms=midnight_ms)
    await hold(database, MINE, 61, (key(MINE), 61), at_ms=midnight_ms - 1)
    assert await used(database, MINE) == (61, 0)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Kathmandu", (2026, 9, 21), 24),
        ("Europe/Berlin", (2026, 3, 29), 23),
        ("Europe/Berlin", (2026, 10, 25), 25),
        ("Australia/Lord_Howe", (2026, 10, 4), 23.5),
    ],
)
async def test_a_day_in_any_zone_has_all_its_quarters(
    database: Database, zone: str, day: tuple[int, int, int], hours: float
) -> None:
    year, month, number = day
    starts, ends = (
        int(datetime(year, month, n, tzinfo=ZoneInfo(zone)).timestamp()) * 1000
        for n in (number, number + 1)
    )
    whole = replace(key(MINE), starts_at_ms=starts, ends_at_ms=ends)
    await database.transaction(lambda tx: renders.insert(tx, MADE))
    for at_ms in range(starts, ends, QUARTER_MS):
        await hold(database, MINE, 1, (whole, 1000), at_ms=at_ms + 5)
    account = await database.read(lambda tx: accounts.balance(tx, whole, None))
    assert account.held == hours * 4


@pytest.mark.parametrize("amount", [0, -1, LARGEST_AMOUNT + 1, 2**63])
async def test_an_amount_that_makes_no_sense_is_refused(holding: Database, amount: int) -> None:
    with pytest.raises(ValueError, match=str(amount)):
        await hold(holding, MINE, amount)
    if amount:
        with pytest.raises(ValueError, match=str(amount)):
            await holding.transaction(lambda tx: examples.settle(tx, MADE, amount))
    assert await used(holding, MINE) == (61, 0)


async def test_a_month_full_of_the_largest_amounts_is_summed_exactly(database: Database) -> None:
    starts_at_ms, ends_at_ms = window(Span.MONTH)

    async def fill(tx: Transaction) -> None:
        await renders.insert(tx, MADE)
        for at_ms in range(starts_at_ms, ends_at_ms, QUARTER_MS):
            await examples.hold(tx, MADE, HOST, LARGEST_AMOUNT, at_ms=at_ms)

    await database.transaction(fill)
    assert await used(database, HOST, Span.MONTH) == (2976 * LARGEST_AMOUNT, 0)
    with pytest.raises(CeilingReached):
        await hold(database, HOST, 1, (key(HOST, Span.MONTH), 2976 * LARGEST_AMOUNT))
    await hold(database, HOST, 1, (key(HOST, Span.MONTH), 2**63 - 1))


@pytest.mark.parametrize(
    "wrong",
    [
        key(MINE, at_ms=NOW_MS + DAY_MS),
        key(MINE, at_ms=NOW_MS - DAY_MS),
        key(HOST),
        key(examples.member(MEMBER + 1)),
        replace(key(MINE), starts_at_ms=key(MINE).starts_at_ms + 1),
        replace(key(MINE), ends_at_ms=key(MINE).ends_at_ms + 60_000),
    ],
    ids=["tomorrow", "yesterday", "the host", "another member", "no quarter", "no quarter's end"],
)
async def test_a_ceiling_that_would_not_count_the_hold_is_a_fault(
    holding: Database, wrong: AccountKey
) -> None:
    with pytest.raises(ValueError, match=r"window of|quarters"):
        await hold(holding, MINE, 1, (wrong, 1000))
    assert await used(holding, MINE) == (61, 0)


async def test_a_hold_without_its_render_is_undone(database: Database) -> None:
    with pytest.raises(StorageError):
        await hold(database, MINE, 61)
    assert await used(database, MINE) == (0, 0)


async def test_what_a_render_holds_is_known_host_first_whoever_came_first(
    database: Database,
) -> None:
    async def work(tx: Transaction) -> None:
        await renders.insert(tx, MADE)
        for owner in (MINE, ROOM, HOST):
            await examples.hold(tx, MADE, owner)

    await database.transaction(work)
    assert await database.read(lambda tx: accounts.held_by(tx, MADE.id)) == (
        (Subject.HOST, 61),
        (Subject.SERVER, 61),
        (Subject.MEMBER, 61),
    )
    await database.transaction(lambda tx: examples.release(tx, MADE, {Subject.SERVER}))
    held = await database.read(lambda tx: accounts.held_by(tx, MADE.id))
    assert held == ((Subject.HOST, 61), (Subject.MEMBER, 61))


@pytest.mark.parametrize("span", Span)
@pytest.mark.parametrize("owner", [HOST, ROOM, MINE], ids=lambda owner: owner.subject)
async def test_of_forty_holds_at_once_exactly_as_many_pass_as_fit(
    database: Database, owner: Owner, span: Span
) -> None:
    async def admit() -> None:
        made = render()

        async def work(tx: Transaction) -> None:
            await examples.admit(tx, made)
            await examples.hold(tx, made, owner, 61, (key(owner, span), 14 * 61 + 60))

        await database.transaction(work)

    ends = await asyncio.gather(*(admit() for _ in range(40)), return_exceptions=True)
    assert [type(end) for end in ends].count(CeilingReached) == 33
    assert ends.count(None) == len(await database.read(renders.unfinished)) == 7
    assert await used(database, owner, span) == (14 * 61, 0)
    assert await database.read(ledger.check) == ()


async def test_two_servers_cannot_spend_one_credit_of_the_host_twice(database: Database) -> None:
    async def admit(server_id: int) -> None:
        made = render(server_id=server_id)

        async def work(tx: Transaction) -> None:
            await examples.hold(tx, made, HOST, 61, (key(HOST), 7 * 61))
            await examples.hold(tx, made, examples.server(server_id))
            await renders.insert(tx, made)

        await database.transaction(work)

    ends = await asyncio.gather(
        *(admit(SERVER + number % 2) for number in range(40)), return_exceptions=True
    )
    assert ends.count(None) == 7
    both = [await used(database, examples.server(SERVER + number)) for number in range(2)]
    assert sum(held for held, _ in both) == 7 * 61


async def test_a_window_is_summed_from_an_index_alone(database: Database) -> None:
    plan = await database.read(
        lambda tx: tx.fetch_all(
            """
            explain query plan
            select sum(held + spent) from accounts
            where subject = 'host' and server_id = 0 and member_id = 0 and span <> 'month'
                and starts_at_ms >= 1 and starts_at_ms < 2
            """
        )
    )
    assert "COVERING INDEX accounts_by_owner" in plan[0]["detail"]
