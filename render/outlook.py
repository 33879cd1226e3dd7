"""Foretell from the renders of late when something comes about; without any, foretell nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import quantiles
from typing import Final

from render.pace import milliseconds
from storage import Transaction, queue
from storage.queue import Turn
from storage.records import Render

# The provider's pace of before says little about today's.
LATELY: Final = timedelta(days=7)
MOST: Final = 50
# Of fewer the 90th percentile would be invented.
LEAST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Say how long renders were with the provider of late."""

    median_ms: int
    # The 90th percentile.
    slow_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Foretell a moment: if the renders before it take as long as usual, and as the slow ones."""

    usual_ms: int
    slow_ms: int


async def lengths(tx: Transaction, now_ms: int) -> Lengths | None:
    """Return how long renders took lately; None while too few were made to say."""
    since_ms = now_ms - milliseconds(LATELY)
    found = await queue.lengths_ms(tx, since_ms=since_ms, most=MOST)
    if len(found) < LEAST:
        return None
    tenths = quantiles(found, n=10, method="inclusive")
    return Lengths(median_ms=round(tenths[4]), slow_ms=round(tenths[8]))


def start(turn: Turn, known: Lengths | None, now_ms: int) -> Outlook | None:
    """Foretell when a queued render is claimed."""
    return known and Outlook(
        usual_ms=turn.starts_at_ms(now_ms, known.median_ms),
        slow_ms=turn.starts_at_ms(now_ms, known.slow_ms),
    )


def end(render: Render, known: Lengths | None) -> Outlook | None:
    """Foretell when a render that is with the provider is done."""
    if known is None or render.submitted_at_ms is None:
        return None
    return Outlook(
        usual_ms=render.submitted_at_ms + known.median_ms,
        slow_ms=render.submitted_at_ms + known.slow_ms,
    )
