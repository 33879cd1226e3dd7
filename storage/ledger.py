"""Write down every movement of credits; the ledger only grows."""

from __future__ import annotations

from dataclasses import dataclass

from storage.database import Row, Transaction
from storage.records import LARGEST_AMOUNT, Entry, LedgerLine, Subject

# Each total counts once for itself and once, with the other sign, for the renders settled with its
# server and not refunded; what does not come to nothing differs.
_TOTALS = """
    select 'server' as subject, server_id, member_id, starts_at_ms, 0 as held, 0 as held_by_lines,
        sum(credits) as spent, sum(credits_by_lines) as spent_by_lines,
        sum(renders) as renders, sum(renders_by_lines) as renders_by_lines
    from (
        select server_id, member_id, starts_at_ms, role_id, channel_id, model,
            credits, 0 as credits_by_lines, renders, 0 as renders_by_lines
        from totals
        union all
        select accounts.server_id, renders.member_id, accounts.starts_at_ms,
            coalesce(role_id, 0), channel_id, model, 0, sum(ledger.spent), 0, 1
        from accounts
            join ledger on ledger.account_id = accounts.id
            join renders on renders.id = ledger.render_id
        where accounts.subject = 'server'
        group by ledger.render_id, accounts.id
        having sum(case entry when 'settle' then 1 else 0 end) > 0
            and sum(case entry when 'refund' then 1 else 0 end) = 0
    ) as both
    group by server_id, member_id, starts_at_ms, role_id, channel_id, model
    having sum(credits) <> sum(credits_by_lines) or sum(renders) <> sum(renders_by_lines)
    order by server_id, starts_at_ms, member_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Show an account, or a total of usage, that is not the sum of its lines, in credits."""

    # A total is a server's, and names the member.
    subject: Subject
    server_id: int
    member_id: int
    # The quarter of an hour, or when a grant was given.
    starts_at_ms: int = 0
    held: int
    spent: int
    # What the lines add up to.
    held_by_lines: int
    spent_by_lines: int
    # Of a total only: the renders that it counts, and those that have the lines.
    renders: int = 0
    renders_by_lines: int = 0


async def add(tx: Transaction, account_id: int, line: LedgerLine) -> None:
    """Write a line; the caller moves the account in the same transaction."""
    await tx.execute(
        """
        insert into ledger (account_id, render_id, at_ms, entry, held, spent, author, reason)
        values (:account_id, :render_id, :at_ms, :entry, :held, :spent, :author, :reason)
        """,
        {
            "account_id": account_id,
            "render_id": line.render_id,
            "at_ms": line.at_ms,
            "entry": line.entry,
            "held": line.held,
            "spent": line.spent,
            "author": line.author,
            "reason": line.reason,
        },
    )


def held(render_id: str, amount: int, at_ms: int, author: str) -> LedgerLine:
    """Return the line of a hold."""
    return LedgerLine(
        at_ms=at_ms,
        render_id=render_id,
        entry=Entry.HOLD,
        held=amount,
        spent=0,
        author=author,
        reason="admitted",
    )


def demand_amount(amount: int) -> None:
    """Raise ValueError for what nobody can hold or be given."""
    if not 0 < amount <= LARGEST_AMOUNT:
        raise ValueError(f"not an amount: {amount}")


async def move(tx: Transaction, account_id: int, line: LedgerLine) -> None:
    """Move an account and write its line."""
    await tx.execute(
        "update accounts set held = held + :held, spent = spent + :spent where id = :id",
        {"id": account_id, "held": line.held, "spent": line.spent},
    )
    await add(tx, account_id, line)


async def of_render(tx: Transaction, render_id: str) -> tuple[LedgerLine, ...]:
    """Return every movement that a render caused, on all accounts, in order."""
    rows = await tx.fetch_all(
        """
        select at_ms, render_id, entry, held, spent, author, reason
        from ledger where render_id = :render_id order by id
        """,
        {"render_id": render_id},
    )
    return tuple(_line(row) for row in rows)


async def check(tx: Transaction) -> tuple[Difference, ...]:
    """Return what is not the sum of its lines, accounts before totals; none when all is well."""
    accounts = await tx.fetch_all(
        """
        select subject, server_id, member_id, starts_at_ms, accounts.held, accounts.spent,
            coalesce(sum(ledger.held), 0) as held_by_lines,
            coalesce(sum(ledger.spent), 0) as spent_by_lines
        from accounts left join ledger on ledger.account_id = accounts.id
        group by accounts.id
        having accounts.held <> coalesce(sum(ledger.held), 0)
            or accounts.spent <> coalesce(sum(ledger.spent), 0)
        order by accounts.id
        """
    )
    totals = await tx.fetch_all(_TOTALS)
    return tuple(_difference(row) for row in (*accounts, *totals))


def _line(row: Row) -> LedgerLine:
    values: Row = {**row, "entry": Entry(row["entry"])}
    return LedgerLine(**values)


def _difference(row: Row) -> Difference:
    values: Row = {**row, "subject": Subject(row["subject"])}
    return Difference(**values)
