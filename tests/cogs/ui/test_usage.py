"""What a server used is added up for the window that runs, or for one before it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cogs.ui.text.usage import By
from cogs.ui.usage import used
from render.policy import window
from storage import Database, Transaction
from storage.records import Span
from tests.storage import examples
from tests.storage.examples import DAY_MS, MEMBER, NOW_MS, SERVER, render

ZONE = ZoneInfo("Europe/Zurich")
YEAR_DAYS = 430


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    """Keep a render of 1 credit for each day of more than a year."""

    async def spend(tx: Transaction) -> None:
        for days in range(YEAR_DAYS):
            at_ms = NOW_MS - days * DAY_MS
            paid = render(created_at_ms=at_ms)
            await examples.admit(tx, paid, 1, at_ms=at_ms)
            await examples.settle(tx, paid, 1, at_ms=at_ms)

    async with Database.open(f"sqlite:///{tmp_path / 'paperboat.db'}") as made:
        await made.transaction(spend)
        yield made


@pytest.mark.parametrize("span", [Span.DAY, Span.WEEK, Span.MONTH])
async def test_each_window_back_ends_where_the_next_begins(database: Database, span: Span) -> None:
    next_starts_at_ms = window(span, NOW_MS, ZONE)[1]
    for back in range(13):
        period = await used(database, SERVER, By.MEMBER, span, NOW_MS, ZONE, back=back)
        assert period.over_at_ms == (next_starts_at_ms if back else None)
        assert all(day.sums[f"member {MEMBER}"].credits == 1 for day in period.days[1:-1])
        days = round((next_starts_at_ms - period.starts_at_ms) / DAY_MS)
        assert len(period.days) == days or not back
        next_starts_at_ms = period.starts_at_ms
