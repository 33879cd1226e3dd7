"""Bring back what is `unknown`, as a person decides; the bot alone never does (design §4)."""

from __future__ import annotations

from storage import Transaction, frames, renders
from storage.records import Render, State


async def adopted(
    tx: Transaction, render: Render, *, at_ms: int, task_id: str, author: str
) -> Render | None:
    """Poll the task that a person found to be the render's, with its hold."""
    moved = await renders.move(
        tx,
        render.id,
        expected=State.UNKNOWN,
        to=State.RENDERING,
        at_ms=at_ms,
        author=author,
        why="adopted",
        task_id=task_id,
    )
    if moved:
        await frames.drop(tx, render.id)
    return moved


async def queued_again(
    tx: Transaction, render: Render, *, at_ms: int, author: str
) -> Render | None:
    """Submit once more, with the same hold; the time without an answer is not waited."""
    silent_ms = at_ms - (render.submitted_at_ms or render.state_at_ms)
    return await renders.move(
        tx,
        render.id,
        expected=State.UNKNOWN,
        to=State.QUEUED,
        at_ms=at_ms,
        author=author,
        why="to be submitted again",
        ready_at_ms=at_ms,
        paused_ms=render.paused_ms + max(0, silent_ms),
    )
