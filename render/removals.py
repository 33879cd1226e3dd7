"""Remove what moderators took down, wherever it stands, and tell its member."""

from __future__ import annotations

import logging
from collections.abc import Collection

from render.clock import Bell
from render.gear import Gear
from render.lookback import Lookback
from render.messenger import Messenger, PlaceClosed, Posted, PostingError, standing
from render.pace import IDLE_SECONDS
from render.spool import Spool
from storage import StorageError, Transaction, messages, takedowns
from storage.records import Message, Purpose, Render

AGAIN_SECONDS = 30.0

log = logging.getLogger(__name__)


class Remover:
    """Delete results and kept bytes, again until it is done; nothing that is gone is a fault."""

    def __init__(
        self,
        gear: Gear,
        *,
        messenger: Messenger,
        spool: Spool,
        later: Collection[str] = (),
    ) -> None:
        """Take the parts; `later` are the ids of those whose turn comes later, with a ring."""
        self._database = gear.database
        self._clock = gear.clock
        self._messenger = messenger
        self._lookback = Lookback(gear, messenger=messenger)
        self._spool = spool
        self._later = later
        self.bell = Bell(gear.clock)

    async def step(self) -> float:
        """Remove what is taken down; return after how many seconds to look again."""
        seconds = IDLE_SECONDS
        for render in await self._database.read(takedowns.standing):
            if render.id in self._later:
                continue
            try:
                await self._remove(render)
            except (PostingError, StorageError) as error:
                log.warning("Taking down render %s: %s", render.id, type(error).__name__)
                seconds = AGAIN_SECONDS
        return seconds

    async def _remove(self, render: Render) -> None:
        self._spool.remove(render.id)
        # Also one that was posted and never noted.
        found = await self._lookback.result(render)
        known = await self._database.read(lambda tx: messages.of_render(tx, render.id))
        notices = {one.message_id for one in known if one.purpose is Purpose.NOTICE}
        if found and found[1] not in notices:
            await self._delete(render, Posted(channel_id=found[0].channel_id, message_id=found[1]))
        for message in known:
            posted = standing(message)
            if posted and message.purpose is Purpose.RESULT:
                await self._delete(render, posted)
        if not notices:
            await self._tell(render)
        now = self._clock.now_ms()
        await self._database.transaction(lambda tx: takedowns.removed(tx, render.id, at_ms=now))
        log.info("Render %s is taken down", render.id)

    async def _delete(self, render: Render, posted: Posted) -> None:
        try:
            await self._messenger.delete(render, posted)
        except PlaceClosed:
            log.info("A result of render %s is out of reach", render.id)

    async def _tell(self, render: Render) -> None:
        """Tell the member in the first place that is open."""
        card = standing(await self._database.read(lambda tx: _card(tx, render)))
        for destination in await self._messenger.destinations(render):
            notice = await self._database.transaction(
                lambda tx, channel_id=destination.channel_id: messages.begin(
                    tx,
                    render_id=render.id,
                    purpose=Purpose.NOTICE,
                    channel_id=channel_id,
                    at_ms=self._clock.now_ms(),
                    renew=False,
                )
            )
            try:
                posted = await self._lookback.result_before_repeat(render, destination, notice)
                posted = posted or await self._messenger.post_result(
                    render, destination, nonce=notice.nonce, file=None, card=card
                )
            except PlaceClosed:
                continue
            await self._note(notice, posted)
            return

    async def _note(self, notice: Message, posted: Posted) -> None:
        await self._database.transaction(lambda tx: messages.posted(tx, notice, posted.message_id))


async def _card(tx: Transaction, render: Render) -> Message | None:
    return await messages.latest(tx, render.id, Purpose.CARD)
