"""Submit claimed renders: one paid call each, and every answer to its ending."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable
from functools import partial

from render import lifecycle
from render.causes import cause_of
from render.gear import Gear
from render.offers import Offers
from seedance import (
    BadInput,
    BadKey,
    Client,
    ModelGone,
    NotSent,
    OutOfFunds,
    RateLimited,
    Refused,
    SeedanceError,
    Submission,
)
from storage import StorageError, Transaction
from storage.records import Render

# Waits between attempts to write down what became of a paid call.
WRITE_AGAIN_SECONDS = (1, 5, 25)
FIRST_BACK_OFF_SECONDS = 5
LONGEST_BACK_OFF_SECONDS = 300

# The provider took nothing, and would not take the same again.
_DEFINITE = (Refused, BadInput, OutOfFunds, BadKey, ModelGone)

log = logging.getLogger(__name__)

Ending = Callable[[Transaction], Awaitable[Render | None]]


class Worker:
    """Make the paid call for renders that are `submitting`; nobody else makes it."""

    def __init__(
        self,
        gear: Gear,
        *,
        client: Client,
        offers: Offers,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._moves = gear.moves
        self._offers = offers
        self._clock = gear.clock
        self._jitter = jitter

    async def submit(self, render: Render, submission: Submission) -> None:
        """Send a claimed render once, and record what became of it."""
        try:
            task_id = await self._client.create(submission)
        except SeedanceError as error:
            log.warning("Submitting render %s: %s %s", render.id, type(error).__name__, error.code)
            ending = self._ending(render, submission, error)
        except Exception as error:  # whatever broke, the call may have been made
            log.exception("Submitting render %s broke", render.id)
            ending = self._lost(render, type(error).__name__)
        else:
            # Before it is stored: if the disk fails now, the host can still find the task.
            log.info("Render %s is task %s", render.id, task_id)
            now = self._clock.now_ms()
            ending = partial(lifecycle.submitted, render=render, at_ms=now, task_id=task_id)
        await self._record(ending)

    def _ending(self, render: Render, submission: Submission, error: SeedanceError) -> Ending:
        if isinstance(error, ModelGone):
            self._offers.remove(submission.offer)
        if isinstance(error, NotSent | RateLimited):
            return self._put_back(render, error)
        if isinstance(error, _DEFINITE):
            return partial(
                lifecycle.refused,
                render=render,
                at_ms=self._clock.now_ms(),
                cause=cause_of(error),
                detail=error.code,
            )
        return self._lost(render, error.code or type(error).__name__)

    def _put_back(self, render: Render, error: NotSent | RateLimited) -> Ending:
        now = self._clock.now_ms()
        seconds = self._jitter() * min(
            LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** min(render.attempts, 10)
        )
        if isinstance(error, RateLimited) and error.retry_after:
            seconds += error.retry_after.total_seconds()
        return partial(
            lifecycle.put_back,
            render=render,
            at_ms=now,
            ready_at_ms=now + round(seconds * 1000),
            why=type(error).__name__,
        )

    def _lost(self, render: Render, why: str) -> Ending:
        return partial(lifecycle.lost, render=render, at_ms=self._clock.now_ms(), why=why)

    async def _record(self, ending: Ending) -> None:
        for seconds in WRITE_AGAIN_SECONDS:
            try:
                await self._moves.make(ending)
            except StorageError:
                log.exception("What became of a paid call cannot be stored yet")
                await self._clock.sleep(seconds)
            else:
                return
        await self._moves.make(ending)
