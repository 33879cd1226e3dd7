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
    database: Database,
    server_id: int,
    by: By,
    span: Span,
    now_ms: int,
    zone: ZoneInfo,
    *,
    back: int = 0,
) -> Period:
    """Return the sums of the window that runs, or of one so many before it, day by day."""
    starts_at_ms, over_at_ms = window(span, now_ms, zone)
    for _ in range(back):
        starts_at_ms, over_at_ms = window(span, starts_at_ms - 1, zone)
    days: list[Day] = []
    at_ms = starts_at_ms
    while at_ms <= min(now_ms, over_at_ms - 1):
        _, ends_at_ms = window(Span.DAY, at_ms, zone)
        totals = await database.read(
            partial(usage.between, server_id=server_id, starts_at_ms=at_ms, ends_at_ms=ends_at_ms)
        )
        name = datetime.fromtimestamp(at_ms / 1000, zone).date().isoformat()
        days.append(Day(name=name, sums=summed(totals, by)))
        at_ms = ends_at_ms
    return Period(
        by=by,
        span=span,
        starts_at_ms=starts_at_ms,
        over_at_ms=over_at_ms if back else None,
        days=tuple(days),
    )
