"""Tell the host what needs a person: kept in the database until told, and told once."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from render.clock import Bell, Clock
from render.pace import IDLE_SECONDS
from storage import Database, StorageError, Transaction, settings
from storage.records import Account

# What could not be told is tried again so often; the oldest give way to these many.
AGAIN_SECONDS = 600.0
MOST_WAITING = 20
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
# Parts of a ceiling at which the host is told, in percent.
LEVELS = (100, 80, 50)

_SETTING = "alerts"

log = logging.getLogger(__name__)

Fact: TypeAlias = str | int


class Kind(StrEnum):
    """Say what happened; beside it the facts that its sentence needs."""

    # trouble, since_ms
    PAUSED = "paused"
    RESUMED = "resumed"
    NO_MODEL = "no_model"
    # render_id, credits
    WRITTEN_OFF = "written_off"
    # span, ceiling, left, cost, ends_at_ms
    CEILING_REACHED = "ceiling_reached"
    # span, percent, used, ceiling, ends_at_ms
    SPENDING = "spending"
    # last_beat_ms
    OLD_DATABASE = "old_database"
    # stage, deaths
    STAGE_BREAKS = "stage_breaks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Carry what the host should know: no prompt, no secret."""

    number: int
    kind: Kind
    at_ms: int
    facts: Mapping[str, Fact]

    @property
    def nonce(self) -> str:
        """Return what Discord de-duplicates by, should a crash come right after the sending."""
        return f"alert.{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastAlert:
    """Say which alert was tried last, when, and whether it reached anybody."""

    alert: Alert
    tried_at_ms: int
    delivered: bool


class Herald(Protocol):
    """Reach the host; implemented by cogs/ui/herald.py."""

    async def tell(self, alert: Alert) -> bool:
        """Send it; False when no way to the host is open."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """Hold what is kept about alerts."""

    number: int = 0
    waiting: tuple[Alert, ...] = ()
    last: LastAlert | None = None
    # Until when an alert of this name is not told again.
    quiet: Mapping[str, int] = field(default_factory=dict[str, int])


async def last(tx: Transaction) -> LastAlert | None:
    """Return the alert that was tried last; None when there was none yet."""
    return (await _read(tx)).last


class Alerts:
    """Keep alerts in the transaction that causes them, and send them from a stage of their own."""

    def __init__(self, *, database: Database, herald: Herald, clock: Clock) -> None:
        self._database = database
        self._herald = herald
        self._clock = clock
        self.bell = Bell(clock)

    async def add(
        self,
        tx: Transaction,
        kind: Kind,
        *,
        once: str = "",
        until_ms: int = 0,
        **facts: Fact,
    ) -> None:
        """Have the host told; with `once`, not again under this name until that moment."""
        await self._add(tx, kind, facts, names=(once,) if once else (), until_ms=until_ms)

    async def add_spending(self, tx: Transaction, account: Account, added: int) -> None:
        """Have the host told, once in each window, how much of a ceiling is used with this hold."""
        key, ceiling = account.key, account.ceiling or 0
        used = account.held + account.spent + added
        reached = [level for level in LEVELS if used * 100 >= level * ceiling]
        if not reached:
            return
        facts: dict[str, Fact] = {
            "span": key.span,
            "percent": reached[0],
            "used": used,
            "ceiling": ceiling,
            "ends_at_ms": key.ends_at_ms,
        }
        # Where the highest was told, the lower ones are no news.
        names = [f"{Kind.SPENDING} {key.span} {level}" for level in reached]
        await self._add(tx, Kind.SPENDING, facts, names=names, until_ms=key.ends_at_ms)

    async def _add(
        self,
        tx: Transaction,
        kind: Kind,
        facts: Mapping[str, Fact],
        *,
        names: Sequence[str],
        until_ms: int,
    ) -> None:
        """Keep an alert, unless its first name is quiet; then all of its names are."""
        now, book = self._clock.now_ms(), await _read(tx)
        if names and now < book.quiet.get(names[0], 0):
            return
        quiet = {name: until for name, until in book.quiet.items() if now < until}
        alert = Alert(number=book.number + 1, kind=kind, at_ms=now, facts=facts)
        book = replace(
            book,
            number=alert.number,
            waiting=(*book.waiting, alert)[-MOST_WAITING:],
            quiet=quiet | dict.fromkeys(names, until_ms),
        )
        await _write(tx, book)
        self.bell.ring()

    async def report(self, kind: Kind, *, once: str = "", until_ms: int = 0, **facts: Fact) -> None:
        """Have the host told of what stands in no transaction; a broken database stops nobody."""
        try:
            await self._database.transaction(
                lambda tx: self.add(tx, kind, once=once, until_ms=until_ms, **facts)
            )
        except StorageError:
            log.exception("The host cannot be told yet: %s", kind)

    async def report_no_model(self) -> None:
        """Have the host told that nothing can be rendered, at most once a day."""
        until_ms = self._clock.now_ms() + DAY_MS
        await self.report(Kind.NO_MODEL, once=Kind.NO_MODEL, until_ms=until_ms)

    async def step(self) -> float:
        """Send what waits; return after how many seconds to look again."""
        for alert in (await self._database.read(_read)).waiting:
            delivered = await self._tell(alert)
            tried = LastAlert(alert=alert, tried_at_ms=self._clock.now_ms(), delivered=delivered)
            await self._database.transaction(lambda tx, tried=tried: _note(tx, tried))
            if not delivered:
                log.error("The host could not be told: %s", alert.kind)
                return AGAIN_SECONDS
        return IDLE_SECONDS

    async def _tell(self, alert: Alert) -> bool:
        try:
            return await self._herald.tell(alert)
        except Exception:  # whatever broke, renders go on
            log.exception("Telling the host broke")
            return False


async def _note(tx: Transaction, tried: LastAlert) -> None:
    book = await _read(tx)
    waiting = book.waiting
    if tried.delivered:
        waiting = tuple(alert for alert in waiting if alert.number != tried.alert.number)
    await _write(tx, replace(book, waiting=waiting, last=tried))


async def _write(tx: Transaction, book: _Book) -> None:
    await settings.put(tx, _SETTING, json.dumps(asdict(book)))


async def _read(tx: Transaction) -> _Book:
    kept: dict[str, Any] = json.loads(await settings.get(tx, _SETTING) or "{}")
    if not kept:
        return _Book()
    if tried := kept["last"]:
        kept["last"] = _last(tried)
    kept["waiting"] = tuple(_alert(one) for one in kept["waiting"])
    return _Book(**kept)


def _last(kept: dict[str, Any]) -> LastAlert:
    kept["alert"] = _alert(kept["alert"])
    return LastAlert(**kept)


def _alert(kept: dict[str, Any]) -> Alert:
    kept["kind"] = Kind(kept["kind"])
    return Alert(**kept)
