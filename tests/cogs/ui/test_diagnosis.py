"""The looks at machine, database, renders and Discord, each when it is well and when it is not."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest

from cogs.ui import diagnosis
from cogs.ui.endings import CONFIGURATION, STOPPED
from cogs.ui.finding import Finding
from render.alerts import Alert, Alerts
from render.breaker import Outage, Trouble
from render.pace import Pace
from sandbox.discord import Discord
from storage import Database, Transaction, renders, settings
from storage.health import Health
from storage.ledger import Difference
from storage.records import Pause, Render, State, StopReason, Subject, SubmitStop
from tests.cogs.examples import BORN_MS, SERVER_ID, StoppedClock, render
from tests.seedance import servers

PACE = Pace()
HEALTHY: dict[str, Any] = {
    "damage": (),
    "differences": (),
    "version": 2,
    "newest_version": 2,
    "journal": "wal",
    "sqlite": "3.51.3",
    "size_bytes": 1_234_567,
}
DIFFERENCE = Difference(
    subject=Subject.HOST,
    server_id=0,
    member_id=0,
    held=7,
    spent=0,
    held_by_lines=0,
    spent_by_lines=0,
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/paperboat.db"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with Database.open(url) as opened:
        yield opened


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def only(found: tuple[Finding, ...]) -> Finding:
    (finding,) = found
    return finding


# Database


async def test_a_sound_database_is_told_with_its_figures(database: Database) -> None:
    found = only(await diagnosis.database(database))
    assert found.well
    assert found.words.startswith("whole, and every account is the sum of its lines; version ")
    for words in ("WAL", "SQLite 3.", "KB"):
        assert words in found.words


@pytest.mark.parametrize(
    ("changes", "well", "words", "code"),
    [
        ({}, True, "version 2, WAL, SQLite 3.51.3, 1 MB.", STOPPED),
        ({"version": 1}, True, "whole; version 1, WAL, SQLite 3.51.3, 1 MB. The next", STOPPED),
        ({"version": 1}, True, "The next start brings it to version 2.", STOPPED),
        ({"damage": ("row 7",)}, False, "put back your last backup", CONFIGURATION),
        ({"differences": (DIFFERENCE,)}, False, "do not balance, in 1 account.", CONFIGURATION),
        ({"journal": "delete"}, False, "(journal: delete)", STOPPED),
    ],
)
async def test_each_trouble_of_a_database_says_what_to_do(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    well: bool,
    words: str,
    code: int,
) -> None:
    async def examine(_: Database) -> Health:
        return Health(**HEALTHY | changes)

    monkeypatch.setattr(diagnosis, "examine", examine)
    found = only(await diagnosis.database(database))
    assert words in found.words
    assert (found.well, found.code) == (well, code)


async def test_a_database_is_looked_into_beside_its_bot(database: Database, url: str) -> None:
    found = await diagnosis.kept(url, pace=PACE, now_ms=BORN_MS)
    assert [one.topic for one in found] == ["Database", "Submits", "Renders"]
    assert all(one.well for one in found)


# Disk

Usage = namedtuple("Usage", "total used free")


async def test_room_is_told_and_folders_to_come_are_fine(tmp_path: Path) -> None:
    file, spool = tmp_path / "data" / "paperboat.db", tmp_path / "data" / "spool"
    disk, closed = await diagnosis.disk(file, spool)
    assert disk.well
    assert " free for the database, " in disk.words
    assert closed.well
    assert not (tmp_path / "data").exists()


async def test_a_full_disk_is_named_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 0, 399_000_000))
    database, videos, _ = await diagnosis.disk(tmp_path / "paperboat.db", tmp_path / "spool")
    assert database.words == f"only 399 MB free for the database ({tmp_path}). Make room there."
    assert not database.well
    assert not videos.well


async def test_a_spool_that_is_a_file_takes_no_videos(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    *_, spool = await diagnosis.disk(tmp_path / "paperboat.db", tmp_path / "spool")
    assert not spool.well
    assert f"I may not write into {tmp_path / 'spool'}" in spool.words
    assert spool.code == CONFIGURATION


async def test_a_spool_that_is_read_only_takes_no_videos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever runs the tests may be allowed to write everywhere.
    monkeypatch.setattr("os.access", lambda *_: False)
    *_, spool = await diagnosis.disk(tmp_path / "paperboat.db", tmp_path / "spool")
    assert not spool.well


# Clock


@pytest.mark.parametrize(
    ("off", "well", "words"),
    [
        (0, True, "less than 5 s from Discord's."),
        (4, True, "less than 5 s from Discord's."),
        (-4, True, "less than 5 s from Discord's."),
        (7, False, "6 seconds ahead of Discord's. Let this machine"),
        (-600, False, "10 minutes behind Discord's. Let this machine"),
    ],
)
async def test_the_clock_is_compared_with_discords(
    session: aiohttp.ClientSession, off: int, well: bool, words: str
) -> None:
    stamp = "Tue, 01 Sep 2026 10:00:00 GMT"
    own = StoppedClock(datetime(2026, 9, 1, 10, tzinfo=UTC) + timedelta(seconds=off))
    async with servers.serving(servers.answering(200, {}, Date=stamp)) as server:
        found = only(await diagnosis.clock(session, server.url, own))
    assert found.words.startswith(words)
    assert found.well is well


async def test_a_clock_that_discord_does_not_tell_is_no_trouble(
    session: aiohttp.ClientSession,
) -> None:
    async with servers.serving(servers.answering(200, {})) as server:
        own = StoppedClock(datetime(2026, 9, 1, tzinfo=UTC))
        found = only(await diagnosis.clock(session, server.url, own))
    assert found.well
    assert "did not say what time it is" in found.words


# Submits and alerts


async def keep(database: Database, name: str, value: object) -> None:
    await database.transaction(lambda tx: settings.put(tx, name, json.dumps(value)))


async def test_submits_that_go_on_are_fine(database: Database) -> None:
    assert only(await diagnosis.submits(database, BORN_MS)).well


@pytest.mark.parametrize("trouble", list(Trouble))
async def test_a_pause_of_submits_says_since_when_why_and_what_to_do(
    database: Database, trouble: Trouble
) -> None:
    outage = Outage(trouble=trouble, since_ms=BORN_MS - 120_000, probe_at_ms=BORN_MS)
    await keep(database, "outage", asdict(outage))
    found = only(await diagnosis.submits(database, BORN_MS))
    assert not found.well
    assert found.words.startswith("nothing has been sent for 2 minutes: the ")
    assert found.words.split(". ")[1].split()[0] in {"Top", "Write", "Look"}


async def test_a_database_that_may_be_an_old_copy_says_so(database: Database) -> None:
    stop = SubmitStop(
        reason=StopReason.OLD_DATABASE, since_ms=BORN_MS, last_beat_ms=BORN_MS - 3 * 86_400_000
    )
    await database.transaction(lambda tx: settings.stop_submits(tx, stop))
    found = only(await diagnosis.submits(database, BORN_MS))
    assert not found.well
    assert "had not been in use for 3 days" in found.words
    assert "put the latest one in its place" in found.words


async def test_a_stop_by_the_host_says_since_when_and_why(database: Database) -> None:
    stop = SubmitStop(
        reason=StopReason.HOST, since_ms=BORN_MS - 120_000, author="4", note="too *much*"
    )
    await database.transaction(lambda tx: settings.stop_submits(tx, stop))
    found = only(await diagnosis.submits(database, BORN_MS))
    assert not found.well
    assert found.words == (
        "nothing is sent. You stopped it 2 minutes ago. You noted: “too \\*much\\*”. To go on, send"
        " /host go."
    )


@pytest.mark.parametrize(
    ("delivered", "words"),
    [
        (True, "the last one reached you 1 hour ago. **The video service offers none"),
        (False, "the last one reached nobody. Set ALERT_CHANNEL_ID"),
    ],
)
async def test_the_last_alert_is_repeated(database: Database, delivered: bool, words: str) -> None:
    class Told:
        async def tell(self, alert: Alert) -> bool:
            return delivered

    assert only(await diagnosis.last_alert(database, BORN_MS)).well
    told_at = StoppedClock(datetime.fromtimestamp(BORN_MS / 1000, UTC))
    alerts = Alerts(database=database, herald=Told(), clock=told_at)
    await alerts.report_no_model()
    await alerts.step()
    found = only(await diagnosis.last_alert(database, BORN_MS + 3_600_000))
    assert found.words.startswith(words)
    assert found.well is delivered


# Renders


async def looked_at(
    database: Database, *kept: Render, minutes: float = 0, server_id: int | None = None
) -> tuple[Finding, ...]:
    async def keep(tx: Transaction) -> None:
        for one in kept:
            await renders.insert(tx, one)

    await database.transaction(keep)
    now_ms = BORN_MS + round(minutes * 60_000)
    return await diagnosis.under_way(database, server_id=server_id, pace=PACE, now_ms=now_ms)


async def test_nothing_under_way_is_fine(database: Database) -> None:
    assert only(await looked_at(database)).words == "nothing is under way."


async def test_what_is_under_way_is_counted_by_state(database: Database) -> None:
    counts, queued = await looked_at(
        database,
        render(id="AAAAAAAA", interaction_id=1),
        render(id="BBBBBBBB", interaction_id=2, created_at_ms=BORN_MS - 60_000),
        render(id="CCCCCCCC", interaction_id=3, state=State.RENDERING),
        render(id="DDDDDDDD", interaction_id=4, state=State.DELIVERED),
    )
    assert counts.words == "2 queued, 1 rendering."
    assert queued.words == "2 renders queued, the oldest (BBBBBBBB) for 1 minute."
    assert queued.well


@pytest.mark.parametrize(
    ("state", "minutes", "well"),
    [
        (State.QUEUED, 124, True),
        (State.QUEUED, 126, False),
        (State.UNKNOWN, 19, True),
        (State.UNKNOWN, 21, False),
    ],
)
async def test_what_the_engine_should_have_ended_is_something_to_do(
    database: Database, state: State, minutes: int, well: bool
) -> None:
    _, hanging = await looked_at(database, render(state=state), minutes=minutes)
    assert hanging.well is well
    assert ("look into the log" in hanging.words) is not well
    assert f"1 render {state}, the oldest (7KQ2M9XA) for " in hanging.words


async def test_what_a_pause_keeps_waiting_does_not_hang(database: Database) -> None:
    pause = Pause(server_id=SERVER_ID, author_id=1, reason="", at_ms=BORN_MS)
    await database.transaction(lambda tx: settings.pause(tx, pause))
    assert only(await looked_at(database, render(), minutes=600)).words == "1 queued."
    over_ms = BORN_MS + 500 * 60_000
    await database.transaction(lambda tx: settings.resume(tx, SERVER_ID, at_ms=over_ms))
    _, waiting = await looked_at(database, minutes=600)
    assert waiting.well
    assert "(7KQ2M9XA) for " in waiting.words


async def test_the_oldest_late_one_is_named_with_where_to_look(database: Database) -> None:
    _, late = await looked_at(
        database,
        render(state=State.RENDERING, late_at_ms=BORN_MS - 3 * 3_600_000),
        render(id="BBBBBBBB", interaction_id=2, state=State.RENDERING, late_at_ms=BORN_MS),
        render(id="CCCCCCCC", interaction_id=3, state=State.DELIVERED, late_at_ms=BORN_MS - 9),
    )
    assert not late.well
    assert late.words.startswith("2 renders late, the oldest (7KQ2M9XA) for 3 hours.")
    assert "https://status.cometapi.com" in late.words


async def test_the_oldest_undelivered_one_is_named_with_what_to_do(database: Database) -> None:
    _, kept = await looked_at(
        database,
        render(state=State.UNDELIVERED, state_at_ms=BORN_MS - 2 * 86_400_000),
        render(id="BBBBBBBB", interaction_id=2, state=State.UNDELIVERED),
    )
    assert not kept.well
    assert kept.words.startswith("2 renders could not be posted, the oldest (7KQ2M9XA) 2 days ago.")
    assert kept.words.endswith("/renders show id:7KQ2M9XA.")


async def test_a_servers_numbers_are_its_own(database: Database) -> None:
    other = render(id="BBBBBBBB", interaction_id=2, server_id=SERVER_ID + 1)
    counts, _ = await looked_at(database, render(), other, server_id=SERVER_ID)
    assert counts.words == "1 queued."
    counts, _ = await looked_at(database)
    assert counts.words == "2 queued."


# Token


async def test_a_token_is_told_by_its_bot_without_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with Discord.serve() as stand_in:
        monkeypatch.setattr("discord.http.Route.BASE", stand_in.api_url)
        found = only(await diagnosis.token(stand_in.token))
        assert found.line == "Discord: the token is that of paperboat#0000."
        with pytest.raises(discord.LoginFailure):
            await diagnosis.token("wrong")
        assert stand_in.identifies == 0
    assert "intent" not in caplog.text
