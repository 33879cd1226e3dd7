from __future__ import annotations

from dataclasses import replace

import pytest

from storage import Database, StorageError, events, renders
from storage.records import Event, State
from tests.storage.examples import NOW_MS, render

STOPPED = Event(
    render_id=None,
    at_ms=NOW_MS,
    from_state=None,
    to_state=None,
    author="222",
    why="stopped everything",
)


async def test_events_are_kept_in_order(database: Database) -> None:
    made = render()
    event = Event(
        render_id=made.id,
        at_ms=NOW_MS - 5,
        from_state=State.QUEUED,
        to_state=State.CANCELLED,
        author="222",
        why="asked for",
    )
    await database.transaction(lambda tx: renders.insert(tx, made))
    await database.transaction(lambda tx: events.add(tx, event))
    first, second = await database.read(lambda tx: events.of_render(tx, made.id))
    assert first.to_state is State.QUEUED
    assert second == event


async def test_an_act_need_not_be_about_a_render(database: Database) -> None:
    await database.transaction(lambda tx: events.add(tx, STOPPED))
    rows = await database.read(lambda tx: tx.fetch_all("select * from events"))
    assert [row["why"] for row in rows] == ["stopped everything"]


@pytest.mark.parametrize("statement", ["update events set why = 'other'", "delete from events"])
async def test_events_can_be_neither_changed_nor_deleted(
    database: Database, statement: str
) -> None:
    await database.transaction(lambda tx: events.add(tx, STOPPED))
    with pytest.raises(StorageError, match="events only grow"):
        await database.transaction(lambda tx: tx.execute(statement))
    rows = await database.read(lambda tx: tx.fetch_all("select * from events"))
    assert [row["why"] for row in rows] == ["stopped everything"]


async def test_acts_are_read_on_from_where_one_was(database: Database) -> None:
    acts = [replace(STOPPED, server_id=server, action="setup") for server in (1, 2, 1, 1)]
    for event in (STOPPED, *acts, replace(STOPPED, server_id=1)):
        await database.transaction(lambda tx, e=event: events.add(tx, e))
    ids = [
        act.id
        for act in await database.read(lambda tx: events.acts(tx, server_id=1, after_id=0, limit=9))
    ]
    assert ids == [2, 4, 5]
    for after_id, limit, expected in ((2, 9, [4, 5]), (0, 1, [2]), (5, 9, [])):
        found = await database.read(
            lambda tx, a=after_id, n=limit: events.acts(tx, server_id=1, after_id=a, limit=n)
        )
        assert [act.id for act in found] == expected
        assert found == (acts[0],) * len(expected)
    newest = [await database.read(lambda tx, n=n: events.last_act(tx, n)) for n in (1, 2, 3)]
    assert newest == [5, 3, 0]


def test_what_changed_is_written_by_name() -> None:
    listed = events.listed(["one", "two"])
    written = events.written({"models": listed, "time_zone": None, "day_credits": 5})
    assert written == 'models=["one","two"], time_zone=, day_credits=5'
