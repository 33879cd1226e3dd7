from __future__ import annotations

from dataclasses import replace

from storage import Database, settings
from storage.records import Pause
from tests.storage.examples import NOW_MS, SERVER

PAUSE = Pause(server_id=SERVER, author_id=222, reason="a raid", at_ms=NOW_MS)


async def test_a_setting_that_was_never_put_is_none(database: Database) -> None:
    assert await database.read(lambda tx: settings.get(tx, "colour")) is None


async def test_a_setting_takes_the_place_of_the_one_before(database: Database) -> None:
    for value in ("blue", "red"):
        await database.transaction(lambda tx, v=value: settings.put(tx, "colour", v))
    assert await database.read(lambda tx: settings.get(tx, "colour")) == "red"


async def test_a_pause_says_who_and_why_in_its_server_only(database: Database) -> None:
    await database.transaction(lambda tx: settings.pause(tx, PAUSE))
    assert await database.read(lambda tx: settings.paused(tx, SERVER)) == PAUSE
    assert await database.read(lambda tx: settings.paused(tx, SERVER + 1)) is None


async def test_a_second_pause_says_anew_who_and_why(database: Database) -> None:
    again = replace(PAUSE, author_id=333, reason="still", at_ms=NOW_MS + 1)
    await database.transaction(lambda tx: settings.pause(tx, PAUSE))
    await database.transaction(lambda tx: settings.pause(tx, again))
    assert await database.read(lambda tx: settings.paused(tx, SERVER)) == again


async def test_a_paused_server_is_resumed_once(database: Database) -> None:
    await database.transaction(lambda tx: settings.pause(tx, PAUSE))
    assert await database.transaction(lambda tx: settings.resume(tx, SERVER)) is True
    assert await database.transaction(lambda tx: settings.resume(tx, SERVER)) is False
    assert await database.read(lambda tx: settings.paused(tx, SERVER)) is None
