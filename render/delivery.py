"""Post results, and tell the members whose renders ended without one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from render import lifecycle
from render.clock import Bell
from render.crew import Crew
from render.fetcher import Fetcher, VideoLost
from render.gear import Gear
from render.keyring import Keyring
from render.lookback import Lookback
from render.messenger import (
    Destination,
    FileTooLarge,
    MessageDeleted,
    Messenger,
    Obstacle,
    Place,
    PlaceClosed,
    Posted,
    PostingError,
    standing,
)
from render.pace import IDLE_SECONDS
from render.spool import Spool
from seedance import SeedanceError
from storage import StorageError, Transaction, messages, renders
from storage.records import Message, Purpose, Render, State

AT_ONCE = 4
# The first repetitions come while Discord still knows the nonce.
FIRST_BACK_OFF_SECONDS = 2
LONGEST_BACK_OFF_SECONDS = 300
# With these nothing more is said in public. A closed channel has other places after it.
_HUSHED = frozenset(Obstacle) - {Obstacle.CHANNEL_CLOSED}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Lead to a video: at the provider, where it ends in time, or in the message that has it."""

    url: str
    expires_at_ms: int | None = None


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
        keyring: Keyring,
        messenger: Messenger,
        spool: Spool,
    ) -> None:
        self._database = gear.database
        self._fetcher = Fetcher(gear, keyring=keyring, spool=spool)
        self._moves = gear.moves
        self._messenger = messenger
        self._lookback = Lookback(gear, messenger=messenger)
        self._spool = spool
        self._clock = gear.clock
        self.bell = Bell(gear.clock)
        self.crew = Crew("delivery", size=AT_ONCE, on_end=self.bell.ring)
        self._setbacks: dict[str, _Setback] = {}
        # What somebody wants posted again at this moment.
        self.wanted: set[str] = set()
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

    async def post_again(self, render_id: str, *, channel_id: int, author_id: int) -> Render | None:
        """Post what could not be posted where somebody asks for it, else to its member.

        Returns the render as it then stands; None: not now, and nothing is lost.
        """
        if render_id in self.wanted:
            return None
        self.wanted.add(render_id)
        try:
            return await self._post_again(render_id, channel_id, author_id)
        except (PostingError, SeedanceError) as error:
            log.warning("Posting render %s again: %s", render_id, type(error).__name__)
            return None
        finally:
            self.wanted.discard(render_id)

    async def link(self, render: Render) -> Link | None:
        """Return a link to a video that is good now: the provider's, else the result's own."""
        if render.taken_down_at_ms is not None:
            return None
        try:
            if not self._fetcher.lives(render):
                posted = standing(await self._latest(render, Purpose.RESULT))
                if posted and (url := await self._messenger.attachment(render, posted)):
                    return Link(url=url)
                render = await self._fetcher.renew_link(render)
        except (PostingError, SeedanceError, VideoLost) as error:
            log.info("There is no link to render %s: %s", render.id, type(error).__name__)
            return None
        return Link(url=render.video_url or "", expires_at_ms=render.video_expires_at_ms)

    async def _post_again(self, render_id: str, channel_id: int, author_id: int) -> Render | None:
        render = await self._database.read(lambda tx: renders.find(tx, render_id))
        if render is None or render.state is not State.UNDELIVERED or render.taken_down_at_ms:
            return render
        try:
            render, video = await self._fetcher.obtain(render, failures=0)
        except VideoLost:
            # A member who asked reads it in the answer.
            told = author_id == render.member_id
            now = self._clock.now_ms()
            return await self._moves.make(lifecycle.video_lost, render, at_ms=now, told=told)
        posted = await self._lookback.result(render)
        if posted is None:
            places = await self._messenger.destinations(render, wanted=channel_id)
            posted = await self._post(render, video, places, renew=True)
        if posted is None:
            return await self._database.read(lambda tx: renders.find(tx, render_id))
        moved = await self._moves.make(
            lifecycle.delivered,
            render,
            at_ms=self._clock.now_ms(),
            posted=posted,
            expected=State.UNDELIVERED,
            author=str(author_id),
        )
        self._spool.remove(render.id)
        return moved

    async def _deliver(self, render: Render, failures: int) -> None:
        try:
            render, video = await self._fetcher.obtain(render, failures)
        except VideoLost:
            await self._moves.make(lifecycle.video_lost, render, at_ms=self._clock.now_ms())
            return
        obstacle = await self._obstacle(render)
        if obstacle in _HUSHED:
            posted = await self._lookback.result(render)
        else:
            posted = await self._post(render, video, await self._messenger.destinations(render))
        now = self._clock.now_ms()
        if posted is None:
            why = obstacle or "no place to post it"
            await self._moves.make(lifecycle.undelivered, render, at_ms=now, why=why)
            return
        await self._moves.make(lifecycle.delivered, render, at_ms=now, posted=posted)
        self._spool.remove(render.id)

    async def _tell(self, render: Render) -> None:
        places = await self._messenger.destinations(render)
        posted = None
        if await self._obstacle(render) in _HUSHED:
            places = tuple(one for one in places if one.place is Place.DIRECT)
            posted = await self._lookback.result(render)
        posted = posted or await self._post(render, None, places)
        now = self._clock.now_ms()
        # No move that anybody waits for, and nothing that the card shows.
        await self._database.transaction(
            lambda tx: lifecycle.told(tx, render, at_ms=now, posted=posted)
        )

    async def _obstacle(self, render: Render) -> Obstacle | None:
        return await self._messenger.obstacle(render, await self._lookback.card(render))

    async def _latest(self, render: Render, purpose: Purpose) -> Message | None:
        return await self._database.read(lambda tx: messages.latest(tx, render.id, purpose))

    async def _post(
        self,
        render: Render,
        video: Path | None,
        places: Sequence[Destination],
        *,
        renew: bool = False,
    ) -> lifecycle.Posting | None:
        """Post into the first place that is open; None when there is none."""
        for destination in places:
            try:
                return await self._post_at(render, destination, video, renew=renew)
            except PlaceClosed:
                log.info("Render %s cannot be posted in %s", render.id, destination.channel_id)
        return None

    async def _post_at(
        self, render: Render, destination: Destination, video: Path | None, *, renew: bool
    ) -> lifecycle.Posting:
        now = self._clock.now_ms()
        message = await self._database.transaction(
            lambda tx: _begin(tx, render, destination, at_ms=now, renew=renew)
        )
        posted = await self._lookback.result_before_repeat(render, destination, message)
        if posted is None:
            try:
                posted = await self._send(render, destination, message.nonce, video)
            except MessageDeleted:
                # It stood there for all to see, and whoever deleted it wants it nowhere else.
                log.info("Render %s was posted and is deleted already", render.id)
                return message, None
        return message, posted.message_id

    async def _send(
        self, render: Render, destination: Destination, nonce: str, video: Path | None
    ) -> Posted:
        card = standing(await self._latest(render, Purpose.CARD))
        post = partial(self._messenger.post_result, destination=destination, nonce=nonce, card=card)
        if video is None:
            return await post(render, file=None)
        lives = self._fetcher.lives(render)
        try:
            return await post(render if lives else replace(render, video_url=None), file=video)
        except FileTooLarge:
            return await post(render if lives else await self._relinked(render), file=None)

    async def _relinked(self, render: Render) -> Render:
        """Get a link for what cannot be attached; without one it waits for another place."""
        try:
            return await self._fetcher.renew_link(render)
        except VideoLost as error:
            raise PlaceClosed from error


async def _begin(
    tx: Transaction, render: Render, destination: Destination, *, at_ms: int, renew: bool
) -> Message:
    """Note an attempt; of what was taken down since it was looked at, raise PlaceClosed."""
    now = await renders.find(tx, render.id)
    if now is None or now.taken_down_at_ms is not None:
        raise PlaceClosed
    return await messages.begin(
        tx,
        render_id=render.id,
        purpose=Purpose.RESULT,
        channel_id=destination.channel_id,
        at_ms=at_ms,
        renew=renew,
    )


async def _undone(tx: Transaction) -> tuple[Render, ...]:
    return (*await renders.in_states(tx, State.RENDERED), *await renders.untold(tx))


async def _kept(tx: Transaction) -> tuple[Render, ...]:
    return await renders.in_states(tx, State.RENDERED, State.UNDELIVERED)
