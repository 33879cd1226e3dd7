"""Read movements and spend from the ledger."""

from __future__ import annotations

from storage import Database, Transaction, accounts, grants, renders, statements
from storage.records import Cause, Entry, HostSpend, Movement, State, Subject
from tests.storage import examples
from tests.storage.examples import DAY_MS, MEMBER, NOW_MS, SERVER, key, render, window

MINE = examples.member()


async def movements(database: Database, limit: int = 10) -> tuple[Movement, ...]:
    return await database.read(
        lambda tx: statements.movements(tx, server_id=SERVER, member_id=MEMBER, limit=limit)
    )


async def test_a_member_sees_each_movement_once_the_newest_first(database: Database) -> None:
    made, freed, waiting = render(), render(), render()

    async def work(tx: Transaction) -> None:
        gift = await examples.give(tx)
        await renders.insert(tx, made)
        await grants.hold(
            tx, render_id=made.id, grant_id=gift.id, amount=30, at_ms=NOW_MS, author=str(MEMBER)
        )
        await examples.hold(tx, made, MINE, 31)
        await examples.settle(tx, made, 50)
        await examples.refund(tx, made)
        await examples.admit(tx, freed, 7)
        await examples.release(tx, freed)
        for cost in (4, 5):
            paid = render()
            await examples.admit(tx, paid, cost)
            await examples.settle(tx, paid, cost)
        await accounts.reset(tx, key=key(MINE), at_ms=NOW_MS, author="9", reason="an outage")
        await examples.admit(tx, waiting, 8)
        await examples.give(tx, member_id=MEMBER + 1)

    await database.transaction(work)
    found = await movements(database)
    assert [(one.entry, one.credits, one.render_id) for one in found] == [
        (Entry.HOLD, 8, waiting.id),
        (Entry.RESET, 9, None),
        (Entry.SETTLE, 5, found[2].render_id),
        (Entry.SETTLE, 4, found[3].render_id),
        (Entry.RELEASE, 7, freed.id),
        (Entry.GRANT, 50, made.id),
        (Entry.SETTLE, 50, made.id),
        (Entry.GRANT, 30, None),
    ]
    assert found[1] == Movement(
        at_ms=NOW_MS,
        entry=Entry.RESET,
        credits=9,
        render_id=None,
        reason="an outage",
        author="9",
    )
    assert await movements(database, 2) == found[:2]


async def test_there_are_ten_movements_where_ten_renders_ended(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        for _ in range(12):
            made = render()
            await examples.admit(tx, made)
            await examples.settle(tx, made, 5)

    await database.transaction(work)
    assert [one.entry for one in await movements(database)] == [Entry.SETTLE] * 10


async def test_a_reset_of_many_renders_is_one_movement(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        for _ in range(50):
            made = render()
            await examples.admit(tx, made, 3)
            await examples.settle(tx, made, 3)
        await accounts.reset(tx, key=key(MINE), at_ms=NOW_MS, author="9", reason="an outage")

    await database.transaction(work)
    first, *others = await movements(database, limit=2)
    assert (first.entry, first.credits) == (Entry.RESET, 150)
    assert [one.entry for one in others] == [Entry.SETTLE]


async def test_a_member_who_did_nothing_sees_nothing(database: Database) -> None:
    assert await movements(database) == ()


async def test_what_was_sent_in_a_window_and_held_before_it_is_carried_into_it(
    database: Database,
) -> None:
    starts_at_ms, ends_at_ms = window()
    before = starts_at_ms - 1

    async def work(tx: Transaction) -> None:
        for cost, held_at_ms, sent_at_ms, server_id in (
            (1, before, starts_at_ms, 1),
            (20, before, ends_at_ms - 1, 2),
            (300, before, before, 1),
            (4_000, before, ends_at_ms, 2),
            (50_000, starts_at_ms, starts_at_ms, 1),
            (600_000, before, None, 3),
        ):
            made = render(created_at_ms=held_at_ms, submitted_at_ms=sent_at_ms, server_id=server_id)
            await examples.admit(tx, made, cost, at_ms=held_at_ms)
        freed = render(created_at_ms=before, submitted_at_ms=starts_at_ms)
        await examples.admit(tx, freed, 7, at_ms=before)
        await examples.release(tx, freed)

    async def look(tx: Transaction) -> int:
        return await statements.carried_into(tx, starts_at_ms=starts_at_ms, ends_at_ms=ends_at_ms)

    assert await database.read(look) == 0
    await database.transaction(work)
    assert await database.read(look) == 21


async def test_the_host_sees_what_each_server_cost_and_what_of_it_gave_no_video(
    database: Database,
) -> None:
    async def work(tx: Transaction) -> None:
        for server_id in (1, 2):
            held, good, lost, freed = (render(server_id=server_id) for _ in range(4))
            for made in (held, good, lost, freed):
                await examples.admit(tx, made, 10 * server_id)
            await examples.settle(tx, good, 12 * server_id)
            await examples.settle(tx, lost, 10 * server_id, {Subject.HOST})
            await examples.release(tx, lost)
            await examples.release(tx, freed)
            await renders.move(
                tx,
                lost.id,
                expected=State.QUEUED,
                to=State.FAILED,
                at_ms=NOW_MS,
                author="engine",
                why="lost",
                cause=Cause.OUTCOME_UNKNOWN,
            )
        await examples.admit(tx, render(server_id=3), at_ms=NOW_MS + DAY_MS)

    await database.transaction(work)
    starts_at_ms, ends_at_ms = window()
    found = await database.read(
        lambda tx: statements.host_spend(tx, starts_at_ms=starts_at_ms, ends_at_ms=ends_at_ms)
    )
    assert found == (
        HostSpend(server_id=2, held=20, spent=44, without_video=20),
        HostSpend(server_id=1, held=10, spent=22, without_video=10),
    )
