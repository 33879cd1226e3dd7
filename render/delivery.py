"""Post results, and tell the members whose renders ended without one."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Unpack

from render import lifecycle
from render.clock import Bell
from render.crew import Crew
from render.gear import Gear
from render.messenger import (
    Destination,
    FileTooLarge,
    Messenger,
    PlaceClosed,
    Posted,
    PostingError,
    standing,
)
from render.pace import IDLE_SECONDS, milliseconds
from render.spool import Spool, SpoolError
from seedance import (
    Client,
    DownloadFailed,
    ProviderBroken,
    RateLimited,
    Route,
    SeedanceError,
    TooLarge,
)
from storage import StorageError, Transaction, messages, renders
from storage.records import Message, Purpose, Render, State

AT_ONCE = 4
# The first repetitions come while Discord still knows the nonce.
FIRST_BACK_OFF_SECONDS = 2
LONGEST_BACK_OFF_SECONDS = 300
# After so many broken downloads the member gets the link alone.
DOWNLOADS = 5

log = logging.getLogger(__name__)


class VideoLost(Exception):
    """The link is dead, and the provider gives no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setback:
    """Remember how often a delivery failed, and from when on it may be tried again."""

    times: int = 0
    # Monotonic.
    again_at: float = 0.0


class Deliverer:
    """Bring `rendered` renders to where they were asked for, or to the next best place."""

    def __init__(
        self,
        gear: Gear,
        *,
        client: Client,
        messenger: Messenger,
        spool: Spool,
    ) -> None:
        self._database = gear.database
        self._client = client
        self._moves = gear.moves
        self._messenger = messenger
        self._spool = spool
        self._pace = gear.pace
        self._clock = gear.clock
        self.bell = Bell(gear.clock)
        self.crew = Crew("delivery", size=AT_ONCE, on_end=self.bell.ring)
        self._setbacks: dict[str, _Setback] = {}
        self._cleaned = False

    async def step(self) -> float:
        """Start what is due now; return after how many seconds something may be due again."""
        if not self._cleaned:
            kept = await self._database.read(_kept)
            self._spool.clean({render.spool_name for render in kept})
            self._cleaned = True
        waiting = await self._database.read(_undone)
        now = self._clock.monotonic()
        left = IDLE_SECONDS
        for render in waiting:
            again_at = self._setbacks.get(render.id, _Setback()).again_at
            if again_at > now:
                left = min(left, again_at - now)
            elif render.id not in self.crew and not self.crew.full:
                self.crew.start(render.id, self._attempt(render))
        return left

    async def _attempt(self, render: Render) -> None:
        setback = self._setbacks.get(render.id, _Setback())
        seconds = min(
            FIRST_BACK_OFF_SECONDS * 2 ** min(setback.times, 10), LONGEST_BACK_OFF_SECONDS
        )
        # Before anything can break: what broke is taken up again, and not at once.
        self._setbacks[render.id] = _Setback(
            times=setback.times + 1, again_at=self._clock.monotonic() + seconds
        )
        try:
            if render.state is State.RENDERED:
                await self._deliver(render, setback.times)
            else:
                await self._tell(render)
        except (PostingError, SeedanceError, StorageError) as error:
            log.warning("Delivering render %s: %s", render.id, type(error).__name__)
        else:
            del self._setbacks[render.id]

    async def _deliver(self, render: Render, failures: int) -> None:
        try:
            render, video = await self._obtain(render, failures)
        except VideoLost:
            await self._moves.make(lifecycle.video_lost, render, at_ms=self._clock.now_ms())
            return
        posted = await self._post(render, video)
        now = self._clock.now_ms()
        if posted is None:
            await self._moves.make(lifecycle.undelivered, render, at_ms=now)
            return
        await self._moves.make(lifecycle.delivered, render, at_ms=now, posted=posted)
        self._spool.remove(render.id)

    async def _tell(self, render: Render) -> None:
        posted = await self._post(render, None)
        now = self._clock.now_ms()
        # No move that anybody waits for, and nothing that the card shows.
        await self._database.transaction(
            lambda tx: lifecycle.told(tx, render, at_ms=now, posted=posted)
        )

    async def _obtain(self, render: Render, failures: int) -> tuple[Render, Path | None]:
        """Bring the video onto the disk; None in its place means: give the link alone."""
        if video := self._spool.find(render.spool_name):
            return render, video
        try:
            return render, await self._fetch(render, failures)
        except DownloadFailed:
            render = await self._renew_link(render)
        try:
            return render, await self._fetch(render, failures)
        except DownloadFailed as error:
            raise VideoLost from error

    async def _fetch(self, render: Render, failures: int) -> Path | None:
        try:
            video = await self._spool.fetch(render.id, render.video_url or "")
        except (TooLarge, SpoolError):
            log.exception("The video of render %s cannot be kept here", render.id)
            return None
        except (ProviderBroken, RateLimited):
            if failures < DOWNLOADS:
                raise
            log.warning("The video of render %s did not come, its link goes alone", render.id)
            return None
        await self._amend(render, spool_name=video.name)
        return video

    async def _renew_link(self, render: Render) -> Render:
        now = self._clock.now_ms()
        try:
            task = await self._client.query(Route(render.route), render.task_id or "")
        except SeedanceError as error:
            if now < (render.video_expires_at_ms or 0):
                raise
            raise VideoLost from error
        if task.video_url is None:
            raise VideoLost
        expiry = now + milliseconds(self._pace.link_life)
        return await self._amend(render, video_url=task.video_url, video_expires_at_ms=expiry)

    async def _amend(self, render: Render, **changes: Unpack[renders.Changes]) -> Render:
        amended = await self._database.transaction(
            lambda tx: renders.amend(tx, render.id, expected=State.RENDERED, **changes)
        )
        return amended or render

    async def _post(self, render: Render, video: Path | None) -> tuple[Message, int] | None:
        """Post into the first place that is open; None when there is none.

        Returns the attempt, and the id of the message that it became.
        """
        for destination in await self._messenger.destinations(render):
            try:
                return await self._post_at(render, destination, video)
            except PlaceClosed:
                log.info("Render %s cannot be posted in %s", render.id, destination.channel_id)
        return None

    async def _post_at(
        self, render: Render, destination: Destination, video: Path | None
    ) -> tuple[Message, int]:
        now = self._clock.now_ms()
        message = await self._database.transaction(
            lambda tx: messages.begin(
                tx,
                render_id=render.id,
                purpose=Purpose.RESULT,
                channel_id=destination.channel_id,
                at_ms=now,
                renew=False,
            )
        )
        posted = None
        if now - message.attempted_at_ms >= milliseconds(self._pace.nonce_life):
            posted = await self._look_back(render, destination, message)
        if posted is None:
            posted = await self._send(render, destination, message.nonce, video)
        return message, posted.message_id

    async def _look_back(
        self, render: Render, destination: Destination, message: Message
    ) -> Posted | None:
        """Find what an attempt that Discord's memory of nonces no longer covers has posted."""
        # Discord's clock and ours may differ, so the look begins a little earlier.
        since_ms = message.attempted_at_ms - milliseconds(self._pace.nonce_life)
        with suppress(PlaceClosed):
            return await self._messenger.find_result(render, destination, since_ms=since_ms)
        return None

    async def _send(
        self, render: Render, destination: Destination, nonce: str, video: Path | None
    ) -> Posted:
        card = await self._database.read(lambda tx: messages.latest(tx, render.id, Purpose.CARD))
        post = partial(
            self._messenger.post_result, render, destination, nonce=nonce, card=standing(card)
        )
        try:
            return await post(file=video)
        except FileTooLarge:
            return await post(file=None)


async def _undone(tx: Transaction) -> tuple[Render, ...]:
    return (*await renders.in_states(tx, State.RENDERED), *await renders.untold(tx))


async def _kept(tx: Transaction) -> tuple[Render, ...]:
    return await renders.in_states(tx, State.RENDERED, State.UNDELIVERED)
