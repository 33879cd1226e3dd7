from __future__ import annotations

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
