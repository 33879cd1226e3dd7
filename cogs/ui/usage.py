"""Read and add up what a server used day by day, so that nobody waits for a whole month."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from cogs.ui.text.usage import By, Day, Period, summed
from render.policy import window
from storage import Database, usage
from storage.records import Span


async def used(
    database: Database, server_id: int, by: By, span: Span, now_ms: int, zone: ZoneInfo
) -> Period:
    """Return the sums of the window around a moment, day by day up to that moment."""
    starts_at_ms, _ = window(span, now_ms, zone)
    days: list[Day] = []
    at_ms = starts_at_ms
    while at_ms <= now_ms:
        _, ends_at_ms = window(Span.DAY, at_ms, zone)
        totals = await database.read(
            partial(usage.between, server_id=server_id, starts_at_ms=at_ms, ends_at_ms=ends_at_ms)
        )
        name = datetime.fromtimestamp(at_ms / 1000, zone).date().isoformat()
        days.append(Day(name=name, sums=summed(totals, by)))
        at_ms = ends_at_ms
    return Period(by=by, span=span, starts_at_ms=starts_at_ms, days=tuple(days))
