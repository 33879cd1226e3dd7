"""Give credits to members and to roles, and spend them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

import pytest

from storage import Database, Transaction, events, grants, ledger, renders
from storage.records import LARGEST_AMOUNT, Grant, RoleGrant
from tests.storage import examples
from tests.storage.examples import DAY_MS, MEMBER, NOW_MS, SERVER, render

ARTISTS = 45
ENDS_MS = NOW_MS + DAY_MS
GIFT: dict[str, Any] = {
    "server_id": SERVER,
    "credits": 100,
    "at_ms": NOW_MS,
    "expires_at_ms": ENDS_MS,
    "author": "9",
    "reason": "a contest",
}


async def open_to(
    database: Database, at_ms: int = NOW_MS, member_id: int = MEMBER
) -> tuple[Grant, ...]:
    return await database.read(
        lambda tx: grants.open_to(tx, server_id=SERVER, member_id=member_id, at_ms=at_ms)
    )


async def give_role(database: Database, role_id: int = ARTISTS, **changes: int) -> RoleGrant:
    values: dict[str, Any] = {**GIFT, "role_id": role_id, **changes}
    return await database.transaction(lambda tx: grants.give_role(tx, **values))


async def collect(
    database: Database,
    roles: Collection[int] = (ARTISTS,),
    member_id: int = MEMBER,
    at_ms: int = NOW_MS,
) -> None:
    await database.transaction(
        lambda tx: grants.collect(
            tx, server_id=SERVER, member_id=member_id, role_ids=roles, at_ms=at_ms
        )
    )


async def hold(tx: Transaction, grant_id: int, amount: int, at_ms: int = NOW_MS) -> bool:
    made = await renders.insert(tx, render())
    return await grants.hold(
        tx, render_id=made.id, grant_id=grant_id, amount=amount, at_ms=at_ms, author="222"
    )


async def test_a_grant_says_who_gave_it_why_and_until_when(database: Database) -> None:
    given = await database.transaction(lambda tx: grants.give(tx, member_id=MEMBER, **GIFT))
    assert given == Grant(
        id=given.id,
        server_id=SERVER,
        member_id=MEMBER,
        credits=100,
        left=100,
        at_ms=NOW_MS,
        expires_at_ms=ENDS_MS,
        author="9",
        reason="a contest",
    )
    assert await open_to(database) == (given,)
    (act,) = await database.read(lambda tx: events.acts(tx, server_id=SERVER, after_id=0, limit=9))
    assert (act.action, act.target, act.new_value) == ("grant", f"member:{MEMBER}", "100")
    assert (act.author, act.why, act.render_id) == ("9", "a contest", None)
    assert await database.read(ledger.check) == ()


async def test_what_ends_soonest_comes_first_and_what_has_ended_not_at_all(
    database: Database,
) -> None:
    async def work(tx: Transaction) -> list[int]:
        given = [await examples.give(tx, ends_in_ms=days * DAY_MS) for days in (3, 1, 2, 1)]
        await examples.give(tx, member_id=MEMBER + 1)
        return [grant.id for grant in given]

    late, first, second, also_first = await database.transaction(work)
    found = [grant.id for grant in await open_to(database)]
    assert found == [first, also_first, second, late]
    assert [grant.id for grant in await open_to(database, NOW_MS + DAY_MS)] == [second, late]


async def test_a_grant_is_held_to_its_last_credit_and_no_further(database: Database) -> None:
    given = await database.transaction(examples.give)
    for amount, held in ((31, False), (20, True), (11, False), (10, True), (1, False)):
        assert held is await database.transaction(lambda tx, n=amount: hold(tx, given.id, n))
    assert await open_to(database) == ()
    assert await database.read(ledger.check) == ()


async def test_a_grant_that_has_ended_is_not_held(database: Database) -> None:
    given = await database.transaction(examples.give)
    ends = given.expires_at_ms
    assert not await database.transaction(lambda tx: hold(tx, given.id, 1, ends))
    assert await database.transaction(lambda tx: hold(tx, given.id, 1, ends - 1))


async def test_only_grants_are_held_so(database: Database) -> None:
    await database.transaction(lambda tx: examples.admit(tx, render()))
    for account_id in (1, 2, 3, 99):
        assert not await database.transaction(lambda tx, n=account_id: hold(tx, n, 1))


async def test_of_forty_holds_at_once_a_grant_pays_as_many_as_it_can(database: Database) -> None:
    given = await database.transaction(lambda tx: examples.give(tx, 7 * 61 + 60))
    ends = await asyncio.gather(
        *(database.transaction(lambda tx: hold(tx, given.id, 61)) for _ in range(40))
    )
    assert ends.count(True) == 7
    (left,) = await open_to(database)
    assert left.left == 60
    assert await database.read(ledger.check) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"credits": 0},
        {"credits": -5},
        {"credits": LARGEST_AMOUNT + 1},
        {"credits": 2**63},
        {"expires_at_ms": NOW_MS},
        {"expires_at_ms": NOW_MS - 1},
    ],
    ids=str,
)
async def test_a_grant_that_makes_no_sense_changes_nothing(
    database: Database, changes: dict[str, int]
) -> None:
    values: dict[str, Any] = {**GIFT, **changes}
    with pytest.raises(ValueError, match=r"amount|past"):
        await database.transaction(lambda tx: grants.give(tx, member_id=MEMBER, **values))
    with pytest.raises(ValueError, match=r"amount|past"):
        await give_role(database, **changes)
    assert await open_to(database) == ()
    assert await database.read(lambda tx: events.last_act(tx, SERVER)) == 0


# Grants to roles


async def test_a_role_grant_is_collected_once_by_each_who_holds_the_role(
    database: Database,
) -> None:
    promised = await give_role(database)
    assert promised == RoleGrant(id=promised.id, role_id=ARTISTS, **GIFT)
    for member_id, roles in ((1, (ARTISTS, 7)), (1, (ARTISTS,)), (2, (ARTISTS,)), (3, (7,))):
        await collect(database, roles, member_id, NOW_MS + 5)
    (one,) = await open_to(database, member_id=1)
    assert (one.credits, one.left, one.role_id) == (100, 100, ARTISTS)
    assert (one.at_ms, one.expires_at_ms) == (NOW_MS + 5, ENDS_MS)
    assert (one.author, one.reason) == ("9", "a contest")
    assert len(await open_to(database, member_id=2)) == 1
    assert await open_to(database, member_id=3) == ()
    assert await database.read(ledger.check) == ()


async def test_a_role_grant_is_one_act_however_many_collect_it(database: Database) -> None:
    await give_role(database)
    for member_id in range(3):
        await collect(database, member_id=member_id)
    (act,) = await database.read(lambda tx: events.acts(tx, server_id=SERVER, after_id=0, limit=9))
    assert (act.action, act.target, act.new_value) == ("grant", f"role:{ARTISTS}", "100")


async def test_a_role_that_comes_later_collects_what_is_still_open(database: Database) -> None:
    await give_role(database)
    await give_role(database, expires_at_ms=ENDS_MS + 1)
    await give_role(database, server_id=SERVER + 1)
    await collect(database, ())
    assert await open_to(database) == ()
    await collect(database, at_ms=ENDS_MS)
    (one,) = await open_to(database)
    assert one.expires_at_ms == ENDS_MS + 1


async def test_forty_who_collect_at_once_have_it_once(database: Database) -> None:
    await give_role(database)
    await asyncio.gather(*(collect(database) for _ in range(40)))
    assert len(await open_to(database)) == 1


# Refunds by people


async def test_refunds_are_added_up_by_render_and_by_author(database: Database) -> None:
    first, second, other = render(), render(), render(server_id=SERVER + 1)

    async def work(tx: Transaction) -> None:
        for made in (first, second, other):
            await renders.insert(tx, made)
        for made, author, amount, at_ms in (
            (first, "9", 1, NOW_MS - 1),
            (first, "9", 20, NOW_MS),
            (second, "9", 300, NOW_MS),
            (second, "8", 4000, NOW_MS),
            (other, "9", 50_000, NOW_MS),
            (None, "9", 600_000, NOW_MS),
        ):
            values: dict[str, Any] = {**GIFT, "author": author, "credits": amount, "at_ms": at_ms}
            if made:
                values |= {"render_id": made.id, "server_id": made.server_id}
            await grants.give(tx, member_id=MEMBER, **values)

    await database.transaction(work)
    since = await database.read(
        lambda tx: grants.refunded_by(tx, server_id=SERVER, author="9", since_ms=NOW_MS)
    )
    assert since == 320
    nobody = await database.read(
        lambda tx: grants.refunded_by(tx, server_id=SERVER, author="7", since_ms=0)
    )
    assert nobody == 0


async def test_a_refund_is_an_act_about_its_render(database: Database) -> None:
    made = render()

    async def work(tx: Transaction) -> None:
        await renders.insert(tx, made)
        await grants.give(tx, member_id=MEMBER, render_id=made.id, **GIFT)

    await database.transaction(work)
    (act,) = await database.read(lambda tx: events.acts(tx, server_id=SERVER, after_id=0, limit=9))
    assert (act.action, act.render_id, act.new_value) == ("refund", made.id, "100")
