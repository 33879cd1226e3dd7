"""A small real discord.py bot, and the stand-in that it talks to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
import discord.gateway
import discord.http
import pytest
from discord.ext import commands
from yarl import URL

from sandbox.discord import Discord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable


class Bot(commands.Bot):
    """What every test starts from: no privileged intents, quick to be ready."""

    def __init__(self, *, syncs: bool = True) -> None:
        self._syncs = syncs
        self._set_up = asyncio.Event()
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
            guild_ready_timeout=0.01,
        )

    async def comes_up(self) -> None:
        """Wait until it is ready, also before it began to log in."""
        await self._set_up.wait()
        await self.wait_until_ready()

    async def setup_hook(self) -> None:
        if self._syncs:
            await self.tree.sync()
        self._set_up.set()

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
        up = asyncio.create_task(self.bot.comes_up())
        await asyncio.wait((self._running, up), return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
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
        """Wait until the bot has heard all events; news of one more channel is the last."""
        heard = asyncio.create_task(self.bot.wait_for("guild_channel_create"))
        await asyncio.sleep(0)
        self.server.add_channel("beacon").delete()
        await heard
        await asyncio.sleep(0)

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


async def code_of(effect: Awaitable[object]) -> int:
    """Give the code of the error that discord.py reports, 0 if there is none."""
    try:
        await effect
    except discord.HTTPException as error:
        return error.code
    return 0


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
