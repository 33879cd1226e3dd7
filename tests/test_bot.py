"""The bot starts, stops and ends with the right code and words that a host understands."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from discord.ext import commands

import bot
from cogs.ui import paperboat, terminal
from cogs.ui.endings import (
    CONFIGURATION,
    INTERNAL,
    STOPPED,
    TEMPORARY,
    GatewayGarbled,
    explain,
)
from render.engine import Engine, EngineDied
from sandbox.discord import Fault
from sandbox.provider import Fault as ProviderFault
from sandbox.provider import Where
from storage import (
    Database,
    DatabaseDamaged,
    DatabaseNewer,
    DiskFull,
    StorageError,
    StrayWal,
    identifies,
)
from tests.cogs.world import World

COMMANDS = "PUT /applications/*/commands"


def closed(code: int) -> discord.ConnectionClosed:
    socket = cast("Any", SimpleNamespace(close_code=code))
    return discord.ConnectionClosed(socket, shard_id=None, code=code)


def unauthorized() -> discord.HTTPException:
    response = cast("Any", SimpleNamespace(status=401, reason="Unauthorized"))
    return discord.HTTPException(response, "401: Unauthorized")


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


async def test_a_stop_lets_a_member_have_the_answer_that_is_under_way(world: World) -> None:
    world.discord.fail(Fault("POST /channels/*/messages", delay_seconds=0.1))
    asking = asyncio.create_task(world.video())
    await world.discord.requested("POST /interactions/*/*/callback")
    assert await world.stop() == STOPPED
    assert (await asking).text.startswith("Accepted")
    assert len(world.cards) == 1


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
        return opened(url, lock_wait=timedelta(0))

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


async def test_a_list_that_cannot_be_had_at_a_start_changes_nothing(world: World) -> None:
    await world.stop()
    world.provider.fail(ProviderFault.SERVER_ERROR, where=Where.MODELS, times=0)
    await world.start()
    reply = await world.video(seed=7)
    assert "Accepted" in reply.text
    assert (await world.told(world.mira)).attachments
    assert len(await world.discord.requested(COMMANDS)) == 1


async def test_a_render_in_the_queue_outlives_a_start_without_a_list(world: World) -> None:
    await world.stop()
    await world.start(UNDO_SECONDS="1")
    await world.video()
    await world.stop()
    world.provider.fail(ProviderFault.SERVER_ERROR, where=Where.MODELS, times=0)
    await world.start()
    assert (await world.told(world.mira)).attachments


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
        for name in terminal.OUR_LOGGERS:
            logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def kept_signals() -> Iterator[None]:
    kept = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    yield
    for number, handler in kept:
        signal.signal(number, handler)


@pytest.mark.usefixtures("kept_signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_the_bot_and_sets_a_last_deadline(
    sleeping_world: World, number: signal.Signals
) -> None:
    deadlines: list[int] = []
    running = asyncio.create_task(
        bot.run_until_signalled(sleeping_world.settings(), deadlines.append)
    )
    await sleeping_world.discord.ready()
    signal.raise_signal(number)
    signal.raise_signal(number)
    # Already now, since the loop may never hear of it.
    assert deadlines == [STOPPED, STOPPED]
    assert await asyncio.wait_for(running, 8) == STOPPED


@pytest.mark.usefixtures("kept_signals")
async def test_the_last_deadline_ends_with_the_code_of_what_went_wrong(
    sleeping_world: World,
) -> None:
    deadlines: list[int] = []
    wrong = sleeping_world.settings(DISCORD_TOKEN="wrong.token.here")
    assert await bot.run_until_signalled(wrong, deadlines.append) == CONFIGURATION
    assert set(deadlines) == {CONFIGURATION}


async def test_a_stop_during_the_start_waits_for_nothing(world: World) -> None:
    # The database is the first bot's, so the second one waits half a minute for it.
    stop = asyncio.Event()
    second = asyncio.create_task(bot.run(world.settings(), stop))
    await asyncio.sleep(0.02)
    assert not second.done()
    stop.set()
    assert await asyncio.wait_for(second, 0.5) == STOPPED


async def test_a_dead_engine_ends_the_bot_with_70_and_the_name_of_its_part(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def die(_: Engine) -> None:
        raise EngineDied("poller")

    await world.stop()
    monkeypatch.setattr(Engine, "run", die)
    assert await end(world) == INTERNAL
    assert "(poller) broke again and again" in capsys.readouterr().err
    await world.discord.offline()


async def test_a_task_that_breaks_in_the_background_is_logged(
    sleeping_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise StorageError("disk I/O error")

    monkeypatch.setattr(paperboat, "sync_commands", fail)
    running = asyncio.create_task(bot.run(sleeping_world.settings(), sleeping_world.stop_asked))
    await sleeping_world.discord.until(lambda: sleeping_world.discord.identifies == 1)
    sleeping_world.stop_asked.set()
    assert await running == STOPPED
    assert "The task 'sync commands' broke" in caplog.text


async def test_an_event_that_cannot_be_read_is_named_and_survived(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    unreadable = {"type": 0, "guild_id": "nobody's business"}
    world.discord._world.gateway.dispatch("CHANNEL_CREATE", unreadable)
    await world.discord.until(lambda: world.discord.resumes == 1)
    quota = await world.mira.command(world.channel, "quota")
    assert "120 of 120 left" in (await quota.settled()).text
    assert "The event CHANNEL_CREATE cannot be read" in caplog.text
    assert "business" not in caplog.text


async def test_a_session_is_counted_beside_the_database(
    sleeping_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot, "SANDBOX_HOST", "sandbox.example")
    await sleeping_world.start()
    await sleeping_world.stop()
    assert len(await sleeping_world.discord.requested("GET /gateway/bot")) == 1
    async with Database.open(sleeping_world.environment["DATABASE_URL"]) as database:
        assert len(await database.read(identifies.times)) == 1


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({}, False),
        ({"DISCORD_API_URL": ""}, True),
        ({"DISCORD_API_URL": "http://localhost:1/api/v10"}, True),
        ({"DISCORD_API_URL": "https://proxy.example/api/v10"}, True),
    ],
)
async def test_sessions_are_counted_except_with_the_stand_in(
    sleeping_world: World, changes: dict[str, str], counted: bool
) -> None:
    paperboat = cast("Any", SimpleNamespace(database=None, clock=None))
    budget = bot.budget_of(paperboat, sleeping_world.settings(**changes))
    assert (budget is not None) is counted


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (DatabaseNewer(9, 1), CONFIGURATION, "its version is 9, this program knows 1"),
        (DatabaseDamaged("page 7"), CONFIGURATION, "damaged (page 7)"),
        (StorageError("disk full"), TEMPORARY, "cannot be opened (disk full)"),
        (StrayWal(Path("paperboat.db-wal")), CONFIGURATION, "paperboat.db-wal belongs to another"),
        (DiskFull("full"), TEMPORARY, "no room"),
        (closed(4000), TEMPORARY, "in a minute"),
        (closed(4004), CONFIGURATION, "DISCORD_TOKEN"),
        (closed(4010), CONFIGURATION, "code 4010"),
        (closed(4011), CONFIGURATION, "more servers"),
        (closed(4012), CONFIGURATION, "a newer one"),
        (closed(4013), CONFIGURATION, "code 4013"),
        (closed(4014), CONFIGURATION, "intents"),
        (unauthorized(), CONFIGURATION, "DISCORD_TOKEN"),
        (discord.GatewayNotFound(), TEMPORARY, "in a minute"),
        (GatewayGarbled("GUILD_UPDATE"), TEMPORARY, "cannot read (GUILD_UPDATE)"),
        (EngineDied("poller"), INTERNAL, "(poller) broke"),
        (commands.ExtensionFailed("cogs.video", ValueError()), INTERNAL, "please report it"),
        (AttributeError("ours"), INTERNAL, "please report it"),
    ],
)
def test_every_end_has_a_code_and_words(error: Exception, code: int, words: str) -> None:
    found, said = explain(error)
    assert found == code
    assert words in said
