"""Say which transitions there are, and make one: the render, its event, its money, its frames.

Each function runs inside the transaction of a whole move; `render.lifecycle` names the moves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Unpack

from storage import Transaction, accounts, frames, renders
from storage.records import ENGINE, Cause, Render, State, Subject

TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.AWAITING_APPROVAL: frozenset({State.QUEUED, State.CANCELLED}),
    State.QUEUED: frozenset({State.SUBMITTING, State.CANCELLED}),
    State.SUBMITTING: frozenset({State.RENDERING, State.QUEUED, State.FAILED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.RENDERING, State.QUEUED, State.FAILED}),
    State.RENDERING: frozenset({State.RENDERED, State.FAILED, State.CANCELLED}),
    State.RENDERED: frozenset({State.DELIVERED, State.UNDELIVERED}),
    State.UNDELIVERED: frozenset({State.DELIVERED, State.FAILED}),
    State.DELIVERED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}

ALL = tuple(Subject)
HOST = (Subject.HOST,)
# Whom a failure costs nothing.
GUESTS = (Subject.SERVER, Subject.MEMBER)


async def move(
    tx: Transaction,
    render_id: str,
    expected: State | Collection[State],
    to: State,
    *,
    at_ms: int,
    why: str,
    author: str = ENGINE,
    **changes: Unpack[renders.Changes],
) -> Render | None:
    """Move a render on from where it is expected to be; None: it is elsewhere."""
    return await renders.move(
        tx, render_id, expected=expected, to=to, at_ms=at_ms, author=author, why=why, **changes
    )


async def close(
    tx: Transaction,
    render_id: str,
    expected: State | Collection[State],
    to: State,
    *,
    at_ms: int,
    cause: Cause,
    detail: str = "",
    author: str = ENGINE,
    told_at_ms: int | None = None,
) -> Render | None:
    """End a render without a video."""
    moved = await move(
        tx,
        render_id,
        expected,
        to,
        at_ms=at_ms,
        why=cause,
        author=author,
        cause=cause,
        detail=detail or None,
        told_at_ms=told_at_ms,
    )
    if moved:
        await frames.drop(tx, render_id)
    return moved


async def charge_host_only(tx: Transaction, render: Render, *, at_ms: int, why: str) -> None:
    """Settle with the host what may have been billed, and give everybody else theirs back."""
    await settle(tx, render, HOST, render.cost, at_ms=at_ms, why=why)
    await release(tx, render, GUESTS, at_ms=at_ms, why=why)


async def settle(
    tx: Transaction,
    render: Render,
    subjects: tuple[Subject, ...],
    amount: int,
    *,
    at_ms: int,
    why: str,
) -> None:
    """Turn the holds of these into spend, of this amount."""
    await accounts.settle(
        tx,
        render_id=render.id,
        subjects=subjects,
        amount=amount,
        at_ms=at_ms,
        author=ENGINE,
        reason=why,
    )


async def release(
    tx: Transaction,
    render: Render,
    subjects: tuple[Subject, ...],
    *,
    at_ms: int,
    why: str,
    author: str = ENGINE,
) -> None:
    """Give the holds of these back."""
    await accounts.release(
        tx, render_id=render.id, subjects=subjects, at_ms=at_ms, author=author, reason=why
    )
