"""The host's figures are those of the ledger, day by day, with the provider's for the same time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from cogs.ui.spend import figures
from render.policy import HOST
from render.readings import Taken
from seedance import ProviderBroken
from storage import Database, Transaction, accounts, renders
from storage.records import Span, State, Subject
from tests.cogs.examples import StoppedClock
from tests.storage.examples import render

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR_MS = 3_600_000


def at(day: int, hour: int = 12) -> int:
    return int(datetime(2026, 11, day, hour, tzinfo=UTC).timestamp()) * 1000


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(f"sqlite:///{tmp_path / 'spend.db'}") as opened:
        yield opened


class Figure:
    """Stand in for what was read from the provider."""

    def __init__(self, usd: str, since_ms: int) -> None:
        self.taken = Taken(since_ms=since_ms, usd=Decimal(usd), grown=Decimal())
        self.trouble: Exception | None = None

    async def take(self) -> dict[Span, Taken]:
        if self.trouble:
            raise self.trouble
        return {Span.DAY: self.taken, Span.MONTH: self.taken}


async def said(database: Database, figure: Figure | None = None) -> str:
    bot = SimpleNamespace(
        database=database,
        clock=StoppedClock(NOON),
        limits=SimpleNamespace(
            time_zone=ZoneInfo("UTC"), host_ceilings=((Span.DAY, 500), (Span.MONTH, 10_000))
        ),
        readings=figure,
        get_guild={7: SimpleNamespace(name="Lakeside")}.get,
    )
    return await figures(cast("Any", bot))


async def spend(
    database: Database,
    amount: int,
    at_ms: int,
    *,
    server_id: int = 7,
    state: State = State.DELIVERED,
    settled: bool = True,
) -> None:
    made = render(server_id=server_id, state=state)

    async def work(tx: Transaction) -> None:
        await renders.insert(tx, made)
        await accounts.hold(
            tx, render_id=made.id, owner=HOST, amount=amount, ceilings=(), at_ms=at_ms, author="1"
        )
        if settled:
            await accounts.settle(
                tx,
                render_id=made.id,
                subjects=Subject,
                amount=amount,
                at_ms=at_ms,
                author="engine",
                reason="delivered",
            )

    await database.transaction(work)


async def test_today_and_the_month_are_added_up_by_server(database: Database) -> None:
    await spend(database, 100, at(1, 0))
    await spend(database, 61, at(20, 0))
    await spend(database, 39, at(20, 11), server_id=8)
    await spend(database, 1000, at(1, 0) - 1)
    words = await said(database)
    assert "$1.00 of $5.00 spent, and $0.00 held" in words
    assert "$2.00 of $100.00 spent" in words
    assert words.endswith("\nLakeside: $0.61 · $1.61\n8: $0.39 · $0.39")


async def test_what_is_held_and_what_gave_no_video_are_named(database: Database) -> None:
    await spend(database, 27, at(20, 11), state=State.FAILED)
    await spend(database, 54, at(20, 11), state=State.RENDERING, settled=False)
    words = await said(database)
    assert "$0.27 of $5.00 spent, and $0.54 held for what is under way." in words
    assert "Of the spent, $0.27 went into renders without a video" in words


async def test_the_ledgers_figure_is_that_of_the_providers_time(database: Database) -> None:
    await spend(database, 61, at(20, 3))
    await spend(database, 39, at(20, 11))
    words = await said(database, Figure("0.39", at(20, 10)))
    assert words.count("the ledger says $0.39 for that time, the same.") == 2


async def test_a_figure_that_cannot_be_read_leaves_the_ledgers(database: Database) -> None:
    figure = Figure("0", at(20))
    figure.trouble = ProviderBroken(status=500)
    words = await said(database, figure)
    assert "The video service's own figure could not be read just now." in words
    assert "$0.00 of $5.00 spent" in words
