"""Bring back what is `unknown`, as a person decides; the bot alone never does (design §4)."""

from __future__ import annotations

from collections.abc import Sequence

from render.acts import NoRoom
from render.policy import HOST, Keyed
from storage import Transaction, accounts, frames, renders
from storage.errors import CeilingReached
from storage.records import Render, State, Subject


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
    tx: Transaction, render: Render, *, at_ms: int, author: str, host: Sequence[Keyed]
) -> Render | None:
    """Submit once more, with the hold of the member; the time without an answer is not waited.

    The host, whose windows of this moment are `host`, pays for the first time and holds for the
    second; raises NoRoom where that passes a ceiling.
    """
    silent_ms = at_ms - (render.submitted_at_ms or render.state_at_ms)
    moved = await renders.move(
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
    if moved:
        await _pay_and_hold(tx, moved, at_ms=at_ms, author=author, host=host)
    return moved


async def _pay_and_hold(
    tx: Transaction, render: Render, *, at_ms: int, author: str, host: Sequence[Keyed]
) -> None:
    await accounts.settle(
        tx,
        render_id=render.id,
        subjects=(Subject.HOST,),
        amount=render.cost,
        at_ms=at_ms,
        author=author,
        reason="no answer",
    )
    try:
        await accounts.hold(
            tx,
            render_id=render.id,
            owner=HOST,
            amount=render.cost,
            ceilings=host,
            at_ms=at_ms,
            author=author,
        )
    except CeilingReached as error:
        raise NoRoom(account=error.account, cost=render.cost) from error
