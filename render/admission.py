"""Accept a request or refuse it: read it, then decide, price, hold and keep in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from render import review
from render.alerts import Alerts, Kind
from render.allowance import Allowance, Terms, offers_within, within
from render.breaker import refusing
from render.clock import Clock
from render.errors import (
    LedgerUnavailable,
    ModelUnknown,
    NoModelOffered,
    NotAllowed,
    OverCeiling,
    Paused,
    QueueFull,
    Refusal,
    RoleNeeded,
    ServerClosed,
    ServerNotAllowed,
    ServicePaused,
    SubmitsStopped,
    TooManyAtOnce,
    WrongPlace,
)
from render.footing import Footing, footing_of, hold, zone_of
from render.offers import Offers
from render.policy import Choice, Limits, choose, default_seconds, longest_within, require
from render.request import Request, Wish, read
from seedance import Offer, Option
from storage import (
    Database,
    StorageError,
    Transaction,
    blocks,
    drains,
    frames,
    ids,
    queue,
    renders,
    settings,
    statements,
    thumbnails,
)
from storage.errors import CeilingReached
from storage.records import (
    FINAL_STATES,
    Account,
    FrameRole,
    Render,
    Review,
    Server,
    State,
    Subject,
)

_FRAME_OPTIONS = {FrameRole.FIRST: Option.FIRST_FRAME, FrameRole.LAST: Option.LAST_FRAME}
_NOT_FINAL = frozenset(State) - FINAL_STATES

# The same wish of the same member within this time is one wish.
TWIN_MS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Say with which provider, where and under which key tasks are made."""

    provider: str
    base_url: str
    key_fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Carry the render that was accepted."""

    render: Render
    # The request had been accepted before; nothing more was held.
    repeated: bool
    # The video's shape cuts the edges of a frame off.
    crops: bool


class Admission:
    """Let requests in, one transaction each; what is refused leaves nothing behind."""

    def __init__(
        self,
        database: Database,
        offers: Offers,
        limits: Limits,
        clock: Clock,
        origin: Origin,
        alerts: Alerts,
    ) -> None:
        self._database = database
        self._offers = offers
        self._limits = limits
        self._clock = clock
        self._origin = origin
        self._alerts = alerts

    async def admit(self, request: Request) -> Admitted:
        """Accept a request and hold its price, or raise a Refusal."""
        if self._limits.allowed_servers and request.server_id not in self._limits.allowed_servers:
            raise ServerNotAllowed
        # Before frames are decoded for a model that cannot take them.
        if request.model:
            self._require_carried(self._named(request.model), request.files())
        wish = await read(request)
        try:
            decision = await self._database.transaction(partial(self._decide, wish))
        except OverCeiling as error:
            await self._tell_host(error)
            raise
        except (StorageError, CeilingReached) as error:
            # A ceiling that was not reached a moment ago cannot be so now.
            raise LedgerUnavailable from error
        if isinstance(decision, Refusal):
            raise decision
        return decision

    async def allowance(
        self, server_id: int, member_id: int, role_ids: Collection[int]
    ) -> Allowance:
        """Return what a member may still spend; raises LedgerUnavailable."""

        async def look(tx: Transaction) -> Allowance:
            footing = await self._footing(tx, server_id, member_id, role_ids)
            open_ones = await renders.of_server(tx, server_id=server_id, states=_NOT_FINAL)
            cost, seconds = _clip(footing.terms, self._offers)
            return Allowance(
                wallet=footing.wallet,
                terms=footing.terms,
                holder=footing.holder_of(footing.wallet.binding),
                clip_credits=cost,
                clip_seconds=seconds,
                under_way=tuple(one for one in open_ones if one.member_id == member_id),
                movements=await statements.movements(tx, server_id=server_id, member_id=member_id),
            )

        try:
            return await self._database.transaction(look)
        except StorageError as error:
            raise LedgerUnavailable from error

    async def obstacle(self, server_id: int, member_id: int, terms: Terms) -> Refusal | None:
        """Return what keeps a member from sending anything at all, beside credits and roles.

        The first in the order in which a request meets it. None: nothing does.
        """

        async def look(tx: Transaction) -> Refusal | None:
            try:
                await self._require_service(tx, server_id)
            except Refusal as error:
                return error
            block = await blocks.find(tx, server_id, member_id)
            if block and block.holds(self._clock.now_ms()):
                return review.blocked(block)
            try:
                await _require_queue(tx, server_id, terms)
            except QueueFull as error:
                return error
            return None

        return await self._database.read(look)

    async def _decide(self, wish: Wish, tx: Transaction) -> Admitted | Refusal:
        """Hold and insert; what is raised here undoes all of it, what is returned nothing."""
        request = wish.request
        if known := await renders.find_by_interaction(tx, request.interaction_id):
            return Admitted(render=known, repeated=True, crops=False)
        await self._require_service(tx, request.server_id)
        footing = await self._footing(tx, request.server_id, request.member_id, request.role_ids)
        _require_welcome(footing.server, request)
        now, zone = self._clock.now_ms(), zone_of(self._limits, footing.server)
        if refusal := await review.turned_away(tx, request, now_ms=now, zone=zone):
            return refusal
        why = await review.needed(tx, wish, now)
        choice = self._choose(wish, footing.terms)
        render = self._render(wish, choice, footing, why)
        if twin := await renders.recent_twin(
            tx,
            server_id=render.server_id,
            member_id=render.member_id,
            request_digest=render.request_digest,
            since_ms=render.created_at_ms - TWIN_MS,
        ):
            return Admitted(render=twin, repeated=True, crops=choice.crops)
        if short := footing.wallet.short_of(render.cost):
            raise _over(short, choice, footing)
        await hold(tx, render, footing.wallet)
        for account in footing.wallet.host:
            await self._alerts.add_spending(tx, account, render.cost)
        await _count(tx, render, footing.terms)
        kept = await renders.insert(tx, render)
        for picture in wish.pictures:
            await frames.insert(tx, render.id, picture)
        for small in wish.thumbnails:
            await thumbnails.insert(tx, render.id, small)
        return Admitted(render=kept, repeated=False, crops=choice.crops)

    async def _footing(
        self, tx: Transaction, server_id: int, member_id: int, role_ids: Collection[int]
    ) -> Footing:
        return await footing_of(
            tx,
            self._limits,
            server_id=server_id,
            member_id=member_id,
            role_ids=role_ids,
            at_ms=self._clock.now_ms(),
        )

    async def _require_service(self, tx: Transaction, server_id: int) -> None:
        """Raise what stops everybody, whatever is asked for."""
        if pause := await settings.paused(tx, server_id) or await drains.of_server(tx, server_id):
            raise Paused(pause=pause)
        if stop := await settings.submits_stopped(tx):
            raise SubmitsStopped(reason=stop.reason)
        if outage := await refusing(tx, self._clock.now_ms()):
            raise ServicePaused(reason=outage.trouble, since_ms=outage.since_ms)

    def _choose(self, wish: Wish, terms: Terms) -> Choice:
        offer = self._offer(wish.request.model, terms)
        self._require_carried(offer, wish.request.files())
        wanted = within(terms, offer, wish.options)
        return choose(offer, wanted, wish.pictures, self._offers.current)

    def _offer(self, name: str | None, terms: Terms) -> Offer:
        """Return the model that was asked for, and never another in its place."""
        allowed = offers_within(terms, self._offers.current)
        default = self._offers.default
        offer = self._named(name) if name else next(iter(allowed), default)
        if offer is None:
            raise NoModelOffered
        if offer not in allowed:
            names = tuple(one.name for one in allowed)
            holder = terms.holders.get("models")
            raise NotAllowed(option=None, value=offer.name, allowed=names, holder=holder)
        return offer

    def _named(self, name: str) -> Offer:
        offer, current = self._offers.find(name), self._offers.current
        if offer is None and current:
            raise ModelUnknown(name=name, offered=tuple(offer.name for offer in current))
        if offer is None:
            raise NoModelOffered
        return offer

    def _require_carried(self, offer: Offer, roles: Collection[FrameRole]) -> None:
        for role in roles:
            require(_FRAME_OPTIONS[role], offer, self._offers.current)

    def _render(self, wish: Wish, choice: Choice, footing: Footing, why: Review | None) -> Render:
        # The moment whose windows were looked at, or a hold could fall out of them.
        now, request = footing.at_ms, wish.request
        return Render(
            id=ids.new_id(),
            interaction_id=request.interaction_id,
            server_id=request.server_id,
            channel_id=request.channel_id,
            parent_id=request.parent_id,
            member_id=request.member_id,
            role_id=footing.terms.role_id,
            age_restricted=request.age_restricted,
            state=State.AWAITING_APPROVAL if why else State.QUEUED,
            review=why,
            state_at_ms=now,
            created_at_ms=now,
            ready_at_ms=now + self._limits.undo // timedelta(milliseconds=1),
            prompt=wish.prompt,
            request_digest=wish.digest(choice),
            model=choice.offer.name,
            route=choice.offer.route,
            remote_id=choice.offer.remote_id,
            duration_seconds=choice.duration_seconds,
            resolution=choice.resolution,
            ratio=choice.ratio,
            seed=choice.seed,
            audio=choice.audio,
            cost=choice.cost,
            provider=self._origin.provider,
            base_url=self._origin.base_url,
            key_fingerprint=self._origin.key_fingerprint,
        )

    async def _tell_host(self, error: OverCeiling) -> None:
        """Tell the host when it is the host's own ceiling, once in its window."""
        account, key = error.account, error.account.key
        if key.subject is Subject.HOST:
            await self._alerts.report(
                Kind.CEILING_REACHED,
                once=f"{Kind.CEILING_REACHED} {key.span}",
                until_ms=key.ends_at_ms,
                span=key.span,
                ceiling=account.ceiling or 0,
                left=account.left or 0,
                cost=error.cost,
                ends_at_ms=key.ends_at_ms,
            )


def _require_welcome(server: Server, request: Request) -> None:
    """Raise when the server's admins let nobody, not here, or not this member render."""
    if not server.opened and not request.admin:
        raise ServerClosed
    places = {request.channel_id, *request.place_ids}
    if server.opened and server.channel_ids and not server.channel_ids & places:
        raise WrongPlace(channel_ids=server.channel_ids)
    if server.role_ids and not request.admin and not server.role_ids & request.role_ids:
        raise RoleNeeded(role_ids=server.role_ids)


async def _count(tx: Transaction, render: Render, terms: Terms) -> None:
    """Raise TooManyAtOnce or QueueFull when no more may come."""
    limit = terms.renders_at_once
    if await renders.under_way(tx, render.server_id, render.member_id) >= limit:
        raise TooManyAtOnce(limit=limit, holder=terms.holders.get("renders_at_once"))
    await _require_queue(tx, render.server_id, terms)


async def _require_queue(tx: Transaction, server_id: int, terms: Terms) -> None:
    limit = terms.queue_length
    if await queue.length(tx, server_id) >= limit:
        raise QueueFull(limit=limit, holder=terms.holders.get("queue_length"))


def _over(account: Account, choice: Choice, footing: Footing) -> OverCeiling:
    """Refuse for an account; what is advised fits under all that binds."""
    offer, resolution, wallet = choice.offer, choice.resolution, footing.wallet
    return OverCeiling(
        account=account,
        cost=choice.cost,
        holder=footing.holder_of(account),
        granted=wallet.granted if account.key.subject is Subject.MEMBER else 0,
        fitting_seconds=longest_within(offer, resolution, wallet.spendable),
        clip_credits=offer.credits(resolution, default_seconds(offer)),
        clip_seconds=default_seconds(offer),
    )


def _clip(terms: Terms, offers: Offers) -> tuple[int, int]:
    """Return price and length of what a member gets who chooses nothing; zeros: nothing."""
    for offer in offers_within(terms, offers.current)[:1]:
        with suppress(NotAllowed):
            choice = choose(offer, within(terms, offer, {}), (), offers.current)
            return choice.cost, choice.duration_seconds
    return 0, 0
