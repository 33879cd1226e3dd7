"""Keep the frames of a render until its task is known."""

from __future__ import annotations

from storage.database import Row, Transaction
from storage.records import Frame, FrameRole


async def insert(tx: Transaction, render_id: str, frame: Frame) -> None:
    """Keep a frame; a render has at most one of each role."""
    await tx.execute(
        """
        insert into frames (render_id, role, media_type, width, height, data)
        values (:render_id, :role, :media_type, :width, :height, :data)
        """,
        {
            "render_id": render_id,
            "role": frame.role,
            "media_type": frame.media_type,
            "width": frame.width,
            "height": frame.height,
            "data": frame.data,
        },
    )


async def of_render(tx: Transaction, render_id: str) -> tuple[Frame, ...]:
    """Return the frames of a render, the first before the last."""
    rows = await tx.fetch_all(
        """
        select role, media_type, width, height, data
        from frames where render_id = :render_id order by role
        """,
        {"render_id": render_id},
    )
    return tuple(_frame(row) for row in rows)


async def drop(tx: Transaction, render_id: str) -> None:
    """Delete the frames of a render."""
    await tx.execute("delete from frames where render_id = :render_id", {"render_id": render_id})


def _frame(row: Row) -> Frame:
    values: Row = {**row, "role": FrameRole(row["role"])}
    return Frame(**values)
