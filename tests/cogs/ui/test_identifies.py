"""A new session with Discord waits for our own budget and for Discord's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from cogs.ui.identifies import APART, SPARE, IdentifyBudget
from storage import Database, identifies
from tests.cogs.ui.line import EagerClock, Line

Limit = dict[str, int]


class Bank:
    """Hold a budget, and say what Discord answers."""

    def __init__(self, database: Database) -> None:
        self.clock = EagerClock()
        self.answers: list[Limit | Exception] = []
        self.asked = 0
        client = SimpleNamespace(http=SimpleNamespace(get_bot_gateway=self._ask))
        self.budget = IdentifyBudget(cast("Any", client), database, self.clock)

    async def _ask(self) -> tuple[int, str, Limit]:
        self.asked += 1
        answer = self.answers.pop(0) if self.answers else {"remaining": 1000, "reset_after": 0}
        if isinstance(answer, Exception):
            raise answer
        return 1, "wss://gateway.discord.gg", answer

    async def identify(self) -> list[float]:
        """Return the waits before one more session."""
        self.clock.waits = []
        await self.budget.wait()
        await self.budget.note()
        return self.clock.waits


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(f"sqlite:///{tmp_path}/paperboat.db") as opened:
        yield opened


@pytest.fixture
def bank(database: Database) -> Bank:
    return Bank(database)


async def test_the_first_session_waits_for_nothing(bank: Bank) -> None:
    assert await bank.identify() == []
    assert bank.asked == 1


async def test_sessions_right_after_one_another_keep_discords_distance(bank: Bank) -> None:
    await bank.identify()
    assert await bank.identify() == [APART.total_seconds()]
    bank.clock.seconds += 3
    assert await bank.identify() == [2]


async def test_a_crash_loop_is_slowed_down_to_one_session_in_90_s(
    bank: Bank, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(identifies.AT_ONCE):
        now_ms = bank.clock.now_ms() - 60_000 + number
        await database.transaction(lambda tx, at_ms=now_ms: identifies.note(tx, at_ms))
    assert 20 < sum(await bank.identify()) < 90
    assert await bank.identify() == [90]
    assert "21 sessions with Discord began in a day; the next one waits for 0:01:30" in caplog.text


@pytest.mark.parametrize("remaining", [0, SPARE - 1])
async def test_a_small_rest_at_discord_is_left_alone_until_all_are_back(
    bank: Bank, remaining: int, caplog: pytest.LogCaptureFixture
) -> None:
    bank.answers = [{"remaining": remaining, "reset_after": 7_200_000}]
    assert await bank.identify() == [7200]
    assert bank.asked == 2
    assert f"Discord allows {remaining} more sessions today; the next one waits for 2:00:00" in (
        caplog.text
    )


async def test_the_last_but_the_spare_one_may_begin(bank: Bank) -> None:
    bank.answers = [{"remaining": SPARE, "reset_after": 7_200_000}]
    assert await bank.identify() == []


@pytest.mark.parametrize(
    "error", [discord.GatewayNotFound(), TimeoutError(), KeyError("session_start_limit")]
)
async def test_a_discord_that_does_not_tell_keeps_nobody_waiting(
    bank: Bank, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    bank.answers = [error]
    assert await bank.identify() == []
    assert "does not say how many sessions are left" in caplog.text


async def test_a_clock_that_was_put_back_does_not_stop_the_bot(bank: Bank) -> None:
    await bank.identify()
    bank.clock.seconds -= 10 * 86_400
    assert await bank.identify() == []


async def test_the_gateway_asks_and_counts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    async with Line.open() as line:
        line.use(IdentifyBudget(line.client, database, line.clock))
        await line.connected()
        await line.discord.disconnect_gateway(4009, resumable=False)
        await line.connected(identifies=2)
        asked = await line.discord.requested("GET /gateway/bot", times=2)
    assert [one.answer["session_start_limit"]["remaining"] for one in asked] == [1000, 999]
    assert len(await database.read(identifies.times)) == 2
    assert sum(line.clock.waits) == APART.total_seconds()
