"""Admission over a real database and real offers, with a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from PIL import Image

from render.admission import Admission, Origin, Request
from render.alerts import Alerts
from render.offers import Offers
from render.policy import Limits
from seedance import Client
from storage import Database, Transaction, accounts, ledger, renders
from storage.records import AccountKey, Render
from tests.render.herald import Herald
from tests.render.offering import V1_5, V2_0
from tests.render.virtual_time import VirtualClock

SERVER, MEMBER, CHANNEL = 111_111_111_111_111_111, 222_222_222_222_222_222, 333
WIDE = Limits(
    host_daily_credits=1_000_000,
    host_monthly_credits=1_000_000,
    member_daily_credits=1_000_000,
    renders_at_once=1000,
    queue_length=1000,
    undo=timedelta(seconds=5),
    time_zone=ZoneInfo("UTC"),
    allowed_servers=frozenset(),
)
ORIGIN = Origin(
    provider="cometapi", base_url="https://provider.example", key_fingerprint="fingerprint"
)

_interactions = count(444_444_444_444_444_444)


def request(**changes: object) -> Request:
    """Return a request of its own interaction that is accepted as it is."""
    usual: dict[str, Any] = {
        "interaction_id": next(_interactions),
        "server_id": SERVER,
        "channel_id": CHANNEL,
        "member_id": MEMBER,
        "age_restricted": False,
        "prompt": "A paper boat drifts on a quiet lake",
    }
    return Request(**{**usual, **changes})


def picture(width: int = 400, height: int = 320) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


@dataclass
class Gate:
    """Two models are offered: the first takes frames and a seed, the second neither."""

    database: Database
    offers: Offers
    clock: VirtualClock
    herald: Herald = field(default_factory=Herald)

    def admission(self, **limits: int | frozenset[int]) -> Admission:
        """Return one that is limited by nothing but what is said here."""
        return Admission(
            self.database, self.offers, replace(WIDE, **limits), self.clock, ORIGIN, self.alerts
        )

    @property
    def alerts(self) -> Alerts:
        return Alerts(database=self.database, herald=self.herald, clock=self.clock)

    def price(self, seconds: int = 5, resolution: str = "720p") -> int:
        assert self.offers.default
        return self.offers.default.credits(resolution, seconds)

    async def kept(self) -> tuple[Render, ...]:
        return await self.database.read(renders.unfinished)

    async def held(self, key: AccountKey, ceiling: int) -> int:
        return (await self.database.read(lambda tx: accounts.balance(tx, key, ceiling))).held

    async def balances(self) -> bool:
        return await self.database.read(ledger.check) == ()

    async def is_empty(self) -> bool:
        """Say whether no render, account, line, event or frame is there."""

        async def look(tx: Transaction) -> bool:
            tables = ("renders", "accounts", "ledger", "events", "frames")
            return not any([await tx.fetch_all(f"select * from {table}") for table in tables])

        return await self.database.read(look)


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Gate]:
    clock = VirtualClock()
    url = f"sqlite:///{folder}/paperboat.db"
    async with Database.open(url) as database, aiohttp.ClientSession() as session:
        client = Client(session, base_url="http://127.0.0.1:9", key="sk-key")
        yield Gate(database, Offers(client, (V1_5, V2_0), clock), clock)
