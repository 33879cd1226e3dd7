"""Read from the ledger what the accounts alone do not say."""

from __future__ import annotations

from storage.database import Row, Transaction
from storage.records import Entry, HostSpend, Movement


async def movements(
    tx: Transaction, *, server_id: int, member_id: int, limit: int = 10
) -> tuple[Movement, ...]:
    """Return the last movements of a member's own credits, the newest first.

    What moved at once on the allowance and on grants is one movement, and so is a reset. What was
    held for a render is none any more when it was settled or released.
    """
    rows = await tx.fetch_all(
        """
        with own (line_id, resets) as (
            -- Found in indexes alone, since a member may have thousands.
            select ledger.id, subject = 'member' and ledger.held = 0
            from accounts join ledger on ledger.account_id = accounts.id
            where subject in ('member', 'grant')
                and server_id = :server_id and member_id = :member_id
        ),
        latest (line_id) as (
            select * from (
                -- No movement has ten lines, and its hold as many; a reset has any number.
                select line_id from own where not resets order by line_id desc limit 20 * :limit
            )
            union all select line_id from own where resets
        ),
        moved as (
            select id, at_ms, entry, reason, author,
                case entry when 'reset' then null else render_id end as render_id,
                case when held > 0 then held when entry = 'release' then -held else abs(spent) end
                    as credits
            from latest join ledger on id = line_id
            where entry <> 'hold' or not exists (
                select 1 from ledger as later
                where later.render_id = ledger.render_id
                    and later.account_id = ledger.account_id and later.held < 0
            )
        )
        select at_ms, entry, render_id, reason, author, sum(credits) as credits
        from moved group by at_ms, entry, render_id, reason, author
        order by max(id) desc limit :limit
        """,
        {"server_id": server_id, "member_id": member_id, "limit": limit},
    )
    return tuple(_movement(row) for row in rows)


async def carried_into(tx: Transaction, *, starts_at_ms: int, ends_at_ms: int) -> int:
    """Return what renders cost the host that were sent in a window and held before it began.

    Ask soon after the beginning: it takes as long as there are renders sent since then.
    """
    rows = await tx.fetch_all(
        """
        with recursive served (id) as (
            select min(server_id) from renders
            union all
            select (select min(server_id) from renders where server_id > served.id)
            from served where served.id is not null
        )
        select coalesce(sum(ledger.held + ledger.spent), 0) as credits
        from served
            join renders on renders.server_id = served.id
                and submitted_at_ms >= :starts_at_ms and submitted_at_ms < :ends_at_ms
                and created_at_ms < :starts_at_ms
            join ledger on ledger.render_id = renders.id
            join accounts on accounts.id = ledger.account_id
        where subject = 'host' and span <> 'month' and accounts.starts_at_ms < :starts_at_ms
        """,
        {"starts_at_ms": starts_at_ms, "ends_at_ms": ends_at_ms},
    )
    return rows[0]["credits"]


async def host_spend(
    tx: Transaction, *, starts_at_ms: int, ends_at_ms: int
) -> tuple[HostSpend, ...]:
    """Return what each server cost the host in a time, the dearest first.

    Ask for at most a day, or others would wait for the read.
    """
    rows = await tx.fetch_all(
        """
        select renders.server_id, sum(ledger.held) as held, sum(ledger.spent) as spent,
            sum(case when state in ('failed', 'cancelled') then ledger.spent else 0 end)
                as without_video
        from accounts
            join ledger on ledger.account_id = accounts.id
            join renders on renders.id = ledger.render_id
        where subject = 'host' and accounts.server_id = 0 and accounts.member_id = 0
            and starts_at_ms >= :starts_at_ms and starts_at_ms < :ends_at_ms
            and span <> 'month'
        group by renders.server_id
        order by sum(ledger.spent) desc, renders.server_id
        """,
        {"starts_at_ms": starts_at_ms, "ends_at_ms": ends_at_ms},
    )
    return tuple(HostSpend(**row) for row in rows)


def _movement(row: Row) -> Movement:
    values: Row = {**row, "entry": Entry(row["entry"])}
    return Movement(**values)
