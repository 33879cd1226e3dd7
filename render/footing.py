"""Read on what footing a member stands: server, rules, accounts; and hold a price on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from render.allowance import Terms, Wallet, given_to, holder_of, server_ceilings, terms_of
from render.policy import Keyed, Limits, account_key, accounts_of, host_accounts
from storage import Transaction, accounts, grants, servers
from storage import limits as rules_kept
from storage.errors import CeilingReached
from storage.records import Account, Holder, Owner, Render, Rule, Server, Span, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """Hold what decides about a member's next render, as it stands in one moment."""

    at_ms: int
    server: Server
    rules: tuple[Rule, ...]
    terms: Terms
    wallet: Wallet

    def holder_of(self, account: Account) -> Holder | None:
        """Return whose rule set the ceiling of an account; None: the default, or the host."""
        return holder_of(account, self.terms, self.rules)


async def footing_of(
    tx: Transaction,
    limits: Limits,
    *,
    server_id: int,
    member_id: int,
    role_ids: Collection[int],
    at_ms: int,
) -> Footing:
    """Read it in one transaction; what was granted to a role becomes the member's own."""
    server = await servers.find(tx, server_id)
    rules = await rules_kept.applying(
        tx, server_id=server_id, member_id=member_id, role_ids=role_ids
    )
    terms = terms_of(limits, rules)
    await grants.collect(
        tx, server_id=server_id, member_id=member_id, role_ids=role_ids, at_ms=at_ms
    )

    member = Owner(subject=Subject.MEMBER, server_id=server_id, member_id=member_id)
    windows = (
        *host_accounts(limits, at_ms),
        *server_accounts(limits, server, rules, at_ms),
        *accounts_of(member, terms.ceilings, at_ms, zone_of(limits, server)),
    )
    seen = await accounts.balances(tx, windows)
    wallet = Wallet(
        host=_of(Subject.HOST, seen),
        server=_of(Subject.SERVER, seen),
        member=_of(Subject.MEMBER, seen),
        grants=await grants.open_to(tx, server_id=server_id, member_id=member_id, at_ms=at_ms),
    )
    return Footing(at_ms=at_ms, server=server, rules=rules, terms=terms, wallet=wallet)


def zone_of(limits: Limits, server: Server) -> ZoneInfo:
    """Return the time zone in which a server's windows begin and end."""
    return limits.time_zone if server.time_zone is None else ZoneInfo(server.time_zone)


def server_accounts(
    limits: Limits, server: Server, rules: Sequence[Rule], at_ms: int
) -> tuple[Keyed, ...]:
    """Return a server's windows of a moment: by its own clock, and the gift's by the host's too.

    By the clock that they choose, its admins could begin a new day at any hour.
    """
    owner = Owner(subject=Subject.SERVER, server_id=server.server_id)
    ceilings = server_ceilings(limits, server, rules)
    own = accounts_of(owner, ceilings, at_ms, zone_of(limits, server))
    given = account_key(owner, Span.DAY, at_ms, limits.time_zone)
    return own if given in dict(own) else (*own, (given, given_to(limits, server)))


async def hold(tx: Transaction, render: Render, wallet: Wallet) -> None:
    """Hold a price that fits, the host's before the server's before the member's.

    Raises CeilingReached where it no longer fits.
    """
    await _hold(tx, render, wallet.host, render.cost)
    await _hold(tx, render, wallet.server, render.cost)
    for grant, part in wallet.split(render.cost):
        if grant is None:
            await _hold(tx, render, wallet.member, part)
        elif not await grants.hold(
            tx,
            render_id=render.id,
            grant_id=grant.id,
            amount=part,
            at_ms=render.created_at_ms,
            author=str(render.member_id),
        ):
            raise CeilingReached(wallet.account)


async def _hold(tx: Transaction, render: Render, windows: tuple[Account, ...], amount: int) -> None:
    """Hold an amount of the owner of these windows, under the ceilings of all of them."""
    await accounts.hold(
        tx,
        render_id=render.id,
        owner=windows[0].key.owner,
        amount=amount,
        ceilings=[(one.key, one.ceiling) for one in windows if one.ceiling is not None],
        at_ms=render.created_at_ms,
        author=str(render.member_id),
    )


def _of(subject: Subject, found: tuple[Account, ...]) -> tuple[Account, ...]:
    return tuple(account for account in found if account.key.subject is subject)
