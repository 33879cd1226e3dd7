"""Keep what moderators took down, until nothing of it is left to be seen."""

from __future__ import annotations

from storage import renders
from storage.database import Transaction
from storage.records import Render


async def mark(
    tx: Transaction, render_id: str, *, at_ms: int, author_id: int, reason: str
) -> Render | None:
    """Take a render down that has a video; None: it has none, or somebody was first."""
    row = await tx.fetch_one(
        """
        update renders set taken_down_at_ms = :at_ms, taken_down_by = :author_id,
            taken_down_why = :reason
        where id = :id and taken_down_at_ms is null and state in ('delivered', 'undelivered')
        returning id
        """,
        {"id": render_id, "at_ms": at_ms, "author_id": author_id, "reason": reason},
    )
    return await renders.find(tx, render_id) if row else None


async def siblings(tx: Transaction, render: Render) -> tuple[str, ...]:
    """Return the ids of what the same member sent with the same input, and what still waits."""
    rows = await tx.fetch_all(
        """
        select id from renders
        where server_id = :server_id and member_id = :member_id
            and request_digest = :request_digest and state in ('awaiting_approval', 'queued')
        order by created_at_ms, id
        """,
        {
            "server_id": render.server_id,
            "member_id": render.member_id,
            "request_digest": render.request_digest,
        },
    )
    return tuple(row["id"] for row in rows)


async def standing(tx: Transaction) -> tuple[Render, ...]:
    """Return what was taken down and may still be seen, the first first.

    Also what was posted afterwards, by a delivery that was under way.
    """
    rows = await tx.fetch_all(
        """
        select id from renders
        where taken_down_at_ms is not null
            and (removed_at_ms is null or removed_at_ms <= state_at_ms)
        order by taken_down_at_ms, id
        """
    )
    found = [await renders.find(tx, row["id"]) for row in rows]
    return tuple(render for render in found if render)


async def removed(tx: Transaction, render_id: str, *, at_ms: int) -> None:
    """Note that nothing of it is left to be seen."""
    await tx.execute(
        "update renders set removed_at_ms = :at_ms where id = :id",
        {"id": render_id, "at_ms": at_ms},
    )


async def with_task(tx: Transaction, task_id: str) -> Render | None:
    """Return the render that has a task."""
    row = await tx.fetch_one(
        "select id from renders where task_id = :task_id", {"task_id": task_id}
    )
    return await renders.find(tx, row["id"]) if row else None
