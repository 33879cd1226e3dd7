"""Keep how old accounts and memberships must be, and who came for the first time when."""

from __future__ import annotations

from storage import events
from storage.database import Row, Transaction
from storage.records import Event, Newcomers

_SET = ("account_days", "member_days", "paused_until_ms")


async def find(tx: Transaction, server_id: int) -> Newcomers:
    """Return what holds for newcomers; all are let in where nothing was set."""
    row = await tx.fetch_one(
        "select * from newcomers where server_id = :server_id", {"server_id": server_id}
    )
    return Newcomers(**row) if row else Newcomers(server_id=server_id)


async def put(
    tx: Transaction, newcomers: Newcomers, *, author: str, at_ms: int, action: str
) -> None:
    """Set what holds for newcomers, and write down what changed; the same again is no act."""
    known = await find(tx, newcomers.server_id)
    old: Row = {name: getattr(known, name) for name in _SET}
    new: Row = {name: getattr(newcomers, name) for name in _SET}
    changed = [name for name in _SET if old[name] != new[name]]
    if not changed:
        return
    await tx.execute(
        """
        insert into newcomers (server_id, account_days, member_days, paused_until_ms)
        values (:server_id, :account_days, :member_days, :paused_until_ms)
        on conflict (server_id) do update
        set account_days = excluded.account_days, member_days = excluded.member_days,
            paused_until_ms = excluded.paused_until_ms
        """,
        {**new, "server_id": newcomers.server_id},
    )
    act = Event(
        render_id=None,
        at_ms=at_ms,
        author=author,
        why=action,
        server_id=newcomers.server_id,
        action=action,
        target="server",
        old_value=events.written({name: old[name] for name in changed}),
        new_value=events.written({name: new[name] for name in changed}),
    )
    await events.add(tx, act)


async def note_debut(tx: Transaction, *, server_id: int, member_id: int, at_ms: int) -> None:
    """Note that a newcomer asks for a video, unless they did before."""
    await tx.execute(
        """
        insert into debuts (server_id, member_id, at_ms) values (:server_id, :member_id, :at_ms)
        on conflict (server_id, member_id) do nothing
        """,
        {"server_id": server_id, "member_id": member_id, "at_ms": at_ms},
    )


async def debuts_since(tx: Transaction, server_id: int, since_ms: int) -> int:
    """Count the newcomers who asked for their first video at this moment or later."""
    row = await tx.fetch_one(
        """
        select count(*) as number from debuts
        where server_id = :server_id and at_ms >= :since_ms
        """,
        {"server_id": server_id, "since_ms": since_ms},
    )
    return row["number"] if row else 0
