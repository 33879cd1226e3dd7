"""Keep a small picture of each frame, for as long as its render is kept."""

from __future__ import annotations

from dataclasses import dataclass

from storage.database import Row, Transaction
from storage.records import FrameRole

MOST_BYTES = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """Carry a small JPEG of a frame, of at most MOST_BYTES."""

    role: FrameRole
    data: bytes


async def insert(tx: Transaction, render_id: str, thumbnail: Thumbnail) -> None:
    """Keep a picture; a render has at most one of each role."""
    await tx.execute(
        "insert into thumbnails (render_id, role, data) values (:render_id, :role, :data)",
        {"render_id": render_id, "role": thumbnail.role, "data": thumbnail.data},
    )


async def of_render(tx: Transaction, render_id: str) -> tuple[Thumbnail, ...]:
    """Return the pictures of a render, the first before the last."""
    rows = await tx.fetch_all(
        "select role, data from thumbnails where render_id = :render_id order by role",
        {"render_id": render_id},
    )
    return tuple(_thumbnail(row) for row in rows)


async def drop(tx: Transaction, render_id: str) -> None:
    """Delete the pictures of a render."""
    await tx.execute(
        "delete from thumbnails where render_id = :render_id", {"render_id": render_id}
    )


def _thumbnail(row: Row) -> Thumbnail:
    values: Row = {**row, "role": FrameRole(row["role"])}
    return Thumbnail(**values)
