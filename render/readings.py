"""Keep what the provider says is left on the account, to compare its figure with the ledger's."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from render.clock import Clock
from render.policy import window
from seedance import SeedanceError
from storage import Database, Transaction, settings
from storage.records import Span

# Money that comes in is noticed by two readings with little spent between them.
INTERVAL_SECONDS: Final = 3600.0
AGAIN_SECONDS: Final = 600.0

_SETTING: Final = "readings"
_SPANS: Final = (Span.DAY, Span.MONTH)

Ask: TypeAlias = Callable[[], Awaitable[Decimal]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Say by how many USD the account shrank in a window, as far as it was looked at."""

    # When the window's first reading was made; the provider's figure begins there.
    since_ms: int
    usd: Decimal
    # By how much it grew between two readings: a top-up, or money given back.
    grown: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class _First:
    """Hold the first reading of a window, and what came in since."""

    starts_at_ms: int
    at_ms: int
    usd: Decimal
    grown: Decimal = Decimal()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """Hold what is kept of the readings."""

    latest: Decimal | None
    firsts: Mapping[Span, _First]


class Readings:
    """Read the balance when a window begins and every hour, and keep what a window needs."""

    def __init__(self, *, database: Database, ask: Ask, time_zone: ZoneInfo, clock: Clock) -> None:
        self._database = database
        self._ask = ask
        self._time_zone = time_zone
        self._clock = clock

    async def step(self) -> float:
        """Read; return after how many seconds to read again."""
        try:
            await self.take()
        except SeedanceError as error:
            log.warning("The balance could not be read: %s", error.status or error.code)
            return AGAIN_SECONDS
        now = self._clock.now_ms()
        _, ends_at_ms = window(Span.DAY, now, self._time_zone)
        return min((ends_at_ms - now) / 1000, INTERVAL_SECONDS)

    async def take(self) -> Mapping[Span, Taken]:
        """Read, and return what the account lost today and this month; raises SeedanceError."""
        usd = await self._ask()
        now = self._clock.now_ms()
        starts = {span: window(span, now, self._time_zone)[0] for span in _SPANS}

        async def keep(tx: Transaction) -> _Book:
            book = _added(await _read(tx), usd, now, starts)
            await settings.put(tx, _SETTING, _written(book))
            return book

        book = await self._database.transaction(keep)
        return {span: _taken(first, usd) for span, first in book.firsts.items()}


def _added(book: _Book, usd: Decimal, at_ms: int, starts: Mapping[Span, int]) -> _Book:
    grown = max(Decimal(), usd - (usd if book.latest is None else book.latest))
    firsts: dict[Span, _First] = {}
    for span, starts_at_ms in starts.items():
        first = book.firsts.get(span)
        if first is not None and first.starts_at_ms == starts_at_ms:
            firsts[span] = replace(first, grown=first.grown + grown)
        else:
            firsts[span] = _First(starts_at_ms=starts_at_ms, at_ms=at_ms, usd=usd)
    return _Book(latest=usd, firsts=firsts)


def _taken(first: _First, usd: Decimal) -> Taken:
    return Taken(since_ms=first.at_ms, usd=first.usd + first.grown - usd, grown=first.grown)


def _written(book: _Book) -> str:
    firsts = {
        span: [first.starts_at_ms, first.at_ms, str(first.usd), str(first.grown)]
        for span, first in book.firsts.items()
    }
    return json.dumps({"latest": str(book.latest), "firsts": firsts})


async def _read(tx: Transaction) -> _Book:
    kept: dict[str, Any] | None = json.loads(await settings.get(tx, _SETTING) or "null")
    if kept is None:
        return _Book(latest=None, firsts={})
    firsts = {
        Span(span): _First(
            starts_at_ms=starts_at_ms, at_ms=at_ms, usd=Decimal(usd), grown=Decimal(grown)
        )
        for span, (starts_at_ms, at_ms, usd, grown) in kept["firsts"].items()
    }
    return _Book(latest=Decimal(kept["latest"]), firsts=firsts)
