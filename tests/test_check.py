"""--check looks at everything, starts nothing, and ends with the line that matters."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

import bot
from cogs.ui.endings import CONFIGURATION, STOPPED, TEMPORARY
from sandbox.provider import Fault, Where
from tests.cogs.world import World
from tests.seedance import servers


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


async def test_it_ends_with_what_can_render_now_beside_a_running_bot(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = len(world.discord.requests)
    assert await bot.check(world.settings()) == STOPPED
    said = lines(capsys)
    for expected in (
        "Fine   Settings: all of them can be read.",
        "Fine   Discord: the token is that of paperboat#0000.",
        "Fine   Clock: less than 5 s from Discord's.",
        "Fine   Database: whole, and every account is the sum of its lines; version ",
        "Fine   Renders: nothing is under way.",
        "Fine   Disk: ",
        "Fine   Spool: videos can be kept there until they are posted.",
        "Fine   Video service: it answers, and accepts the key.",
        "Fine   Models: offered are Seedance 1.5 pro, Seedance 2.5,",
        "Fine   Balance: not asked.",
        "Fine   Commands: Discord has those of this program.",
    ):
        assert any(line.startswith(expected) for line in said), expected
    assert said[-1].startswith(
        "Can render now: Seedance 1.5 pro, with a first and a last frame,"
        " 5 s in 720p for 27 credits (0.26 USD); Seedance 2.5, without frames,"
    )
    assert world.discord.identifies == 1
    assert {one.method for one in world.discord.requests[sent:]} == {"GET"}
    assert world.provider.create_calls == 0


async def test_it_changes_no_file(sleeping_world: World, tmp_path: Path) -> None:
    await bot.check(sleeping_world.settings())
    assert os.listdir(tmp_path) == []


async def test_it_says_when_the_next_start_has_commands_to_send(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = world.settings()
    assert await world.stop() == STOPPED
    monkeypatch.setattr("cogs.ui.paperboat.EXTENSIONS", ("cogs.video",))
    assert await bot.check(settings) == STOPPED
    words = "Fine   Commands: they are not those that Discord has; the next start sends them."
    assert words in lines(capsys)


async def test_it_names_everything_that_is_wrong(
    sleeping_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world = sleeping_world
    world.provider.fail(Fault.SERVER_ERROR, where=Where.MODELS, times=0)
    wrong = world.settings(COMETAPI_KEY="sk-wrong", DISCORD_TOKEN="wrong.token.here")
    assert await bot.check(wrong) == CONFIGURATION
    said = "\n".join(lines(capsys))
    for words in (
        "Fine   Database: not there yet",
        "To do  Discord: Discord does not accept DISCORD_TOKEN",
        "To do  Video service: it does not accept COMETAPI_KEY",
        "To do  Models: the list could not be had",
        "Can render now: Seedance ",
    ):
        assert words in said
    assert "sk-wrong" not in said


async def test_it_says_when_nothing_can_render(
    sleeping_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    sleeping_world.provider.models = []
    assert await bot.check(sleeping_world.settings()) == TEMPORARY
    assert lines(capsys)[-1].startswith("Nothing can render now")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DYNO": "worker.1"}, "ALLOW_EPHEMERAL_DATABASE=1"),
        ({"DATABASE_URL": "postgresql://u:secret@h/d"}, "begins with postgresql"),
    ],
)
async def test_a_database_that_cannot_serve_is_a_matter_of_configuration(
    sleeping_world: World,
    changes: dict[str, str],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await bot.check(sleeping_world.settings(**changes)) == CONFIGURATION
    said = "\n".join(lines(capsys))
    assert words in said
    assert "secret" not in said


async def test_the_key_for_the_balance_shows_nowhere(
    sleeping_world: World,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level("DEBUG")
    monkeypatch.setattr("seedance.balance.ADDRESS", "http://127.0.0.1:9/user/quota")
    await bot.check(sleeping_world.settings(COMETAPI_BALANCE_KEY="sk-planted-123456"))
    heard = capsys.readouterr()
    assert "To do  Balance: it could not be read (ClientConnectorError)" in heard.out
    assert "sk-planted" not in heard.out + heard.err + caplog.text


async def test_a_silent_discord_keeps_nobody_waiting(
    sleeping_world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.ui.finding.LONGEST_LOOK", timedelta(seconds=0.05))
    async with servers.serving(servers.stall) as silent:
        settings = sleeping_world.settings(DISCORD_API_URL=f"{silent.url}/api/v10")
        assert await bot.check(settings) == TEMPORARY
    said = "\n".join(lines(capsys))
    assert "To do  Discord: no answer within 0.05 s." in said
    assert "To do  Clock: no answer within 0.05 s." in said


def test_main_checks_quietly_when_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCORD_TOKEN", "t")
    monkeypatch.setenv("COMETAPI_KEY", "k")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("SEEDANCE_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("DISCORD_API_URL", "http://127.0.0.1:9/api/v10")
    levels: list[str] = []
    monkeypatch.setattr(bot, "set_up_logging", levels.append)
    assert bot.main(["--check"]) == TEMPORARY
    said = capsys.readouterr().out
    assert "Discord did not answer" in said
    assert "Video service: it does not answer as it should" in said
    assert levels == ["ERROR"]
