"""Keep which servers take no new renders while what waits in them goes on."""

from __future__ import annotations

from storage.database import Transaction
from storage.records import Pause


async def begin(tx: Transaction, drain: Pause) -> None:
    """Close a server to new renders; a second time says anew who and why."""
    await end(tx, drain.server_id)
    await tx.execute(
        """
        insert into drains (server_id, author_id, reason, at_ms)
        values (:server_id, :author_id, :reason, :at_ms)
        """,
        {
            "server_id": drain.server_id,
            "author_id": drain.author_id,
            "reason": drain.reason,
            "at_ms": drain.at_ms,
        },
    )


async def end(tx: Transaction, server_id: int) -> bool:
    """Open a server again; say whether it was closed."""
    was_closed = await of_server(tx, server_id) is not None
    await tx.execute("delete from drains where server_id = :server_id", {"server_id": server_id})
    return was_closed


async def of_server(tx: Transaction, server_id: int) -> Pause | None:
    """Return who closed a server to new renders, and why; None when it is open."""
    row = await tx.fetch_one(
        "select * from drains where server_id = :server_id", {"server_id": server_id}
    )
    return Pause(**row) if row else None
