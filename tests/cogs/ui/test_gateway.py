"""The connection to Discord's gateway is taken up again, or given up for the right reason."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from cogs.ui import gateway
from cogs.ui.endings import FINAL_CODES, GatewayGarbled
from cogs.ui.identifies import IdentifyBudget
from sandbox.discord.gateway import Session
from storage import StorageError
from tests.cogs.ui.line import DEAD, Line, silent

SECRET = "a word of somebody's"
UNREADABLE: dict[str, object] = {"type": 0, "guild_id": SECRET}


@pytest.fixture
async def line(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    async with Line.open() as opened:
        yield opened


class Counted(IdentifyBudget):
    """Count what the gateway asks of the budget."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[str] = []
        self._error = error

    async def wait(self) -> None:
        self.asked.append("wait")

    async def note(self) -> None:
        self.asked.append("note")
        if self._error:
            raise self._error


async def death(line: Line) -> BaseException | None:
    """Wait until the gateway gives up, and say why."""
    await asyncio.wait([line.holding or line.hold()], timeout=3)
    assert line.holding
    return line.holding.exception()


async def test_a_gateway_that_answers_late_is_reached_all_the_same(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive = DiscordWebSocket.DEFAULT_GATEWAY
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DEAD)

    def heal() -> None:
        if len(line.clock.waits) == 4:
            DiscordWebSocket.DEFAULT_GATEWAY = alive

    line.clock.on_wait = heal
    await line.connected()
    assert line.clock.waits == [0, 1, 2, 4]


async def test_a_gateway_that_is_never_reached_is_given_up_in_time(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DEAD)
    given_up = await death(line)
    assert isinstance(given_up, discord.GatewayNotFound)
    assert isinstance(given_up.__cause__, aiohttp.ClientConnectionError)
    assert max(line.clock.waits) == 30
    assert 300 <= sum(line.clock.waits) < 360


async def test_a_gateway_that_never_says_a_word_is_given_up(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line.client._connection, "heartbeat_timeout", 0.02)
    async with silent(hello=False) as (url, _):
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", url)
        assert isinstance(await death(line), discord.GatewayNotFound)


async def test_a_gateway_that_never_gets_beyond_its_greeting_is_given_up(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "CONNECT_TIMEOUT", timedelta(seconds=0.02))
    async with silent(hello=True) as (url, _):
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", url)
        assert isinstance(await death(line), discord.GatewayNotFound)


async def test_an_outage_later_on_is_waited_out(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    await line.connected()
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DEAD)
    line.client.ws.gateway = DEAD
    await line.discord.disconnect_gateway(4000)
    await line.until(lambda: sum(line.clock.waits) > 3600)
    assert not line.holding or not line.holding.done()


@pytest.mark.parametrize("code", [1000, 1001, 4000, 4007, 4008])
async def test_a_connection_that_breaks_off_is_resumed_at_once(line: Line, code: int) -> None:
    await line.connected()
    await line.discord.disconnect_gateway(code)
    await line.connected(resumes=1)
    assert line.clock.waits == [0]


async def test_a_gateway_that_asks_for_it_is_connected_to_again(line: Line) -> None:
    await line.connected()
    await line.discord.ask_to_reconnect()
    await line.connected(resumes=1)


async def test_a_session_that_is_gone_is_followed_by_a_new_one(line: Line) -> None:
    budget = Counted()
    line.use(budget)
    await line.connected()
    await line.discord.disconnect_gateway(4009, resumable=False)
    await line.connected(identifies=2)
    # The first wait of each pair is the bucket's; to resume is free.
    assert budget.asked == ["wait", "note", "wait", "note"]


async def test_a_session_whose_address_is_gone_is_given_up_for_a_new_one(line: Line) -> None:
    line.discord._world.gateway.url = str(DEAD)
    await line.connected()
    await line.discord.disconnect_gateway(4000)
    await line.connected(identifies=2)
    assert len(line.clock.waits) == gateway.RESUMES_IN_A_ROW + 1


async def test_a_good_while_ends_the_back_off(line: Line) -> None:
    await line.connected()
    for waits in ([0], [0, 1], [0, 1, 2]):
        await line.discord.disconnect_gateway(4000)
        await line.connected(resumes=len(waits))
        assert line.clock.waits == waits
    line.clock.seconds += gateway.STEADY.total_seconds()
    await line.discord.disconnect_gateway(4000)
    await line.connected(resumes=4)
    assert line.clock.waits == [0, 1, 2, 0]


@pytest.mark.parametrize("code", sorted(FINAL_CODES))
async def test_a_final_code_ends_it(line: Line, code: int) -> None:
    await line.connected()
    await line.discord.disconnect_gateway(code)
    ended = await death(line)
    assert isinstance(ended, discord.ConnectionClosed)
    assert ended.code == code
    assert line.discord.identifies == 1


async def test_a_token_that_was_reset_is_not_tried_again(line: Line) -> None:
    await line.connected()
    line.discord._world.token = "another.one"
    await line.discord.disconnect_gateway(4000)
    ended = await death(line)
    assert isinstance(ended, discord.ConnectionClosed)
    assert ended.code == 4004


async def test_behind_an_event_that_cannot_be_read_the_session_goes_on(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    await line.connected()
    line.say("CHANNEL_CREATE", UNREADABLE)
    await line.connected(resumes=1)
    line.discord.add_server("Elsewhere")
    await line.until(lambda: len(line.client.guilds) == 2)
    assert "The event CHANNEL_CREATE cannot be read (ValueError)" in caplog.text
    assert SECRET not in caplog.text
    assert line.clock.waits == []


async def test_too_many_events_that_cannot_be_read_end_it(line: Line) -> None:
    await line.connected()
    for _ in range(gateway.GARBLED_AT_MOST + 1):
        line.say("CHANNEL_CREATE", UNREADABLE)
    ended = await death(line)
    assert isinstance(ended, GatewayGarbled)
    assert ended.event == "CHANNEL_CREATE"
    assert (line.discord.identifies, line.discord.resumes) == (1, gateway.GARBLED_AT_MOST)


async def test_events_that_cannot_be_read_now_and_then_are_put_up_with(line: Line) -> None:
    await line.connected()
    for number in range(gateway.GARBLED_AT_MOST + 3):
        line.say("CHANNEL_CREATE", UNREADABLE)
        await line.connected(resumes=number + 1)
        line.clock.seconds += 361


async def test_a_beginning_that_cannot_be_read_is_asked_for_again(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = line.discord._world.gateway
    make = stand_in._ready

    def spoil(session: Session) -> dict[str, Any]:
        return make(session) | ({"user": None} if line.discord.identifies == 1 else {})

    monkeypatch.setattr(stand_in, "_ready", spoil)
    await line.connected(identifies=2)
    await asyncio.wait_for(line.client.wait_until_ready(), 3)


async def test_a_session_that_cannot_be_counted_does_not_begin(line: Line) -> None:
    line.use(Counted(StorageError("disk I/O error")))
    assert isinstance(await death(line), StorageError)
    assert line.discord.identifies == 0


async def test_a_closed_client_is_at_an_end(line: Line) -> None:
    await line.connected()
    await line.client.close()
    assert await death(line) is None
    await line.discord.offline()
