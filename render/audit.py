"""Show in a server's channel what people changed there: each act at least once, in order."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from render.clock import Clock
from render.messenger import PlaceClosed
from storage import Database, Transaction, events, servers, settings
from storage.records import Event, Server

# How soon an act is shown, and how soon again what could not be.
LOOK_SECONDS = 5.0
AGAIN_SECONDS = 30.0
# Of one server in a step, so that none waits long for another.
AT_ONCE = 10
# Discord may take its time, but not all servers'; real time, whatever the clock.
LONGEST_POST_SECONDS = 10

_CURSOR = "audit "

log = logging.getLogger(__name__)


class Auditor(Protocol):
    """Reach a server's channel; implemented by cogs/ui/auditor.py."""

    async def post(self, channel_id: int, event: Event) -> None:
        """Post an act under a nonce of its own, pinging nobody.

        Raises PlaceClosed when the channel is gone or forbidden, another PostingError when it may
        work later.
        """
        ...


async def begin(tx: Transaction, server: Server) -> None:
    """Let a server that shows its acts nowhere yet begin with the next one."""
    if channel_of(server) is None:
        await _skip(tx, server.server_id)


def channel_of(server: Server) -> int | None:
    """Return where a server's acts are shown."""
    return server.audit_channel_id or server.staff_channel_id


class Audit:
    """Post acts after a cursor that moves once they are posted; nothing waits for it."""

    def __init__(self, *, database: Database, auditor: Auditor, clock: Clock) -> None:
        self._database = database
        self._auditor = auditor
        self._clock = clock
        # A server whose channel cannot be posted in now, and until when it rests.
        self._resting: dict[int, float] = {}

    async def step(self) -> float:
        """Post what is new; return after how many seconds to look again."""
        now = self._clock.monotonic()
        for server in await self._database.read(_behind):
            channel_id = channel_of(server)
            if channel_id and self._resting.get(server.server_id, now) <= now:
                await self._show(server.server_id, channel_id)
        return LOOK_SECONDS

    async def _show(self, server_id: int, channel_id: int) -> None:
        for act in await self._database.read(lambda tx: _new(tx, server_id)):
            try:
                async with asyncio.timeout(LONGEST_POST_SECONDS):
                    await self._auditor.post(channel_id, act)
            except PlaceClosed:
                # What was not shown is kept; new acts try the channel again.
                log.warning("Channel %s shows no acts: it is gone or forbidden", channel_id)
                await self._database.transaction(lambda tx: _skip(tx, server_id))
                return
            except Exception as error:  # whatever broke, the other servers' acts are shown
                log.warning("An act of server %s is not shown yet: %r", server_id, error)
                self._resting[server_id] = self._clock.monotonic() + AGAIN_SECONDS
                return
            await self._database.transaction(lambda tx, act=act: _move(tx, server_id, act.id or 0))


async def _behind(tx: Transaction) -> tuple[Server, ...]:
    return await servers.with_new_acts(tx, shown=_CURSOR)


async def _new(tx: Transaction, server_id: int) -> tuple[Event, ...]:
    shown = int(await settings.get(tx, _cursor(server_id)) or 0)
    return await events.acts(tx, server_id=server_id, after_id=shown, limit=AT_ONCE)


async def _skip(tx: Transaction, server_id: int) -> None:
    await _move(tx, server_id, await events.last_act(tx, server_id))


async def _move(tx: Transaction, server_id: int, act_id: int) -> None:
    await settings.put(tx, _cursor(server_id), str(act_id))


def _cursor(server_id: int) -> str:
    return f"{_CURSOR}{server_id}"
