"""Hold, settle, release and refund credits; each movement writes its ledger line with it.

An account is a quarter of an hour of its owner, so what was used in any calendar window, in any
time zone, is the sum of its quarters, and a new ceiling counts what was spent before it was set.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from storage import events, grants, ledger, usage
from storage.database import Row, Transaction, Value
from storage.errors import CeilingReached
from storage.records import (
    LARGEST_AMOUNT,
    Account,
    AccountKey,
    Entry,
    Event,
    LedgerLine,
    Owner,
    Subject,
)

# Every zone's offset is a multiple of it: https://www.iana.org/time-zones
QUARTER_MS = 15 * 60 * 1000
_REFUND_MS = 7 * 24 * 60 * 60 * 1000

# A month is from before there were quarters, and says what the days say.
_OF_OWNER = """
    subject = :subject and server_id = :server_id and member_id = :member_id and span <> 'month'
"""
_OWN_CREDITS = frozenset({Subject.MEMBER, Subject.GRANT})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Say what a render still holds on one account, or spent there."""

    account_id: int
    subject: Subject
    server_id: int
    member_id: int
    starts_at_ms: int
    credits: int


async def hold(
    tx: Transaction,
    *,
    render_id: str,
    owner: Owner,
    amount: int,
    ceilings: Sequence[tuple[AccountKey, int]],
    at_ms: int,
    author: str,
) -> None:
    """Set credits aside for a render, in the quarter of this moment.

    Raises CeilingReached, and nothing has moved, when they pass one of the ceilings. Ask in the
    order host, server, member, and let the whole transaction fail.
    """
    ledger.demand_amount(amount)
    quarter = at_ms - at_ms % QUARTER_MS
    params: dict[str, Value] = {
        **_named(owner),
        "amount": amount,
        "quarter": quarter,
        "ends_at_ms": quarter + QUARTER_MS,
    }
    room = "true"
    for number, (key, ceiling) in enumerate(ceilings):
        _demand_around(key, owner, at_ms)
        room += f" and :room_{number} >= ({_used(f'start_{number}', f'end_{number}')})"
        params[f"room_{number}"] = ceiling - amount
        params[f"start_{number}"], params[f"end_{number}"] = key.starts_at_ms, key.ends_at_ms
    row = await tx.fetch_one(
        f"""
        insert into accounts (subject, span, server_id, member_id, starts_at_ms, ends_at_ms, held)
        select :subject, 'quarter', :server_id, :member_id, :quarter, :ends_at_ms, :amount
        where {room}
        on conflict (subject, server_id, member_id, starts_at_ms) where span = 'quarter'
        do update set held = held + excluded.held
        returning id
        """,
        params,
    )
    if row is None:
        raise CeilingReached(await _reached(tx, ceilings, amount))
    await ledger.add(tx, row["id"], ledger.held(render_id, amount, at_ms, author))


async def balance(tx: Transaction, key: AccountKey, ceiling: int | None) -> Account:
    """Return what an owner has in a window, under the ceiling of now."""
    (account,) = await balances(tx, [(key, ceiling)])
    return account


async def balances(
    tx: Transaction, windows: Sequence[tuple[AccountKey, int | None]]
) -> tuple[Account, ...]:
    """Return what each owner has in each window, under the ceilings of now, in this order."""
    names = ("subject", "server_id", "member_id", "starts_at_ms", "ends_at_ms")
    asked: list[str] = []
    params: dict[str, Value] = {}
    for number, (key, _) in enumerate(windows):
        asked.append(f"({number}, {', '.join(f':{name}_{number}' for name in names)})")
        params |= {f"{name}_{number}": getattr(key, name) for name in names}
    rows = await tx.fetch_all(
        f"""
        with windows (number, {", ".join(names)}) as (values {", ".join(asked)})
        select coalesce(sum(held), 0) as held, coalesce(sum(spent), 0) as spent
        from windows left join accounts
            on accounts.subject = windows.subject
            and accounts.server_id = windows.server_id
            and accounts.member_id = windows.member_id
            and accounts.span <> 'month'
            and accounts.starts_at_ms >= windows.starts_at_ms
            and accounts.starts_at_ms < windows.ends_at_ms
        group by number order by number
        """,  # noqa: S608 - placeholders
        params,
    )
    return tuple(
        Account(key=key, ceiling=ceiling, **row)
        for (key, ceiling), row in zip(windows, rows, strict=True)
    )


async def held_by(tx: Transaction, render_id: str) -> tuple[tuple[Subject, int], ...]:
    """Return what a render still holds, an item for each account: host, server, member, grants."""
    return tuple((part.subject, part.credits) for part in await _held_parts(tx, render_id))


async def held_since(tx: Transaction, render_id: str, subject: Subject) -> int:
    """Return when the quarter began in which a render's last hold was made; 0: it holds nothing."""
    parts = await _held_parts(tx, render_id)
    return max((part.starts_at_ms for part in parts if part.subject is subject), default=0)


async def settle(
    tx: Transaction,
    *,
    render_id: str,
    subjects: Collection[Subject],
    amount: int,
    at_ms: int,
    author: str,
    reason: str,
) -> None:
    """Turn what a render still holds for these subjects into spend of `amount`.

    Nobody but the host spends more than was held; the host books the rest. A member's grants go
    with the member, and pay in the order in which they were held. What is no longer held is left
    alone, so a second call moves nothing.
    """
    if not 0 <= amount <= LARGEST_AMOUNT:
        raise ValueError(f"cannot settle {amount}")
    owed = amount
    for part in await _held_parts(tx, render_id):
        if not _concerns(part, subjects):
            continue
        paid = min(part.credits, owed if part.subject in _OWN_CREDITS else amount)
        if part.subject in _OWN_CREDITS:
            owed -= paid
        line = LedgerLine(
            at_ms=at_ms,
            render_id=render_id,
            entry=Entry.SETTLE,
            held=-part.credits,
            spent=paid,
            author=author,
            reason=reason,
        )
        await ledger.move(tx, part.account_id, line)
        if part.subject is Subject.HOST and amount > part.credits:
            more = replace(line, entry=Entry.BOOK, held=0, spent=amount - part.credits)
            await ledger.move(tx, part.account_id, more)
        if part.subject is Subject.SERVER:
            await usage.add(tx, render_id=render_id, starts_at_ms=part.starts_at_ms, credits=paid)
        if paid < part.credits:
            await grants.reopen(tx, part.account_id, at_ms=at_ms)


async def release(
    tx: Transaction,
    *,
    render_id: str,
    subjects: Collection[Subject],
    at_ms: int,
    author: str,
    reason: str,
) -> None:
    """Give back what a render still holds for these subjects; a second call moves nothing."""
    for part in await _held_parts(tx, render_id):
        if _concerns(part, subjects):
            line = LedgerLine(
                at_ms=at_ms,
                render_id=render_id,
                entry=Entry.RELEASE,
                held=-part.credits,
                spent=0,
                author=author,
                reason=reason,
            )
            await ledger.move(tx, part.account_id, line)
            await grants.reopen(tx, part.account_id, at_ms=at_ms)


async def refund(
    tx: Transaction,
    *,
    render_id: str,
    subjects: Collection[Subject],
    at_ms: int,
    author: str,
    reason: str,
) -> None:
    """Give back what these subjects spent on a render; a second call moves nothing.

    To a member it comes as a grant of seven days, since the window may be over.
    """
    parts = [part for part in await _parts(tx, render_id, "spent") if _concerns(part, subjects)]
    own = [part for part in parts if part.subject in _OWN_CREDITS]
    left = await returnable(tx, render_id) if own else 0
    for part in parts:
        if part.subject not in _OWN_CREDITS:
            line = LedgerLine(
                at_ms=at_ms,
                render_id=render_id,
                entry=Entry.REFUND,
                held=0,
                spent=-part.credits,
                author=author,
                reason=reason,
            )
            await ledger.move(tx, part.account_id, line)
        if part.subject is Subject.SERVER:
            await usage.take_away(
                tx,
                render_id=render_id,
                starts_at_ms=part.starts_at_ms,
                credits=part.credits,
            )
    if left:
        await grants.give(
            tx,
            server_id=own[0].server_id,
            member_id=own[0].member_id,
            credits=left,
            at_ms=at_ms,
            expires_at_ms=at_ms + _REFUND_MS,
            author=author,
            reason=reason,
            render_id=render_id,
        )


async def returnable(tx: Transaction, render_id: str) -> int:
    """Return what its member spent on a render and neither a refund nor a reset gave back."""
    rows = await tx.fetch_all(
        """
        select coalesce(sum(ledger.spent), 0) as credits
        from ledger join accounts on accounts.id = ledger.account_id
        where ledger.render_id = :render_id and subject in ('member', 'grant')
        """,
        {"render_id": render_id},
    )
    return rows[0]["credits"]


async def reset(tx: Transaction, *, key: AccountKey, at_ms: int, author: str, reason: str) -> int:
    """Let what a member spent in a window no longer count, but for what was refunded.

    Write the act down and return the credits; each line names its render, whose refund then has
    so much less to give.
    """
    if key.subject is not Subject.MEMBER:
        raise ValueError(f"cannot reset {key}")
    rows = await tx.fetch_all(
        f"""
        select account_id, ledger.render_id, sum(ledger.spent) as credits
        from accounts join ledger on ledger.account_id = accounts.id
        where {_OF_OWNER} and starts_at_ms >= :start and starts_at_ms < :end
        group by account_id, ledger.render_id having sum(ledger.spent) > 0
        order by account_id, ledger.render_id
        """,  # noqa: S608 - a constant
        {**_named(key.owner), "start": key.starts_at_ms, "end": key.ends_at_ms},
    )
    total = 0
    for row in rows:
        # A refund lies on an account of its own.
        if credits := min(row["credits"], await returnable(tx, row["render_id"])):
            line = LedgerLine(
                at_ms=at_ms,
                render_id=row["render_id"],
                entry=Entry.RESET,
                held=0,
                spent=-credits,
                author=author,
                reason=reason,
            )
            await ledger.move(tx, row["account_id"], line)
            total += credits
    if total:
        act = Event(
            render_id=None,
            at_ms=at_ms,
            author=author,
            why=reason,
            server_id=key.server_id,
            action="reset",
            target=f"member:{key.member_id}",
            old_value=str(total),
        )
        await events.add(tx, act)
    return total


async def _held_parts(tx: Transaction, render_id: str) -> list[_Part]:
    return await _parts(tx, render_id, "held")


async def _parts(tx: Transaction, render_id: str, column: Literal["held", "spent"]) -> list[_Part]:
    """Return what a render still holds or has spent, in the order in which it was held."""
    rows = await tx.fetch_all(
        f"""
        select accounts.id as account_id, subject, server_id, member_id, starts_at_ms,
            sum(ledger.{column}) as credits
        from ledger join accounts on accounts.id = ledger.account_id
        where ledger.render_id = :render_id
        group by accounts.id, subject, server_id, member_id, starts_at_ms
        having sum(ledger.{column}) > 0
        order by case subject when 'host' then 1 when 'server' then 2 else 3 end, min(ledger.id)
        """,  # noqa: S608 - a column's name
        {"render_id": render_id},
    )
    return [_part(row) for row in rows]


def _part(row: Row) -> _Part:
    values: Row = {**row, "subject": Subject(row["subject"])}
    return _Part(**values)


def _concerns(part: _Part, subjects: Collection[Subject]) -> bool:
    subject = Subject.MEMBER if part.subject is Subject.GRANT else part.subject
    return part.subject in subjects or subject in subjects


async def _reached(
    tx: Transaction, ceilings: Sequence[tuple[AccountKey, int]], amount: int
) -> Account:
    """Return the first account that has too little left for an amount."""
    seen = await balances(tx, ceilings)
    return next(account for account in seen if (account.left or 0) < amount)


def _demand_around(key: AccountKey, owner: Owner, at_ms: int) -> None:
    """Raise ValueError for a window that would not count the hold."""
    if key.owner != owner or not key.starts_at_ms <= at_ms < key.ends_at_ms:
        raise ValueError(f"{key} is no window of {owner} at {at_ms}")
    if key.starts_at_ms % QUARTER_MS or key.ends_at_ms % QUARTER_MS:
        raise ValueError(f"{key} is not made of quarters of an hour")


def _used(start: str, end: str) -> str:
    return f"""
        select coalesce(sum(used.held + used.spent), 0) from accounts as used
        where {_OF_OWNER} and used.starts_at_ms >= :{start} and used.starts_at_ms < :{end}
    """  # noqa: S608 - ours


def _named(owner: Owner) -> dict[str, Value]:
    return {
        "subject": owner.subject,
        "server_id": owner.server_id,
        "member_id": owner.member_id,
    }
