"""Accept a request or refuse it: read, check, price, then hold and keep it in one transaction."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from render.alerts import Alerts, Kind
from render.breaker import refusing
from render.clock import Clock
from render.errors import (
    LastFrameAlone,
    LedgerUnavailable,
    ModelUnknown,
    NoModelOffered,
    OverCeiling,
    Paused,
    QueueFull,
    ServerNotAllowed,
    ServicePaused,
    SubmitsStopped,
    TooManyAtOnce,
)
from render.frames import prepare
from render.offers import Offers
from render.policy import (
    Choice,
    Limits,
    choose,
    default_resolution,
    default_seconds,
    host_accounts,
    longest_within,
    member_account,
    require,
)
from render.prompt import read_prompt
from seedance import Offer, Option
from storage import (
    Database,
    StorageError,
    Transaction,
    accounts,
    frames,
    ids,
    renders,
    settings,
)
from storage.records import FINAL_STATES, Account, Frame, FrameRole, Render, State, Subject

_FRAME_OPTIONS = {FrameRole.FIRST: Option.FIRST_FRAME, FrameRole.LAST: Option.LAST_FRAME}
_NOT_FINAL = frozenset(State) - FINAL_STATES

# The same wish of the same member within this time is one wish.
TWIN_MS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Carry what a member asks for; None leaves a choice to us."""

    interaction_id: int
    server_id: int
    channel_id: int
    member_id: int
    age_restricted: bool
    prompt: str
    # The channel above a public thread; what is made in a private one must not come up there.
    parent_id: int | None = None
    model: str | None = None
    duration_seconds: int | None = None
    resolution: str | None = None
    ratio: str | None = None
    seed: int | None = None
    audio: bool | None = None
    first_frame: bytes | None = None
    last_frame: bytes | None = None

    def files(self) -> dict[FrameRole, bytes]:
        """Return the frames that were sent, the first before the last."""
        sent = {FrameRole.FIRST: self.first_frame, FrameRole.LAST: self.last_frame}
        return {role: data for role, data in sent.items() if data is not None}

    def wanted(self) -> dict[Option, str]:
        """Return the options that were chosen, in their plain form."""
        chosen = {
            Option.DURATION: self.duration_seconds,
            Option.RESOLUTION: self.resolution,
            Option.RATIO: self.ratio,
            Option.SEED: self.seed,
            Option.AUDIO: self.audio,
        }
        return {option: str(value).lower() for option, value in chosen.items() if value is not None}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Show a member what is left and what is under way."""

    account: Account
    # What a clip of the default model, length and resolution costs; 0 while there is no model.
    clip_credits: int
    clip_seconds: int
    under_way: tuple[Render, ...]


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
        offer = self._offer(request.model)
        reading = read_prompt(request.prompt)
        pictures = await self._pictures(request, offer)
        wanted = {**reading.settings, **request.wanted()}
        choice = choose(offer, wanted, pictures, self._offers.current)
        render = self._render(request, reading.text, choice, pictures)
        try:
            kept = await self._database.transaction(partial(self._keep, render, choice, pictures))
        except OverCeiling as error:
            await self._tell_host(error)
            raise
        except StorageError as error:
            raise LedgerUnavailable from error
        return Admitted(render=kept, repeated=kept.id != render.id, crops=choice.crops)

    async def allowance(self, server_id: int, member_id: int) -> Allowance:
        """Return what a member may still spend; raises LedgerUnavailable."""
        now = self._clock.now_ms()
        key, ceiling = member_account(self._limits, now, server_id=server_id, member_id=member_id)

        async def look(tx: Transaction) -> tuple[Account, tuple[Render, ...]]:
            account = await accounts.balance(tx, key, ceiling)
            open_ones = await renders.of_server(tx, server_id=server_id, states=_NOT_FINAL)
            return account, tuple(r for r in open_ones if r.member_id == member_id)

        try:
            account, under_way = await self._database.read(look)
        except StorageError as error:
            raise LedgerUnavailable from error
        offer = self._offers.default
        return Allowance(
            account=account,
            clip_credits=_clip_credits(offer, default_resolution(offer)) if offer else 0,
            clip_seconds=default_seconds(offer) if offer else 0,
            under_way=under_way,
        )

    def _offer(self, name: str | None) -> Offer:
        """Return the model that was asked for, and never another in its place."""
        current = self._offers.current
        offer = self._offers.find(name) if name else self._offers.default
        if offer:
            return offer
        if name and current:
            raise ModelUnknown(name=name, offered=tuple(offer.name for offer in current))
        raise NoModelOffered

    async def _pictures(self, request: Request, offer: Offer) -> list[Frame]:
        files = request.files()
        if FrameRole.LAST in files and FrameRole.FIRST not in files:
            raise LastFrameAlone
        for role in files:
            require(_FRAME_OPTIONS[role], offer, self._offers.current)
        return await asyncio.gather(*(prepare(data, role) for role, data in files.items()))

    def _render(
        self, request: Request, prompt: str, choice: Choice, pictures: Sequence[Frame]
    ) -> Render:
        now = self._clock.now_ms()
        return Render(
            id=ids.new_id(),
            interaction_id=request.interaction_id,
            server_id=request.server_id,
            channel_id=request.channel_id,
            parent_id=request.parent_id,
            member_id=request.member_id,
            age_restricted=request.age_restricted,
            state=State.QUEUED,
            state_at_ms=now,
            created_at_ms=now,
            ready_at_ms=now + self._limits.undo // timedelta(milliseconds=1),
            prompt=prompt,
            request_digest=_digest(prompt, choice, pictures),
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

    async def _keep(
        self, render: Render, choice: Choice, pictures: Sequence[Frame], tx: Transaction
    ) -> Render:
        """Hold and insert; what is raised here undoes all of it."""
        if known := await renders.find_by_interaction(tx, render.interaction_id):
            return known
        if pause := await settings.paused(tx, render.server_id):
            raise Paused(pause=pause)
        if await settings.submits_stopped(tx):
            raise SubmitsStopped
        if outage := await refusing(tx, render.created_at_ms):
            raise ServicePaused(reason=outage.trouble, since_ms=outage.since_ms)
        if twin := await renders.recent_twin(
            tx,
            server_id=render.server_id,
            member_id=render.member_id,
            request_digest=render.request_digest,
            since_ms=render.created_at_ms - TWIN_MS,
        ):
            return twin
        await self._hold(tx, render, choice)
        await self._count(tx, render)
        kept = await renders.insert(tx, render)
        for picture in pictures:
            await frames.insert(tx, render.id, picture)
        return kept

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

    async def _count(self, tx: Transaction, render: Render) -> None:
        """Raise TooManyAtOnce or QueueFull when no more may come."""
        limits = self._limits
        under_way = await renders.under_way(tx, render.server_id, render.member_id)
        if under_way >= limits.renders_at_once:
            raise TooManyAtOnce(limit=limits.renders_at_once)
        if await renders.queue_length(tx, render.server_id) >= limits.queue_length:
            raise QueueFull(limit=limits.queue_length)

    async def _hold(self, tx: Transaction, render: Render, choice: Choice) -> None:
        """Hold the price on every account, the host's before the member's; raises OverCeiling."""
        at_ms, author = render.created_at_ms, str(render.member_id)
        member = member_account(
            self._limits, at_ms, server_id=render.server_id, member_id=render.member_id
        )
        payers = (*host_accounts(self._limits, at_ms), member)
        for number, (key, ceiling) in enumerate(payers):
            held = await accounts.hold(
                tx,
                render_id=render.id,
                key=key,
                ceiling=ceiling,
                amount=render.cost,
                at_ms=at_ms,
                author=author,
            )
            if held is None:
                # What is advised must fit under the ceilings that were not come to as well.
                rest = [await accounts.balance(tx, *payer) for payer in payers[number:]]
                raise _over(rest, choice)


def _over(rest: Sequence[Account], choice: Choice) -> OverCeiling:
    """Refuse for the first of the accounts."""
    offer, resolution = choice.offer, choice.resolution
    left = min(account.left for account in rest if account.left is not None)
    return OverCeiling(
        account=rest[0],
        cost=choice.cost,
        fitting_seconds=longest_within(offer, resolution, left),
        clip_credits=_clip_credits(offer, resolution),
        clip_seconds=default_seconds(offer),
    )


def _clip_credits(offer: Offer, resolution: str) -> int:
    return offer.credits(resolution, default_seconds(offer))


def _digest(prompt: str, choice: Choice, pictures: Sequence[Frame]) -> str:
    """Return a hash of all that decides what is rendered."""
    decisive = [
        prompt,
        choice.offer.name,
        choice.duration_seconds,
        choice.resolution,
        choice.ratio,
        choice.seed,
        choice.audio,
        *(hashlib.sha256(picture.data).hexdigest() for picture in pictures),
    ]
    return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()
