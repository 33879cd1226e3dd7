"""Keep one card for each render, and keep it true: edited at transitions, not in between."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from render import lifecycle
from render.clock import Bell
from render.crew import Crew
from render.gear import Gear
from render.line import Line, Wait, line_of, wait_of
from render.lookback import Lookback
from render.messenger import (
    MessageDeleted,
    Messenger,
    Obstacle,
    PlaceClosed,
    Posted,
    PostingBroken,
    PostingError,
    standing,
)
from render.pace import IDLE_SECONDS
from storage import StorageError, Transaction, messages, queue, renders, settings
from storage.records import Cause, Message, Purpose, Render, State

AT_ONCE = 4
# Waits before a new card is tried again, while its member watches.
ANNOUNCE_AGAIN_SECONDS = (1, 3)
# After this time nobody is announcing a render any more.
ANNOUNCED_AFTER_MS = 15_000
# What ended longer before the last beat shows its end; Discord limits late edits anyway.
SHOWN_AFTER_MS = 3_600_000
# So often, and after so long, an edit that broke is repeated.
MOST_EDITS = 5
EDIT_AGAIN_SECONDS = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """Remember that a card must be edited: not before when (monotonic), and what failed so far."""

    not_before: float = 0.0
    failures: int = 0
    # Only how it waits has changed, as it has for all others that wait.
    minor: bool = False


class Cards:
    """Post cards, and edit each to the last state of its render, one edit at a time."""

    def __init__(self, gear: Gear, *, messenger: Messenger, announced: Callable[[], None]) -> None:
        self._database = gear.database
        self._moves = gear.moves
        self._messenger = messenger
        self._lookback = Lookback(gear, messenger=messenger)
        self._pace = gear.pace
        self._clock = gear.clock
        self._announced = announced
        self.bell = Bell(gear.clock)
        self.crew = Crew("card", size=AT_ONCE, on_end=self.bell.ring)
        self._announcing: set[str] = set()
        self._wishes: dict[str, _Wish] = {}
        # How each queued render waits, as its card says.
        self._shown: dict[str, Wait] = {}
        # How all of them wait, unless something moved since; a look takes long where thousands do.
        self._line: Line | None = None
        self._touches = 0
        self._queue_due = gear.clock.monotonic()

    async def look_back(self) -> None:
        """Wish for every card that an earlier process may have left untrue."""
        now_ms = self._clock.now_ms()
        for render in await self._database.read(lambda tx: _maybe_stale(tx, now_ms)):
            self._wishes[render.id] = _Wish()

    def touch(self, render_id: str) -> None:
        """Have the card brought up to date."""
        self._wishes[render_id] = _Wish()
        self._line = None
        self._touches += 1
        self.bell.ring()

    def look_through_queue(self) -> None:
        """Have every card that shows how its render waits brought up to date."""
        self._queue_due = self._clock.monotonic()
        self.bell.ring()

    async def announce(self, render: Render) -> Posted | None:
        """Post the card of a render that was just admitted.

        None: it cannot be posted, so the render was cancelled, and the caller tells the member.
        """
        self._announcing.add(render.id)
        try:
            for seconds in ANNOUNCE_AGAIN_SECONDS:
                try:
                    return await self._post(render)
                except PostingBroken:
                    await self._clock.sleep(seconds)
            return await self._post(render)
        except PostingError as error:
            await self._give_up(render, error, told=True)
            return None
        finally:
            self._announcing.discard(render.id)

    async def step(self) -> float:
        """Start what is due now; return after how many seconds something may be due again."""
        now = self._clock.monotonic()
        if now >= self._queue_due:
            waiting = await self._look_through_queue()
            seconds = self._pace.card_interval.total_seconds() if waiting else IDLE_SECONDS
            self._queue_due = now + seconds
        left = self._queue_due - now
        # A whole queue that moved keeps no transition back.
        for render_id, wish in sorted(self._wishes.items(), key=lambda one: one[1].minor):
            if wish.not_before > now:
                left = min(left, wish.not_before - now)
            elif render_id not in self.crew and not self.crew.full:
                del self._wishes[render_id]
                self.crew.start(render_id, self._edit(render_id, wish.failures))
        return left

    async def _look_through_queue(self) -> int:
        """Wish for what is missing or shows an old position; return how many wait."""
        line = await self._look_again()
        without_card = await self._database.read(queue.without_card)
        moved = {one for one in line if self._shown.get(one) != line.wait(one)}
        for render_id in moved | without_card:
            self._wishes.setdefault(render_id, _Wish(minor=True))
        return len(line)

    async def _look_again(self) -> Line:
        now, touches = self._clock.now_ms(), self._touches
        line = await self._database.read(lambda tx: line_of(tx, self._pace.caps, now))
        if touches == self._touches:
            self._line = line
        return line

    async def _wait(self, render: Render) -> Wait:
        """Say how a render waits; where nothing moved since the last look, as of then."""
        if render.state is not State.QUEUED:
            now = self._clock.now_ms()
            return await self._database.read(lambda tx: wait_of(tx, render, self._pace.caps, now))
        line = self._line
        if line is None or render.id not in line:
            line = await self._look_again()
        return line.wait(render.id)

    async def _edit(self, render_id: str, failures: int) -> None:
        try:
            found = await self._database.read(lambda tx: _look_up(tx, render_id))
            if found:
                await self._bring_up_to_date(*found)
        except PlaceClosed:
            log.info("The card of render %s cannot be edited any more", render_id)
        except (PostingError, StorageError) as error:
            log.warning("The card of render %s: %s", render_id, type(error).__name__)
            if failures < MOST_EDITS:
                again = self._clock.monotonic() + EDIT_AGAIN_SECONDS
                wish = _Wish(not_before=again, failures=failures + 1)
                self._wishes.setdefault(render_id, wish)

    async def _bring_up_to_date(self, render: Render, card: Posted | None) -> None:
        if card is None and render.state in lifecycle.WAITING:
            await self._make_up(render)
            return
        card = card or await self._lookback.card(render)
        if card is None:
            return
        wait = await self._wait(render)
        if render.state is State.QUEUED:
            self._shown[render.id] = wait
        else:
            self._shown.pop(render.id, None)
        await self._messenger.edit_card(
            render, card, ahead=wait.ahead, brake=wait.brake, outlook=wait.outlook
        )

    async def _make_up(self, render: Render) -> None:
        """Post the card that a crash, or Discord, kept from being posted."""
        age_ms = self._clock.now_ms() - render.created_at_ms
        if render.id in self._announcing or age_ms < ANNOUNCED_AFTER_MS:
            return
        try:
            await self._post(render)
        except PlaceClosed as error:
            await self._give_up(render, error, told=False)

    async def _give_up(self, render: Render, error: PostingError, *, told: bool) -> None:
        await self._moves.make(
            lifecycle.cancelled,
            render.id,
            at_ms=self._clock.now_ms(),
            cause=Cause.CARD_IMPOSSIBLE,
            detail=Obstacle.CARD_DELETED if isinstance(error, MessageDeleted) else "",
            told=told,
        )

    async def _post(self, render: Render) -> Posted:
        now = self._clock.now_ms()
        message = await self._database.transaction(lambda tx: _begin(tx, render, now))
        if posted := standing(message):
            return posted
        posted = await self._lookback.card_before_repeat(render, message)
        if posted is None:
            wait = (await self._look_again()).wait(render.id)
            posted = await self._messenger.post_card(
                render,
                ahead=wait.ahead,
                brake=wait.brake,
                outlook=wait.outlook,
                nonce=message.nonce,
            )
            self._shown[render.id] = wait
        current = await self._database.transaction(lambda tx: _note(tx, message, posted.message_id))
        # A card that was found shows what was so when it was posted.
        if current != render or render.id not in self._shown:
            self.touch(render.id)
        soon = self._clock.monotonic() + self._pace.card_interval.total_seconds()
        self._queue_due = min(self._queue_due, soon)
        self._announced()
        return posted


async def _maybe_stale(tx: Transaction, now_ms: int) -> tuple[Render, ...]:
    """Return the renders whose last transition an earlier process may not have shown."""
    last_ms = await settings.last_beat(tx)
    ended = await renders.ended_since(tx, (last_ms or now_ms) - SHOWN_AFTER_MS)
    return (*await renders.unfinished(tx), *await renders.untold(tx), *ended)


async def _look_up(tx: Transaction, render_id: str) -> tuple[Render, Posted | None] | None:
    """Return the render with its card, if one stands."""
    render = await renders.find(tx, render_id)
    return render and (render, standing(await messages.latest(tx, render.id, Purpose.CARD)))


async def _begin(tx: Transaction, render: Render, at_ms: int) -> Message:
    return await messages.begin(
        tx,
        render_id=render.id,
        purpose=Purpose.CARD,
        channel_id=render.channel_id,
        at_ms=at_ms,
        renew=False,
    )


async def _note(tx: Transaction, message: Message, message_id: int) -> Render | None:
    await messages.posted(tx, message, message_id)
    return await renders.find(tx, message.render_id)
