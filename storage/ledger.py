"""Write down every movement of credits; the ledger only grows."""

from __future__ import annotations

from dataclasses import dataclass

from storage.database import Row, Transaction
from storage.records import Entry, LedgerLine, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Show an account that is not the sum of its lines, in credits."""

    subject: Subject
    server_id: int
    member_id: int
    held: int
    spent: int
    # What the account's lines add up to.
    held_by_lines: int
    spent_by_lines: int


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
    """Return the accounts that are not the sum of their lines; none when all is well."""
    rows = await tx.fetch_all(
        """
        select subject, server_id, member_id, accounts.held, accounts.spent,
            coalesce(sum(ledger.held), 0) as held_by_lines,
            coalesce(sum(ledger.spent), 0) as spent_by_lines
        from accounts left join ledger on ledger.account_id = accounts.id
        group by accounts.id
        having accounts.held <> coalesce(sum(ledger.held), 0)
            or accounts.spent <> coalesce(sum(ledger.spent), 0)
        order by accounts.id
        """
    )
    return tuple(_difference(row) for row in rows)


def _line(row: Row) -> LedgerLine:
    values: Row = {**row, "entry": Entry(row["entry"])}
    return LedgerLine(**values)


def _difference(row: Row) -> Difference:
    values: Row = {**row, "subject": Subject(row["subject"])}
    return Difference(**values)
