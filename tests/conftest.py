"""Run the bot in this process, between the stand-ins for Discord and for the provider.

Imports are inside, so that tests of other parts neither load the bot nor wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cogs.world import World


@pytest.fixture
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give back what the bot changes in the library, and let it wait less for servers."""
    from discord.gateway import DiscordWebSocket, KeepAliveHandler
    from discord.http import Route

    from cogs.ui import paperboat

    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    monkeypatch.setattr(paperboat, "ALL_SERVERS_AFTER", timedelta(seconds=0.02))
    yield
    # The library's heart beats in a thread, which a connection cut off half-way leaves behind.
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler):
            thread.stop()


@pytest.fixture
async def world(tmp_path: Path, on_loopback: None) -> AsyncIterator[World]:
    from tests.cogs.world import World

    async with World.open(tmp_path) as opened:
        await opened.start()
        yield opened


@pytest.fixture
async def sleeping_world(tmp_path: Path, on_loopback: None) -> AsyncIterator[World]:
    """Leave the start of the bot to the test."""
    from tests.cogs.world import World

    async with World.open(tmp_path) as opened:
        yield opened
