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

from render.admission import Admission, Origin
from render.alerts import Alerts
from render.offers import Offers
from render.policy import Limits, account_key
from render.request import Request
from render.treasury import Treasury
from seedance import Client
from storage import Database, Transaction, accounts, ledger, renders, servers
from storage import limits as rules_kept
from storage.records import Account, Holder, Owner, Render, Rule, Server, Span, Subject
from tests.render.herald import Herald
from tests.render.offering import V1_5, V2_0
from tests.render.virtual_time import VirtualClock

SERVER, MEMBER, CHANNEL = 111_111_111_111_111_111, 222_222_222_222_222_222, 333
WIDE = Limits(
    host_hourly_credits=None,
    host_daily_credits=1_000_000,
    host_weekly_credits=None,
    host_monthly_credits=1_000_000,
    server_daily_credits=1_000_000,
    member_daily_credits=1_000_000,
    renders_at_once=1000,
    queue_length=1000,
    undo=timedelta(seconds=5),
    time_zone=ZoneInfo("UTC"),
    allowed_servers=frozenset(),
)
HOST_OWNER = Owner(subject=Subject.HOST)
SERVER_OWNER = Owner(subject=Subject.SERVER, server_id=SERVER)
MEMBER_OWNER = Owner(subject=Subject.MEMBER, server_id=SERVER, member_id=MEMBER)
ORIGIN = Origin(
    provider="cometapi", base_url="https://provider.example", key_fingerprint="fingerprint"
)

_interactions = count(444_444_444_444_444_444)


def limits(**changes: object) -> Limits:
    values: dict[str, Any] = changes
    return replace(WIDE, **values)


def request(**changes: object) -> Request:
    """Return a request of its own interaction that is accepted as it is."""
    usual: dict[str, Any] = {
        "interaction_id": next(_interactions),
        "server_id": SERVER,
        "channel_id": CHANNEL,
        "member_id": MEMBER,
        "age_restricted": False,
        "account_made_at_ms": 0,
        "joined_at_ms": 0,
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

    def admission(self, **changes: object) -> Admission:
        """Return one that is limited by nothing but what is said here."""
        return Admission(
            self.database, self.offers, limits(**changes), self.clock, ORIGIN, self.alerts
        )

    def treasury(self, **changes: object) -> Treasury:
        return Treasury(self.database, limits(**changes), self.clock)

    async def rule(self, holder: Holder, holder_id: int = 0, **changes: object) -> None:
        """Set a rule, in place of the one before."""
        values: dict[str, Any] = changes
        rule = Rule(server_id=SERVER, holder=holder, holder_id=holder_id, **values)
        await self.database.transaction(
            lambda tx: rules_kept.put(tx, rule, author="1", at_ms=self.clock.now_ms())
        )

    async def put(self, server: Server) -> None:
        """Set everything of a server."""
        await self.database.transaction(
            lambda tx: servers.put(
                tx, server, author="1", at_ms=self.clock.now_ms(), action="setup"
            )
        )

    async def set(self, **changes: object) -> None:
        """Change some of what is set for the usual server."""
        values: dict[str, Any] = changes
        server = await self.database.read(lambda tx: servers.find(tx, SERVER))
        await self.put(replace(server, **values))

    async def settle(self, render: Render, amount: int | None = None) -> None:
        """Let a render cost what was held, or this, on all of its accounts."""
        await self.database.transaction(
            lambda tx: accounts.settle(
                tx,
                render_id=render.id,
                subjects=tuple(Subject),
                amount=render.cost if amount is None else amount,
                at_ms=self.clock.now_ms(),
                author="engine",
                reason="posted",
            )
        )

    async def release(self, render: Render) -> None:
        await self.database.transaction(
            lambda tx: accounts.release(
                tx,
                render_id=render.id,
                subjects=tuple(Subject),
                at_ms=self.clock.now_ms(),
                author="engine",
                reason="failed",
            )
        )

    @property
    def alerts(self) -> Alerts:
        return Alerts(database=self.database, herald=self.herald, clock=self.clock)

    def price(self, seconds: int = 5, resolution: str = "720p") -> int:
        assert self.offers.default
        return self.offers.default.credits(resolution, seconds)

    async def kept(self) -> tuple[Render, ...]:
        return await self.database.read(renders.unfinished)

    async def account(self, owner: Owner, span: Span = Span.DAY) -> Account:
        """Return what an owner has in the window of now."""
        key = account_key(owner, span, self.clock.now_ms(), WIDE.time_zone)
        return await self.database.read(lambda tx: accounts.balance(tx, key, None))

    async def balances(self) -> bool:
        return await self.database.read(ledger.check) == ()

    async def is_empty(self) -> bool:
        """Say whether no render, account, line, event of a render or frame is there."""

        async def look(tx: Transaction) -> bool:
            tables = ("renders", "accounts", "ledger", "events where action = ''", "frames")
            return not any([await tx.fetch_all(f"select * from {table}") for table in tables])

        return await self.database.read(look)


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Gate]:
    clock = VirtualClock()
    url = f"sqlite:///{folder}/paperboat.db"
    async with Database.open(url) as database, aiohttp.ClientSession() as session:
        client = Client(session, base_url="http://127.0.0.1:9", key="sk-key")
        gate = Gate(database, Offers(client, (V1_5, V2_0), clock), clock)
        for server_id in (SERVER, SERVER + 1):
            await gate.put(Server(server_id=server_id, opened=True))
        yield gate
