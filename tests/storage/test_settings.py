from __future__ import annotations

from dataclasses import replace

import pytest

from storage import Database, renders, settings
from storage.records import Pause, State, StopReason, SubmitStop
from tests.storage.examples import NOW_MS, SERVER, render

STOP = SubmitStop(reason=StopReason.OLD_DATABASE, since_ms=NOW_MS, last_beat_ms=NOW_MS - 1)
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
    assert await database.transaction(lambda tx: settings.resume(tx, SERVER, at_ms=NOW_MS)) is True
    assert await database.transaction(lambda tx: settings.resume(tx, SERVER, at_ms=NOW_MS)) is False
    assert await database.read(lambda tx: settings.paused(tx, SERVER)) is None


@pytest.mark.parametrize(
    ("changes", "paused_ms"),
    [
        ({"state_at_ms": NOW_MS - 5}, 100),
        ({"state_at_ms": NOW_MS + 40}, 60),
        ({"state_at_ms": NOW_MS + 100}, 0),
        ({"paused_ms": 7}, 107),
        ({"server_id": SERVER + 1}, 0),
        ({"state": State.RENDERING}, 0),
    ],
    ids=str,
)
async def test_a_pause_is_no_waiting_for_what_was_queued_in_it(
    database: Database, changes: dict[str, object], paused_ms: int
) -> None:
    made = render(**changes)
    await database.transaction(lambda tx: renders.insert(tx, made))
    await database.transaction(lambda tx: settings.pause(tx, PAUSE))
    await database.transaction(lambda tx: settings.resume(tx, SERVER, at_ms=NOW_MS + 100))
    found = await database.read(lambda tx: renders.find(tx, made.id))
    assert found
    assert found.paused_ms == paused_ms
    assert found.waiting_since_ms == NOW_MS + paused_ms


async def test_a_pause_that_was_said_anew_counts_from_its_beginning(database: Database) -> None:
    made = render()
    await database.transaction(lambda tx: renders.insert(tx, made))
    for at_ms in (NOW_MS, NOW_MS + 40):
        again = replace(PAUSE, at_ms=at_ms)
        await database.transaction(lambda tx, p=again: settings.pause(tx, p))
    await database.transaction(lambda tx: settings.resume(tx, SERVER, at_ms=NOW_MS + 100))
    assert await database.read(lambda tx: renders.find(tx, made.id)) == replace(made, paused_ms=100)


async def test_a_clock_that_went_back_makes_no_pause_of_less_than_nothing(
    database: Database,
) -> None:
    made = render(state_at_ms=NOW_MS - 1000)
    await database.transaction(lambda tx: renders.insert(tx, made))
    await database.transaction(lambda tx: settings.pause(tx, PAUSE))
    assert await database.transaction(lambda tx: settings.resume(tx, SERVER, at_ms=NOW_MS - 100))
    assert await database.read(lambda tx: renders.find(tx, made.id)) == made


async def test_a_new_database_has_no_heartbeat_and_no_stop(database: Database) -> None:
    assert await database.read(settings.last_beat) is None
    assert await database.read(settings.submits_stopped) is None


async def test_the_last_beat_is_kept(database: Database) -> None:
    for at_ms in (NOW_MS, NOW_MS + 1):
        await database.transaction(lambda tx, at=at_ms: settings.beat(tx, at))
    assert await database.read(settings.last_beat) == NOW_MS + 1


async def test_a_stop_outlives_the_process(url: str) -> None:
    async with Database.open(url) as database:
        await database.transaction(lambda tx: settings.stop_submits(tx, STOP))
    async with Database.open(url) as database:
        assert await database.read(settings.submits_stopped) == STOP


async def test_submits_are_allowed_once_and_it_is_written_by_whom(database: Database) -> None:
    await database.transaction(lambda tx: settings.stop_submits(tx, STOP))
    for allowed in (True, False):
        assert allowed is await database.transaction(
            lambda tx: settings.allow_submits(tx, author_id=222, at_ms=NOW_MS + 5)
        )
    assert await database.read(settings.submits_stopped) is None
    (act,) = await acts(database)
    assert act == {
        "author": "222",
        "at_ms": NOW_MS + 5,
        "why": "",
        "action": "host.go",
        "old_value": "old_database",
    }


async def test_a_stop_by_the_host_is_an_act_with_the_hosts_words(database: Database) -> None:
    stop = SubmitStop(reason=StopReason.HOST, since_ms=NOW_MS, author="222", note="too much")
    await database.transaction(lambda tx: settings.stop_submits(tx, stop))
    assert await database.read(settings.submits_stopped) == stop
    (act,) = await acts(database)
    assert act == {
        "author": "222",
        "at_ms": NOW_MS,
        "why": "too much",
        "action": "host.stop",
        "old_value": "",
    }


async def acts(database: Database) -> tuple[dict[str, object], ...]:
    return await database.read(
        lambda tx: tx.fetch_all("select author, at_ms, why, action, old_value from events")
    )
