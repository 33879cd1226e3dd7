"""Keep what people set while the bot runs, its heartbeat, and what is paused or stopped."""

from __future__ import annotations

import json
from dataclasses import asdict

from storage import events, queue
from storage.database import Row, Transaction
from storage.records import Event, Pause, StopReason, SubmitStop

_HEARTBEAT = "heartbeat"
_SUBMIT_STOP = "submit_stop"


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


async def beat(tx: Transaction, at_ms: int) -> None:
    """Note that a bot uses the database."""
    await put(tx, _HEARTBEAT, str(at_ms))


async def last_beat(tx: Transaction) -> int | None:
    """Return when a bot used the database last, in milliseconds; None when none ever did."""
    value = await get(tx, _HEARTBEAT)
    return None if value is None else int(value)


async def stop_submits(tx: Transaction, stop: SubmitStop) -> None:
    """Let no render be submitted until that is allowed again; a stop by the host is an act."""
    await put(tx, _SUBMIT_STOP, json.dumps(asdict(stop)))
    if stop.reason is StopReason.HOST:
        event = Event(
            render_id=None,
            at_ms=stop.since_ms,
            author=stop.author,
            why=stop.note,
            action="host.stop",
        )
        await events.add(tx, event)


async def submits_stopped(tx: Transaction) -> SubmitStop | None:
    """Return why and since when no render is submitted; None when renders are."""
    value = await get(tx, _SUBMIT_STOP)
    if value is None:
        return None
    kept: Row = json.loads(value)
    kept["reason"] = StopReason(kept["reason"])
    return SubmitStop(**kept)


async def allow_submits(tx: Transaction, *, author_id: int, at_ms: int) -> bool:
    """Let renders be submitted again; say whether that was stopped."""
    stop = await submits_stopped(tx)
    if stop is None:
        return False
    await tx.execute("delete from settings where name = :name", {"name": _SUBMIT_STOP})
    event = Event(
        render_id=None,
        at_ms=at_ms,
        author=str(author_id),
        why="",
        action="host.go",
        old_value=stop.reason,
    )
    await events.add(tx, event)
    return True


async def pause(tx: Transaction, pause: Pause) -> None:
    """Stop a server's queue; a second pause says anew who and why."""
    await resume(tx, pause.server_id, at_ms=pause.at_ms)
    await tx.execute(
        """
        insert into pauses (server_id, author_id, reason, at_ms)
        values (:server_id, :author_id, :reason, :at_ms)
        """,
        {
            "server_id": pause.server_id,
            "author_id": pause.author_id,
            "reason": pause.reason,
            "at_ms": pause.at_ms,
        },
    )


async def resume(tx: Transaction, server_id: int, *, at_ms: int) -> bool:
    """Let a server's queue go on, no render waited meanwhile; say whether it was paused."""
    pause = await paused(tx, server_id)
    if pause is None:
        return False
    await tx.execute("delete from pauses where server_id = :server_id", {"server_id": server_id})
    await queue.excuse(tx, server_id, since_ms=pause.at_ms, until_ms=at_ms)
    return True


async def paused(tx: Transaction, server_id: int) -> Pause | None:
    """Return who paused a server's queue, and why; None when it runs."""
    row = await tx.fetch_one(
        "select * from pauses where server_id = :server_id", {"server_id": server_id}
    )
    return Pause(**row) if row else None
