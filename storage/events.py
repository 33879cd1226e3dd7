"""Record what happened to renders, and what people did; events only grow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from storage.database import Row, Transaction, Value
from storage.records import Event, State

_COLUMNS = tuple(field.name for field in fields(Event) if field.name != "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Say which acts are looked for in a server; None: any."""

    server_id: int
    # Who looks; nobody finds out who reported their own videos.
    viewer_id: int
    # To whom it was done, who did it, and what.
    member_id: int | None = None
    author_id: int | None = None
    action: str | None = None


async def add(tx: Transaction, event: Event) -> None:
    """Write an event down."""
    await tx.execute(
        f"""
        insert into events ({", ".join(_COLUMNS)})
        values ({", ".join(f":{column}" for column in _COLUMNS)})
        """,  # noqa: S608 - names of fields
        {column: getattr(event, column) for column in _COLUMNS},
    )


async def of_render(tx: Transaction, render_id: str) -> tuple[Event, ...]:
    """Return what happened to a render, in order."""
    rows = await tx.fetch_all(
        "select * from events where render_id = :render_id order by id", {"render_id": render_id}
    )
    return tuple(_event(row) for row in rows)


async def acts(tx: Transaction, *, server_id: int, after_id: int, limit: int) -> tuple[Event, ...]:
    """Return what people changed in a server, in order, from the one after `after_id` on."""
    rows = await tx.fetch_all(
        """
        select * from events
        where server_id = :server_id and action <> '' and id > :after_id
        order by id limit :limit
        """,
        {"server_id": server_id, "after_id": after_id, "limit": limit},
    )
    return tuple(_event(row) for row in rows)


async def last_act(tx: Transaction, server_id: int) -> int:
    """Return the id of a server's newest act; 0 when there is none."""
    row = await tx.fetch_one(
        """
        select coalesce(max(id), 0) as id from events
        where server_id = :server_id and action <> ''
        """,
        {"server_id": server_id},
    )
    return row["id"] if row else 0


async def newest_acts(tx: Transaction, sought: Sought, *, limit: int) -> tuple[Event, ...]:
    """Return what people changed, the newest first."""
    where, params = _where(sought)
    rows = await tx.fetch_all(
        f"select * from events where {where} order by id desc limit :limit",  # noqa: S608 - ours
        {**params, "limit": limit},
    )
    return tuple(_event(row) for row in rows)


async def count_acts(tx: Transaction, sought: Sought) -> int:
    """Count what people changed."""
    where, params = _where(sought)
    rows = await tx.fetch_all(f"select count(*) as number from events where {where}", params)  # noqa: S608 - ours
    return rows[0]["number"]


async def actions(tx: Transaction, server_id: int) -> tuple[str, ...]:
    """Return the names of what was ever done in a server."""
    rows = await tx.fetch_all(
        """
        select distinct action from events where server_id = :server_id and action <> ''
        order by action
        """,
        {"server_id": server_id},
    )
    return tuple(row["action"] for row in rows)


def written(values: Mapping[str, Value]) -> str:
    """Write down what an act changed: a name and a value each, in the order given."""
    return ", ".join(f"{name}={'' if value is None else value}" for name, value in values.items())


def listed(values: Sequence[int] | Sequence[str]) -> str:
    """Write a list as a value, without the blanks that part the values of an act."""
    return json.dumps(values, separators=(",", ":"))


def _where(sought: Sought) -> tuple[str, dict[str, Value]]:
    parts = ["server_id = :server_id", "action <> ''"]
    parts.append("not (action = 'report' and target = :viewer)")
    viewer = f"member:{sought.viewer_id}"
    params: dict[str, Value] = {"server_id": sought.server_id, "viewer": viewer}
    for column, value in (
        ("target", sought.member_id and f"member:{sought.member_id}"),
        ("author", sought.author_id and str(sought.author_id)),
        ("action", sought.action),
    ):
        if value is not None:
            parts.append(f"{column} = :{column}")
            params[column] = value
    return " and ".join(parts), params


def _event(row: Row) -> Event:
    values: Row = {
        **row,
        "from_state": row["from_state"] and State(row["from_state"]),
        "to_state": row["to_state"] and State(row["to_state"]),
    }
    return Event(**values)
