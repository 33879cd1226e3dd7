"""The stand-in itself: one aiohttp server that plays Discord."""

# ruff: noqa: ASYNC109 - "timeout" is the natural word where the caller says how long to wait

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from sandbox.discord.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from sandbox.discord.faults import Fault
    from sandbox.discord.people import Person
    from sandbox.discord.places import Server


class RecordedRequest:
    """Keep what a request asked and how it was answered (status 0: dropped)."""

    method: str
    path: str
    status: int
    body: object


class Discord:
    """Play Discord for one bot: `async with Discord.serve() as discord` or `await Discord.serve()`."""

    clock: Clock
    token: str
    # The application's owner; not yet a member of any server (see Server.add_member).
    host: Person
    requests: list[RecordedRequest]
    servers: list[Server]

    @classmethod
    def serve(cls, *, port: int = 0, spec: Path | None = None) -> Discord:
        """Listen on 127.0.0.1; `spec` is Discord's OpenAPI file (default: DISCORD_SPEC, if set)."""
        raise NotImplementedError

    def __await__(self) -> Generator[object, None, Self]:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(self, *_: object) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        """Drop every connection and stop listening."""
        raise NotImplementedError

    @property
    def api_url(self) -> str:
        """Give the address of the REST API, like `http://127.0.0.1:8081/api/v10`."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Give what a bot needs in its environment: DISCORD_API_URL and DISCORD_TOKEN."""
        raise NotImplementedError

    def add_server(self, name: str, *, boost_tier: int = 0) -> Server:
        """Open a server that the bot is in."""
        raise NotImplementedError

    async def ready(self, timeout: float = 10) -> None:
        """Wait until the bot is connected and its commands are registered."""
        raise NotImplementedError

    async def offline(self, timeout: float = 10) -> None:
        """Wait until the bot has no connection to the gateway (it was stopped or killed)."""
        raise NotImplementedError

    def fail(self, fault: Fault) -> None:
        """Let requests fail from now on."""
        raise NotImplementedError

    def heal(self) -> None:
        """Forget every fault that is left."""
        raise NotImplementedError

    async def requested(
        self, pattern: str, *, times: int = 1, timeout: float = 5
    ) -> list[RecordedRequest]:
        """Wait until so many requests, since the start, fit the pattern (see Fault); give all of them."""
        raise NotImplementedError

    async def until(self, holds: Callable[[], bool], timeout: float = 10) -> None:
        """Wait until something holds; it is looked at after every change in this world."""
        raise NotImplementedError

    async def disconnect_gateway(self, code: int = 4000, *, resumable: bool = True) -> None:
        """Close the bot's gateway connection; not resumable: the session is gone (op 9 follows)."""
        raise NotImplementedError

    async def ask_to_reconnect(self) -> None:
        """Send op 7: the bot is to reconnect and resume."""
        raise NotImplementedError

    @property
    def identifies(self) -> int:
        """Count the IDENTIFYs so far."""
        raise NotImplementedError

    @property
    def resumes(self) -> int:
        """Count the RESUMEs that were accepted."""
        raise NotImplementedError

    @property
    def violations(self) -> list[str]:
        """Check what was said so far against Discord's OpenAPI file, and give what does not fit.

        Also without that file: requests to addresses that do not exist.
        """
        raise NotImplementedError
