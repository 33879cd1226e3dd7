"""A world for the engine's parts: real database, client and spool; loopback provider; own time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack
from zoneinfo import ZoneInfo

import aiohttp

import seedance
from render.admission import Origin
from render.alerts import Alerts
from render.breaker import Breaker
from render.cards import Cards
from render.crew import Crew
from render.delivery import Deliverer
from render.engine import Engine, Step
from render.gear import Gear
from render.keyring import Keyring
from render.lookout import Lookout
from render.moves import Moves
from render.offers import Offers
from render.pace import Pace
from render.policy import HOST, Limits, accounts_of, host_accounts
from render.poller import Poller
from render.scheduler import Scheduler
from render.spool import Spool
from render.worker import Worker
from seedance import Client
from storage import Database, Transaction, accounts, events, frames, ids, ledger, messages, renders
from storage.records import (
    FINAL_STATES,
    AccountKey,
    Frame,
    FrameRole,
    LedgerLine,
    Owner,
    Purpose,
    Render,
    Review,
    Span,
    State,
    Subject,
)
from tests.render.discord import CHANNEL, Discord
from tests.render.herald import Herald
from tests.render.provider import Provider
from tests.render.virtual_time import VirtualClock

T = TypeVar("T")

SERVER = 111_111_111_111_111_111
MEMBER = 222_222_222_222_222_222
MODEL = "doubao-seedance-1-5-pro-251215"
KEY = "sk-planted"
COST = seedance.offers([MODEL], None)[0].credits("720p", 5)
DAY_MS = 86_400_000
LIMITS = Limits(
    host_hourly_credits=None,
    host_daily_credits=500,
    host_weekly_credits=None,
    host_monthly_credits=10_000,
    server_daily_credits=1_000_000,
    member_daily_credits=200,
    renders_at_once=10,
    queue_length=20,
    undo=timedelta(seconds=5),
    time_zone=ZoneInfo("UTC"),
    allowed_servers=frozenset(),
)

# Who holds for a render that a member's own allowance pays.
PAYERS = (Subject.HOST, Subject.SERVER, Subject.MEMBER)

_interactions = count(800_000_000_000_000_000)


class Wish(TypedDict, total=False):
    """Say in what a render differs from the usual one."""

    card: bool
    images: int
    attempts: int
    base_url: str
    cost: int
    duration_seconds: int
    key_fingerprint: str
    member_id: int
    ratio: str
    ready_at_ms: int
    review: Review
    route: str
    seed: int
    server_id: int
    state: State


class World:
    """Hold everything that outlives the process, and make the parts that do not."""

    def __init__(
        self,
        *,
        folder: Path,
        provider: Provider,
        session: aiohttp.ClientSession,
    ) -> None:
        self.clock = VirtualClock()
        self._url = f"sqlite:///{folder}/paperboat.db"
        self._open = AsyncExitStack()
        self.provider = provider
        self.session = session
        self.spool_folder = folder / "spool"
        self.client = Client(
            session,
            base_url=provider.base_url,
            key=KEY,
            create_timeout=timedelta(seconds=2),
        )
        # The client of the key before this one, where a test has one.
        self.previous: Client | None = None
        # Stages of an engine that move no render.
        self.also: dict[str, Step] = {}
        self.offers = Offers(self.client, (MODEL,), self.clock)
        self.discord = Discord(self.clock)
        self.herald = Herald()
        self.spool = self.make_spool()
        self.limits = LIMITS
        self.pace = Pace()
        self.moved: list[Render] = []
        self.origin = Origin(
            provider="cometapi",
            base_url=provider.base_url,
            key_fingerprint=self.client.fingerprint,
        )

    async def open(self) -> None:
        """Open the database, also again after a crash."""
        await self._open.aclose()
        self.database = await self._open.enter_async_context(Database.open(self._url))
        self.moves = Moves(self.database, self.moved.append)
        self.alerts = Alerts(database=self.database, herald=self.herald, clock=self.clock)

    async def close(self) -> None:
        await self._open.aclose()

    def make_spool(self, *, max_bytes: int = 1_000_000) -> Spool:
        return Spool(
            self.spool_folder,
            self.session,
            own_origin=self.provider.base_url,
            max_bytes=max_bytes,
        )

    @property
    def gear(self) -> Gear:
        return Gear(database=self.database, moves=self.moves, pace=self.pace, clock=self.clock)

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.client, self.origin, self.previous)

    def breaker(self, jitter: float = 0.5) -> Breaker:
        return Breaker(
            database=self.database, alerts=self.alerts, clock=self.clock, jitter=lambda: jitter
        )

    def worker(self, jitter: float = 0.5, breaker: Breaker | None = None) -> Worker:
        return Worker(
            self.gear,
            client=self.client,
            offers=self.offers,
            breaker=breaker or self.breaker(),
            alerts=self.alerts,
            jitter=lambda: jitter,
        )

    def scheduler(self) -> Scheduler:
        breaker = self.breaker()
        return Scheduler(
            self.gear,
            lookout=Lookout(self.gear, messenger=self.discord),
            worker=self.worker(breaker=breaker),
            breaker=breaker,
            alerts=self.alerts,
            offers=self.offers,
            host_accounts=lambda at_ms: host_accounts(self.limits, at_ms),
            origin=self.origin,
        )

    def poller(self) -> Poller:
        return Poller(self.gear, keyring=self.keyring, offers=self.offers)

    def deliverer(self) -> Deliverer:
        return Deliverer(self.gear, keyring=self.keyring, messenger=self.discord, spool=self.spool)

    def cards(self, announced: Callable[[], None] = lambda: None) -> Cards:
        return Cards(self.gear, messenger=self.discord, announced=announced)

    def engine(self) -> Engine:
        return Engine(
            self.database,
            self.client,
            self.offers,
            self.discord,
            self.spool,
            self.pace,
            self.clock,
            limits=self.limits,
            origin=self.origin,
            alerts=self.alerts,
            previous=self.previous,
            also=self.also,
        )

    async def do(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self.database.transaction(work)

    async def admit(self, **wish: Unpack[Wish]) -> Render:
        """Accept a render as admission does: holds, record, frames; and, unless told not, card."""
        card, images = wish.pop("card", True), wish.pop("images", 0)
        now = self.clock.now_ms()
        usual: dict[str, Any] = {
            "id": ids.new_id(),
            "interaction_id": next(_interactions),
            "server_id": SERVER,
            "channel_id": CHANNEL,
            "member_id": MEMBER,
            "age_restricted": False,
            "state": State.QUEUED,
            "state_at_ms": now,
            "created_at_ms": now,
            "ready_at_ms": now,
            "prompt": "A paper boat drifts on a quiet lake at sunrise",
            "request_digest": "digest",
            "model": MODEL,
            "route": "tasks",
            "remote_id": MODEL,
            "duration_seconds": 5,
            "resolution": "720p",
            "ratio": "16:9",
            "seed": None,
            "audio": None,
            "cost": COST,
            "provider": "cometapi",
            "base_url": self.provider.base_url,
            "key_fingerprint": self.client.fingerprint,
        }
        made = Render(**{**usual, **wish})
        return await self.do(lambda tx: _admit(tx, made, self.limits, card=card, images=images))

    async def find(self, render: Render) -> Render:
        found = await self.do(lambda tx: renders.find(tx, render.id))
        assert found
        return found

    async def held(self, render: Render) -> dict[Subject, int]:
        """Return what a render holds."""
        return dict(await self.do(lambda tx: accounts.held_by(tx, render.id)))

    async def lines(self, render: Render) -> tuple[LedgerLine, ...]:
        return await self.do(lambda tx: ledger.of_render(tx, render.id))

    async def spent(self, subject: Subject) -> int:
        """Return what was spent today."""
        key = member_key(self.clock.now_ms())
        if subject is Subject.HOST:
            key = host_accounts(self.limits, self.clock.now_ms())[0][0]
        return (await self.do(lambda tx: accounts.balance(tx, key, None))).spent

    async def whys(self, render: Render) -> list[str]:
        return [event.why for event in await self.do(lambda tx: events.of_render(tx, render.id))]

    async def check(self) -> None:
        """Assert what must hold at any time: the ledger balances, and nothing final holds."""

        async def look(tx: Transaction) -> None:
            assert not await ledger.check(tx)
            for render in await renders.in_states(tx, *FINAL_STATES, State.UNDELIVERED):
                assert not await accounts.held_by(tx, render.id), render

        await self.do(look)

    async def until(
        self, holds: Callable[[], Awaitable[bool]], *, step: float = 1.0, steps: int = 1500
    ) -> None:
        """Let time pass in steps, with real moments for sockets and disk, until it holds."""
        for _ in range(steps):
            for _ in range(4):
                if await holds():
                    return
                await asyncio.sleep(0.002)
            self.clock.advance(step)
        raise AssertionError("it never came to that")

    async def until_state(self, render: Render, state: State, *, step: float = 1.0) -> Render:
        async def there() -> bool:
            return (await self.find(render)).state is state

        await self.until(there, step=step)
        return await self.find(render)


async def rest(crew: Crew) -> None:
    """Wait until everything that a step started has ended."""
    async with asyncio.timeout(5):
        await crew.finish(timedelta(seconds=5))


def member_key(at_ms: int) -> AccountKey:
    start = at_ms // DAY_MS * DAY_MS
    return AccountKey(
        subject=Subject.MEMBER,
        span=Span.DAY,
        starts_at_ms=start,
        ends_at_ms=start + DAY_MS,
        server_id=SERVER,
        member_id=MEMBER,
    )


async def _admit(
    tx: Transaction, render: Render, limits: Limits, *, card: bool, images: int
) -> Render:
    at_ms, zone = render.created_at_ms, limits.time_zone
    server = Owner(subject=Subject.SERVER, server_id=render.server_id)
    member = Owner(subject=Subject.MEMBER, server_id=render.server_id, member_id=render.member_id)
    for owner, ceilings in (
        (HOST, limits.host_ceilings),
        (server, ((Span.DAY, limits.server_daily_credits),)),
        (member, ((Span.DAY, limits.member_daily_credits),)),
    ):
        await accounts.hold(
            tx,
            render_id=render.id,
            owner=owner,
            amount=render.cost,
            ceilings=accounts_of(owner, ceilings, at_ms, zone),
            at_ms=at_ms,
            author=str(render.member_id),
        )
    await renders.insert(tx, render)
    for role in list(FrameRole)[:images]:
        frame = Frame(role=role, media_type="image/png", width=300, height=300, data=b"png")
        await frames.insert(tx, render.id, frame)
    if card:
        message = await messages.begin(
            tx,
            render_id=render.id,
            purpose=Purpose.CARD,
            channel_id=render.channel_id,
            at_ms=render.created_at_ms,
            renew=False,
        )
        await messages.posted(tx, message, 600_000_000_000_000_000 + render.interaction_id % 10**6)
    return render


@asynccontextmanager
async def opened(tmp_path: Path) -> AsyncGenerator[World]:
    async with Provider() as provider, aiohttp.ClientSession() as session:
        world = World(folder=tmp_path, provider=provider, session=session)
        await world.open()
        try:
            yield world
        finally:
            await world.close()
