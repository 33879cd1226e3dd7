"""Record what happened to renders, and what people did; events only grow."""

from __future__ import annotations

from storage.database import Row, Transaction
from storage.records import Event, State


async def add(tx: Transaction, event: Event) -> None:
    """Write an event down."""
    await tx.execute(
        """
        insert into events (render_id, at_ms, from_state, to_state, author, why)
        values (:render_id, :at_ms, :from_state, :to_state, :author, :why)
        """,
        {
            "render_id": event.render_id,
            "at_ms": event.at_ms,
            "from_state": event.from_state,
            "to_state": event.to_state,
            "author": event.author,
            "why": event.why,
        },
    )


async def of_render(tx: Transaction, render_id: str) -> tuple[Event, ...]:
    """Return what happened to a render, in order."""
    rows = await tx.fetch_all(
        """
        select render_id, at_ms, from_state, to_state, author, why
        from events where render_id = :render_id order by id
        """,
        {"render_id": render_id},
    )
    return tuple(_event(row) for row in rows)


def _event(row: Row) -> Event:
    values: Row = {
        **row,
        "from_state": row["from_state"] and State(row["from_state"]),
        "to_state": row["to_state"] and State(row["to_state"]),
    }
    return Event(**values)
