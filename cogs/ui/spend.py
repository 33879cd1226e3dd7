"""Put the ledger's figures beside the provider's own, for the host."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from typing import Final

from cogs.ui.base import Surface
from cogs.ui.text import spending as text
from render.policy import window
from render.readings import Taken
from seedance import SeedanceError
from storage import statements
from storage.records import HostSpend, Span

# The ledger's figures are shown without the provider's when that one takes longer.
PATIENCE_SECONDS: Final = 5.0
# The ledger tells times apart by the quarter of an hour.
QUARTER_MS: Final = 15 * 60 * 1000
DAY_MS: Final = 24 * 60 * 60 * 1000
SPANS: Final = (Span.DAY, Span.MONTH)

log = logging.getLogger(__name__)


async def figures(bot: Surface) -> str:
    """Return what was spent today and this month, in all and by server."""
    taken, missing = await _taken(bot)
    now = bot.clock.now_ms()
    periods: list[text.Period] = []
    by_server: dict[Span, Counter[int]] = {}
    for span in SPANS:
        starts_at_ms, _ = window(span, now, bot.limits.time_zone)
        found = await _spent(bot, starts_at_ms, now + 1)
        figure = taken.get(span)
        since = await _spent(bot, _quarter(figure.since_ms), now + 1) if figure else ()
        by_server[span] = Counter[int]()
        for one in found:
            by_server[span][one.server_id] += one.spent
        periods.append(
            text.Period(
                span=span,
                starts_at_ms=starts_at_ms,
                ceiling=dict(bot.limits.host_ceilings)[span],
                spent=sum(one.spent for one in found),
                unsure=sum(one.without_video for one in found),
                held=sum(one.held for one in found),
                taken=figure,
                spent_since=sum(one.spent for one in since),
            )
        )
    return text.sheet(periods, _shares(bot, by_server), missing=missing)


async def _taken(bot: Surface) -> tuple[Mapping[Span, Taken], str]:
    """Return the provider's figures, or why there are none."""
    if bot.readings is None:
        return {}, text.FIGURE_NOT_ASKED
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await bot.readings.take(), ""
    except (SeedanceError, TimeoutError) as error:
        log.warning("The balance could not be read: %s", type(error).__name__)
        return {}, text.FIGURE_UNKNOWN


async def _spent(bot: Surface, starts_at_ms: int, ends_at_ms: int) -> tuple[HostSpend, ...]:
    """Read the ledger a day at a time, so that no admission waits long in between."""
    found: list[HostSpend] = []
    for since in range(starts_at_ms, ends_at_ms, DAY_MS):
        until = min(since + DAY_MS, ends_at_ms)
        found += await bot.database.read(
            lambda tx, since=since, until=until: statements.host_spend(
                tx, starts_at_ms=since, ends_at_ms=until
            )
        )
    return tuple(found)


def _quarter(at_ms: int) -> int:
    return at_ms - at_ms % QUARTER_MS


def _shares(bot: Surface, spent: Mapping[Span, Counter[int]]) -> list[text.Share]:
    """Return what each server spent, the one with the most first."""
    shares = [
        text.Share(
            name=server.name if (server := bot.get_guild(server_id)) else str(server_id),
            today=spent[Span.DAY][server_id],
            month=month,
        )
        for server_id, month in spent[Span.MONTH].items()
    ]
    return sorted(shares, key=lambda share: (-share.month, share.name))
