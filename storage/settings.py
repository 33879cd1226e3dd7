"""Keep what people set while the bot runs, and which servers' queues are paused."""

from __future__ import annotations

from storage.database import Transaction
from storage.records import Pause


async def get(tx: Transaction, name: str) -> str | None:
    """Return a setting's value; None when it was never set."""
    row = await tx.fetch_one("select value from settings where name = :name", {"name": name})
    return row["value"] if row else None


async def put(tx: Transaction, name: str, value: str) -> None:
    """Set a value, in place of the one before."""
    await tx.execute(
        """
        insert into settings (name, value) values (:name, :value)
        on conflict (name) do update set value = excluded.value
        """,
        {"name": name, "value": value},
    )


async def pause(tx: Transaction, pause: Pause) -> None:
    """Stop a server's queue; a second pause says anew who and why."""
    await tx.execute(
        """
        insert into pauses (server_id, author_id, reason, at_ms)
        values (:server_id, :author_id, :reason, :at_ms)
        on conflict (server_id) do update set
            author_id = excluded.author_id, reason = excluded.reason, at_ms = excluded.at_ms
        """,
        {
            "server_id": pause.server_id,
            "author_id": pause.author_id,
            "reason": pause.reason,
            "at_ms": pause.at_ms,
        },
    )


async def resume(tx: Transaction, server_id: int) -> bool:
    """Let a server's queue go on; say whether it was paused."""
    sql = "delete from pauses where server_id = :server_id"
    return await tx.execute(sql, {"server_id": server_id}) > 0


async def paused(tx: Transaction, server_id: int) -> Pause | None:
    """Return who paused a server's queue, and why; None when it runs."""
    row = await tx.fetch_one(
        "select * from pauses where server_id = :server_id", {"server_id": server_id}
    )
    return Pause(**row) if row else None
