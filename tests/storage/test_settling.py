"""Turn holds into spend, or give them back; refund and reset what was spent."""

from __future__ import annotations

import pytest

from storage import Database, Transaction, accounts, events, grants, ledger, renders, usage
from storage.records import Account, Entry, Grant, Owner, Render, Span, Subject
from tests.storage import examples
from tests.storage.examples import DAY_MS, HOST, MEMBER, NOW_MS, SERVER, key, render, used, window

MINE = examples.member()
ROOM = examples.server()
MADE = render(id="K7F2M9QA")


@pytest.fixture
async def holding(database: Database) -> Database:
    """Let a render hold 61 credits on the host's, a server's and a member's account."""
    await database.transaction(lambda tx: examples.admit(tx, MADE))
    return database


async def settle(database: Database, amount: int, *subjects: Subject, at_ms: int = NOW_MS) -> None:
    await database.transaction(
        lambda tx: examples.settle(tx, MADE, amount, subjects or tuple(Subject), at_ms)
    )


async def release(database: Database, *subjects: Subject, at_ms: int = NOW_MS) -> None:
    await database.transaction(
        lambda tx: examples.release(tx, MADE, subjects or tuple(Subject), at_ms)
    )


async def reset(database: Database, owner: Owner, span: Span = Span.DAY) -> int:
    return await database.transaction(
        lambda tx: accounts.reset(
            tx, key=key(owner, span), at_ms=NOW_MS + 9, author="9", reason="an outage"
        )
    )


async def moved(database: Database, *entries: Entry) -> list[tuple[Entry, int, int]]:
    lines = await database.read(lambda tx: ledger.of_render(tx, MADE.id))
    return [(line.entry, line.held, line.spent) for line in lines if line.entry in entries]


async def counted(database: Database) -> list[tuple[int, int]]:
    """Return the renders and credits of the server's totals of today."""
    starts_at_ms, ends_at_ms = window()
    totals = await database.read(
        lambda tx: usage.between(
            tx, server_id=SERVER, starts_at_ms=starts_at_ms, ends_at_ms=ends_at_ms
        )
    )
    return [(total.renders, total.credits) for total in totals]


async def open_grants(database: Database, at_ms: int = NOW_MS) -> tuple[Grant, ...]:
    return await database.read(
        lambda tx: grants.open_to(tx, server_id=SERVER, member_id=MEMBER, at_ms=at_ms)
    )


@pytest.mark.parametrize(
    ("amount", "guests", "hosts"), [(61, 61, 61), (40, 40, 40), (0, 0, 0), (75, 61, 75)]
)
async def test_nobody_spends_more_than_was_held_and_the_host_books_it(
    holding: Database, amount: int, guests: int, hosts: int
) -> None:
    await settle(holding, amount)
    assert await used(holding, MINE) == await used(holding, ROOM) == (0, guests)
    assert await used(holding, HOST) == (0, hosts)
    assert await holding.read(ledger.check) == ()


async def test_what_exceeds_the_hold_is_a_line_of_its_own(holding: Database) -> None:
    await settle(holding, 75, Subject.HOST)
    assert await moved(holding, Entry.SETTLE, Entry.BOOK) == [
        (Entry.SETTLE, -61, 61),
        (Entry.BOOK, 0, 14),
    ]


async def test_a_release_gives_everything_back(holding: Database) -> None:
    await release(holding)
    for owner in (HOST, ROOM, MINE):
        assert await used(holding, owner) == (0, 0)
    assert await moved(holding, Entry.RELEASE) == [(Entry.RELEASE, -61, 0)] * 3
    assert await counted(holding) == []


async def test_a_late_render_is_free_for_the_member_and_booked_by_the_host(
    holding: Database,
) -> None:
    await release(holding, Subject.SERVER, Subject.MEMBER)
    assert await used(holding, HOST) == (61, 0)
    await settle(holding, 50)
    assert await used(holding, MINE) == await used(holding, ROOM) == (0, 0)
    assert await used(holding, HOST) == (0, 50)
    assert await counted(holding) == []


async def test_a_second_settle_or_release_moves_nothing(holding: Database) -> None:
    await settle(holding, 75)
    lines = await holding.read(lambda tx: ledger.of_render(tx, MADE.id))
    await settle(holding, 75)
    await release(holding)
    assert await holding.read(lambda tx: ledger.of_render(tx, MADE.id)) == lines
    assert await used(holding, HOST) == (0, 75)


async def test_one_renders_end_leaves_the_hold_of_another(holding: Database) -> None:
    other = render()
    await holding.transaction(lambda tx: examples.admit(tx, other, 7))
    await release(holding)
    assert await used(holding, MINE) == (7, 0)


# Grants


async def split(tx: Transaction, made: Render, *parts: Grant | int) -> None:
    """Let a member hold for a render in parts, each of a grant, 30, or of the allowance."""
    await renders.insert(tx, made)
    for part in parts:
        if isinstance(part, int):
            await examples.hold(tx, made, MINE, part)
        else:
            assert await grants.hold(
                tx, render_id=made.id, grant_id=part.id, amount=30, at_ms=NOW_MS, author="222"
            )


@pytest.mark.parametrize(
    ("amount", "own", "first", "second"),
    [(90, 30, 0, 0), (75, 30, 0, 15), (45, 30, 15, 30), (20, 20, 30, 30), (0, 0, 30, 30)],
)
async def test_a_settle_pays_the_parts_in_the_order_in_which_they_were_held(
    database: Database, amount: int, own: int, first: int, second: int
) -> None:
    async def work(tx: Transaction) -> tuple[Grant, Grant]:
        early, late = await examples.give(tx), await examples.give(tx, ends_in_ms=1000)
        await split(tx, MADE, 30, early, late)
        return early, late

    early, late = await database.transaction(work)
    await settle(database, amount, Subject.MEMBER)
    assert await used(database, MINE) == (0, own)
    left = {grant.id: grant.left for grant in await open_grants(database)}
    assert (left.get(early.id, 0), left.get(late.id, 0)) == (first, second)
    assert not await database.read(lambda tx: accounts.held_by(tx, MADE.id))
    assert await database.read(ledger.check) == ()


@pytest.mark.parametrize(("paid", "left"), [(20, 10), (None, 30)], ids=["settled", "released"])
async def test_what_comes_back_to_a_grant_that_has_ended_can_be_spent_for_a_day(
    database: Database, paid: int | None, left: int
) -> None:
    async def work(tx: Transaction) -> None:
        await split(tx, MADE, await examples.give(tx, 30, ends_in_ms=1000))

    await database.transaction(work)
    after = NOW_MS + 1000
    assert await open_grants(database, after) == ()
    if paid is None:
        await release(database, Subject.MEMBER, at_ms=after)
    else:
        await settle(database, paid, Subject.MEMBER, at_ms=after)
    (grant,) = await open_grants(database, after)
    assert grant.left == left
    assert grant.expires_at_ms == after + DAY_MS


async def test_what_comes_back_to_a_grant_in_time_ends_when_it_did(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await split(tx, MADE, await examples.give(tx, 30, ends_in_ms=1000))

    await database.transaction(work)
    await release(database, at_ms=NOW_MS + 999)
    (grant,) = await open_grants(database)
    assert grant.expires_at_ms == NOW_MS + 1000


async def test_a_grant_that_was_spent_whole_stays_ended(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await split(tx, MADE, await examples.give(tx, 30, ends_in_ms=1000))

    await database.transaction(work)
    await settle(database, 30, at_ms=NOW_MS + 1000)
    assert await open_grants(database, NOW_MS) == ()


# Refunds of what was lost


async def test_a_refund_gives_the_server_its_spend_back_and_the_member_a_grant_and_that_once(
    holding: Database,
) -> None:
    await holding.transaction(lambda tx: examples.refund(tx, MADE))
    assert await used(holding, MINE) == (61, 0)
    await settle(holding, 50)
    assert await counted(holding) == [(1, 50)]
    for _ in range(2):
        await holding.transaction(lambda tx: examples.refund(tx, MADE))
    assert await used(holding, ROOM) == (0, 0)
    assert await used(holding, HOST) == await used(holding, MINE) == (0, 50)
    (grant,) = await open_grants(holding)
    assert (grant.left, grant.render_id, grant.reason) == (50, MADE.id, "video_missing")
    assert grant.expires_at_ms == NOW_MS + 2 + 7 * DAY_MS
    assert await counted(holding) == []
    assert await holding.read(ledger.check) == ()


async def test_a_loss_gives_back_only_what_nobody_gave_back_before(holding: Database) -> None:
    await settle(holding, 50)
    await holding.transaction(
        lambda tx: grants.give(
            tx,
            server_id=SERVER,
            member_id=MEMBER,
            credits=20,
            at_ms=NOW_MS,
            expires_at_ms=NOW_MS + DAY_MS,
            author="9",
            reason="too dark",
            render_id=MADE.id,
        )
    )
    await holding.transaction(lambda tx: examples.refund(tx, MADE))
    assert [grant.left for grant in await open_grants(holding)] == [20, 30]
    assert await holding.read(lambda tx: accounts.returnable(tx, MADE.id)) == 0


async def test_what_was_paid_by_a_grant_comes_back_as_a_new_one(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await split(tx, MADE, await examples.give(tx), 31)

    await database.transaction(work)
    await settle(database, 61)
    await database.transaction(lambda tx: examples.refund(tx, MADE))
    (grant,) = await open_grants(database)
    assert grant.left == 61


# Resets


async def test_a_reset_lets_the_spend_of_a_window_count_no_more(holding: Database) -> None:
    other = render()
    await settle(holding, 50)
    await holding.transaction(lambda tx: examples.admit(tx, other, 7))
    assert [await reset(holding, MINE), await reset(holding, MINE)] == [50, 0]
    account = await holding.read(lambda tx: accounts.balance(tx, key(MINE), 120))
    assert account == Account(key=key(MINE), ceiling=120, held=7, spent=0)
    assert await used(holding, ROOM) == (7, 50)
    assert await counted(holding) == [(1, 50)]
    (act,) = await holding.read(lambda tx: events.acts(tx, server_id=SERVER, after_id=0, limit=9))
    assert (act.action, act.target, act.old_value) == ("reset", f"member:{MEMBER}", "50")
    assert (act.author, act.why) == ("9", "an outage")
    assert await holding.read(ledger.check) == ()


async def test_a_reset_touches_no_other_window_and_no_grant(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        yesterday = render(created_at_ms=NOW_MS - DAY_MS)
        await examples.admit(tx, yesterday, at_ms=NOW_MS - DAY_MS)
        await examples.settle(tx, yesterday, 61)
        await examples.give(tx, 30)

    await database.transaction(work)
    assert await reset(database, MINE) == 0
    assert await used(database, MINE, Span.MONTH) == (0, 61)
    (grant,) = await open_grants(database)
    assert grant.left == 30


@pytest.mark.parametrize("owner", [ROOM, HOST])
async def test_only_a_member_begins_anew(holding: Database, owner: Owner) -> None:
    with pytest.raises(ValueError, match="cannot reset"):
        await reset(holding, owner)


async def test_a_loss_after_a_reset_gives_nothing_back_twice(holding: Database) -> None:
    await settle(holding, 50)
    assert await reset(holding, MINE) == 50
    await holding.transaction(lambda tx: examples.refund(tx, MADE))
    assert await used(holding, MINE) == await used(holding, ROOM) == (0, 0)
    assert await open_grants(holding) == ()
    assert await counted(holding) == []
    assert await holding.read(ledger.check) == ()


async def test_a_reset_after_a_loss_gives_nothing_back_twice(holding: Database) -> None:
    await settle(holding, 50)
    await holding.transaction(lambda tx: examples.refund(tx, MADE))
    assert await reset(holding, MINE) == 0
    assert await used(holding, MINE) == (0, 50)
    assert [grant.left for grant in await open_grants(holding)] == [50]


async def test_a_reset_gives_back_what_of_a_render_no_refund_gave(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        # 30 of a grant and 31 of the allowance.
        await split(tx, MADE, await examples.give(tx, 30), 31)
        await examples.settle(tx, MADE, 61)
        await grants.give(
            tx,
            server_id=SERVER,
            member_id=MEMBER,
            credits=40,
            at_ms=NOW_MS,
            expires_at_ms=NOW_MS + DAY_MS,
            author="9",
            reason="too dark",
            render_id=MADE.id,
        )

    await database.transaction(work)
    assert await reset(database, MINE) == 21
    assert await used(database, MINE) == (0, 10)
    assert await database.read(lambda tx: accounts.returnable(tx, MADE.id)) == 0
    assert await database.read(ledger.check) == ()
