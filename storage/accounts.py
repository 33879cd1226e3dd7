"""Hold, settle, release and refund credits; each movement writes its ledger line with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage import ledger
from storage.database import Row, Transaction, Value
from storage.records import Account, AccountKey, Entry, LedgerLine, Subject

# Below this, every program that may ever read the ledger counts exactly.
LARGEST_AMOUNT = 2**53 - 1

_THIS_ACCOUNT = """
    subject = :subject and span = :span and starts_at_ms = :starts_at_ms
    and server_id = :server_id and member_id = :member_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holding:
    """Say what a render still holds on one account."""

    account_id: int
    subject: Subject
    credits: int


async def hold(
    tx: Transaction,
    *,
    render_id: str,
    key: AccountKey,
    ceiling: int | None,
    amount: int,
    at_ms: int,
    author: str,
) -> Account | None:
    """Set credits aside for a render; None, and nothing moved, when they pass the ceiling.

    Ask in the order host, server, member, and let the whole transaction fail on None.
    """
    if not 0 < amount <= LARGEST_AMOUNT:
        raise ValueError(f"cannot hold {amount}")
    await tx.execute(
        """
        insert into accounts
            (subject, span, server_id, member_id, starts_at_ms, ends_at_ms, ceiling)
        values
            (:subject, :span, :server_id, :member_id, :starts_at_ms, :ends_at_ms, :ceiling)
        on conflict (subject, span, server_id, member_id, starts_at_ms)
        do update set ceiling = excluded.ceiling, ends_at_ms = excluded.ends_at_ms
        """,
        {**_named(key), "ends_at_ms": key.ends_at_ms, "ceiling": ceiling},
    )
    row = await tx.fetch_one(
        f"""
        update accounts set held = held + :amount
        where {_THIS_ACCOUNT} and (ceiling is null or spent + held + :amount <= ceiling)
        returning id, ceiling, held, spent
        """,  # noqa: S608 - a constant
        {**_named(key), "amount": amount},
    )
    if row is None:
        return None
    line = LedgerLine(
        at_ms=at_ms,
        render_id=render_id,
        entry=Entry.HOLD,
        held=amount,
        spent=0,
        author=author,
        reason="admitted",
    )
    await ledger.add(tx, row["id"], line)
    return _account(key, row)


async def balance(tx: Transaction, key: AccountKey, ceiling: int | None) -> Account:
    """Return what an account has, under the ceiling of now; zeros when it was never used."""
    row = await tx.fetch_one(
        f"select held, spent from accounts where {_THIS_ACCOUNT}",  # noqa: S608 - a constant
        _named(key),
    )
    return _account(key, {"held": 0, "spent": 0, **(row or {}), "ceiling": ceiling})


async def held_by(tx: Transaction, render_id: str) -> tuple[tuple[Subject, int], ...]:
    """Return what a render still holds, an item for each account: host, server, member."""
    return tuple((held.subject, held.credits) for held in await _holdings(tx, render_id))


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

    Nobody but the host spends more than was held; the host books the rest. What is no longer
    held is left alone, so a second call moves nothing.
    """
    if not 0 <= amount <= LARGEST_AMOUNT:
        raise ValueError(f"cannot settle {amount}")
    for held in await _holdings(tx, render_id):
        if held.subject not in subjects:
            continue
        lines = [(Entry.SETTLE, -held.credits, min(held.credits, amount))]
        if held.subject is Subject.HOST and amount > held.credits:
            lines.append((Entry.BOOK, 0, amount - held.credits))
        for entry, held_change, spent_change in lines:
            line = LedgerLine(
                at_ms=at_ms,
                render_id=render_id,
                entry=entry,
                held=held_change,
                spent=spent_change,
                author=author,
                reason=reason,
            )
            await _move(tx, held.account_id, line)


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
    for held in await _holdings(tx, render_id):
        if held.subject in subjects:
            line = LedgerLine(
                at_ms=at_ms,
                render_id=render_id,
                entry=Entry.RELEASE,
                held=-held.credits,
                spent=0,
                author=author,
                reason=reason,
            )
            await _move(tx, held.account_id, line)


async def refund(
    tx: Transaction,
    *,
    render_id: str,
    subjects: Collection[Subject],
    at_ms: int,
    author: str,
    reason: str,
) -> None:
    """Give back what these subjects spent on a render; a second call moves nothing."""
    rows = await tx.fetch_all(
        """
        select accounts.id, subject, sum(ledger.spent) as credits
        from ledger join accounts on accounts.id = ledger.account_id
        where ledger.render_id = :render_id
        group by accounts.id, subject
        having sum(ledger.spent) > 0
        order by accounts.id
        """,
        {"render_id": render_id},
    )
    for row in rows:
        if Subject(row["subject"]) in subjects:
            line = LedgerLine(
                at_ms=at_ms,
                render_id=render_id,
                entry=Entry.REFUND,
                held=0,
                spent=-row["credits"],
                author=author,
                reason=reason,
            )
            await _move(tx, row["id"], line)


async def _holdings(tx: Transaction, render_id: str) -> list[_Holding]:
    rows = await tx.fetch_all(
        """
        select accounts.id, subject, sum(ledger.held) as credits
        from ledger join accounts on accounts.id = ledger.account_id
        where ledger.render_id = :render_id
        group by accounts.id, subject
        having sum(ledger.held) > 0
        order by case subject when 'host' then 1 when 'server' then 2 else 3 end, accounts.id
        """,
        {"render_id": render_id},
    )
    return [
        _Holding(account_id=row["id"], subject=Subject(row["subject"]), credits=row["credits"])
        for row in rows
    ]


async def _move(tx: Transaction, account_id: int, line: LedgerLine) -> None:
    await tx.execute(
        "update accounts set held = held + :held, spent = spent + :spent where id = :id",
        {"id": account_id, "held": line.held, "spent": line.spent},
    )
    await ledger.add(tx, account_id, line)


def _named(key: AccountKey) -> dict[str, Value]:
    return {
        "subject": key.subject,
        "span": key.span,
        "server_id": key.server_id,
        "member_id": key.member_id,
        "starts_at_ms": key.starts_at_ms,
    }


def _account(key: AccountKey, row: Row) -> Account:
    return Account(key=key, ceiling=row["ceiling"], held=row["held"], spent=row["spent"])
