"""Hold one server with its people, and the bot as a task of the same loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import bot
from config import Settings
from sandbox.discord import Channel, Discord, Member, Message, Reply, Server
from sandbox.provider import Provider
from tests.opening import open_server

PROMPT = "A paper boat drifts on a quiet lake at sunrise"
# The smallest and shortest film: it is drawn in this process.
SMALL = {"duration": 4, "resolution": "480p"}


@dataclass
class World:
    discord: Discord
    provider: Provider
    server: Server
    channel: Channel
    mira: Member
    tom: Member
    moderator: Member
    admin: Member
    environment: dict[str, str]
    # Whether members may render; a test of closed servers says no before the first start.
    is_open: bool = True
    stop_asked: asyncio.Event = field(default_factory=asyncio.Event)
    running: asyncio.Task[int] | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncGenerator[World]:
        async with AsyncExitStack() as stack:
            discord = await stack.enter_async_context(Discord.serve())
            provider = await stack.enter_async_context(await Provider.serve())
            provider.queue_seconds = provider.render_seconds = 0.0
            server = discord.add_server("Lakeside")
            world = cls(
                discord=discord,
                provider=provider,
                server=server,
                channel=server.add_channel("clips"),
                mira=server.add_member("Mira"),
                tom=server.add_member("Tom"),
                moderator=server.add_moderator("Nadia"),
                admin=server.add_admin("Greta"),
                environment={
                    "DATABASE_URL": f"sqlite:///{folder / 'paperboat.db'}",
                    "SPOOL_DIR": str(folder / "spool"),
                    "UNDO_SECONDS": "0",
                    "POLL_FIRST_SECONDS": "0.02",
                    "POLL_INTERVAL_SECONDS": "0.02",
                    **discord.environment(),
                    **provider.environment(),
                },
            )
            stack.push_async_callback(world.stop)
            yield world

    def settings(self, **changes: str) -> Settings:
        return Settings.from_env(self.environment | changes)

    async def start(self, **changes: str) -> None:
        if self.is_open:
            await open_server(self.environment["DATABASE_URL"], self.server.id)
        self.stop_asked = asyncio.Event()
        self.running = asyncio.create_task(bot.run(self.settings(**changes), self.stop_asked))
        ready = asyncio.create_task(self.discord.ready())
        await asyncio.wait((self.running, ready), return_when=asyncio.FIRST_COMPLETED)
        if self.running.done():
            ready.cancel()
            raise AssertionError(f"the bot ended with {self.running.result()}")
        await ready

    async def stop(self) -> int | None:
        """Ask the bot to stop; return its exit code, None when it does not run."""
        if self.running is None:
            return None
        self.stop_asked.set()
        code = await asyncio.wait_for(self.running, timeout=8)
        self.running = None
        return code

    async def video(self, member: Member | None = None, /, **options: object) -> Reply:
        """Send the cheapest /video, and wait until its private reply is final."""
        asked = {"prompt": PROMPT} | SMALL | options
        chosen = {name: value for name, value in asked.items() if value is not None}
        reply = await (member or self.mira).command(self.channel, "video", **chosen)
        return await reply.settled()

    async def told(self, member: Member) -> Message:
        """Wait for the message that pings a member about the end of a render."""
        return await self.channel.wait_for(
            lambda message: member.person in message.mentions and not message.is_v2
        )

    @property
    def cards(self) -> list[Message]:
        return [message for message in self.channel.messages if message.is_v2]

    @property
    def results(self) -> list[Message]:
        return [message for message in self.channel.messages if not message.is_v2]
