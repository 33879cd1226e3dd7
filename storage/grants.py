"""Give credits to members beside their allowance; each grant is an account of its own."""

from __future__ import annotations

from collections.abc import Collection

from storage import events, ledger
from storage.database import Transaction
from storage.records import Entry, Event, Grant, LedgerLine, RoleGrant

_DAY_MS = 24 * 60 * 60 * 1000

# The line that gave it says who, why and what for.
_GRANT = """
    select accounts.id, accounts.server_id, accounts.member_id, -given.spent as credits,
        -accounts.spent - accounts.held as "left", given.at_ms,
        accounts.ends_at_ms as expires_at_ms, given.author, given.reason, given.render_id,
        role_grants.role_id
    from accounts
        join ledger as given on given.account_id = accounts.id and given.entry = 'grant'
        left join collections on collections.account_id = accounts.id
        left join role_grants on role_grants.id = collections.role_grant_id
"""


async def give(
    tx: Transaction,
    *,
    server_id: int,
    member_id: int,
    credits: int,
    at_ms: int,
    expires_at_ms: int,
    author: str,
    reason: str,
    render_id: str | None = None,
) -> Grant:
    """Give a member credits, as a refund of a render when one is named, and write the act down."""
    grant_id = await _open(
        tx,
        server_id=server_id,
        member_id=member_id,
        credits=credits,
        at_ms=at_ms,
        expires_at_ms=expires_at_ms,
        author=author,
        reason=reason,
        render_id=render_id,
    )
    act = Event(
        render_id=render_id,
        at_ms=at_ms,
        author=author,
        why=reason,
        server_id=server_id,
        action="refund" if render_id else "grant",
        target=f"member:{member_id}",
        new_value=str(credits),
    )
    await events.add(tx, act)
    return await _find(tx, grant_id)


async def give_role(
    tx: Transaction,
    *,
    server_id: int,
    role_id: int,
    credits: int,
    at_ms: int,
    expires_at_ms: int,
    author: str,
    reason: str,
) -> RoleGrant:
    """Promise a grant to everybody who holds a role before it ends, and write the act down."""
    _demand_sense(credits, at_ms, expires_at_ms)
    row = await tx.fetch_one(
        """
        insert into role_grants
            (server_id, role_id, credits, at_ms, expires_at_ms, author, reason)
        values (:server_id, :role_id, :credits, :at_ms, :expires_at_ms, :author, :reason)
        returning *
        """,
        {
            "server_id": server_id,
            "role_id": role_id,
            "credits": credits,
            "at_ms": at_ms,
            "expires_at_ms": expires_at_ms,
            "author": author,
            "reason": reason,
        },
    )
    act = Event(
        render_id=None,
        at_ms=at_ms,
        author=author,
        why=reason,
        server_id=server_id,
        action="grant",
        target=f"role:{role_id}",
        new_value=str(credits),
    )
    await events.add(tx, act)
    return RoleGrant(**(row or {}))


async def collect(
    tx: Transaction, *, server_id: int, member_id: int, role_ids: Collection[int], at_ms: int
) -> None:
    """Give a member what was promised to their roles and they have not had."""
    promised = await tx.fetch_all(
        """
        select * from role_grants
        where server_id = :server_id and expires_at_ms > :at_ms and not exists (
            select 1 from collections
            where role_grant_id = role_grants.id and member_id = :member_id
        )
        order by id
        """,
        {"server_id": server_id, "member_id": member_id, "at_ms": at_ms},
    )
    for promise in (RoleGrant(**row) for row in promised):
        if promise.role_id in role_ids:
            grant_id = await _open(
                tx,
                server_id=server_id,
                member_id=member_id,
                credits=promise.credits,
                at_ms=at_ms,
                expires_at_ms=promise.expires_at_ms,
                author=promise.author,
                reason=promise.reason,
            )
            await tx.execute(
                """
                insert into collections (role_grant_id, member_id, account_id)
                values (:role_grant_id, :member_id, :account_id)
                """,
                {"role_grant_id": promise.id, "member_id": member_id, "account_id": grant_id},
            )


async def open_to(
    tx: Transaction, *, server_id: int, member_id: int, at_ms: int
) -> tuple[Grant, ...]:
    """Return a member's grants with something left, what ends soonest first."""
    rows = await tx.fetch_all(
        f"""
        {_GRANT}
        where accounts.subject = 'grant' and accounts.server_id = :server_id
            and accounts.member_id = :member_id and accounts.ends_at_ms > :at_ms
            and accounts.spent + accounts.held < 0
        order by accounts.ends_at_ms, accounts.id
        """,
        {"server_id": server_id, "member_id": member_id, "at_ms": at_ms},
    )
    return tuple(Grant(**row) for row in rows)


async def hold(
    tx: Transaction, *, render_id: str, grant_id: int, amount: int, at_ms: int, author: str
) -> bool:
    """Set credits of a grant aside; False, and nothing moved, when it has ended or has too few."""
    ledger.demand_amount(amount)
    row = await tx.fetch_one(
        """
        update accounts set held = held + :amount
        where id = :id and subject = 'grant' and ends_at_ms > :at_ms
            and spent + held <= -:amount
        returning id
        """,
        {"id": grant_id, "amount": amount, "at_ms": at_ms},
    )
    if row is not None:
        await ledger.add(tx, grant_id, ledger.held(render_id, amount, at_ms, author))
    return row is not None


async def reopen(tx: Transaction, grant_id: int, *, at_ms: int) -> None:
    """Let what comes back to a grant that has ended be spent for one more day."""
    await tx.execute(
        """
        update accounts set ends_at_ms = :ends_at_ms
        where id = :id and subject = 'grant' and ends_at_ms <= :at_ms
        """,
        {"id": grant_id, "at_ms": at_ms, "ends_at_ms": at_ms + _DAY_MS},
    )


async def refunded_by(tx: Transaction, *, server_id: int, author: str, since_ms: int) -> int:
    """Return the credits that somebody gave back for a server's renders since a moment."""
    rows = await tx.fetch_all(
        """
        select coalesce(-sum(ledger.spent), 0) as credits
        from ledger join accounts on accounts.id = account_id
        where author = :author and ledger.at_ms >= :since_ms and entry = 'grant'
            and ledger.render_id is not null and server_id = :server_id
        """,
        {"author": author, "since_ms": since_ms, "server_id": server_id},
    )
    return rows[0]["credits"]


async def _open(
    tx: Transaction,
    *,
    server_id: int,
    member_id: int,
    credits: int,
    at_ms: int,
    expires_at_ms: int,
    author: str,
    reason: str,
    render_id: str | None = None,
) -> int:
    """Make the account of a grant with its line, and return its id."""
    _demand_sense(credits, at_ms, expires_at_ms)
    rows = await tx.fetch_all(
        """
        insert into accounts (subject, span, server_id, member_id, starts_at_ms, ends_at_ms)
        values ('grant', 'grant', :server_id, :member_id, :starts_at_ms, :ends_at_ms)
        returning id
        """,
        {
            "server_id": server_id,
            "member_id": member_id,
            "starts_at_ms": at_ms,
            "ends_at_ms": expires_at_ms,
        },
    )
    line = LedgerLine(
        at_ms=at_ms,
        render_id=render_id,
        entry=Entry.GRANT,
        held=0,
        spent=-credits,
        author=author,
        reason=reason,
    )
    await ledger.move(tx, rows[0]["id"], line)
    return rows[0]["id"]


async def _find(tx: Transaction, grant_id: int) -> Grant:
    rows = await tx.fetch_all(f"{_GRANT} where accounts.id = :id", {"id": grant_id})
    return Grant(**rows[0])


def _demand_sense(credits: int, at_ms: int, expires_at_ms: int) -> None:
    ledger.demand_amount(credits)
    if expires_at_ms <= at_ms:
        raise ValueError(f"ends at {expires_at_ms}, which is past at {at_ms}")
