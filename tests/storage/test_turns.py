"""Ask whose turn it is, and whether the position that people are shown is true."""

from __future__ import annotations

from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import Database, Transaction, renders
from storage import settings as kept_settings
from storage.records import Pause, Render, State
from tests.storage.examples import NOW_MS, render, with_card

A, B = 1, 2
PAUSE_A = Pause(server_id=A, author_id=5, reason="a raid", at_ms=NOW_MS)


def asked(server: int, member: int, at: int, **changes: object) -> Render:
    return render(server_id=server, member_id=member, created_at_ms=NOW_MS - 1000 + at, **changes)


def served(server: int, member: int, at: int) -> Render:
    """Return a render that was submitted once."""
    submitted_at_ms = NOW_MS - 1000 + at
    return asked(server, member, 0, state=State.DELIVERED, submitted_at_ms=submitted_at_ms)


async def keep(database: Database, *made: Render) -> None:
    for one in made:
        await database.transaction(lambda tx, m=one: with_card(tx, m))


async def claim_all(tx: Transaction) -> list[str]:
    """Claim one render after the other, each at a later moment, and return their ids."""
    order: list[str] = []
    now_ms = NOW_MS
    while found := await renders.next_claimable(tx, now_ms=now_ms):
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


async def claims(database: Database, *made: Render) -> list[str]:
    await keep(database, *made)
    return await database.transaction(claim_all)


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
    assert await database.read(lambda tx: renders.next_claimable(tx, now_ms=NOW_MS)) == ready


async def test_what_has_no_posted_card_is_not_claimed(database: Database) -> None:
    bare = asked(A, 1, 1)
    await database.transaction(lambda tx: renders.insert(tx, bare))
    assert await database.read(lambda tx: renders.next_claimable(tx, now_ms=NOW_MS)) is None


async def test_a_paused_server_is_passed_over_until_it_is_resumed(database: Database) -> None:
    waits, goes = asked(A, 1, 1), asked(B, 1, 2)
    await database.transaction(lambda tx: kept_settings.pause(tx, PAUSE_A))
    assert await claims(database, waits, goes) == [goes.id]
    await database.transaction(lambda tx: kept_settings.resume(tx, A, at_ms=NOW_MS))
    assert await claims(database) == [waits.id]


async def test_a_paused_server_stands_before_its_own_renders_only(database: Database) -> None:
    first, second, other = asked(A, 1, 1), asked(A, 1, 2), asked(B, 1, 3)
    await keep(database, first, second, other)
    await database.transaction(lambda tx: kept_settings.pause(tx, PAUSE_A))
    assert await database.read(lambda tx: renders.waiting_before(tx, other.id)) == 0
    assert await database.read(lambda tx: renders.waiting_before(tx, second.id)) == 2


async def test_nothing_stands_before_a_render_that_does_not_wait(database: Database) -> None:
    done = served(A, 1, 5)
    await keep(database, asked(A, 1, 1), done)
    assert await database.read(lambda tx: renders.waiting_before(tx, done.id)) == 0
    assert await database.read(lambda tx: renders.waiting_before(tx, "K7F2M9QA")) == 0


# Server, member, when: few of each, so that ties are frequent.
acts = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 6))


@settings(max_examples=60, deadline=None)
@given(st.lists(acts, max_size=14), st.lists(acts, max_size=8))
async def test_the_position_is_the_number_of_claims_that_come_before(
    waiting: list[tuple[int, int, int]], history: list[tuple[int, int, int]]
) -> None:
    queue = [asked(*act) for act in waiting]
    past = [served(*act) for act in history]
    with TemporaryDirectory() as folder:
        async with Database.open(f"sqlite:///{folder}/paperboat.db") as database:

            async def positions(tx: Transaction) -> dict[str, int]:
                for made in (*queue, *past):
                    await with_card(tx, made)
                return {made.id: await renders.waiting_before(tx, made.id) for made in queue}

            shown = await database.transaction(positions)
            order = await database.transaction(claim_all)
    assert shown == {render_id: place for place, render_id in enumerate(order)}
    assert len(order) == len(queue)
