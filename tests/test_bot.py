"""The bot starts, stops and ends with the right code and words that a host understands."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest

import bot
from cogs.ui.endings import CONFIGURATION, INTERNAL, STOPPED, TEMPORARY, explain
from sandbox.discord import Fault
from sandbox.provider import Fault as ProviderFault
from sandbox.provider import Where
from storage import Database, DatabaseDamaged, DatabaseNewer, StorageError
from tests.cogs.world import World

COMMANDS = "PUT /applications/*/commands"


def closed(code: int) -> discord.ConnectionClosed:
    socket = cast("Any", SimpleNamespace(close_code=code))
    return discord.ConnectionClosed(socket, shard_id=None, code=code)


async def end(world: World, **changes: str) -> int:
    """Run a bot that is expected to end by itself."""
    return await asyncio.wait_for(bot.run(world.settings(**changes)), timeout=8)


async def test_a_stop_that_was_asked_for_ends_with_0(world: World) -> None:
    assert await world.stop() == STOPPED
    await world.discord.offline()


async def test_a_stop_leaves_what_renders_for_the_next_start(world: World) -> None:
    world.provider.hold()
    await world.video()
    await world.provider.created()
    assert await world.stop() == STOPPED
    world.provider.release()
    await world.start()
    assert (await world.told(world.mira)).attachments
    assert len(world.provider.billed) == 1


async def test_a_wrong_token_is_a_matter_of_configuration(
    sleeping_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await end(sleeping_world, DISCORD_TOKEN="wrong.token.here") == CONFIGURATION
    assert "Discord does not accept DISCORD_TOKEN" in capsys.readouterr().err


@pytest.mark.parametrize(
    "fault",
    [Fault("GET /gateway", status=503), Fault("GET /users/@me", reset=True, times=None)],
)
async def test_a_silent_discord_is_a_matter_of_time(
    sleeping_world: World, fault: Fault, capsys: pytest.CaptureFixture[str]
) -> None:
    sleeping_world.discord.fail(fault)
    assert await end(sleeping_world) == TEMPORARY
    assert "Start the bot again in a minute" in capsys.readouterr().err


async def test_a_gateway_that_refuses_the_session_ends_with_words(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.discord.disconnect_gateway(4004)
    assert world.running is not None
    assert await asyncio.wait_for(world.running, 8) == CONFIGURATION
    assert "DISCORD_TOKEN" in capsys.readouterr().err


async def test_a_database_in_use_names_its_holder(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Database.open

    def impatient(url: str) -> object:
        return opened(url, lock_wait=bot.timedelta(0))

    monkeypatch.setattr(Database, "open", impatient)
    assert await end(world) == TEMPORARY
    assert "Another bot uses this database (" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DYNO": "worker.1"}, "ALLOW_EPHEMERAL_DATABASE=1"),
        ({"DATABASE_URL": "postgresql://u:secret@h/d"}, "begins with postgresql"),
    ],
)
async def test_a_database_that_cannot_serve_is_refused_in_words(
    sleeping_world: World,
    changes: dict[str, str],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await end(sleeping_world, **changes) == CONFIGURATION
    said = capsys.readouterr().err
    assert words in said
    assert "secret" not in said


async def test_what_should_not_happen_ends_with_70_and_a_trace(
    sleeping_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bot, "pace_of", lambda _: 1 / 0)
    assert await end(sleeping_world) == INTERNAL
    assert "ZeroDivisionError" in caplog.text


def test_a_gateway_that_was_never_reached_is_a_matter_of_time() -> None:
    hidden = AttributeError("sequence")
    hidden.__context__ = aiohttp.ClientConnectionError()
    assert explain(hidden)[0] == TEMPORARY
    assert explain(AttributeError("ours"))[0] == INTERNAL
    assert explain(discord.GatewayNotFound())[0] == TEMPORARY


async def test_commands_are_sent_once_and_only_again_when_they_changed(world: World) -> None:
    await world.stop()
    await world.start()
    await asyncio.sleep(0.05)
    sent = [one for one in world.discord.requests if one.method == "PUT"]
    assert len(sent) == 1
    await world.stop()
    world.environment["SEEDANCE_MODELS"] = "seedance-2-5"
    await world.start()
    await world.discord.requested(COMMANDS, times=2)


async def test_the_developers_server_gets_a_copy(sleeping_world: World) -> None:
    await sleeping_world.start(DEV_GUILD_ID=str(sleeping_world.server.id))
    await sleeping_world.discord.requested("PUT /applications/*/guilds/*/commands")


async def test_commands_that_cannot_be_sent_stop_nothing(
    sleeping_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world = sleeping_world
    world.discord.fail(Fault(COMMANDS, status=503))
    running = asyncio.create_task(bot.run(world.settings(), world.stop_asked))
    await world.discord.requested(COMMANDS)
    await asyncio.sleep(0.05)
    assert not running.done()
    world.stop_asked.set()
    assert await running == STOPPED
    assert "The commands could not be sent" in caplog.text


async def test_the_host_is_warned_when_every_server_may_spend(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.discord.add_server("Elsewhere")
    await asyncio.sleep(0.05)
    assert "ALLOWED_GUILDS is empty" in caplog.text


async def test_check_ends_with_what_can_render_now_beside_a_running_bot(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await bot.check(world.settings()) == STOPPED
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "Settings: fine.",
        "Database: fine, 0 renders under way.",
        "Discord: the token is that of paperboat#0000.",
        "Video service: it accepts the key.",
    ]
    assert lines[-1].startswith(
        "Can render now: Seedance 1.5 pro, with a first and a last frame,"
        " 5 s in 720p for 27 credits (0.26 USD); Seedance 2.5, without frames,"
    )
    assert world.discord.identifies == 1


async def test_check_names_everything_that_is_wrong(
    sleeping_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world = sleeping_world
    world.provider.fail(ProviderFault.SERVER_ERROR, where=Where.MODELS, times=0)
    wrong = world.settings(COMETAPI_KEY="sk-wrong", DISCORD_TOKEN="wrong.token.here")
    assert await bot.check(wrong) == CONFIGURATION
    said = capsys.readouterr().out
    for words in (
        "Database: not there yet",
        "Discord does not accept DISCORD_TOKEN",
        "it does not accept COMETAPI_KEY",
        "the list could not be had",
        "Can render now: Seedance ",
    ):
        assert words in said
    assert "sk-wrong" not in said


async def test_check_says_when_nothing_can_render(
    sleeping_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    sleeping_world.provider.models = []
    assert await bot.check(sleeping_world.settings(DYNO="worker.1")) == CONFIGURATION
    assert capsys.readouterr().out.splitlines()[-1].startswith("Nothing can render now")


def test_main_names_every_fault_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DISCORD_TOKEN", "COMETAPI_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SEEDANCE_MODELS", "sora")
    assert bot.main([]) == CONFIGURATION
    said = capsys.readouterr().err
    assert "DISCORD_TOKEN is missing" in said
    assert "COMETAPI_KEY is missing" in said
    assert "names sora, which is unknown; the known models are" in said


def test_main_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert bot.main(["--help"]) == CONFIGURATION
    assert "python bot.py --check" in capsys.readouterr().err


def test_the_libraries_never_log_their_secrets() -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        bot.set_up_logging("DEBUG")
        assert logging.getLogger("bot").getEffectiveLevel() == logging.DEBUG
        assert logging.getLogger("discord.http").getEffectiveLevel() >= logging.INFO
        assert logging.getLogger("aiosqlite").getEffectiveLevel() >= logging.INFO
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name in bot.OUR_LOGGERS:
            logging.getLogger(name).setLevel(logging.NOTSET)


async def test_sigterm_stops_the_bot_and_sets_a_last_deadline(
    sleeping_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines: list[float] = []

    class Deadline(threading.Thread):
        def __init__(self, seconds: float, *_: object) -> None:
            super().__init__()
            deadlines.append(seconds)

    monkeypatch.setattr(threading, "Timer", Deadline)
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(bot.run_until_signalled(sleeping_world.settings()))
    await sleeping_world.discord.ready()
    try:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running, 8) == STOPPED
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        loop.remove_signal_handler(signal.SIGINT)
    assert deadlines == [7.5]


def test_main_checks_when_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCORD_TOKEN", "t")
    monkeypatch.setenv("COMETAPI_KEY", "k")
    monkeypatch.setenv("SEEDANCE_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("DISCORD_API_URL", "http://127.0.0.1:9/api/v10")
    monkeypatch.setattr(bot, "set_up_logging", lambda _: None)
    assert bot.main(["--check"]) == TEMPORARY
    said = capsys.readouterr().out
    assert "Discord did not answer" in said
    assert "Video service: it does not answer as it should" in said


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (DatabaseNewer(9, 1), CONFIGURATION, "its version is 9, this program knows 1"),
        (DatabaseDamaged("page 7"), CONFIGURATION, "damaged (page 7)"),
        (StorageError("disk full"), TEMPORARY, "cannot be opened (disk full)"),
        (closed(4014), CONFIGURATION, "code 4014"),
        (closed(4000), TEMPORARY, "in a minute"),
    ],
)
def test_every_end_has_a_code_and_words(error: Exception, code: int, words: str) -> None:
    found, said = explain(error)
    assert found == code
    assert words in said
