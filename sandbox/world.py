"""The whole offline world: both stand-ins, the bot between them, and a small cast."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.bot import Bot
from sandbox.discord import Discord
from sandbox.provider import Provider

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from sandbox.discord import Channel, Member, Message, Reply, Server

# A story takes seconds where the real thing takes minutes.
PACE = {
    "UNDO_SECONDS": "1",
    "POLL_FIRST_SECONDS": "0.2",
    "POLL_INTERVAL_SECONDS": "0.2",
}
# Between two looks into the bot's log.
LOG_SECONDS = 0.02
# How a card begins when nothing will happen to its render any more.
ENDINGS = ("**Done** ", "**No video** ", "**Cancelled** ")


@dataclass(slots=True, kw_only=True)
class World:
    """Who and what a story can use."""

    discord: Discord
    provider: Provider
    settings: dict[str, str]
    folder: Path
    server: Server
    channel: Channel
    mira: Member
    tom: Member
    moderator: Member
    admin: Member
    bot: Bot = field(init=False)
    _bots: list[Bot] = field(init=False, default_factory=list[Bot])

    def __post_init__(self) -> None:
        self.bot = self.another_bot()

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Mapping[str, str] | None = None) -> AsyncGenerator[World]:
        """Open a world in a temporary folder; nothing is started and nothing set up yet."""
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="paperboat-")))
            discord = await stack.enter_async_context(Discord.serve())
            provider = await stack.enter_async_context(await Provider.serve())
            server = discord.add_server("Lakeside Studio")
            world = cls(
                discord=discord,
                provider=provider,
                settings=_settings(discord, provider, folder) | dict(settings or {}),
                folder=folder,
                server=server,
                channel=server.add_channel("clips"),
                mira=server.add_member("Mira"),
                tom=server.add_member("Tom"),
                moderator=server.add_moderator("Nadia"),
                admin=server.add_admin("Greta"),
            )
            stack.push_async_callback(world.abandon_bots)
            yield world

    def another_bot(self, **changes: str) -> Bot:
        """Return a bot of this world, not started, with some settings changed."""
        self._bots.append(Bot(self.settings | changes, self.folder))
        return self._bots[-1]

    async def start_bot(self) -> None:
        """Start the bot and wait until it is connected and its commands are registered."""
        await self.bot.start()
        ended = asyncio.ensure_future(self.bot.ended(within_seconds=3600))
        ready = asyncio.ensure_future(self.discord.ready(timeout=20))
        await asyncio.wait((ended, ready), return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            ready.cancel()
            raise AssertionError(f"the bot ended with {ended.result()}:\n{self.bot.log}")
        ended.cancel()
        await ready

    async def open_server(self, **values: object) -> Reply:
        """Let the admin set the server up, as the form proposes it, so that members may render."""
        form = await self.admin.command(self.channel, "server setup")
        reply = await self.admin.submit(form, **values)
        await reply.settled()
        if "**Open.**" not in reply.text:
            raise AssertionError(f"the server was not opened: {reply.text}")
        return reply

    async def restart_bot(self, **changes: str) -> None:
        """Stop the bot and start it with some settings changed."""
        await self.bot.stop()
        await self.discord.offline()
        self.bot = self.another_bot(**changes)
        await self.start_bot()

    async def kill_bot(self) -> None:
        """Kill the bot and wait until its connection is gone."""
        await self.bot.kill()
        await self.discord.offline()

    async def abandon_bots(self) -> None:
        """Leave no process behind, however the story ended."""
        for bot in self._bots:
            if bot.running:
                await bot.kill()

    async def told(self, member: Member) -> Message:
        """Wait for the reply that pings a member, and until the card that it answers agrees."""
        reply = await self.channel.wait_for(
            lambda message: message.reply_to is not None and member.person in message.mentions
        )
        await self.channel.wait_for(
            lambda message: message is reply.reply_to and message.text.startswith(ENDINGS)
        )
        return reply

    async def logged(self, words: str, *, within_seconds: float = 10) -> None:
        """Wait until the bot has written these words into its log."""
        async with asyncio.timeout(within_seconds):
            while words not in self.bot.log:  # noqa: ASYNC110 - a file tells nobody that it grew
                await asyncio.sleep(LOG_SECONDS)

    @property
    def videos(self) -> list[Message]:
        """Return every message in the channel that carries a video."""
        return [
            message
            for message in self.channel.messages
            if any(one.filename.endswith(".mp4") for one in message.attachments)
        ]


def _settings(discord: Discord, provider: Provider, folder: Path) -> dict[str, str]:
    places = {
        "DATABASE_URL": f"sqlite:///{folder / 'paperboat.db'}",
        "SPOOL_DIR": str(folder / "spool"),
        "LOG_LEVEL": "INFO",
    }
    return places | PACE | discord.environment() | provider.environment()
