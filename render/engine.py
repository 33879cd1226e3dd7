"""Drive every accepted render to its end: a loop each for queue, polls, deliveries and cards."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

from render import lifecycle
from render.admission import Origin
from render.alerts import HOUR_MS, Alerts, Kind
from render.backups import Backups
from render.breaker import Breaker
from render.cards import Cards
from render.clock import Bell, Clock
from render.delivery import Deliverer, Link
from render.gear import Gear
from render.heartbeat import Heartbeat
from render.keyring import Keyring
from render.lookout import Lookout
from render.messenger import Messenger, Posted
from render.moves import Moves
from render.offers import Offers
from render.pace import Pace
from render.policy import Limits, host_accounts
from render.poller import Poller
from render.removals import Remover
from render.scheduler import Scheduler
from render.spool import Spool
from render.worker import Worker
from seedance import Client
from storage import Database, blocks, renders
from storage.records import Block, Cause, Render, State

LONGEST_BACK_OFF_SECONDS = 60.0
# About two minutes of back-off; what still breaks then, only a new process may heal.
DEATHS_IN_A_ROW = 8
# After some seconds of it the host hears of it, at most once an hour.
DEATHS_TOLD = 4
REFRESH_OFFERS_SECONDS = 6 * 3600.0
REFRESH_AGAIN_SECONDS = 300.0
# The stages that bring renders on; the others serve them.
DRIVERS = frozenset({"scheduler", "poller", "deliverer"})

# Steps only read and write the database, so they end soon.
LAST_STEP_SECONDS = 1.0
# What is under way when a stage has died for good; a create that is cut short may be lost money.
LAST_GRACE = timedelta(seconds=5)

Step = Callable[[], Awaitable[float]]

log = logging.getLogger(__name__)


class EngineDied(Exception):
    """A stage broke again and again; `stage` is its name, the cause is how it broke last."""

    def __init__(self, stage: str) -> None:
        super().__init__(stage)
        self.stage = stage


class Engine:
    """Run the stages, restart what breaks, and leave in order."""

    def __init__(
        self,
        database: Database,
        client: Client,
        offers: Offers,
        messenger: Messenger,
        spool: Spool,
        pace: Pace,
        clock: Clock,
        *,
        limits: Limits,
        origin: Origin,
        alerts: Alerts,
        previous: Client | None = None,
        also: Mapping[str, Step] | None = None,
    ) -> None:
        """Take the parts; `also` are stages that move no render, each with its name."""
        self._database, self._clock = database, clock
        self._offers = offers
        self._moves = Moves(database, self._spread)
        gear = Gear(database=database, moves=self._moves, pace=pace, clock=clock)
        self._alerts = alerts
        self._breaker = Breaker(database=database, alerts=alerts, clock=clock)
        self._lookout = Lookout(gear, messenger=messenger)
        self._scheduler = Scheduler(
            gear,
            lookout=self._lookout,
            worker=Worker(gear, client=client, offers=offers, breaker=self._breaker, alerts=alerts),
            breaker=self._breaker,
            alerts=alerts,
            offers=offers,
            host_accounts=partial(host_accounts, limits),
            origin=origin,
        )
        keyring = Keyring(client, origin, previous)
        self._poller = Poller(gear, keyring=keyring, offers=offers)
        self._deliverer = Deliverer(gear, keyring=keyring, messenger=messenger, spool=spool)
        later = self._deliverer.wanted
        self._remover = Remover(gear, messenger=messenger, spool=spool, later=later)
        self._heartbeat = Heartbeat(database=database, alerts=alerts, pace=pace, clock=clock)
        self._cards = Cards(gear, messenger=messenger, announced=self.wake)
        self._backups = Backups(database=database, clock=clock)
        beside = {name: (step, Bell(clock)) for name, step in (also or {}).items()}
        self._steps = {**self._stages(), **beside}
        # What an earlier process left, and the drivers that have not looked at it yet.
        self._inherited, self._to_look = 0, set[str]()
        self._stopping, self._left = asyncio.Event(), asyncio.Event()
        self._left.set()
        self._grace = timedelta()

    def _stages(self) -> Mapping[str, tuple[Step, Bell]]:
        """Return what each loop does, and the bell that calls it before its time."""
        return {
            "scheduler": (self._scheduler.step, self._scheduler.bell),
            "poller": (self._poller.step, self._poller.bell),
            "deliverer": (self._deliverer.step, self._deliverer.bell),
            "cards": (self._cards.step, self._cards.bell),
            "removals": (self._remover.step, self._remover.bell),
            "offers": (self._refresh_offers, Bell(self._clock)),
            "breaker": (self._breaker.step, self._breaker.bell),
            "alerts": (self._alerts.step, self._alerts.bell),
            "heartbeat": (self._heartbeat.step, Bell(self._clock)),
            "backups": (self._backups.step, Bell(self._clock)),
        }

    async def run(self) -> None:
        """Drive renders until `stop` is called; what an earlier process left is taken up first.

        Raises EngineDied when a stage cannot be kept alive.
        """
        self._left.clear()
        # Before the first beat and the first claim.
        await self._heartbeat.look_back()
        await self._cards.look_back()
        self._inherited = len(await self._database.read(renders.unfinished))
        self._to_look = set(DRIVERS)
        stop = asyncio.create_task(self._stopping.wait(), name="engine: stop")
        loops = [
            asyncio.create_task(self._keep(name, step, bell), name=f"engine: {name}")
            for name, (step, bell) in self._steps.items()
        ]
        try:
            await asyncio.wait((stop, *loops), return_when=asyncio.FIRST_COMPLETED)
            if not stop.done():
                self._grace = LAST_GRACE
        finally:
            stop.cancel()
            self._stopping.set()
            await self._leave(loops)
            self._left.set()
        for loop in loops:
            if not loop.cancelled():
                loop.result()

    async def stop(self, grace: timedelta) -> None:
        """Begin nothing more, and return when what is under way has ended or the grace is over.

        A create that did not end stays `submitting`; the next start takes its task for unknown.
        """
        self._grace = grace
        self._stopping.set()
        await self._left.wait()

    def wake(self) -> None:
        """Look at the queue now: something was admitted, or may be submitted again."""
        self._scheduler.bell.ring()

    def show_brake(self) -> None:
        """Look at the queue now, also through its cards: a server was paused or resumed."""
        self._cards.look_through_queue()
        self.wake()

    async def announce(self, render: Render) -> Posted | None:
        """Post the card of a render that was just admitted; only then can it be claimed.

        None: it cannot be posted, so the render was cancelled, and the caller tells the member.
        """
        return await self._cards.announce(render)

    async def cancel(self, render_id: str, *, author_id: int) -> Render | None:
        """Take a member's own render out of the queue; None when it is no longer there."""
        return await self._moves.make(
            lifecycle.cancelled,
            render_id,
            at_ms=self._clock.now_ms(),
            cause=Cause.CANCELLED_BY_MEMBER,
            author=str(author_id),
            told=True,
        )

    async def stop_member(
        self, server_id: int, member_id: int, *, until_ms: int | None, reason: str, author_id: int
    ) -> tuple[Render, ...]:
        """Let a member render no more in a server until then (None: for good).

        What of theirs has not been sent is cancelled, and returned.
        """
        block = Block(
            server_id=server_id,
            member_id=member_id,
            at_ms=self._clock.now_ms(),
            until_ms=until_ms,
            reason=reason,
            author=str(author_id),
        )
        return await self._moves.make_all(partial(lifecycle.blocked, block=block))

    async def unstop_member(
        self, server_id: int, member_id: int, *, author_id: int, reason: str = ""
    ) -> bool:
        """Let a member render again; False when nothing kept them from it."""
        return await self._database.transaction(
            lambda tx: blocks.lift(
                tx,
                server_id=server_id,
                member_id=member_id,
                at_ms=self._clock.now_ms(),
                author=str(author_id),
                reason=reason,
            )
        )

    async def vacate(self, server_id: int) -> None:
        """Empty the queue of a server that the bot was removed from."""
        await self._lookout.vacate(server_id)

    async def post_again(self, render_id: str, *, channel_id: int, author_id: int) -> Render | None:
        """Post what could not be posted where somebody asks for it, else to its member.

        Returns the render as it then stands; None: not now, and nothing is lost.
        """
        try:
            return await self._deliverer.post_again(
                render_id, channel_id=channel_id, author_id=author_id
            )
        finally:
            # It may have been taken down meanwhile.
            self.remove_soon()

    def is_posting_again(self, render_id: str) -> bool:
        """Say whether somebody's wish to have a video posted is being fulfilled."""
        return render_id in self._deliverer.wanted

    async def link(self, render: Render) -> Link | None:
        """Return a link to a video that is good now, where there is one."""
        return await self._deliverer.link(render)

    def show(self, render: Render) -> None:
        """Have every stage look at a render that somebody moved, and its card tell of it."""
        self._spread(render)
        self.show_brake()

    def remove_soon(self) -> None:
        """Look now at what was taken down."""
        self._remover.bell.ring()

    async def refresh_card(self, render_id: str) -> None:
        """Have a card brought up to date soon."""
        self._cards.touch(render_id)

    def _spread(self, render: Render) -> None:
        """Tell every stage that a render moved."""
        log.info("Render %s is %s", render.id, render.state)
        self._cards.touch(render.id)
        if render.state is State.RENDERING and render.late_at_ms is None:
            self._poller.watch(render)
        self._scheduler.bell.ring()
        self._deliverer.bell.ring()

    async def _refresh_offers(self) -> float:
        refreshed = await self._offers.refresh()
        if not self._offers.current:
            await self._alerts.report_no_model()
        return REFRESH_OFFERS_SECONDS if refreshed else REFRESH_AGAIN_SECONDS

    async def _keep(self, name: str, step: Step, bell: Bell) -> None:
        """Step again and again, when the time has come or the bell rings."""
        deaths = 0
        while not self._stopping.is_set():
            try:
                seconds = await step()
                self._note_look(name)
                await bell.wait(seconds)
                deaths = 0
            except Exception as death:
                log.exception("The engine's %s broke", name)
                deaths += 1
                if deaths == DEATHS_IN_A_ROW:
                    raise EngineDied(name) from death
                if deaths == DEATHS_TOLD:
                    await self._tell_of_deaths(name, deaths)
                # Deaf to its bell, or what breaks at once would break without a pause.
                await self._clock.sleep(min(2.0 ** (deaths - 1), LONGEST_BACK_OFF_SECONDS))

    def _note_look(self, name: str) -> None:
        """Say, once, when every driver has looked at what an earlier process left."""
        if name in self._to_look:
            self._to_look.remove(name)
            if not self._to_look:
                log.info("Took up %s unfinished renders", self._inherited)

    async def _tell_of_deaths(self, name: str, deaths: int) -> None:
        await self._alerts.report(
            Kind.STAGE_BREAKS,
            once=f"{Kind.STAGE_BREAKS} {name}",
            until_ms=self._clock.now_ms() + HOUR_MS,
            stage=name,
            deaths=deaths,
        )

    async def _leave(self, loops: list[asyncio.Task[None]]) -> None:
        crews = (self._scheduler.crew, self._deliverer.crew, self._cards.crew)
        for crew in crews:
            crew.close()
        for _, bell in self._steps.values():
            bell.ring()
        # A step that has just claimed a render still hands it to the worker.
        await asyncio.wait(loops, timeout=LAST_STEP_SECONDS)
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await asyncio.gather(*(crew.finish(self._grace) for crew in crews))
