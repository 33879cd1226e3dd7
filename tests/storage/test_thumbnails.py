from __future__ import annotations

import pytest

from storage import Database, StorageError, renders, thumbnails
from storage.records import FrameRole
from storage.thumbnails import MOST_BYTES, Thumbnail
from tests.storage.examples import render

FIRST = Thumbnail(role=FrameRole.FIRST, data=b"\xff\xd8first")
LAST = Thumbnail(role=FrameRole.LAST, data=b"\xff\xd8last")


async def kept(database: Database, *pictures: Thumbnail) -> str:
    made = render()
    await database.transaction(lambda tx: renders.insert(tx, made))
    for each in pictures:
        await database.transaction(lambda tx, one=each: thumbnails.insert(tx, made.id, one))
    return made.id


async def test_thumbnails_come_back_the_first_before_the_last(database: Database) -> None:
    render_id = await kept(database, LAST, FIRST)
    assert await database.read(lambda tx: thumbnails.of_render(tx, render_id)) == (FIRST, LAST)


async def test_dropping_takes_the_thumbnails_of_one_render(database: Database) -> None:
    one, other = await kept(database, FIRST), await kept(database, FIRST)
    await database.transaction(lambda tx: thumbnails.drop(tx, one))
    assert await database.read(lambda tx: thumbnails.of_render(tx, one)) == ()
    assert await database.read(lambda tx: thumbnails.of_render(tx, other)) == (FIRST,)


async def test_the_largest_thumbnail_is_taken_and_no_larger_one(database: Database) -> None:
    largest = Thumbnail(role=FrameRole.FIRST, data=bytes(MOST_BYTES))
    render_id = await kept(database, largest)
    assert await database.read(lambda tx: thumbnails.of_render(tx, render_id)) == (largest,)
    with pytest.raises(StorageError):
        await kept(database, Thumbnail(role=FrameRole.FIRST, data=bytes(MOST_BYTES + 1)))
