from __future__ import annotations

import pytest

from storage import Database, StorageError, Transaction, frames, renders
from storage.records import Frame, FrameRole
from tests.storage.examples import render

FIRST = Frame(
    role=FrameRole.FIRST, media_type="image/png", width=1280, height=720, data=b"\x89PNG\0first"
)
LAST = Frame(
    role=FrameRole.LAST, media_type="image/jpeg", width=720, height=1280, data=b"\xff\xd8last"
)


async def test_frames_come_back_as_they_were_the_first_before_the_last(database: Database) -> None:
    made = render()
    await database.transaction(lambda tx: renders.insert(tx, made))
    for frame in (LAST, FIRST):
        await database.transaction(lambda tx, f=frame: frames.insert(tx, made.id, f))
    assert await database.read(lambda tx: frames.of_render(tx, made.id)) == (FIRST, LAST)


async def test_dropping_takes_the_frames_of_one_render(database: Database) -> None:
    one, other = render(), render()
    for made in (one, other):
        await database.transaction(lambda tx, m=made: renders.insert(tx, m))
        await database.transaction(lambda tx, m=made: frames.insert(tx, m.id, FIRST))
    await database.transaction(lambda tx: frames.drop(tx, one.id))
    assert await database.read(lambda tx: frames.of_render(tx, one.id)) == ()
    assert await database.read(lambda tx: frames.of_render(tx, other.id)) == (FIRST,)


async def test_a_frame_needs_its_render(database: Database) -> None:
    with pytest.raises(StorageError):
        await database.transaction(lambda tx: frames.insert(tx, "K7F2M9QA", FIRST))


async def test_a_render_has_one_frame_of_a_role(database: Database) -> None:
    made = render()
    await database.transaction(lambda tx: renders.insert(tx, made))
    await database.transaction(lambda tx: frames.insert(tx, made.id, FIRST))
    with pytest.raises(StorageError):
        await database.transaction(lambda tx: frames.insert(tx, made.id, FIRST))


async def test_frames_may_be_kept_before_their_render_is(database: Database) -> None:
    made = render()

    async def work(tx: Transaction) -> None:
        await frames.insert(tx, made.id, FIRST)
        await renders.insert(tx, made)

    await database.transaction(work)
    assert await database.read(lambda tx: frames.of_render(tx, made.id)) == (FIRST,)
