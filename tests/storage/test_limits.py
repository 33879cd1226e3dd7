"""Set and clear rules, and find those that concern somebody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import Database, events, limits
from storage.records import LARGEST_AMOUNT, Event, Holder, Rule, Span
from tests.storage.examples import MEMBER, NOW_MS, SERVER

ROLE = 45
EVERYONE = Rule(server_id=SERVER, holder=Holder.EVERYONE, day_credits=120)
WHOLE = Rule(server_id=SERVER, holder=Holder.SERVER, day_credits=2000, queue_length=30)
ARTISTS = Rule(
    server_id=SERVER,
    holder=Holder.ROLE,
    holder_id=ROLE,
    hour_credits=1,
    day_credits=2,
    week_credits=3,
    month_credits=4,
    renders_at_once=5,
    queue_length=6,
    longest_seconds=7,
    highest_resolution="720p",
    models=("one", "two"),
)
MINE = Rule(server_id=SERVER, holder=Holder.MEMBER, holder_id=MEMBER, day_credits=0)
OTHERS = (
    replace(ARTISTS, holder_id=ROLE + 1),
    replace(MINE, holder_id=MEMBER + 1),
    replace(EVERYONE, server_id=SERVER + 1),
)


async def put(database: Database, *rules: Rule, author: str = "9") -> None:
    for rule in rules:
        await database.transaction(
            lambda tx, r=rule: limits.put(tx, r, author=author, at_ms=NOW_MS)
        )


async def clear(database: Database, rule: Rule) -> bool:
    return await database.transaction(
        lambda tx: limits.clear(
            tx,
            server_id=rule.server_id,
            holder=rule.holder,
            holder_id=rule.holder_id,
            author="9",
            at_ms=NOW_MS,
        )
    )


async def acts(database: Database) -> tuple[Event, ...]:
    return await database.read(lambda tx: events.acts(tx, server_id=SERVER, after_id=0, limit=9))


async def test_rules_come_back_as_they_were_put_in_the_order_of_their_holders(
    database: Database,
) -> None:
    await put(database, MINE, ARTISTS, EVERYONE, WHOLE, OTHERS[2])
    found = await database.read(lambda tx: limits.of_server(tx, SERVER))
    assert found == (WHOLE, EVERYONE, ARTISTS, MINE)
    assert [ARTISTS.credits(span) for span in Span] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("roles", "expected"),
    [({ROLE, 7}, (WHOLE, EVERYONE, ARTISTS, MINE)), (set[int](), (WHOLE, EVERYONE, MINE))],
    ids=["with a role", "without"],
)
async def test_only_what_concerns_a_member_applies(
    database: Database, roles: set[int], expected: tuple[Rule, ...]
) -> None:
    await put(database, *expected, ARTISTS, *OTHERS)
    found = await database.read(
        lambda tx: limits.applying(tx, server_id=SERVER, member_id=MEMBER, role_ids=roles)
    )
    assert found == expected


async def test_a_rule_takes_the_place_of_the_one_before_and_both_are_written_down(
    database: Database,
) -> None:
    await put(database, ARTISTS)
    after = Rule(server_id=SERVER, holder=Holder.ROLE, holder_id=ROLE, day_credits=0)
    await put(database, after, author="8")
    assert await database.read(lambda tx: limits.of_server(tx, SERVER)) == (after,)
    _, act = await acts(database)
    assert act == Event(
        render_id=None,
        at_ms=NOW_MS,
        author="8",
        why="limits.set",
        server_id=SERVER,
        action="limits.set",
        target=f"role:{ROLE}",
        old_value="hour_credits=1, day_credits=2, week_credits=3, month_credits=4, "
        "renders_at_once=5, queue_length=6, longest_seconds=7, highest_resolution=720p, "
        'models=["one","two"]',
        new_value="day_credits=0",
    )


async def test_the_same_rule_again_is_no_act(database: Database) -> None:
    await put(database, EVERYONE, EVERYONE)
    (act,) = await acts(database)
    assert (act.target, act.old_value, act.new_value) == ("everyone", "", "day_credits=120")


async def test_a_rule_is_cleared_once_and_it_is_written_down(database: Database) -> None:
    await put(database, MINE, EVERYONE)
    assert [await clear(database, MINE), await clear(database, MINE)] == [True, False]
    assert await database.read(lambda tx: limits.of_server(tx, SERVER)) == (EVERYONE,)
    *_, act = await acts(database)
    assert (act.action, act.target) == ("limits.clear", f"member:{MEMBER}")
    assert (act.old_value, act.new_value) == ("day_credits=0", "")


@pytest.mark.parametrize("value", [-1, LARGEST_AMOUNT + 1, 2**63])
@pytest.mark.parametrize("name", ["hour_credits", "month_credits", "queue_length"])
async def test_a_limit_that_makes_no_sense_changes_nothing(
    database: Database, name: str, value: int
) -> None:
    await put(database, EVERYONE)
    changes: dict[str, int] = {name: value}
    with pytest.raises(ValueError, match=f"{name} cannot be {value}"):
        await put(database, replace(EVERYONE, **changes))
    assert await database.read(lambda tx: limits.of_server(tx, SERVER)) == (EVERYONE,)
    assert len(await acts(database)) == 1
