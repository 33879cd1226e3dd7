"""Wait before a new session with Discord, so that no crash loop costs the bot its token.

https://docs.discord.com/developers/events/gateway#session-start-limit-object
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final

import discord

from cogs.ui.base import TROUBLE
from render.clock import Clock
from storage import Database, identifies

log = logging.getLogger(__name__)

# Discord's rate for one shard.
APART: Final = timedelta(seconds=5)
# What a person may need today to find out why the bot starts so often.
SPARE: Final = 20
ASK_TIMEOUT: Final = timedelta(seconds=10)

_MS: Final = timedelta(milliseconds=1)


class IdentifyBudget:
    """Keep within what the database remembers and within what Discord says is left."""

    def __init__(self, client: discord.Client, database: Database, clock: Clock) -> None:
        self._client = client
        self._database = database
        self._clock = clock

    async def wait(self) -> None:
        """Return when a new session may begin."""
        while pause := await self._ours() or await self._discords():
            await self._clock.sleep(pause.total_seconds())

    async def note(self) -> None:
        """Count a new session before it is asked for."""
        now_ms = self._clock.now_ms()
        await self._database.transaction(lambda tx: identifies.note(tx, now_ms))

    async def _ours(self) -> timedelta:
        times = await self._database.read(identifies.times)
        now_ms = self._clock.now_ms()
        pause = identifies.wait_before(times, now_ms)
        if pause:
            log.warning(
                "%s sessions with Discord began in a day; the next one waits for %s, lest Discord"
                " reset the token. Look above for why the bot starts so often",
                len(times),
                _rounded(pause),
            )
        # A clock that was put back makes the latest seem to lie ahead.
        since = now_ms - max((at_ms for at_ms in times if at_ms <= now_ms), default=0)
        return max(pause, APART - since * _MS, timedelta())

    async def _discords(self) -> timedelta:
        try:
            async with asyncio.timeout(ASK_TIMEOUT.total_seconds()):
                _, _, limit = await self._client.http.get_bot_gateway()
        except (*TROUBLE, KeyError, TypeError) as error:
            log.warning("Discord does not say how many sessions are left today: %r", error)
            return timedelta()
        if limit["remaining"] >= SPARE:
            return timedelta()
        pause = limit["reset_after"] * _MS
        log.warning(
            "Discord allows %s more sessions today; the next one waits for %s, until all are back",
            limit["remaining"],
            _rounded(pause),
        )
        return pause


def _rounded(pause: timedelta) -> timedelta:
    return timedelta(seconds=round(pause.total_seconds()))
