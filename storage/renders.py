"""Keep the renders; every transition is one guarded statement with its event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from typing import Any, TypedDict, Unpack

from storage import events, ids
from storage.database import Row, Transaction, Value
from storage.records import FINAL_STATES, Cause, Event, Render, Review, State

_COLUMNS = tuple(field.name for field in fields(Render))

# Nothing is done for these now: they are over, rest with the member, or are not waited for.
_AT_REST = frozenset({*FINAL_STATES, State.UNDELIVERED, State.UNKNOWN})


class Changes(TypedDict, total=False):
    """Name what may change about a render besides its state; columns of Render."""

    ready_at_ms: int
    settled: int | None
    provider: str
    base_url: str
    key_fingerprint: str
    attempts: int
    body_digest: str | None
    submitted_at_ms: int | None
    task_id: str | None
    late_at_ms: int | None
    video_url: str | None
    video_expires_at_ms: int | None
    spool_name: str | None
    cause: Cause | None
    detail: str | None
    told_at_ms: int | None
    paused_ms: int


async def insert(tx: Transaction, render: Render) -> Render:
    """Keep a new render and its first event, or return the one that its interaction has already."""
    row = await tx.fetch_one(
        f"""
        insert into renders ({", ".join(_COLUMNS)})
        values ({", ".join(f":{column}" for column in _COLUMNS)})
        on conflict (interaction_id) do nothing returning id
        """,  # noqa: S608 - names of fields
        {column: getattr(render, column) for column in _COLUMNS},
    )
    if row is None and (kept := await find_by_interaction(tx, render.interaction_id)):
        return kept
    event = Event(
        render_id=render.id,
        at_ms=render.created_at_ms,
        from_state=None,
        to_state=render.state,
        author=str(render.member_id),
        why="asked for",
    )
    await events.add(tx, event)
    return render


async def find(tx: Transaction, render_id: str) -> Render | None:
    """Return a render by its id."""
    return await _first(tx, "where id = :id", {"id": render_id})


async def find_by_interaction(tx: Transaction, interaction_id: int) -> Render | None:
    """Return the render that an interaction of Discord led to."""
    where = "where interaction_id = :interaction_id"
    return await _first(tx, where, {"interaction_id": interaction_id})


async def recent_twin(
    tx: Transaction, *, server_id: int, member_id: int, request_digest: str, since_ms: int
) -> Render | None:
    """Return the newest render of the same member and input, unless it failed or was cancelled."""
    return await _first(
        tx,
        """
        where server_id = :server_id and member_id = :member_id
            and request_digest = :request_digest and created_at_ms >= :since_ms
            and state not in ('failed', 'cancelled')
        order by created_at_ms desc, id desc limit 1
        """,
        {
            "server_id": server_id,
            "member_id": member_id,
            "request_digest": request_digest,
            "since_ms": since_ms,
        },
    )


async def move(
    tx: Transaction,
    render_id: str,
    *,
    expected: State | Collection[State],
    to: State,
    at_ms: int,
    author: str,
    why: str,
    **changes: Unpack[Changes],
) -> Render | None:
    """Move a render on from a state where it is expected to be, and write the event.

    None: it is elsewhere, because somebody else moved it; read again, never force.
    """
    values = {**changes, "state": to, "state_at_ms": at_ms}
    for state in _states(expected):
        moved = await _update(tx, render_id, state, values)
        if moved is not None:
            event = Event(
                render_id=render_id,
                at_ms=at_ms,
                from_state=state,
                to_state=to,
                author=author,
                why=why,
            )
            await events.add(tx, event)
            return moved
    return None


async def amend(
    tx: Transaction,
    render_id: str,
    *,
    expected: State | Collection[State],
    **changes: Unpack[Changes],
) -> Render | None:
    """Change a render without a transition; None when it is not where it is expected to be."""
    for state in _states(expected):
        amended = await _update(tx, render_id, state, {**changes})
        if amended is not None:
            return amended
    return None


async def in_states(tx: Transaction, *states: State) -> tuple[Render, ...]:
    """Return every render in one of these states, the oldest first."""
    among, params = _among(states)
    return await _all(tx, f"where state in ({among}) order by created_at_ms, id", params)


async def unfinished(tx: Transaction) -> tuple[Render, ...]:
    """Return every render that is not in a final state, the oldest first."""
    return await in_states(tx, *(state for state in State if state not in FINAL_STATES))


async def untold(tx: Transaction) -> tuple[Render, ...]:
    """Return the renders that ended without a video and whose members have yet to be told."""
    where = "where state in ('failed', 'cancelled') and told_at_ms is null"
    return await _all(tx, f"{where} order by created_at_ms, id", {})


async def ended_since(tx: Transaction, since_ms: int) -> tuple[Render, ...]:
    """Return the renders that came to their end at this moment or later, the oldest first."""
    where = "where state in ('delivered', 'failed', 'cancelled') and state_at_ms >= :since_ms"
    return await _all(tx, f"{where} order by created_at_ms, id", {"since_ms": since_ms})


async def of_member(
    tx: Transaction,
    *,
    server_id: int,
    member_id: int,
    limit: int = 25,
    offset: int = 0,
    prefix: str = "",
) -> tuple[Render, ...]:
    """Return a member's renders, the newest first; `prefix` is how a typed id begins."""
    return await _all(
        tx,
        """
        where server_id = :server_id and member_id = :member_id
            and substr(id, 1, length(:prefix)) = :prefix
        order by created_at_ms desc, id desc limit :limit offset :offset
        """,
        {
            "server_id": server_id,
            "member_id": member_id,
            "prefix": ids.tidy(prefix),
            "limit": limit,
            "offset": offset,
        },
    )


async def starting_with(
    tx: Transaction, *, server_id: int, prefix: str, limit: int
) -> tuple[Render, ...]:
    """Return a server's renders whose ids begin as typed, the newest first."""
    return await _all(
        tx,
        """
        where server_id = :server_id and substr(id, 1, length(:prefix)) = :prefix
        order by created_at_ms desc, id desc limit :limit
        """,
        {"server_id": server_id, "prefix": ids.tidy(prefix), "limit": limit},
    )


async def of_server(
    tx: Transaction, *, server_id: int, states: Collection[State]
) -> tuple[Render, ...]:
    """Return a server's renders in these states, the oldest first."""
    among, params = _among(states)
    where = f"where server_id = :server_id and state in ({among})"
    # The plus keeps SQLite from reading all that a server ever asked for, in order.
    return await _all(
        tx, f"{where} order by +created_at_ms, id", {**params, "server_id": server_id}
    )


async def under_way(tx: Transaction, server_id: int, member_id: int) -> int:
    """Count a member's renders that something is still done for, without late ones."""
    among, params = _among(state for state in State if state not in _AT_REST)
    # The plus keeps SQLite from reading all that a member ever asked for.
    where = f"""
        where server_id = :server_id and +member_id = :member_id
            and state in ({among}) and late_at_ms is null
    """
    return await _count(tx, where, {**params, "server_id": server_id, "member_id": member_id})


async def _all(tx: Transaction, rest: str, params: Mapping[str, Value]) -> tuple[Render, ...]:
    rows = await tx.fetch_all(f"select * from renders {rest}", params)  # noqa: S608 - ours
    return tuple(_render(row) for row in rows)


async def _first(tx: Transaction, rest: str, params: Mapping[str, Value]) -> Render | None:
    found = await _all(tx, rest, params)
    return found[0] if found else None


async def _count(tx: Transaction, where: str, params: Mapping[str, Value]) -> int:
    rows = await tx.fetch_all(f"select count(*) as number from renders {where}", params)  # noqa: S608 - ours
    return rows[0]["number"]


async def _update(
    tx: Transaction, render_id: str, expected: State, values: Mapping[str, Any]
) -> Render | None:
    unknown = values.keys() - set(_COLUMNS)
    if unknown:
        raise TypeError(f"not columns of a render: {sorted(unknown)}")
    row = await tx.fetch_one(
        f"""
        update renders set {", ".join(f"{column} = :{column}" for column in values)}
        where id = :render_id and state = :expected
        returning *
        """,  # noqa: S608 - names of columns
        {**values, "render_id": render_id, "expected": expected},
    )
    return _render(row) if row else None


def _states(expected: State | Collection[State]) -> Collection[State]:
    return (expected,) if isinstance(expected, State) else expected


def _among(states: Iterable[State]) -> tuple[str, dict[str, Value]]:
    """Return placeholders for the states, and what they stand for."""
    params: dict[str, Value] = {f"state_{number}": state for number, state in enumerate(states)}
    return ", ".join(f":{name}" for name in params), params


def _render(row: Row) -> Render:
    values: Row = {
        **row,
        "age_restricted": bool(row["age_restricted"]),
        "state": State(row["state"]),
        "audio": None if row["audio"] is None else bool(row["audio"]),
        "cause": row["cause"] and Cause(row["cause"]),
        "review": row["review"] and Review(row["review"]),
    }
    return Render(**values)
