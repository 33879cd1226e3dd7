"""Run the bot in this process, between the stand-ins for Discord and for the provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import discord.gateway
import discord.http
import pytest

import bot
from tests.cogs.world import World


@pytest.fixture
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give back what the bot changes in the library, and let it wait less for servers."""
    monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)
    gateway = discord.gateway.DiscordWebSocket
    monkeypatch.setattr(gateway, "DEFAULT_GATEWAY", gateway.DEFAULT_GATEWAY)
    monkeypatch.setattr(bot, "ALL_SERVERS_AFTER", timedelta(seconds=0.02))


@pytest.fixture
async def world(tmp_path: Path, on_loopback: None) -> AsyncIterator[World]:
    async with World.open(tmp_path) as opened:
        await opened.start()
        yield opened


@pytest.fixture
async def sleeping_world(tmp_path: Path, on_loopback: None) -> AsyncIterator[World]:
    """Leave the start of the bot to the test."""
    async with World.open(tmp_path) as opened:
        yield opened
