"""Keep within Discord's budget of new sessions, also when the bot is started again and again.

More than 1000 identifies in 24 hours, and Discord resets the bot's token; resuming is free.
https://docs.discord.com/developers/events/gateway#identifying
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from storage.database import Transaction

AT_ONCE = 20
THEN_EVERY = timedelta(seconds=90)
A_DAY = 500

_MS = timedelta(milliseconds=1)
_STEP_MS = THEN_EVERY // _MS
_DAY_MS = timedelta(days=1) // _MS


def wait_before(times: Iterable[int], now_ms: int) -> timedelta:
    """Return how long the next identify has to wait, by when those before it were."""
    # After the clock was put back, what seems to lie ahead has just been.
    past = sorted(min(at_ms, now_ms) for at_ms in times)
    # The bucket fills one by one; this is when it is full again.
    full_at_ms = 0
    for at_ms in past:
        full_at_ms = max(full_at_ms, at_ms) + _STEP_MS
    waits = [0, full_at_ms - (AT_ONCE - 1) * _STEP_MS - now_ms]
    if len(past) >= A_DAY:
        waits.append(past[-A_DAY] + _DAY_MS - now_ms)
    return max(waits) * _MS


async def times(tx: Transaction) -> tuple[int, ...]:
    """Return when the bot identified itself lately, in milliseconds."""
    rows = await tx.fetch_all("select at_ms from identifies order by id")
    return tuple(row["at_ms"] for row in rows)


async def note(tx: Transaction, at_ms: int) -> None:
    """Write down an identify before it is sent, and forget those that no longer count."""
    await tx.execute("insert into identifies (at_ms) values (:at_ms)", {"at_ms": at_ms})
    await tx.execute(
        "delete from identifies where at_ms not between :at_ms - :day_ms and :at_ms + :day_ms",
        {"at_ms": at_ms, "day_ms": _DAY_MS},
    )
