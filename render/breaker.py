"""Pause submits while the video service takes none, and find out when it does again.

Polls go on meanwhile, and what was refused this way is back in the queue with hold and place.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from render.alerts import DAY_MS, HOUR_MS, Alerts, Kind
from render.clock import Bell, Clock
from render.pace import IDLE_SECONDS
from seedance import (
    BadInput,
    BadKey,
    ModelGone,
    NotSent,
    OutOfFunds,
    RateLimited,
    Refused,
    SeedanceError,
)
from storage import Database, Transaction, queue, renders, settings
from storage.queue import Caps
from storage.records import Render, State

# So many submits in a row that could not be sent mean that the service cannot be reached.
UNSENT_IN_A_ROW = 3
FIRST_PROBE_SECONDS = 2
LONGEST_PROBE_SECONDS = 300
# After this time new requests are refused.
PATIENCE_MS = 10 * 60_000


_SETTING = "outage"

# Answers that only a service which was reached can give.
_REACHED = (Refused, BadInput, ModelGone, RateLimited)

log = logging.getLogger(__name__)


class Trouble(StrEnum):
    """Say why the service takes no renders of ours."""

    OUT_OF_FUNDS = "out_of_funds"
    BAD_KEY = "bad_key"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Describe a pause of all submits."""

    trouble: Trouble
    since_ms: int
    # From this moment one render may be submitted, to see whether the trouble is over.
    probe_at_ms: int
    # Probes that failed, and alerts about this trouble so far.
    probes: int = 0
    alerts: int = 0


async def outage(tx: Transaction) -> Outage | None:
    """Return why submits pause, also across restarts; None when they do not."""
    kept: dict[str, Any] = json.loads(await settings.get(tx, _SETTING) or "{}")
    if not kept:
        return None
    kept["trouble"] = Trouble(kept["trouble"])
    return Outage(**kept)


async def submits_pause(tx: Transaction, now_ms: int) -> bool:
    """Say whether no render may be submitted now; in an outage one at a time may, when due."""
    found = await outage(tx)
    if found is None:
        return False
    return now_ms < found.probe_at_ms or bool(await renders.in_states(tx, State.SUBMITTING))


async def refusing(tx: Transaction, now_ms: int) -> Outage | None:
    """Return the outage for which new requests are refused; None when they are taken.

    One is taken when a probe is due and nothing else is there to be it: else none would ever come.
    """
    found = await outage(tx)
    if found is None or now_ms < found.since_ms + PATIENCE_MS:
        return None
    if now_ms < found.probe_at_ms or await renders.in_states(tx, State.SUBMITTING):
        return found
    # Also one that is not ready yet, or over a cap, will be soon.
    soon_ms = now_ms + HOUR_MS
    return found if await queue.next_claimable(tx, now_ms=soon_ms, caps=Caps()) else None


class Breaker:
    """Learn from every answer to a submit whether the next may be sent."""

    def __init__(
        self,
        *,
        database: Database,
        alerts: Alerts,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._alerts = alerts
        self._clock = clock
        self._jitter = jitter
        self.bell = Bell(clock)
        self._unsent = 0

    def count(self, error: SeedanceError | None) -> None:
        """Count submits in a row that could not be sent."""
        self._unsent = self._unsent + 1 if isinstance(error, NotSent) else 0

    async def note(
        self, tx: Transaction, render: Render, error: SeedanceError | None
    ) -> Outage | None:
        """Note what became of a submit, None being a task; return the outage that now is."""
        known = await outage(tx)
        now = self._after(known, render, error)
        if now != known:
            await _keep(tx, now)
        if now is None and known is not None:
            log.warning("Submits go on: %s is over", known.trouble)
            if known.alerts:
                await self._tell(tx, Kind.RESUMED, known)
        elif now is not None and (known is None or known.trouble is not now.trouble):
            log.error("Submits pause: %s", now.trouble)
            self.bell.ring()
        return now

    async def probe_at_once(self) -> None:
        """Let the next render find out whether the outage of an earlier process is over."""

        async def hasten(tx: Transaction) -> None:
            found, now = await outage(tx), self._clock.now_ms()
            if found and now < found.probe_at_ms:
                await _keep(tx, replace(found, probe_at_ms=now))

        await self._database.transaction(hasten)

    async def step(self) -> float:
        """Tell the host: at once, after an hour, then daily; return when the next time comes."""
        found, now = await self._database.read(outage), self._clock.now_ms()
        if found and now >= _told_next(found):
            found = await self._database.transaction(self._remind)
        left = (_told_next(found) - now) / 1000 if found else IDLE_SECONDS
        return min(max(left, 0.0), IDLE_SECONDS)

    async def _remind(self, tx: Transaction) -> Outage | None:
        found, now = await outage(tx), self._clock.now_ms()
        if found is None or now < _told_next(found):
            return found
        # Those that nobody was there to send are one.
        while now >= _told_next(found):
            found = replace(found, alerts=found.alerts + 1)
        await _keep(tx, found)
        await self._tell(tx, Kind.PAUSED, found)
        return found

    async def _tell(self, tx: Transaction, kind: Kind, found: Outage) -> None:
        await self._alerts.add(tx, kind, trouble=found.trouble, since_ms=found.since_ms)

    def _after(
        self, known: Outage | None, render: Render, error: SeedanceError | None
    ) -> Outage | None:
        now, trouble = self._clock.now_ms(), self._trouble(error)
        if known is None:
            if trouble is None:
                return None
            return Outage(trouble=trouble, since_ms=now, probe_at_ms=now + self._wait_ms(0))
        if (render.submitted_at_ms or 0) < known.probe_at_ms:
            # It was sent before the pause, so it says nothing about now.
            return known
        if error is None or (known.trouble is Trouble.UNREACHABLE and isinstance(error, _REACHED)):
            return None
        probes = known.probes + 1
        failed = replace(known, probes=probes, probe_at_ms=now + self._wait_ms(probes))
        if trouble in {None, known.trouble}:
            return failed
        return replace(failed, trouble=trouble, alerts=0)

    def _trouble(self, error: SeedanceError | None) -> Trouble | None:
        match error:
            case OutOfFunds():
                return Trouble.OUT_OF_FUNDS
            case BadKey():
                return Trouble.BAD_KEY
            case NotSent() if self._unsent >= UNSENT_IN_A_ROW:
                return Trouble.UNREACHABLE
            case _:
                return None

    def _wait_ms(self, probes: int) -> int:
        """Return the full-jitter back-off before the next probe."""
        seconds = min(LONGEST_PROBE_SECONDS, FIRST_PROBE_SECONDS * 2 ** min(probes, 10))
        return round(self._jitter() * seconds * 1000)


def _told_next(found: Outage) -> int:
    """Return when the host is told of it next."""
    waits = (0, HOUR_MS)
    told = found.alerts
    return found.since_ms + (waits[told] if told < len(waits) else (told - 1) * DAY_MS)


async def _keep(tx: Transaction, now: Outage | None) -> None:
    await settings.put(tx, _SETTING, json.dumps(asdict(now) if now else {}))
