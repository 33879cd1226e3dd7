"""Let people open, limit, give and take back: each act checked, in one transaction, kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TypeVar
from zoneinfo import available_timezones

from render import audit
from render.allowance import Terms, terms_of
from render.clock import Clock
from render.errors import (
    BotGranted,
    ExpiryInvalid,
    MemberAboveServer,
    NoSuchLimit,
    NotSettled,
    RefundCapReached,
    RefundTooMuch,
    ZoneUnknown,
)
from render.footing import server_accounts, zone_of
from render.pace import milliseconds
from render.policy import Limits, account_key, window
from render.rulings import Changes, clear_rule, demand_amount, set_rule
from storage import Database, Transaction, accounts, grants, renders, servers
from storage import limits as rules_kept
from storage.records import (
    Account,
    Grant,
    Holder,
    Owner,
    Render,
    RoleGrant,
    Rule,
    Server,
    Span,
    State,
    Subject,
)

T = TypeVar("T")

REFUND_VALID = timedelta(days=7)
LONGEST_GRANT = timedelta(days=366)
# What a moderator may give back in a day; more needs the host.
MODERATORS_CREDITS = 500

_PAID = frozenset({State.DELIVERED, State.UNDELIVERED})


class Treasury:
    """Do what people may do with limits and credits; what is refused (ActRefused) changes nothing.

    Who may do what, and who is a bot, is the caller's to know.
    """

    def __init__(self, database: Database, limits: Limits, clock: Clock) -> None:
        self._database = database
        self._limits = limits
        self._clock = clock

    async def server(self, server_id: int) -> Server:
        """Return what is set for a server as a whole."""
        return await self._database.read(lambda tx: servers.find(tx, server_id))

    async def rules(self, server_id: int) -> tuple[Rule, ...]:
        """Return every limit of a server."""
        return await self._database.read(lambda tx: rules_kept.of_server(tx, server_id))

    async def used(self, tx: Transaction, server_id: int) -> tuple[Account, ...]:
        """Return what a server has used of each of its ceilings, the host's among them."""
        server = await servers.find(tx, server_id)
        rules = await rules_kept.of_server(tx, server_id)
        keyed = server_accounts(self._limits, server, rules, self._clock.now_ms())
        return tuple([await accounts.balance(tx, key, ceiling) for key, ceiling in keyed])

    async def terms(self, server_id: int, member_id: int, role_ids: Collection[int]) -> Terms:
        """Return what applies to a member with these roles."""

        async def look(tx: Transaction) -> Terms:
            rules = await rules_kept.applying(
                tx, server_id=server_id, member_id=member_id, role_ids=role_ids
            )
            return terms_of(self._limits, rules)

        return await self._database.read(look)

    async def set_up(
        self,
        server_id: int,
        *,
        channel_ids: frozenset[int],
        role_ids: frozenset[int],
        member_daily: int,
        server_daily: int,
        staff_channel_id: int | None,
        author_id: int,
    ) -> Server:
        """Open a server: where, to whom, and for how much a day; other limits stay."""
        if member_daily > server_daily:
            raise MemberAboveServer(member_credits=member_daily, server_credits=server_daily)

        async def act(tx: Transaction, now: int) -> Server:
            server = await servers.find(tx, server_id)
            await audit.begin(tx, server)
            dailies = {Holder.SERVER: server_daily, Holder.EVERYONE: member_daily}
            for holder, daily in dailies.items():
                rule = Rule(server_id=server_id, holder=holder)
                changes: Changes = {"day_credits": daily}
                await set_rule(tx, self._limits, rule, changes, author=str(author_id), at_ms=now)
            server = replace(
                server,
                opened=True,
                channel_ids=channel_ids,
                role_ids=role_ids,
                staff_channel_id=staff_channel_id,
            )
            await servers.put(tx, server, author=str(author_id), at_ms=now, action="setup")
            return server

        return await self._act(act)

    async def set_zone(self, server_id: int, name: str, *, author_id: int) -> Server:
        """Let a server's windows begin and end in a time zone; what was spent stays spent."""
        if name not in await asyncio.to_thread(_zones):
            raise ZoneUnknown(name=name)

        async def act(tx: Transaction, now: int) -> Server:
            server = replace(await servers.find(tx, server_id), time_zone=name)
            await servers.put(tx, server, author=str(author_id), at_ms=now, action="zone.set")
            return server

        return await self._act(act)

    async def set_audit_channel(
        self, server_id: int, channel_id: int | None, *, author_id: int
    ) -> Server:
        """Have what people change shown in a channel, from this act on; None: in none."""

        async def act(tx: Transaction, now: int) -> Server:
            server = await servers.find(tx, server_id)
            await audit.begin(tx, server)
            server = replace(server, audit_channel_id=channel_id)
            await servers.put(tx, server, author=str(author_id), at_ms=now, action="audit.set")
            return server

        return await self._act(act)

    async def give(self, server_id: int, daily_credits: int | None, *, author_id: int) -> Server:
        """Let a server spend so much a day, for the host; None: as much as every server."""
        if daily_credits is not None:
            demand_amount("daily_credits", daily_credits, least=0)

        async def act(tx: Transaction, now: int) -> Server:
            server = await servers.find(tx, server_id)
            server = replace(server, given_daily_credits=daily_credits)
            await servers.put(tx, server, author=str(author_id), at_ms=now, action="host.give")
            return server

        return await self._act(act)

    async def set_limit(
        self,
        server_id: int,
        holder: Holder,
        holder_id: int = 0,
        *,
        changes: Changes,
        author_id: int,
    ) -> Rule | None:
        """Change the limits that are named; None: none is left."""
        rule = Rule(server_id=server_id, holder=holder, holder_id=holder_id)
        return await self._act(
            lambda tx, now: set_rule(
                tx, self._limits, rule, changes, author=str(author_id), at_ms=now
            )
        )

    async def clear_limit(
        self, server_id: int, holder: Holder, holder_id: int = 0, *, author_id: int
    ) -> None:
        """Drop all limits of a holder, under which nothing may be under way."""
        rule = Rule(server_id=server_id, holder=holder, holder_id=holder_id)
        await self._act(lambda tx, now: clear_rule(tx, rule, author=str(author_id), at_ms=now))

    async def clear_roles(
        self, server_id: int, role_ids: Collection[int], *, author_id: int
    ) -> None:
        """Drop all limits of these roles, or of none of them."""
        if not role_ids:
            raise NoSuchLimit

        async def act(tx: Transaction, now: int) -> None:
            for role_id in role_ids:
                rule = Rule(server_id=server_id, holder=Holder.ROLE, holder_id=role_id)
                await clear_rule(tx, rule, author=str(author_id), at_ms=now)

        await self._act(act)

    async def grant(
        self,
        server_id: int,
        member_id: int,
        *,
        credits: int,
        expires_at_ms: int,
        reason: str,
        author_id: int,
        is_bot: bool = False,
    ) -> Grant:
        """Give a member credits beside the allowance."""
        if is_bot:
            raise BotGranted

        async def act(tx: Transaction, now: int) -> Grant:
            _demand_gift(credits, expires_at_ms, now)
            return await grants.give(
                tx,
                server_id=server_id,
                member_id=member_id,
                credits=credits,
                at_ms=now,
                expires_at_ms=expires_at_ms,
                author=str(author_id),
                reason=reason,
            )

        return await self._act(act)

    async def grant_role(
        self,
        server_id: int,
        role_id: int,
        *,
        credits: int,
        expires_at_ms: int,
        reason: str,
        author_id: int,
    ) -> RoleGrant:
        """Give credits to each member who holds a role, once, when they next ask or look."""

        async def act(tx: Transaction, now: int) -> RoleGrant:
            _demand_gift(credits, expires_at_ms, now)
            return await grants.give_role(
                tx,
                server_id=server_id,
                role_id=role_id,
                credits=credits,
                at_ms=now,
                expires_at_ms=expires_at_ms,
                author=str(author_id),
                reason=reason,
            )

        return await self._act(act)

    async def reset(
        self, server_id: int, member_id: int, *, span: Span, reason: str, author_id: int
    ) -> int:
        """Let what a member spent in the window of now no longer count; return the credits."""
        owner = Owner(subject=Subject.MEMBER, server_id=server_id, member_id=member_id)

        async def act(tx: Transaction, now: int) -> int:
            zone = zone_of(self._limits, await servers.find(tx, server_id))
            key = account_key(owner, span, now, zone)
            return await accounts.reset(
                tx, key=key, at_ms=now, author=str(author_id), reason=reason
            )

        return await self._act(act)

    async def refund(
        self,
        server_id: int,
        render_id: str,
        *,
        credits: int | None,
        reason: str,
        author_id: int,
        by_host: bool,
    ) -> Grant:
        """Give a member back what a render cost, or a part of it; None: all that is left of it."""

        async def act(tx: Transaction, now: int) -> Grant:
            return await self.give_back(
                tx,
                await _paid(tx, server_id, render_id),
                credits=credits,
                reason=reason,
                author_id=author_id,
                by_host=by_host,
                now=now,
            )

        return await self._act(act)

    async def give_back(
        self,
        tx: Transaction,
        render: Render,
        *,
        credits: int | None,
        reason: str,
        author_id: int,
        by_host: bool,
        now: int,
    ) -> Grant:
        """Do that for a render that was paid, inside a transaction."""
        left = await accounts.returnable(tx, render.id)
        wanted = left if credits is None else credits
        if wanted > left or not left:
            raise RefundTooMuch(credits=wanted, left=left)
        demand_amount("credits", wanted, least=1)
        if not by_host:
            await self._demand_under_cap(tx, render.server_id, wanted, author_id=author_id, now=now)
        return await grants.give(
            tx,
            server_id=render.server_id,
            member_id=render.member_id,
            credits=wanted,
            at_ms=now,
            expires_at_ms=now + milliseconds(REFUND_VALID),
            author=str(author_id),
            reason=reason,
            render_id=render.id,
        )

    async def _demand_under_cap(
        self, tx: Transaction, server_id: int, wanted: int, *, author_id: int, now: int
    ) -> None:
        # A day of the host's clock counts whole, or another zone would begin the day anew.
        zones = zone_of(self._limits, await servers.find(tx, server_id)), self._limits.time_zone
        given = await grants.refunded_by(
            tx,
            server_id=server_id,
            author=str(author_id),
            since_ms=min(window(Span.DAY, now, zone)[0] for zone in zones),
        )
        left = max(0, MODERATORS_CREDITS - given)
        if wanted > left:
            raise RefundCapReached(credits=wanted, left=left)

    async def _act(self, act: Callable[[Transaction, int], Awaitable[T]]) -> T:
        return await self._database.transaction(lambda tx: act(tx, self._clock.now_ms()))


def _demand_gift(credits: int, expires_at_ms: int, now: int) -> None:
    demand_amount("credits", credits, least=1)
    latest = now + milliseconds(LONGEST_GRANT)
    if not now < expires_at_ms <= latest:
        raise ExpiryInvalid(expires_at_ms=expires_at_ms, latest_at_ms=latest)


async def _paid(tx: Transaction, server_id: int, render_id: str) -> Render:
    """Return a server's render that its member paid for; raises NotSettled."""
    render = await renders.find(tx, render_id)
    if render is None or render.server_id != server_id:
        raise NotSettled(state=None)
    if render.state not in _PAID or not render.settled:
        raise NotSettled(state=render.state)
    return render


@cache
def _zones() -> frozenset[str]:
    """Return every zone that is the same on every machine; reading them takes a while."""
    return frozenset(available_timezones() - {"localtime", "Factory"})
