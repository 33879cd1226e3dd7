"""A small real discord.py bot, and the stand-in that it talks to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
import pytest
from discord.ext import commands
from yarl import URL

from sandbox.discord import Discord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Bot(commands.Bot):
    """What every test starts from: no privileged intents, quick to be ready."""

    def __init__(self, *, syncs: bool = True) -> None:
        self._syncs = syncs
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
            guild_ready_timeout=0.01,
        )

    async def setup_hook(self) -> None:
        if self._syncs:
            await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Skip the five seconds that discord.py waits before it identifies again."""


class Scene:
    """One server with one channel, a few people and a bot that a test teaches its commands."""

    def __init__(self, stand_in: Discord) -> None:
        self.discord = stand_in
        self.server = stand_in.add_server("Paper Harbor")
        self.channel = self.server.add_channel("clips")
        self.ana = self.server.add_member("Ana")
        self.mia = self.server.add_moderator("Mia")
        self.bot = Bot()
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Log the bot in and wait until both sides are ready."""
        self._running = asyncio.create_task(self.bot.start(self.discord.token))
        while not self.bot.is_ready() and not self._running.done():
            await asyncio.sleep(0.005)
        if self._running.done():
            await self._running

    async def stop(self) -> None:
        """Log the bot out; fail if it died of something."""
        await self.bot.close()
        if self._running:
            await self._running

    async def restart(self, *, sync: bool = True) -> None:
        """Let a new process of the bot take over: it knows nothing."""
        await self.stop()
        await self.discord.offline()
        self.bot = Bot(syncs=sync)
        await self.start()

    async def hears_all(self) -> None:
        """Wait until the bot has heard every event so far, the news of one more channel being the last."""
        place = self.server.add_channel("beacon")
        while self.bot.get_channel(place.id) is None:
            await asyncio.sleep(0.005)
        place.delete()
        while self.bot.get_channel(place.id) is not None:
            await asyncio.sleep(0.005)

    def bot_channel(self) -> discord.TextChannel:
        """Give the channel as the bot knows it."""
        channel = self.bot.get_channel(self.channel.id)
        assert isinstance(channel, discord.TextChannel)
        return channel

    def teach_hello(self) -> None:
        """Teach the bot /hello, which greets everybody."""

        @self.bot.tree.command(description="Say hello")
        async def hello(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("hello")


@pytest.fixture
async def stand_in(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Discord]:
    async with Discord.serve() as running:
        gateway = URL(running.api_url.replace("http", "ws")).with_path("/gateway")
        monkeypatch.setattr(discord.http.Route, "BASE", running.api_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        yield running


@pytest.fixture
async def scene(stand_in: Discord) -> AsyncIterator[Scene]:
    scene = Scene(stand_in)
    yield scene
    await scene.stop()
    assert "\n".join(stand_in.violations) == ""
