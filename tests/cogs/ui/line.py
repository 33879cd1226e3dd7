"""Connect a bare client to the stand-in's gateway, on a clock that never really waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import discord
import yarl
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from discord.gateway import DiscordWebSocket
from discord.http import Route

from cogs.ui.gateway import Gateway
from cogs.ui.identifies import IdentifyBudget
from render.clock import Clock
from sandbox.discord import Discord

DEAD = yarl.URL(f"ws://127.0.0.1:{unused_port()}/gateway")


class EagerClock:
    """Let time pass at once, and remember every wait."""

    def __init__(self) -> None:
        self.seconds = 1_790_000_000.0
        self.waits: list[float] = []
        self.on_wait: Callable[[], None] = lambda: None

    def now_ms(self) -> int:
        return round(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds
        self.on_wait()
        await asyncio.sleep(0)


class Client(discord.Client):
    """Be wired to the gateway as the bot is."""

    gateway: Gateway

    def __init__(self) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True), guild_ready_timeout=0.02, max_messages=None
        )
        self.events: list[str] = []

    def dispatch(self, event: str, /, *args: object, **kwargs: object) -> None:
        if event == "socket_event_type":
            self.gateway.hear(str(args[0]))
            self.events.append(str(args[0]))
        super().dispatch(event, *args, **kwargs)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        await self.gateway.identify()


class Line:
    """Hold both ends: the stand-in, and the client with its gateway."""

    def __init__(self, discord: Discord, client: Client, clock: EagerClock) -> None:
        self.discord = discord
        self.client = client
        self.clock = clock
        self.holding: asyncio.Task[None] | None = None
        self.use(None)

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncGenerator[Line]:
        """Log in; `Route.BASE` and `DEFAULT_GATEWAY` are the caller's to give back."""
        async with Discord.serve() as stand_in:
            Route.BASE = stand_in.api_url
            DiscordWebSocket.DEFAULT_GATEWAY = (
                yarl.URL(stand_in.api_url).with_scheme("ws").with_path("/gateway")
            )
            stand_in.add_server("Lakeside")
            async with Client() as client:
                await client.login(stand_in.token)
                line = cls(stand_in, client, EagerClock())
                yield line
                await client.close()
                if line.holding:
                    line.holding.cancel()
                    await asyncio.gather(line.holding, return_exceptions=True)

    def use(self, budget: IdentifyBudget | None, clock: Clock | None = None) -> None:
        self.client.gateway = Gateway(self.client, budget, clock or self.clock, jitter=lambda: 0.0)

    def hold(self) -> asyncio.Task[None]:
        self.holding = asyncio.create_task(self.client.gateway.hold())
        return self.holding

    async def connected(self, *, identifies: int = 1, resumes: int = 0) -> None:
        """Hold the line if need be, and wait until it stands as said."""
        if self.holding is None:
            self.hold()
        await self.discord.until(
            lambda: (
                (self.discord.identifies, self.discord.resumes) == (identifies, resumes)
                and bool(self.discord._world.gateway.connected)
            ),
            timeout=3,
        )
        await self.until(lambda: self.client.events[-1:] in (["GUILD_CREATE"], ["RESUMED"]))

    async def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(1500):
            if holds():
                return
            await asyncio.sleep(0.002)
        raise AssertionError("it never came to that")

    def say(self, event: str, data: dict[str, object]) -> None:
        """Send an event as it is."""
        self.discord._world.gateway.dispatch(event, data)


@asynccontextmanager
async def silent(*, hello: bool) -> AsyncGenerator[tuple[yarl.URL, asyncio.Event]]:
    """Serve a gateway that says nothing, or no more than hello; the event: somebody came."""
    came = asyncio.Event()

    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        came.set()
        if hello:
            await socket.send_json({"op": 10, "d": {"heartbeat_interval": 40_000}})
        async for _ in socket:
            pass
        return socket

    application = web.Application()
    application.router.add_get("/gateway", handle)
    async with TestServer(application) as server:
        yield server.make_url("/gateway").with_scheme("ws"), came
