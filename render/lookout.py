"""Look, before a render is paid for, whether its video could still be shown."""

from __future__ import annotations

import asyncio
import logging

from render import lifecycle
from render.gear import Gear
from render.messenger import Messenger, Obstacle, PostingError, standing
from storage import Transaction, messages, renders
from storage.records import Cause, Purpose, Render, State

# Discord may take its time, but not the whole queue's; real time, whatever the clock.
LONGEST_LOOK_SECONDS = 10
# A render that could not be looked after is looked after again so much later.
AGAIN_MS = 15_000
# Nobody is there to be told, or nobody who is there may know.
_UNTOLD = frozenset({Obstacle.SERVER_LEFT, Obstacle.MEMBER_LEFT})

log = logging.getLogger(__name__)


class Lookout:
    """Take renders that nobody could be shown out of the queue."""

    def __init__(self, gear: Gear, *, messenger: Messenger) -> None:
        self._database = gear.database
        self._moves = gear.moves
        self._messenger = messenger
        self._clock = gear.clock

    async def clears(self, render: Render) -> bool:
        """Say whether a queued render may be submitted; if not, it is cancelled or put off."""
        card = await self._database.read(lambda tx: messages.latest(tx, render.id, Purpose.CARD))
        try:
            async with asyncio.timeout(LONGEST_LOOK_SECONDS):
                obstacle = await self._messenger.obstacle(render, standing(card))
        except (PostingError, TimeoutError) as error:
            log.info("Render %s waits for Discord: %r", render.id, error)
            again = self._clock.now_ms() + AGAIN_MS
            await self._database.transaction(
                lambda tx: renders.amend(tx, render.id, expected=State.QUEUED, ready_at_ms=again)
            )
            return False
        if obstacle:
            await self._cancel(render, obstacle)
        return obstacle is None

    async def vacate(self, server_id: int) -> None:
        """Empty the queue of a server that the bot was removed from."""

        async def waiting(tx: Transaction) -> tuple[Render, ...]:
            return await renders.of_server(tx, server_id=server_id, states=lifecycle.WAITING)

        for render in await self._database.read(waiting):
            await self._cancel(render, Obstacle.SERVER_LEFT)

    async def _cancel(self, render: Render, obstacle: Obstacle) -> None:
        await self._moves.make(
            lifecycle.cancelled,
            render.id,
            at_ms=self._clock.now_ms(),
            cause=Cause.CARD_IMPOSSIBLE,
            detail=obstacle,
            told=obstacle in _UNTOLD,
        )
