"""Submit claimed renders: one paid call each, and every answer to its ending."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable
from functools import partial

from render import lifecycle
from render.alerts import Alerts
from render.breaker import Breaker, Outage
from render.causes import cause_of
from render.gear import Gear
from render.offers import Offers
from seedance import (
    Ambiguous,
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
# Who is told to wait comes back so much later at most, so that not all come back together.
SPREAD_SECONDS = 1

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
        breaker: Breaker,
        alerts: Alerts,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._moves = gear.moves
        self._offers = offers
        self._breaker = breaker
        self._alerts = alerts
        self._clock = gear.clock
        self._jitter = jitter

    async def submit(self, render: Render, submission: Submission) -> None:
        """Send a claimed render once, and record what became of it."""
        answer = await self._send(render, submission)
        self._breaker.count(_error(answer))
        if isinstance(answer, ModelGone):
            self._offers.remove(submission.offer)
        await self._record(partial(self._conclude, render=render, answer=answer))
        if not self._offers.current:
            await self._alerts.report_no_model()

    async def _send(self, render: Render, submission: Submission) -> str | SeedanceError:
        """Return the id of the task that was made, or why there is none for certain."""
        try:
            task_id = await self._client.create(submission)
        except SeedanceError as error:
            log.warning("Submitting render %s: %s %s", render.id, type(error).__name__, error.code)
            return error
        except Exception as error:  # whatever broke, the call may have been made
            log.exception("Submitting render %s broke", render.id)
            return Ambiguous(code=type(error).__name__)
        # Before it is stored: if the disk fails now, the host can still find the task.
        log.info("Render %s is task %s", render.id, task_id)
        return task_id

    async def _conclude(
        self, tx: Transaction, *, render: Render, answer: str | SeedanceError
    ) -> Render | None:
        """Move the render on, and note what its answer says about the service."""
        now = self._clock.now_ms()
        outage = await self._breaker.note(tx, render, _error(answer))
        match answer:
            case str():
                return await lifecycle.submitted(tx, render, at_ms=now, task_id=answer)
            case NotSent() | RateLimited() | OutOfFunds() | BadKey():
                wait_ms = round(self._wait_seconds(render, answer, outage) * 1000)
                why = type(answer).__name__
                return await lifecycle.put_back(
                    tx, render, at_ms=now, ready_at_ms=now + wait_ms, why=why
                )
            case Refused() | BadInput() | ModelGone():
                return await lifecycle.refused(
                    tx, render, at_ms=now, cause=cause_of(answer), detail=answer.code
                )
            case _:
                why = answer.code or type(answer).__name__
                return await lifecycle.lost(tx, render, at_ms=now, why=why)

    def _wait_seconds(self, render: Render, error: SeedanceError, outage: Outage | None) -> float:
        """Return how long a render that was not taken waits before it may be claimed again."""
        if isinstance(error, RateLimited) and error.retry_after:
            return error.retry_after.total_seconds() + self._jitter() * SPREAD_SECONDS
        if outage:
            # The probes have a back-off of their own, and the place in the queue is kept.
            return 0
        return self._jitter() * min(
            LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** min(render.attempts, 10)
        )

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


def _error(answer: str | SeedanceError) -> SeedanceError | None:
    return None if isinstance(answer, str) else answer
