"""--audit compares every account with its lines, beside a live bot, and names what differs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import bot
from cogs.ui import terminal
from cogs.ui.endings import CONFIGURATION, STOPPED
from storage import Database
from storage.backup import backup
from tests.cogs.world import World
from tests.e2e.conftest import ask_for_a_video, running_bot

WELL = "The books balance: every account and every total is the sum of its lines.\n"


async def test_beside_a_live_bot_it_says_in_one_line_that_all_is_well() -> None:
    async with running_bot() as world:
        world.provider.hold()
        await ask_for_a_video(world, world.mira)
        await world.provider.created()
        auditor = world.another_bot()
        await auditor.start("--audit")
        assert await auditor.ended() == STOPPED
        assert auditor.log == WELL
        world.provider.release()
        await world.told(world.mira)


@pytest.fixture
async def copy(world: World, tmp_path: Path) -> Path:
    """Copy the database of a bot that has rendered one video."""
    await world.video()
    await world.told(world.mira)
    await world.discord.until(lambda: "**Done**" in world.cards[0].text)
    file = tmp_path / "copy.db"
    async with Database.inspect(world.settings().database_url) as database:
        await backup(database, file)
    return file


def tamper(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


async def audited(file: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = await terminal.audit(f"sqlite:///{file}", file)
    heard = capsys.readouterr()
    return code, heard.out + heard.err


async def test_a_sound_copy_is_sound(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await audited(copy, capsys) == (0, WELL)


async def test_every_account_that_differs_is_named_with_both_figures(
    copy: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(copy, "update accounts set spent = spent + 5 where subject = 'member'")
    tamper(copy, "update accounts set held = held + 2 where subject = 'host'")
    code, said = await audited(copy, capsys)
    assert code == 1
    head, host, member, last = said.splitlines()
    assert head == "The books do not balance, in 2 places:"
    assert host.startswith("  the host, from 20")
    assert " 2 held and " in host
    assert " 0 held and " in host
    assert f"  member {world.mira.id} of server {world.server.id}, from 20" in member
    assert last.startswith("Keep a copy of the file")


async def test_a_total_that_differs_is_named(
    copy: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(copy, "update totals set renders = 3")
    code, said = await audited(copy, capsys)
    assert code == 1
    assert f"member {world.mira.id} of server {world.server.id}, from 20" in said
    assert "the total says 3 renders for" in said
    assert "its lines say 1 render for" in said


async def test_a_database_that_is_missing_is_said_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = await audited(tmp_path / "none.db", capsys)
    assert code == CONFIGURATION
    assert said.startswith(f"There is no database at {tmp_path / 'none.db'}")


async def test_what_is_no_database_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "notes.db"
    file.write_text("not a database" * 100)
    code, said = await audited(file, capsys)
    assert code == CONFIGURATION
    assert "The database is damaged" in said


async def test_an_older_database_waits_for_the_next_start(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(copy, "pragma user_version = 3")
    code, said = await audited(copy, capsys)
    assert code == CONFIGURATION
    assert "earlier version of Paperboat" in said


def test_main_audits_when_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCORD_TOKEN", "t")
    monkeypatch.setenv("COMETAPI_KEY", "k")
    levels: list[str] = []
    monkeypatch.setattr(bot, "set_up_logging", levels.append)
    assert bot.main(["--audit"]) == CONFIGURATION
    assert "There is no database at data/paperboat.db" in capsys.readouterr().err
    assert levels == ["ERROR"]
