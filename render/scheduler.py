"""Decide whose turn it is, and end what waited too long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from render import lifecycle
from render.admission import Origin
from render.alerts import Alerts, Kind
from render.breaker import Breaker, outage, submits_pause
from render.causes import cause_of
from render.clock import Bell
from render.crew import Crew
from render.gear import Gear
from render.lookout import Lookout
from render.offers import Offers
from render.pace import IDLE_SECONDS, milliseconds
from render.submission import submission_of
from render.worker import Worker
from seedance import BadInput, ModelGone, Offer, Submission, create_request
from storage import Transaction, frames, queue, renders, settings
from storage.records import AccountKey, Cause, Frame, Render, State, StopReason

# A render whose model no list has named yet is looked at again so much later.
LIST_AGAIN_MS = 60_000

log = logging.getLogger(__name__)


class Scheduler:
    """Claim queued renders while slots are free, and hand each to the worker."""

    def __init__(
        self,
        gear: Gear,
        *,
        lookout: Lookout,
        worker: Worker,
        breaker: Breaker,
        alerts: Alerts,
        offers: Offers,
        host_accounts: Callable[[int], Sequence[tuple[AccountKey, int | None]]],
        origin: Origin,
    ) -> None:
        self._database = gear.database
        self._moves = gear.moves
        self._lookout = lookout
        self._worker = worker
        self._breaker = breaker
        self._alerts = alerts
        self._offers = offers
        self._host_accounts = host_accounts
        self._origin = asdict(origin)
        self._pace = gear.pace
        self._clock = gear.clock
        self.bell = Bell(gear.clock)
        self.crew = Crew("submit", size=gear.pace.concurrency, on_end=self.bell.ring)
        self._started = False

    async def step(self) -> float:
        """Do what is due now; return after how many seconds something may be due again."""
        stop = await self._database.read(settings.submits_stopped)
        # Nothing of what may be an old copy is claimed, given up or written off.
        if stop and stop.reason is StopReason.OLD_DATABASE:
            return IDLE_SECONDS
        if not self._started:
            await self._breaker.probe_at_once()
            self._started = True
        for render in await self._database.read(self._unanswered):
            await self._end_silence(render)
        before_ms = self._clock.now_ms() - milliseconds(self._pace.queue_time)
        for render_id in await self._database.read(lambda tx: queue.overdue(tx, before_ms)):
            await self._moves.make(self._give_up, render_id)
        asked_at_ms = self._clock.now_ms()
        while await self._claim_next():
            asked_at_ms = self._clock.now_ms()
        return await self._seconds_left(asked_at_ms)

    async def _unanswered(self, tx: Transaction) -> tuple[Render, ...]:
        """Return what waits for a moderator's answer, or for the provider's."""
        states = State.AWAITING_APPROVAL, State.SUBMITTING, State.UNKNOWN
        return await renders.in_states(tx, *states)

    async def _end_silence(self, render: Render) -> None:
        now = self._clock.now_ms()
        if render.state is State.SUBMITTING:
            if render.id not in self.crew:
                # A crash, or a disk that failed, came between the paid call and its record.
                why = "no answer was recorded"
                await self._moves.make(lifecycle.lost, render, at_ms=now, why=why)
        elif now >= self._silence_ends(render):
            if render.state is State.UNKNOWN:
                await self._moves.make(self._write_off, render)
            else:
                await self._moves.make(lifecycle.expire, render.id, at_ms=now)

    async def _write_off(self, tx: Transaction, render: Render) -> Render | None:
        moved = await lifecycle.written_off(tx, render, at_ms=self._clock.now_ms())
        if moved:
            await self._alerts.add(tx, Kind.WRITTEN_OFF, render_id=moved.id, credits=moved.cost)
        return moved

    async def _give_up(self, tx: Transaction, render_id: str) -> Render | None:
        if not await queue.claimable(tx, render_id):
            # A moderator parked it, or paused its server, meanwhile.
            return None
        found = await outage(tx)
        return await lifecycle.cancelled(
            tx,
            render_id,
            at_ms=self._clock.now_ms(),
            cause=Cause.WAITED_TOO_LONG,
            detail=found.trouble if found else "",
        )

    def _silence_ends(self, render: Render) -> int:
        """Return the moment until which an answer to a submit, or a moderator's, may come."""
        if render.state is State.AWAITING_APPROVAL:
            return render.state_at_ms + milliseconds(self._pace.approval_time)
        sent_at_ms = render.submitted_at_ms or render.state_at_ms
        return sent_at_ms + milliseconds(self._pace.unknown_after)

    async def _seconds_left(self, asked_at_ms: int) -> float:
        now = self._clock.now_ms()
        moments = [now + IDLE_SECONDS * 1000]
        found = await self._database.read(outage)
        # A probe that is due and not made waits for a render, or is under way: they ring.
        if found and found.probe_at_ms > now:
            moments.append(found.probe_at_ms)
        for render in await self._database.read(self._unanswered):
            if render.state is not State.SUBMITTING:
                moments.append(self._silence_ends(render))
        since_ms, ready_at_ms = await self._database.read(
            lambda tx: queue.next_moments(tx, asked_at_ms)
        )
        if since_ms is not None:
            moments.append(since_ms + milliseconds(self._pace.queue_time))
        # One that was ready already waits for a slot, a card or a moderator: they ring.
        if ready_at_ms is not None:
            moments.append(ready_at_ms)
        return max(0.0, (min(moments) - now) / 1000)

    async def _claim_next(self) -> bool:
        """Claim whose turn it is; False when there is nothing, or no slot, to claim."""
        found = None if self.crew.full else await self._database.read(self._pick)
        if found is None:
            return False
        if not await self._lookout.clears(found[0]):
            return True
        # The key or the address may have changed while it waited.
        render, images = replace(found[0], **self._origin), found[1]
        now = self._clock.now_ms()
        try:
            offer = self._offer(render)
            if offer is None:
                await self._put_off(render, now + LIST_AGAIN_MS)
                return True
            submission, digest = await asyncio.to_thread(_prepare, render, images, offer)
        except (BadInput, ModelGone) as error:
            cause = cause_of(error)
            await self._moves.make(lifecycle.cancelled, render.id, at_ms=now, cause=cause)
            return True
        if self.crew.full:
            return False
        claimed = await self._moves.make(self._claim, render, digest)
        if claimed:
            self.crew.start(render.id, self._worker.submit(claimed, submission))
        return True

    async def _claim(self, tx: Transaction, render: Render, digest: str) -> Render | None:
        now = self._clock.now_ms()
        if await settings.submits_stopped(tx) or await submits_pause(tx, now):
            return None
        # It takes a while to look after it and to prepare it.
        if not await queue.claimable(tx, render.id):
            return None
        host = self._host_accounts(now)
        return await lifecycle.claim(tx, render, at_ms=now, body_digest=digest, host=host)

    async def _pick(self, tx: Transaction) -> tuple[Render, tuple[Frame, ...]] | None:
        now = self._clock.now_ms()
        if await settings.submits_stopped(tx) or await submits_pause(tx, now):
            return None
        render = await queue.next_claimable(tx, now_ms=now, caps=self._pace.caps)
        return render and (render, await frames.of_render(tx, render.id))

    async def _put_off(self, render: Render, again_at_ms: int) -> None:
        log.info("Render %s waits for the list of models", render.id)
        await self._database.transaction(
            lambda tx: renders.amend(tx, render.id, expected=State.QUEUED, ready_at_ms=again_at_ms)
        )

    def _offer(self, render: Render) -> Offer | None:
        """Return the offer that was priced; another route or id may be another price.

        None while there never was a list, so that nobody knows.
        """
        offer = self._offers.find(render.model)
        if offer and (offer.route, offer.remote_id) == (render.route, render.remote_id):
            return offer
        if self._offers.may_come(render.model):
            return None
        raise ModelGone(code="NotOffered")


def _prepare(render: Render, images: tuple[Frame, ...], offer: Offer) -> tuple[Submission, str]:
    """Build the paid request and its digest; frames make that long."""
    submission = submission_of(render, images, offer)
    return submission, create_request(submission).digest()
