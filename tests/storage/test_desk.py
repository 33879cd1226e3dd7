from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from storage import Database, desk, renders
from storage.desk import Sought, Totals
from storage.records import FINAL_STATES, Render, State
from tests.storage.examples import CHANNEL, MEMBER, NOW_MS, SERVER, render

OPEN = frozenset(State) - FINAL_STATES


async def keep(database: Database, *made: Render) -> None:
    for one in made:
        await database.transaction(lambda tx, m=one: renders.insert(tx, m))


def sought(states: Collection[State] = OPEN, **changes: object) -> Sought:
    usual: dict[str, Any] = {"server_id": SERVER, "channel_ids": None, "states": states}
    return Sought(**{**usual, **changes})


async def found(
    database: Database, wanted: Sought, offset: int = 0, newest: bool = False
) -> list[str]:
    page = await database.read(
        lambda tx: desk.page(tx, wanted, offset=offset, limit=8, newest=newest)
    )
    return [one.id for one in page]


@pytest.fixture
async def one_of_each(database: Database) -> dict[State, Render]:
    made = {
        state: render(state=state, created_at_ms=NOW_MS - number)
        for number, state in enumerate(State)
    }
    await keep(database, *made.values(), render(server_id=SERVER + 1, channel_id=CHANNEL + 1))
    return made


async def totals(database: Database, channel_ids: Collection[int] | None) -> Totals:
    return await database.read(
        lambda tx: desk.totals(tx, server_id=SERVER, channel_ids=channel_ids)
    )


async def test_totals_count_what_is_under_way(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    assert one_of_each
    await keep(database, render(parked_at_ms=NOW_MS))
    await keep(database, render(state=State.RENDERING, late_at_ms=NOW_MS))
    await keep(database, render(state=State.UNDELIVERED, taken_down_at_ms=NOW_MS))
    assert await totals(database, None) == Totals(
        running=3, waiting=2, awaiting_approval=1, unknown=1, late=1, undelivered=1
    )


async def test_totals_count_the_channels_that_are_moderated(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    assert one_of_each
    await keep(database, render(channel_id=CHANNEL + 5))
    assert (await totals(database, {CHANNEL + 5})).waiting == 1
    assert (await totals(database, {CHANNEL, CHANNEL + 5})).waiting == 2
    assert await totals(database, ()) == Totals()


async def test_what_needs_a_person_comes_first_then_the_oldest(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    late = render(state=State.RENDERING, late_at_ms=NOW_MS)
    await keep(database, late)
    assert await found(database, sought()) == [
        one_of_each[State.UNKNOWN].id,
        late.id,
        one_of_each[State.AWAITING_APPROVAL].id,
        one_of_each[State.UNDELIVERED].id,
        one_of_each[State.RENDERED].id,
        one_of_each[State.RENDERING].id,
        one_of_each[State.SUBMITTING].id,
        one_of_each[State.QUEUED].id,
    ]


async def test_what_is_over_comes_newest_first(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    ended = [one_of_each[state].id for state in (State.DELIVERED, State.FAILED, State.CANCELLED)]
    assert await found(database, sought(FINAL_STATES), newest=True) == ended


async def test_pages_follow_each_other_without_a_gap(database: Database) -> None:
    made = [render(created_at_ms=NOW_MS + number) for number in range(20)]
    await keep(database, *made)
    pages = [await found(database, sought(), offset=offset) for offset in (0, 8, 16, 24)]
    assert [len(page) for page in pages] == [8, 8, 4, 0]
    assert [one for page in pages for one in page] == [one.id for one in made]
    assert await database.read(lambda tx: desk.count(tx, sought())) == 20


@pytest.mark.parametrize(
    "narrowed",
    [
        {"member_id": MEMBER + 1},
        {"channel_ids": {CHANNEL + 1}},
        {"prefix": "K7F"},
        {"late": True},
        {"states": [State.RENDERING]},
    ],
    ids=lambda narrowed: next(iter(narrowed)),
)
async def test_renders_are_sought_by_all_that_is_named(
    database: Database, narrowed: dict[str, Any]
) -> None:
    wanted = render(
        id="K7F2M9QA",
        member_id=MEMBER + 1,
        channel_id=CHANNEL + 1,
        state=State.RENDERING,
        late_at_ms=NOW_MS,
    )
    await keep(database, wanted, render(id="A1B2C3D4"), render(server_id=SERVER + 1))
    assert await found(database, sought(**narrowed)) == [wanted.id]
    assert await database.read(lambda tx: desk.count(tx, sought(**narrowed))) == 1


async def test_nobody_finds_anything_in_no_channel(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    assert one_of_each
    assert await found(database, sought(channel_ids=())) == []


async def test_what_was_taken_down_waits_for_nobody(database: Database) -> None:
    kept = render(state=State.UNDELIVERED)
    await keep(database, kept, render(state=State.UNDELIVERED, taken_down_at_ms=NOW_MS))
    for states in (OPEN, [State.UNDELIVERED], list(State)):
        assert await found(database, sought(states)) == [kept.id]


async def test_every_channel_with_renders_is_named_once(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    assert one_of_each
    await keep(database, *(render(channel_id=number) for number in (7, 7)))
    await keep(database, *(render(channel_id=9, parent_id=8) for _ in range(2)))
    there = {7: None, 9: 8, CHANNEL: None}
    assert await database.read(lambda tx: desk.channels(tx, SERVER)) == there
    assert await database.read(lambda tx: desk.channels(tx, SERVER + 9)) == {}
