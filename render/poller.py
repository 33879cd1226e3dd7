"""Ask after every task until it ends: one heap of moments, never a coroutine for each task."""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from render import lifecycle
from render.causes import cause_of
from render.clock import Bell
from render.gear import Gear
from render.keyring import Keyring
from render.offers import Offers
from render.pace import IDLE_SECONDS, milliseconds
from seedance import Echo, RateLimited, Route, SeedanceError, Task, TaskState
from storage import Transaction, renders
from storage.records import Cause, Render, State

# So often may a task succeed without a link before its video is given up.
LINKLESS_ANSWERS = 5

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Watch:
    """Remember about a task when it is asked after next, and how it went so far."""

    # On the monotonic clock.
    due: float = 0.0
    failures: int = 0
    linkless: int = 0
    # The provider has never answered this process about it.
    unheard: bool = True


class Poller:
    """Poll what is `rendering`, within a budget of requests, and end it as the provider says."""

    def __init__(
        self,
        gear: Gear,
        *,
        keyring: Keyring,
        offers: Offers,
    ) -> None:
        self._database = gear.database
        self._moves = gear.moves
        self._offers = offers
        self._keyring = keyring
        self._pace = gear.pace
        self._clock = gear.clock
        self.bell = Bell(gear.clock)
        self._loaded = False
        self._watches: dict[str, _Watch] = {}
        # Moments and render ids; one that is not the watch's moment is out of date.
        self._heap: list[tuple[float, str]] = []
        self._not_before = gear.clock.monotonic()

    def watch(self, render: Render) -> None:
        """Ask after a task from now on, first when it may be done."""
        age = timedelta(milliseconds=self._clock.now_ms() - render.state_at_ms)
        self._watches[render.id] = _Watch()
        self._plan(render.id, max(self._pace.poll_first - age, timedelta()))
        self.bell.ring()

    async def step(self) -> float:
        """Poll what is due now; return after how many seconds something may be due again."""
        if not self._loaded:
            found = await self._database.read(_rendering)
            for render in found:
                self.watch(render)
            self._count_strangers(found)
            self._loaded = True
        if self._clock.monotonic() >= self._not_before:
            batch = self._take_due()
            self._pause(timedelta(seconds=len(batch) / self._pace.polls_per_second))
            await asyncio.gather(*(self._poll(render_id) for render_id in batch))
        return self._seconds_left()

    def _count_strangers(self, found: Sequence[Render]) -> None:
        strangers = sum(self._keyring.client_of(render) is None for render in found)
        if strangers:
            log.warning(
                "%s tasks were made with a key or an address that is not in the settings:"
                " COMETAPI_KEY_PREVIOUS lets them be asked after",
                strangers,
            )

    def _take_due(self) -> list[str]:
        """Take what is due off the heap, as far as the budget goes."""
        now = self._clock.monotonic()
        batch: list[str] = []
        while self._heap and self._heap[0][0] <= now and len(batch) < self._pace.polls_per_second:
            due, render_id = heapq.heappop(self._heap)
            if render_id in self._watches and self._watches[render_id].due == due:
                batch.append(render_id)
        return batch

    def _plan(self, render_id: str, wait: timedelta) -> None:
        watch = self._watches[render_id]
        watch.due = self._clock.monotonic() + wait.total_seconds()
        heapq.heappush(self._heap, (watch.due, render_id))

    def _pause(self, wait: timedelta) -> None:
        until = self._clock.monotonic() + wait.total_seconds()
        self._not_before = max(self._not_before, until)

    def _seconds_left(self) -> float:
        now = self._clock.monotonic()
        due = self._heap[0][0] if self._heap else now + IDLE_SECONDS
        return max(due, self._not_before) - now

    async def _poll(self, render_id: str) -> None:
        wait: timedelta | None = self._pace.poll_interval
        try:
            wait = await self._ask(render_id, self._watches[render_id])
        except Exception:
            log.exception("Polling render %s broke", render_id)
        if wait is None:
            del self._watches[render_id]
        else:
            self._plan(render_id, wait)

    async def _ask(self, render_id: str, watch: _Watch) -> timedelta | None:
        """Poll one render and return when to ask again; None: never."""
        render = await self._database.read(lambda tx: renders.find(tx, render_id))
        if render is None or render.state is not State.RENDERING:
            return None
        task = await self._query(render, watch)
        moved = await self._end(render, task, watch) if task else None
        render = moved or await self._age(render, watch) or render
        return self._interval(render, watch) if render.state is State.RENDERING else None

    async def _query(self, render: Render, watch: _Watch) -> Task | None:
        """Ask once; None when there is no answer to go by."""
        client = self._keyring.client_of(render)
        if render.task_id is None or client is None:
            return None
        try:
            task = await client.query(Route(render.route), render.task_id)
        except SeedanceError as error:
            # Also for a task that the provider does not know (yet): only time ends it.
            log.warning("Polling render %s: %s %s", render.id, type(error).__name__, error.code)
            watch.failures += 1
            if isinstance(error, RateLimited):
                self._pause(min(error.retry_after or timedelta(), self._pace.poll_late))
            return None
        watch.failures, watch.unheard = 0, False
        return task

    async def _end(self, render: Render, task: Task, watch: _Watch) -> Render | None:
        """Do what the answer demands; None while the task goes on."""
        now = self._clock.now_ms()
        if task.video_url:
            return await self._moves.make(
                lifecycle.succeeded,
                render,
                at_ms=now,
                video_url=task.video_url,
                video_expires_at_ms=now + milliseconds(self._pace.link_life),
                price=self._price(render, task.echo),
            )
        cause = _cause(task, watch)
        if cause is None:
            return None
        detail = task.error.code if task.error else ""
        return await self._moves.make(
            lifecycle.ended, render, at_ms=now, cause=cause, detail=detail
        )

    def _price(self, render: Render, echo: Echo) -> int:
        """Return the credits for what the provider says it rendered."""
        offer = self._offers.find(render.model)
        seconds = ceil(echo.duration_seconds or render.duration_seconds)
        resolution = echo.resolution or render.resolution
        if offer is None or resolution not in offer.resolutions:
            return render.cost
        if (seconds, resolution) != (render.duration_seconds, render.resolution):
            log.warning("Render %s became %s s in %s", render.id, seconds, resolution)
        return offer.credits(resolution, seconds)

    async def _age(self, render: Render, watch: _Watch) -> Render | None:
        """Note what comes by time alone: late, and the end of the task's own life.

        Of a task that nobody could ask after only so much is certain: when the link of the last
        moment is dead too, there is no video to be had.
        """
        now = self._clock.now_ms()
        age = timedelta(milliseconds=now - render.state_at_ms)
        cause, life = Cause.TASK_EXPIRED, self._pace.task_life
        if watch.unheard:
            cause, life = Cause.OUTCOME_UNKNOWN, life + self._pace.link_life
        if age >= life:
            return await self._moves.make(lifecycle.ended, render, at_ms=now, cause=cause)
        if age >= self._pace.late_after and render.late_at_ms is None:
            return await self._moves.make(lifecycle.late, render, at_ms=now)
        return None

    def _interval(self, render: Render, watch: _Watch) -> timedelta:
        if render.late_at_ms is not None:
            return self._pace.poll_late
        slower = self._pace.poll_interval * 2 ** min(watch.failures, 10)
        return max(self._pace.poll_interval, min(slower, self._pace.poll_late))


async def _rendering(tx: Transaction) -> tuple[Render, ...]:
    return await renders.in_states(tx, State.RENDERING)


def _cause(task: Task, watch: _Watch) -> Cause | None:
    """Return why there will be no video; None while there may still be one."""
    match task.state:
        case TaskState.SUCCEEDED:
            watch.linkless += 1
            return Cause.VIDEO_MISSING if watch.linkless >= LINKLESS_ANSWERS else None
        case TaskState.FAILED:
            return cause_of(task.error)
        case TaskState.CANCELLED:
            return Cause.CANCELLED_BY_PROVIDER
        case TaskState.EXPIRED:
            return Cause.TASK_EXPIRED
        case _:
            return None
