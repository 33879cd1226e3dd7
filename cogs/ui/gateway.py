"""Hold the connection to Discord's gateway, and give every failure of it its right end.

This stands in place of `discord.Client.connect`, which in discord.py 2.7.1 ends with an
AttributeError when the first attempt fails (https://github.com/Rapptz/discord.py/issues/10520),
ends with whatever a malformed event raises, and never asks how many sessions are left.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final, TypedDict

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.http import Route

from cogs.ui.base import TROUBLE
from cogs.ui.endings import FINAL_CODES, GatewayGarbled
from cogs.ui.identifies import IdentifyBudget
from render.clock import Clock
from storage import StorageError

log = logging.getLogger(__name__)

# The library waits 60 s for a greeting and 30 s for a farewell; a connection that is cut off
# within that time would stay open, and nobody could close it.
CONNECT_TIMEOUT: Final = timedelta(seconds=100)
CLOSE_TIMEOUT: Final = timedelta(seconds=5)
# A connection that lasted so long was a good one, and its end is no reason to wait.
STEADY: Final = timedelta(minutes=1)
LONGEST_BACK_OFF_SECONDS: Final = 60.0
# So long a start tries to reach a gateway that was never reached.
PATIENCE: Final = timedelta(minutes=5)
# Discord keeps a session for a few minutes, and the address to resume it at may be gone as well.
RESUMES_IN_A_ROW: Final = 8
GARBLED_AT_MOST: Final = 10
GARBLED_WITHIN: Final = timedelta(hours=1)


class _Session(TypedDict, total=False):
    resume: bool
    session: str
    sequence: int | None
    gateway: yarl.URL


class Gateway:
    """Connect, hear events, and connect again; without a budget, sessions are not counted."""

    def __init__(
        self,
        client: discord.Client,
        budget: IdentifyBudget | None,
        clock: Clock,
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._budget = budget
        self._clock = clock
        self._jitter = jitter
        self._event = ""
        self._failures = 0
        self._garbled_at: deque[float] = deque()
        self._reached = False
        self._tried_at: float | None = None
        self._connected_at: float | None = None

    def hear(self, event: str) -> None:
        """Remember the name of the event that is read next."""
        self._event = event

    async def identify(self) -> None:
        """Count a new session; to be called right before it is asked for."""
        if self._budget is not None:
            await self._budget.note()

    async def hold(self) -> None:
        """Stay connected until the client is closed.

        Raises ConnectionClosed with a final code, GatewayNotFound when the gateway was never
        reached, and GatewayGarbled when too much of what it says cannot be read.
        """
        while not self._client.is_closed():
            session = self._session()
            if not session and self._budget is not None:
                await self._budget.wait()
            try:
                await self._listen(session)
            except StorageError:
                raise
            except Exception as failure:
                if self._client.is_closed():
                    return
                await self._drop()
                if isinstance(failure, (ReconnectWebSocket, *TROUBLE)):
                    await self._clock.sleep(self._back_off(failure))
                else:
                    self._skip_event(failure)

    def _session(self) -> _Session:
        """Return the session that can be resumed; nothing when a new one is due."""
        socket = self._client.ws
        # Until the first connection there is none, whatever the library declares.
        if not socket or socket.session_id is None:
            return {}
        return {
            "resume": True,
            "session": socket.session_id,
            "sequence": socket.sequence,
            "gateway": socket.gateway,
        }

    def _forget_session(self) -> None:
        if self._client.ws:
            self._client.ws.session_id = None

    async def _listen(self, session: _Session) -> None:
        self._event = ""
        self._connected_at = None
        if self._tried_at is None:
            self._tried_at = self._clock.monotonic()
        async with asyncio.timeout(CONNECT_TIMEOUT.total_seconds()):
            socket = await DiscordWebSocket.from_client(self._client, **session)
            self._client.ws = socket
            while socket.session_id is None:
                await socket.poll_event()
        self._connected_at = self._clock.monotonic()
        self._reached = True
        while True:
            await socket.poll_event()

    def _back_off(self, failure: Exception) -> float:
        """Return for how many seconds to wait; raise what no further attempt can heal."""
        if isinstance(failure, discord.ConnectionClosed) and failure.code in FINAL_CODES:
            raise failure
        now = self._clock.monotonic()
        if not self._reached and now - (self._tried_at or now) >= PATIENCE.total_seconds():
            raise discord.GatewayNotFound from failure
        if self._connected_at is not None and now - self._connected_at >= STEADY.total_seconds():
            self._failures = 0
        seconds = 0.0
        if self._failures:
            longest = min(2.0**self._failures, LONGEST_BACK_OFF_SECONDS)
            seconds = longest * (1 + self._jitter()) / 2
        self._failures += 1
        if self._failures > RESUMES_IN_A_ROW:
            self._forget_session()
        level = logging.WARNING if seconds else logging.INFO
        log.log(level, "No gateway (%s); connecting in %.0f s", _reason(failure), seconds)
        return seconds

    def _skip_event(self, error: Exception) -> None:
        """Go on behind an event that cannot be read, unless there are too many.

        What it said may be anybody's, so no word of it is logged.
        """
        log.error("The event %s cannot be read (%s)", self._event or "-", type(error).__name__)
        now = self._clock.monotonic()
        while self._garbled_at and self._garbled_at[0] <= now - GARBLED_WITHIN.total_seconds():
            self._garbled_at.popleft()
        self._garbled_at.append(now)
        if len(self._garbled_at) > GARBLED_AT_MOST:
            raise GatewayGarbled(self._event) from error
        if self._event == "READY":
            # A session without it is of no use.
            self._forget_session()

    async def _drop(self) -> None:
        """Close what is left of a connection, so that its session can be resumed."""
        if self._client.ws and self._client.ws.open:
            with suppress(*TROUBLE):
                async with asyncio.timeout(CLOSE_TIMEOUT.total_seconds()):
                    await self._client.ws.close(4000)


def _reason(failure: Exception) -> str:
    if isinstance(failure, ReconnectWebSocket):
        return "the connection ended"
    # Not the representation, which would show the headers of a request.
    return f"{type(failure).__name__}: {failure}"


async def turn_discord_to(session: aiohttp.ClientSession, api_url: str | None) -> None:
    """Let the library speak with another address than Discord's; it says where its gateway is."""
    if api_url is None:
        return
    Route.BASE = api_url
    async with session.get(f"{api_url}/gateway", raise_for_status=True) as response:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL((await response.json())["url"])
