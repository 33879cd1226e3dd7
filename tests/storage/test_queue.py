"""Ask whose turn it is, and what is passed over."""

from __future__ import annotations

import pytest

from storage import Database, Transaction, queue, renders, settings
from storage.queue import Caps
from storage.records import Pause, Render, State
from tests.storage.examples import NOW_MS, render
from tests.storage.parking import asked, bump, keep, park, unpark

A, B = 1, 2
NO_CAPS = Caps()
PAUSE_A = Pause(server_id=A, author_id=5, reason="a raid", at_ms=NOW_MS)


def served(server: int, member: int, at: int) -> Render:
    """Return a render that was submitted once."""
    submitted_at_ms = NOW_MS - 1000 + at
    return asked(server, member, 0, state=State.DELIVERED, submitted_at_ms=submitted_at_ms)


async def claim_all(tx: Transaction, caps: Caps = NO_CAPS) -> list[str]:
    """Claim one render after the other, each at a later moment, and return their ids."""
    order: list[str] = []
    now_ms = NOW_MS
    while found := await queue.next_claimable(tx, now_ms=now_ms, caps=caps):
        order.append(found.id)
        now_ms += 1
        await renders.move(
            tx,
            found.id,
            expected=State.QUEUED,
            to=State.SUBMITTING,
            at_ms=now_ms,
            author="engine",
            why="claimed",
            submitted_at_ms=now_ms,
        )
    return order


async def claims(database: Database, *made: Render, caps: Caps = NO_CAPS) -> list[str]:
    await keep(database, *made)
    return await database.transaction(lambda tx: claim_all(tx, caps))


async def next_id(database: Database, caps: Caps = NO_CAPS) -> str | None:
    found = await database.read(lambda tx: queue.next_claimable(tx, now_ms=NOW_MS, caps=caps))
    return found and found.id


def running(server: int, member: int, at: int = 0, **changes: object) -> Render:
    """Return a render that is with the provider."""
    usual = {"state": State.RENDERING, "submitted_at_ms": NOW_MS - 1000 + at}
    return render(server_id=server, member_id=member, **{**usual, **changes})


async def test_an_empty_queue_has_no_next(database: Database) -> None:
    assert await claims(database) == []


async def test_one_member_is_served_in_the_order_asked(database: Database) -> None:
    late, early = asked(A, 1, 2), asked(A, 1, 1)
    assert await claims(database, late, early) == [early.id, late.id]


async def test_members_take_turns_within_a_server(database: Database) -> None:
    many = [asked(A, 1, at) for at in range(3)]
    one = asked(A, 2, 9)
    assert await claims(database, *many, one) == [many[0].id, one.id, many[1].id, many[2].id]


async def test_servers_take_turns_whatever_their_members_do(database: Database) -> None:
    crowd = [asked(A, member, member) for member in range(3)]
    lone = [asked(B, 9, at) for at in (7, 8)]
    assert await claims(database, *crowd, *lone) == [
        crowd[0].id,
        lone[0].id,
        crowd[1].id,
        lone[1].id,
        crowd[2].id,
    ]


async def test_who_was_never_served_comes_first_then_who_waits_longest(
    database: Database,
) -> None:
    lately, long_ago, never = asked(A, 1, 1), asked(A, 2, 2), asked(A, 3, 3)
    history = (served(A, 1, 500), served(A, 2, 100))
    assert await claims(database, lately, long_ago, never, *history) == [
        never.id,
        long_ago.id,
        lately.id,
    ]


async def test_a_member_served_in_one_server_is_new_in_another(database: Database) -> None:
    first, second = asked(B, 1, 2), asked(B, 2, 3)
    assert await claims(database, first, second, served(A, 1, 500)) == [first.id, second.id]


@pytest.mark.parametrize(
    "changes", [{"ready_at_ms": NOW_MS + 1}, {"state": State.AWAITING_APPROVAL}], ids=str
)
async def test_what_is_not_ready_is_passed_over(
    database: Database, changes: dict[str, object]
) -> None:
    await keep(database, asked(A, 1, 1, **changes))
    ready = asked(A, 1, 2)
    await keep(database, ready)
    assert await next_id(database) == ready.id


async def test_what_has_no_posted_card_is_not_claimed(database: Database) -> None:
    bare = asked(A, 1, 1)
    await database.transaction(lambda tx: renders.insert(tx, bare))
    assert await next_id(database) is None


async def test_a_paused_server_is_passed_over_until_it_is_resumed(database: Database) -> None:
    waits, goes = asked(A, 1, 1), asked(B, 1, 2)
    await database.transaction(lambda tx: settings.pause(tx, PAUSE_A))
    assert await claims(database, waits, goes) == [goes.id]
    await database.transaction(lambda tx: settings.resume(tx, A, at_ms=NOW_MS))
    assert await claims(database) == [waits.id]


# Caps


async def test_a_full_house_claims_nothing(database: Database) -> None:
    made = asked(A, 1, 1)
    await keep(database, made, running(B, 1), running(B, 2))
    assert await next_id(database, Caps(in_all=2)) is None
    assert await next_id(database, Caps(in_all=3)) == made.id


async def test_a_member_over_the_cap_is_passed_over_and_keeps_the_place(
    database: Database,
) -> None:
    capped, other = asked(A, 1, 1), asked(A, 2, 2)
    await keep(database, capped, other, running(A, 1), served(A, 2, 500))
    assert await next_id(database) == capped.id
    assert await next_id(database, Caps(per_member=1)) == other.id
    assert await next_id(database, Caps(per_member=2)) == capped.id


async def test_a_member_over_the_cap_may_be_claimed_in_another_server(database: Database) -> None:
    made = asked(B, 1, 1)
    await keep(database, made, running(A, 1))
    assert await next_id(database, Caps(per_member=1)) == made.id


async def test_a_server_over_the_cap_is_passed_over(database: Database) -> None:
    capped, other = asked(A, 3, 1), asked(B, 1, 2)
    await keep(database, capped, other, running(A, 1), running(A, 2), served(B, 1, 900))
    assert await next_id(database) == capped.id
    assert await next_id(database, Caps(per_server=2)) == other.id


@pytest.mark.parametrize(
    "changes", [{"late_at_ms": NOW_MS}, {"state": State.UNKNOWN}], ids=["late", "unknown"]
)
async def test_what_nobody_waits_for_counts_for_no_cap(
    database: Database, changes: dict[str, object]
) -> None:
    made = asked(A, 1, 1)
    await keep(database, made, running(A, 1, 0, **changes))
    assert await next_id(database, Caps(in_all=1, per_server=1, per_member=1)) == made.id


# Bumped


async def test_what_is_bumped_comes_first_the_oldest_bump_before_the_others(
    database: Database,
) -> None:
    first, second, third = (asked(A, 1, at) for at in (1, 2, 3))
    other = asked(A, 2, 0)
    await keep(database, first, second, third, other)
    await bump(database, third, at=1)
    await bump(database, second, at=2)
    assert await claims(database) == [third.id, second.id, other.id, first.id]


async def test_a_bump_takes_no_other_servers_turn(database: Database) -> None:
    here = [asked(A, 1, at) for at in (5, 6)]
    there = [asked(B, 1, at) for at in (1, 2)]
    await keep(database, *here, *there, served(A, 1, 100), served(B, 1, 50))
    for made in here:
        await bump(database, made)
    assert await claims(database) == [there[0].id, here[0].id, there[1].id, here[1].id]


async def test_a_bump_does_not_lift_a_cap(database: Database) -> None:
    made = asked(A, 1, 1)
    await keep(database, made, running(A, 1))
    await bump(database, made)
    assert await next_id(database, Caps(per_member=1)) is None


# Parked


async def test_what_is_parked_is_passed_over_and_keeps_its_place(database: Database) -> None:
    first, second = asked(A, 1, 1), asked(A, 1, 2)
    await keep(database, first, second)
    await park(database, first)
    assert await next_id(database) == second.id
    assert await database.read(lambda tx: queue.length(tx, A)) == 2
    await unpark(database, first)
    assert await next_id(database) == first.id


async def test_what_is_parked_or_paused_has_no_turn(database: Database) -> None:
    parked, paused, other = asked(A, 1, 1), asked(B, 1, 1), asked(3, 1, 1)
    await keep(database, parked, paused, other)
    await park(database, parked)
    pause_b = Pause(server_id=B, author_id=5, reason="a raid", at_ms=NOW_MS)
    await database.transaction(lambda tx: settings.pause(tx, pause_b))
    assert list(await database.read(lambda tx: queue.waiting_order(tx, Caps()))) == [other.id]
    found = await database.read(queue.passed_over)
    assert found == {parked.id: None, paused.id: pause_b}
    assert [one.id for one in await database.read(queue.in_line)] == [other.id]
    claimable = {
        made.id: await database.read(lambda tx, m=made: queue.claimable(tx, m.id))
        for made in (parked, paused, other)
    }
    assert claimable == {parked.id: False, paused.id: False, other.id: True}


# Moments


async def test_a_wait_is_over_when_it_lasted_as_long_as_it_may(database: Database) -> None:
    old, young = asked(A, 1, 0), asked(A, 1, 100)
    excused, parked = asked(A, 1, 0, paused_ms=100), asked(A, 1, 0, parked_at_ms=NOW_MS)
    await keep(database, old, young, excused, parked)
    overdue = await database.read(lambda tx: queue.overdue(tx, NOW_MS - 1000))
    assert overdue == (old.id,)
    found = await database.read(lambda tx: queue.next_moments(tx, NOW_MS))
    assert found == (old.created_at_ms, None)


async def test_what_is_not_ready_yet_says_when(database: Database) -> None:
    await keep(database, *(asked(A, 1, 0, ready_at_ms=NOW_MS + at) for at in (0, 7, 5)))
    found = await database.read(lambda tx: queue.next_moments(tx, NOW_MS))
    assert found == (NOW_MS - 1000, NOW_MS + 5)


async def test_an_empty_queue_awaits_no_moment(database: Database) -> None:
    found = await database.read(lambda tx: queue.next_moments(tx, NOW_MS))
    assert found == (None, None)


async def test_what_has_no_posted_card_is_found(database: Database) -> None:
    bare, posted = asked(A, 1, 1), asked(A, 1, 2)
    await keep(database, posted)
    await database.transaction(lambda tx: renders.insert(tx, bare))
    assert await database.read(queue.without_card) == {bare.id}


async def test_lengths_are_those_of_the_latest_successes(database: Database) -> None:
    for number in range(4):
        made = running(A, 1, number)
        await keep(database, made)
        await database.transaction(
            lambda tx, m=made, n=number: renders.move(
                tx,
                m.id,
                expected=State.RENDERING,
                to=State.FAILED if n == 3 else State.RENDERED,
                at_ms=NOW_MS + n * 100,
                author="engine",
                why="ended",
            )
        )

    async def lengths(since: int, most: int) -> tuple[int, ...]:
        return await database.read(
            lambda tx: queue.lengths_ms(tx, since_ms=NOW_MS + since, most=most)
        )

    # Submitted a second before, each 1 ms later than the one before.
    assert await lengths(0, 9) == (1198, 1099, 1000)
    assert await lengths(0, 2) == (1198, 1099)
    assert await lengths(150, 9) == (1198,)
