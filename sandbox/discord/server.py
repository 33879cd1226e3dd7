"""The stand-in itself: one aiohttp server that plays Discord."""

# ruff: noqa: ASYNC109 - "timeout" is the natural word where the caller says how long to wait

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from aiohttp import web

from sandbox.discord.clock import Clock
from sandbox.discord.faults import Fault
from sandbox.discord.gateway import Close
from sandbox.discord.listener import API, Listener
from sandbox.discord.rest import ROUTES
from sandbox.discord.spec import Exchange, Spec
from sandbox.discord.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sandbox.discord.people import Person
    from sandbox.discord.servers import Server
    from sandbox.discord.wire import Json

T = TypeVar("T")

HOST = "127.0.0.1"
LARGEST_REQUEST_BYTES = 1 << 30


class Discord:
    """Play Discord for one bot: `async with Discord.serve()` or `await Discord.serve()`."""

    def __init__(self, port: int, spec: Spec | None) -> None:
        self.clock = Clock()
        self._world = World(self.clock)
        self._listener = Listener(self._world)
        self._spec = spec
        # Events that are not yet checked, and how many exchanges are.
        self._unchecked_events: list[tuple[str, Json]] = []
        self._checked = 0
        self._violations: list[str] = []
        self._port = port
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1)
        if spec:
            self._world.gateway.on_event = self._unchecked_events.append

    @classmethod
    def serve(cls, *, port: int = 0, spec: Path | None = None) -> Discord:
        """Listen on 127.0.0.1; `spec` is Discord's OpenAPI file (default: DISCORD_SPEC, if set)."""
        named = os.environ.get("DISCORD_SPEC")
        path = spec or (Path(named) if named else None)
        return cls(port, Spec(path) if path else None)

    def __await__(self) -> Generator[object, None, Self]:
        return self._listen().__await__()

    async def __aenter__(self) -> Self:
        return await self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _listen(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._port, backlog=1024)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._world.cdn.origin = f"http://{HOST}:{self._port}"
        self._world.gateway.url = f"ws://{HOST}:{self._port}/gateway"
        return self

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=LARGEST_REQUEST_BYTES)
        router = application.router
        for route, handler in ROUTES.items():
            method, _, path = route.partition(" ")
            router.add_route(method, API + path, self._listener.api(handler))
        for folder in ("attachments", "ephemeral-attachments"):
            router.add_get(f"/{folder}/{{place}}/{{id}}/{{name}}", self._listener.file)
        for path in ("/gateway", "/gateway/"):
            router.add_get(path, self._world.gateway.handle)
        router.add_route("*", "/{anything:.*}", self._listener.api(None))
        return application

    async def close(self) -> None:
        """Drop every connection and stop listening."""
        await self._world.gateway.disconnect(Close.GOING_AWAY, resumable=False)
        await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """Give the address of the REST API, like `http://127.0.0.1:8081/api/v10`."""
        return f"http://{HOST}:{self._port}{API}"

    @property
    def token(self) -> str:
        """Give the bot's token."""
        return self._world.token

    @property
    def host(self) -> Person:
        """Give the application's owner, who is in no server yet (see Server.add_member)."""
        return self._world.host

    @property
    def bot(self) -> Person:
        """Give the bot's account."""
        return self._world.bot

    @property
    def servers(self) -> list[Server]:
        """Give all servers."""
        return list(self._world.servers.values())

    @property
    def commands(self) -> list[Json]:
        """Give the registered commands; they outlive the bot's process."""
        return self._world.commands

    def environment(self) -> dict[str, str]:
        """Give what a bot needs in its environment: DISCORD_API_URL and DISCORD_TOKEN."""
        return {"DISCORD_API_URL": self.api_url, "DISCORD_TOKEN": self.token}

    def add_server(self, name: str, *, boost_tier: int = 0, bot_is_in: bool = True) -> Server:
        """Open a server that the bot is in, or joins when it is invited (Server.invite_bot)."""
        return self._world.add_server(name, boost_tier, bot_is_in=bot_is_in)

    async def ready(self, timeout: float = 10) -> None:
        """Wait until the bot is connected and its commands are registered."""
        await self.until(lambda: bool(self._world.gateway.connected and self.commands), timeout)

    async def offline(self, timeout: float = 10) -> None:
        """Wait until the bot has no connection to the gateway (it was stopped or killed)."""
        await self.until(lambda: not self._world.gateway.connected, timeout)

    async def until(self, holds: Callable[[], bool], timeout: float = 10) -> None:
        """Wait until something holds; it is looked at after every change in this world."""
        await self._await(lambda: holds() or None, timeout)

    async def _await(self, look: Callable[[], T | None], timeout: float) -> T:
        async with asyncio.timeout(timeout):
            return await self._world.until(look)

    @property
    def requests(self) -> list[Exchange]:
        """Give all requests so far, with method, path, status, body and answer."""
        return self._listener.exchanges

    async def requested(
        self, pattern: str, *, times: int = 1, timeout: float = 5
    ) -> list[Exchange]:
        """Wait for so many requests since the start that fit the pattern (see Fault)."""
        wanted = Fault(pattern)

        def look() -> list[Exchange] | None:
            found = [each for each in self.requests if wanted.matches(each.method, each.path)]
            return found if len(found) >= times else None

        return await self._await(look, timeout)

    def fail(self, fault: Fault) -> None:
        """Let requests fail from now on."""
        self._listener.faults.add(fault)

    def heal(self) -> None:
        """Forget every fault that is left."""
        self._listener.faults.clear()

    async def disconnect_gateway(self, code: int = 4000, *, resumable: bool = True) -> None:
        """Close the bot's gateway connection; not resumable: the session is gone (op 9 follows)."""
        await self._world.gateway.disconnect(code, resumable=resumable)

    async def ask_to_reconnect(self) -> None:
        """Send op 7: the bot is to reconnect and resume."""
        await self._world.gateway.ask_to_reconnect()

    @property
    def identifies(self) -> int:
        """Count the IDENTIFYs so far."""
        return self._world.gateway.identifies

    @property
    def resumes(self) -> int:
        """Count the RESUMEs that were accepted."""
        return self._world.gateway.resumes

    @property
    def violations(self) -> list[str]:
        """Give what does not fit Discord's OpenAPI file, and what nobody here could make sense of.

        Checked only now, so that no answer waits for it.
        """
        if self._spec:
            for exchange in self.requests[self._checked :]:
                if not exchange.path.startswith(("/attachments", "/ephemeral")):
                    self._violations += self._spec.complaints(exchange)
            for name, data in self._unchecked_events:
                self._violations += self._spec.complaints_about_event(name, data)
            self._checked = len(self.requests)
            self._unchecked_events.clear()
        return self._violations + self._listener.complaints
