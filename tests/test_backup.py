"""--backup copies the database, also while the bot runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import bot
from cogs.ui import terminal
from cogs.ui.endings import CONFIGURATION, STOPPED, TEMPORARY
from storage import Database, ledger, renders
from tests.cogs.world import World


async def test_a_copy_beside_a_running_bot_holds_every_render(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.video()
    await world.told(world.mira)
    copy = tmp_path / "copy.db"
    assert await terminal.back_up(world.settings().database_url, copy) == STOPPED
    assert str(copy) in capsys.readouterr().out
    async with Database.open(f"sqlite:///{copy}") as database:
        assert await database.read(ledger.check) == ()
        assert (
            len(
                await database.read(
                    lambda tx: renders.of_member(
                        tx, server_id=world.server.id, member_id=world.mira.id
                    )
                )
            )
            == 1
        )


async def test_a_file_that_is_there_already_stays_as_it_is(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "copy.db"
    await asyncio.to_thread(kept.write_text, "mine")
    assert await terminal.back_up(world.settings().database_url, kept) == CONFIGURATION
    assert "stays as it is" in capsys.readouterr().err
    assert await asyncio.to_thread(kept.read_text) == "mine"


async def test_without_a_database_there_is_nothing_to_copy(
    sleeping_world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = sleeping_world.settings().database_url
    assert await terminal.back_up(url, tmp_path / "copy.db") == TEMPORARY
    assert "cannot be opened" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["--backup"], ["--backup", "a", "b"], ["--check", "x"], ["--audit", "x"], ["go"]]
)
def test_other_words_are_answered_with_how_it_is_used(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bot.main(words) == CONFIGURATION
    assert "--backup FILE" in capsys.readouterr().err
