"""Move renders from state to state: every transition with its money and its event, or not at all.

Each function runs inside one transaction and returns the render as it now stands, or None when
somebody else moved it first; then nothing has happened, and the caller reads again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from render.transitions import (
    ALL,
    GUESTS,
    HOST,
    charge_host_only,
    close,
    move,
    release,
    settle,
)
from storage import Transaction, accounts, blocks, events, frames, messages, renders, statements
from storage.records import (
    ENGINE,
    AccountKey,
    Block,
    Cause,
    Event,
    Message,
    Render,
    State,
    Subject,
)

# Before these nothing was sent, so that nothing is lost by ending it.
WAITING = (State.AWAITING_APPROVAL, State.QUEUED)
# The host's room is looked at again so long after it was found wanting.
ROOM_AGAIN_MS = 60_000

# An attempt, and the id of the message that it became; None: deleted before its id was known.
Posting: TypeAlias = tuple[Message, int | None]


async def approve(tx: Transaction, render_id: str, *, at_ms: int, author: str) -> Render | None:
    """Let a render that awaited a moderator's yes into the queue; that wait does not count."""
    now = await renders.find(tx, render_id)
    return now and await move(
        tx,
        render_id,
        State.AWAITING_APPROVAL,
        State.QUEUED,
        at_ms=at_ms,
        why="approved",
        author=author,
        ready_at_ms=at_ms,
        paused_ms=at_ms - now.created_at_ms,
    )


async def deny(
    tx: Transaction, render_id: str, *, at_ms: int, reason: str, author: str
) -> Render | None:
    """End what a moderator said no to; it costs nobody anything."""
    return await _not_approved(
        tx, render_id, at_ms=at_ms, cause=Cause.DENIED, detail=reason, author=author
    )


async def expire(tx: Transaction, render_id: str, *, at_ms: int) -> Render | None:
    """End what nobody said yes to in time; it costs nobody anything."""
    return await _not_approved(tx, render_id, at_ms=at_ms, cause=Cause.NOT_APPROVED)


async def claim(
    tx: Transaction,
    render: Render,
    *,
    at_ms: int,
    body_digest: str,
    host: Sequence[tuple[AccountKey, int | None]],
) -> Render | None:
    """Take a queued render for submitting and write the journal of the attempt.

    `render` names the provider, its address and the key of this attempt; the task is polled with
    no others. `host` are the host's accounts of this moment with their ceilings. None also when
    one of them has no room; then the render waits on.
    """
    held_at_ms = await accounts.held_since(tx, render.id, Subject.HOST)
    for key, ceiling in host:
        # In a window that began before the hold was made, the hold counts already.
        if key.starts_at_ms > held_at_ms:
            left = (await accounts.balance(tx, key, ceiling)).left
            if left is not None and left < render.cost + await _carried_into(tx, key):
                # The next window has room again, before new renders take it.
                again = min(at_ms + ROOM_AGAIN_MS, key.ends_at_ms)
                await renders.amend(tx, render.id, expected=State.QUEUED, ready_at_ms=again)
                return None
    return await move(
        tx,
        render.id,
        State.QUEUED,
        State.SUBMITTING,
        at_ms=at_ms,
        why="claimed",
        provider=render.provider,
        base_url=render.base_url,
        key_fingerprint=render.key_fingerprint,
        attempts=render.attempts + 1,
        body_digest=body_digest,
        submitted_at_ms=at_ms,
    )


async def _carried_into(tx: Transaction, key: AccountKey) -> int:
    """Return what was held before a window and claimed in it, which its account does not count."""
    return await statements.carried_into(
        tx, starts_at_ms=key.starts_at_ms, ends_at_ms=key.ends_at_ms
    )


async def submitted(tx: Transaction, render: Render, *, at_ms: int, task_id: str) -> Render | None:
    """Store the provider's task id; from here the frames are the provider's to keep."""
    moved = await move(
        tx,
        render.id,
        State.SUBMITTING,
        State.RENDERING,
        at_ms=at_ms,
        why="submitted",
        task_id=task_id,
    )
    if moved:
        await frames.drop(tx, render.id)
    return moved


async def put_back(
    tx: Transaction, render: Render, *, at_ms: int, ready_at_ms: int, why: str
) -> Render | None:
    """Return to the queue what certainly made no task, with its hold and its place.

    Nothing was sent, so this was no turn of its member either.
    """
    return await move(
        tx,
        render.id,
        State.SUBMITTING,
        State.QUEUED,
        at_ms=at_ms,
        why=why,
        ready_at_ms=ready_at_ms,
        submitted_at_ms=None,
    )


async def refused(
    tx: Transaction, render: Render, *, at_ms: int, cause: Cause, detail: str
) -> Render | None:
    """Fail what the provider certainly did not take; it costs nobody anything."""
    moved = await close(
        tx, render.id, State.SUBMITTING, State.FAILED, at_ms=at_ms, cause=cause, detail=detail
    )
    if moved:
        await release(tx, moved, ALL, at_ms=at_ms, why=cause)
    return moved


async def lost(tx: Transaction, render: Render, *, at_ms: int, why: str) -> Render | None:
    """Note that the paid call may have made a task, and nobody can tell."""
    return await move(tx, render.id, State.SUBMITTING, State.UNKNOWN, at_ms=at_ms, why=why)


async def written_off(tx: Transaction, render: Render, *, at_ms: int) -> Render | None:
    """Fail what nobody heard of again: free for the member, maybe billed to the host."""
    cause = Cause.OUTCOME_UNKNOWN
    moved = await close(tx, render.id, State.UNKNOWN, State.FAILED, at_ms=at_ms, cause=cause)
    if moved:
        await charge_host_only(tx, moved, at_ms=at_ms, why=cause)
    return moved


async def late(tx: Transaction, render: Render, *, at_ms: int) -> Render | None:
    """Give the member's credits back, while the task is asked after for as long as it lives."""
    now = await renders.find(tx, render.id)
    if now is None or now.state is not State.RENDERING or now.late_at_ms is not None:
        return None
    marked = await renders.amend(tx, render.id, expected=State.RENDERING, late_at_ms=at_ms)
    await release(tx, now, GUESTS, at_ms=at_ms, why="late")
    await events.add(
        tx,
        Event(
            render_id=render.id,
            at_ms=at_ms,
            from_state=State.RENDERING,
            to_state=State.RENDERING,
            author=ENGINE,
            why="late",
        ),
    )
    return marked


async def succeeded(
    tx: Transaction,
    render: Render,
    *,
    at_ms: int,
    video_url: str,
    video_expires_at_ms: int,
    price: int,
) -> Render | None:
    """Settle with the host what was really rendered; `price` is its cost in credits.

    What the member owes is known now, never more than the hold, nothing for a late video; it is
    settled when there is something to show for it.
    """
    now = await renders.find(tx, render.id)
    if now is None:
        return None
    moved = await move(
        tx,
        render.id,
        State.RENDERING,
        State.RENDERED,
        at_ms=at_ms,
        why="succeeded",
        video_url=video_url,
        video_expires_at_ms=video_expires_at_ms,
        settled=min(price, now.cost) if now.late_at_ms is None else 0,
    )
    if moved:
        await settle(tx, moved, HOST, price, at_ms=at_ms, why="succeeded")
    return moved


async def ended(
    tx: Transaction, render: Render, *, at_ms: int, cause: Cause, detail: str = ""
) -> Render | None:
    """Close a task that gave no video: free for the member, maybe billed to the host."""
    to = State.CANCELLED if cause is Cause.CANCELLED_BY_PROVIDER else State.FAILED
    moved = await close(tx, render.id, State.RENDERING, to, at_ms=at_ms, cause=cause, detail=detail)
    if moved:
        await charge_host_only(tx, moved, at_ms=at_ms, why=cause)
    return moved


async def delivered(
    tx: Transaction,
    render: Render,
    *,
    at_ms: int,
    posted: Posting,
    expected: State = State.RENDERED,
    author: str = ENGINE,
) -> Render | None:
    """Note which message now is the result."""
    await messages.posted(tx, *posted)
    moved = await move(
        tx,
        render.id,
        expected,
        State.DELIVERED,
        at_ms=at_ms,
        why="posted" if posted[1] else "posted, and deleted since",
        author=author,
        told_at_ms=at_ms,
    )
    if moved:
        await settle(tx, moved, GUESTS, moved.settled or 0, at_ms=at_ms, why="posted")
    return moved


async def undelivered(
    tx: Transaction, render: Render, *, at_ms: int, why: str = "no place to post it"
) -> Render | None:
    """Keep the video for the member and the moderators: it cannot, or may not, be posted."""
    moved = await move(tx, render.id, State.RENDERED, State.UNDELIVERED, at_ms=at_ms, why=why)
    if moved:
        await settle(tx, moved, GUESTS, moved.settled or 0, at_ms=at_ms, why=why)
    return moved


async def video_lost(
    tx: Transaction, render: Render, *, at_ms: int, told: bool = False
) -> Render | None:
    """Fail what was rendered and cannot be had: its link died before the bytes were here.

    `told` says that the member knows already and needs no message.
    """
    cause = Cause.VIDEO_MISSING
    await move(
        tx,
        render.id,
        State.RENDERED,
        State.UNDELIVERED,
        at_ms=at_ms,
        why="its link is dead",
        settled=0,
    )
    moved = await close(
        tx,
        render.id,
        State.UNDELIVERED,
        State.FAILED,
        at_ms=at_ms,
        cause=cause,
        told_at_ms=at_ms if told else None,
    )
    if moved:
        await release(tx, moved, GUESTS, at_ms=at_ms, why=cause)
        await accounts.refund(
            tx, render_id=moved.id, subjects=GUESTS, at_ms=at_ms, author=ENGINE, reason=cause
        )
    return moved


async def cancelled(
    tx: Transaction,
    render_id: str,
    *,
    at_ms: int,
    cause: Cause,
    detail: str = "",
    author: str = ENGINE,
    told: bool = False,
) -> Render | None:
    """End what has not been sent; it costs nobody anything.

    `told` says that the member knows already and needs no message.
    """
    moved = await close(
        tx,
        render_id,
        WAITING,
        State.CANCELLED,
        at_ms=at_ms,
        author=author,
        cause=cause,
        detail=detail,
        told_at_ms=at_ms if told else None,
    )
    if moved:
        await release(tx, moved, ALL, at_ms=at_ms, why=cause, author=author)
    return moved


async def blocked(tx: Transaction, *, block: Block) -> tuple[Render, ...]:
    """Block a member in a server, and end what of theirs has not been sent; return that."""
    await blocks.put(tx, block)
    waiting = await renders.of_server(tx, server_id=block.server_id, states=WAITING)
    ended = [
        await cancelled(
            tx,
            render.id,
            at_ms=block.at_ms,
            cause=Cause.CANCELLED_BY_MODERATOR,
            detail=block.reason,
            author=block.author,
        )
        for render in waiting
        if render.member_id == block.member_id
    ]
    return tuple(filter(None, ended))


async def told(
    tx: Transaction, render: Render, *, at_ms: int, posted: Posting | None
) -> Render | None:
    """Note that the member was told of the end; None: there was no place to tell it."""
    if posted:
        await messages.posted(tx, *posted)
    return await renders.amend(
        tx, render.id, expected=(State.FAILED, State.CANCELLED), told_at_ms=at_ms
    )


async def _not_approved(
    tx: Transaction,
    render_id: str,
    *,
    at_ms: int,
    cause: Cause,
    detail: str = "",
    author: str = ENGINE,
) -> Render | None:
    moved = await close(
        tx,
        render_id,
        State.AWAITING_APPROVAL,
        State.CANCELLED,
        at_ms=at_ms,
        author=author,
        cause=cause,
        detail=detail,
    )
    if moved:
        await release(tx, moved, ALL, at_ms=at_ms, why=cause, author=author)
    return moved
