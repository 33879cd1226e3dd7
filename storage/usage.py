"""Total what a server's renders cost, in the transaction that writes the ledger."""

from __future__ import annotations

from storage.database import Row, Transaction
from storage.records import Total


async def add(tx: Transaction, *, render_id: str, starts_at_ms: int, credits: int) -> None:
    """Count a render that was settled with its server, where it was held."""
    await tx.execute(
        """
        insert into totals
            (server_id, starts_at_ms, member_id, role_id, channel_id, model, renders, credits)
        select server_id, :starts_at_ms, member_id, coalesce(role_id, 0), channel_id, model,
            1, :credits
        from renders where id = :render_id
        on conflict (server_id, starts_at_ms, member_id, role_id, channel_id, model) do update
        set renders = totals.renders + 1, credits = totals.credits + excluded.credits
        """,
        {"render_id": render_id, "starts_at_ms": starts_at_ms, "credits": credits},
    )


async def take_away(tx: Transaction, *, render_id: str, starts_at_ms: int, credits: int) -> None:
    """Count a render no longer, since it was refunded."""
    await tx.execute(
        """
        update totals set renders = renders - 1, credits = credits - :credits
        where starts_at_ms = :starts_at_ms
            and (server_id, member_id, role_id, channel_id, model) = (
                select server_id, member_id, coalesce(role_id, 0), channel_id, model
                from renders where id = :render_id
            )
        """,
        {"render_id": render_id, "starts_at_ms": starts_at_ms, "credits": credits},
    )


async def between(
    tx: Transaction, *, server_id: int, starts_at_ms: int, ends_at_ms: int
) -> tuple[Total, ...]:
    """Return a server's totals of a time, of at most a day, or others would wait for the read."""
    rows = await tx.fetch_all(
        """
        select member_id, role_id, channel_id, model,
            sum(renders) as renders, sum(credits) as credits
        from totals
        where server_id = :server_id
            and starts_at_ms >= :starts_at_ms and starts_at_ms < :ends_at_ms
        group by member_id, role_id, channel_id, model
        having sum(renders) > 0
        order by credits desc, member_id, role_id, channel_id, model
        """,
        {"server_id": server_id, "starts_at_ms": starts_at_ms, "ends_at_ms": ends_at_ms},
    )
    return tuple(_total(row) for row in rows)


def _total(row: Row) -> Total:
    values: Row = {**row, "role_id": row["role_id"] or None}
    return Total(**values)
