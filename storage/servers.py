"""Keep what is set for each server as a whole."""

from __future__ import annotations

import json
from dataclasses import fields

from storage import events
from storage.database import Row, Transaction
from storage.records import LARGEST_AMOUNT, Event, Server

_IDS = ("channel_ids", "role_ids")
_SET = tuple(field.name for field in fields(Server) if field.name != "server_id")


async def find(tx: Transaction, server_id: int) -> Server:
    """Return a server; closed, and everything left open, when nothing was ever set for it."""
    row = await tx.fetch_one(
        "select * from servers where server_id = :server_id", {"server_id": server_id}
    )
    return _server(row) if row else Server(server_id=server_id)


async def with_new_acts(tx: Transaction, *, shown: str) -> tuple[Server, ...]:
    """Return the servers that have a channel for people's acts, and acts not shown there yet.

    The setting called `shown`, with the server's id behind it, holds the last one that was.
    """
    rows = await tx.fetch_all(
        """
        select * from servers
        where (audit_channel_id is not null or staff_channel_id is not null) and exists (
            select 1 from events
            where events.server_id = servers.server_id and action <> '' and id > coalesce((
                select cast(value as integer) from settings
                where name = :shown || servers.server_id
            ), 0)
        )
        order by server_id
        """,
        {"shown": shown},
    )
    return tuple(_server(row) for row in rows)


async def put(tx: Transaction, server: Server, *, author: str, at_ms: int, action: str) -> None:
    """Set what is set for a server, and write down what changed; the same again is no act."""
    given = server.given_daily_credits
    if given is not None and not 0 <= given <= LARGEST_AMOUNT:
        raise ValueError(f"cannot give {given}")
    old, new = _plain(await find(tx, server.server_id)), _plain(server)
    changed = [name for name in _SET if old[name] != new[name]]
    if not changed:
        return
    await tx.execute(
        f"""
        insert into servers (server_id, {", ".join(_SET)})
        values (:server_id, {", ".join(f":{name}" for name in _SET)})
        on conflict (server_id) do update
        set {", ".join(f"{name} = excluded.{name}" for name in _SET)}
        """,  # noqa: S608 - names of fields
        {**new, "server_id": server.server_id},
    )
    act = Event(
        render_id=None,
        at_ms=at_ms,
        author=author,
        why=action,
        server_id=server.server_id,
        action=action,
        target="server",
        old_value=events.written({name: old[name] for name in changed}),
        new_value=events.written({name: new[name] for name in changed}),
    )
    await events.add(tx, act)


def _plain(server: Server) -> Row:
    values: Row = {name: getattr(server, name) for name in _SET}
    return {
        **values,
        "opened": int(server.opened),
        **{name: events.listed(sorted(values[name])) for name in _IDS},
    }


def _server(row: Row) -> Server:
    values: Row = {**row, "opened": bool(row["opened"])}
    for name in _IDS:
        values[name] = frozenset(json.loads(row[name]))
    return Server(**values)
