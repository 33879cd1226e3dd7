"""Back the database up once a day."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from render.clock import Clock
from storage import Database, StorageError
from storage.backup import backup_of_day

KEPT = 7
# A start has other things to do, and one that ends at once needs no backup.
FIRST_AFTER_SECONDS = 60.0
AGAIN_SECONDS = 3600.0

log = logging.getLogger(__name__)


class Backups:
    """Make each day's backup, by UTC, and keep the last ones."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._first_at = clock.monotonic() + FIRST_AFTER_SECONDS

    async def step(self) -> float:
        """Make today's backup unless it is there; return the seconds until the next look."""
        early = self._first_at - self._clock.monotonic()
        if early > 0:
            return early
        now = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC)
        try:
            made = await backup_of_day(self._database, now.date(), keep=KEPT)
        except StorageError:
            log.exception("Today's backup failed; it is tried again in an hour")
            return AGAIN_SECONDS
        if made:
            log.info("Backed the database up to %s", made)
        midnight = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
        return (midnight - now).total_seconds()
