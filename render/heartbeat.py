"""Note that the database is in use, and notice one that was not for too long."""

from __future__ import annotations

import logging

from render.alerts import Alerts, Kind
from render.clock import Clock
from render.pace import Pace, milliseconds
from storage import Database, Transaction, renders, settings
from storage.records import State, StopReason, SubmitStop

INTERVAL_SECONDS = 60.0

# What an old copy of a database would have submitted again.
_TO_SUBMIT = (State.QUEUED, State.SUBMITTING, State.UNKNOWN)

log = logging.getLogger(__name__)


class Heartbeat:
    """Beat while the engine runs; before that, look at the last beat."""

    def __init__(self, *, database: Database, alerts: Alerts, pace: Pace, clock: Clock) -> None:
        self._database = database
        self._alerts = alerts
        self._pace = pace
        self._clock = clock

    async def look_back(self) -> SubmitStop | None:
        """Stop submits when the database may be an old backup; return the stop that holds.

        Whoever used it after the copy was made may have submitted its renders already.
        """
        stop = await self._database.transaction(self._decide)
        if stop:
            log.warning("Nothing is submitted until the host allows it: %s", stop.reason)
        return stop

    async def step(self) -> float:
        """Beat; return after how many seconds the next beat is due."""
        now = self._clock.now_ms()
        await self._database.transaction(lambda tx: settings.beat(tx, now))
        return INTERVAL_SECONDS

    async def _decide(self, tx: Transaction) -> SubmitStop | None:
        now, last = self._clock.now_ms(), await settings.last_beat(tx)
        stop = await settings.submits_stopped(tx)
        if stop or last is None or now - last <= milliseconds(self._pace.queue_time):
            return stop
        if not await renders.in_states(tx, *_TO_SUBMIT):
            return None
        stop = SubmitStop(reason=StopReason.OLD_DATABASE, since_ms=now, last_beat_ms=last)
        await settings.stop_submits(tx, stop)
        await self._alerts.add(tx, Kind.OLD_DATABASE, last_beat_ms=last)
        return stop
