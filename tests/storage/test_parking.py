"""Bump, park and pause what waits, and count the time that stands still."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest

from storage import Database, events, renders
from storage.records import Event, Render, State
from tests.storage.examples import NOW_MS
from tests.storage.parking import asked, bump, keep, park, pause, resume, unpark

Act: TypeAlias = Callable[[Database, Render, int], Awaitable[object]]

A = 1


async def waited_less(database: Database, made: Render) -> int:
    kept = await database.read(lambda tx: renders.find(tx, made.id))
    assert kept
    return kept.paused_ms


@pytest.mark.parametrize(
    ("acts", "stood_still_ms"),
    [
        ((park, unpark), 10),
        ((park, pause, resume, unpark), 30),
        ((pause, park, unpark, resume), 30),
        ((pause, park, resume, unpark), 30),
        ((park, pause, unpark, resume), 30),
        ((park, unpark, pause, resume), 20),
        ((park, unpark, park, unpark), 20),
    ],
    ids=lambda value: "-".join(act.__name__ for act in value) if isinstance(value, tuple) else "",
)
async def test_time_that_stands_still_counts_once(
    database: Database, acts: tuple[Act, ...], stood_still_ms: int
) -> None:
    made = asked(A, 1, 0, state_at_ms=NOW_MS - 1000)
    await keep(database, made)
    for number, act in enumerate(acts):
        await act(database, made, 10 * number)
    assert await waited_less(database, made) == stood_still_ms


async def test_a_clock_that_was_put_back_adds_no_wait(database: Database) -> None:
    made = asked(A, 1, 0)
    await keep(database, made)
    await park(database, made, at=50)
    await unpark(database, made, at=20)
    assert await waited_less(database, made) == 0


async def test_an_act_is_written_down_with_its_author(database: Database) -> None:
    made = asked(A, 7, 0)
    await keep(database, made)
    assert (await bump(database, made, at=1)) is not None
    await park(database, made, at=2)
    await unpark(database, made, at=3)
    found = await database.read(lambda tx: events.acts(tx, server_id=A, after_id=0, limit=9))
    assert found == tuple(
        Event(
            render_id=made.id,
            at_ms=NOW_MS + number,
            author="5",
            why="",
            server_id=A,
            action=action,
            target="member:7",
        )
        for number, action in enumerate(("bump", "park", "unpark"), start=1)
    )


async def test_what_was_done_already_is_not_done_again(database: Database) -> None:
    made = asked(A, 1, 0)
    await keep(database, made)
    assert await unpark(database, made) is None
    bumped, parked = await bump(database, made), await park(database, made)
    assert bumped
    assert parked
    assert (bumped.bumped_at_ms, parked.parked_at_ms) == (NOW_MS, NOW_MS)
    assert await bump(database, made, at=1) is None
    assert await park(database, made, at=1) is None
    found = await database.read(lambda tx: events.acts(tx, server_id=A, after_id=0, limit=9))
    assert [act.action for act in found] == ["bump", "park"]


@pytest.mark.parametrize("state", [state for state in State if state is not State.QUEUED])
async def test_only_what_is_queued_is_acted_on(database: Database, state: State) -> None:
    made = asked(A, 1, 0, state=state, parked_at_ms=NOW_MS)
    bare = asked(A, 1, 0, state=state)
    await keep(database, made, bare)
    assert [await unpark(database, made), await park(database, bare)] == [None, None]
    assert await bump(database, bare) is None
    assert await database.read(lambda tx: events.acts(tx, server_id=A, after_id=0, limit=9)) == ()
