"""Look at a server's renders as moderators do: in the channels that one of them moderates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from storage import renders
from storage.database import Transaction, Value
from storage.records import FINAL_STATES, Render, State

# Word for word what the index renders_unfinished holds; what else is asked of it stands in it too.
_UNFINISHED: Final = "state not in ('delivered', 'failed', 'cancelled')"
# Nobody posts what was taken down before it was delivered.
_NOT_TAKEN_DOWN: Final = """
    id not in (
        select id from renders where taken_down_at_ms is not null and state = 'undelivered'
    )
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Count what is under way; what is late is not counted as running."""

    running: int = 0
    waiting: int = 0
    awaiting_approval: int = 0
    unknown: int = 0
    late: int = 0
    undelivered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Say which renders are looked for."""

    server_id: int
    # None: in every channel.
    channel_ids: Collection[int] | None
    states: Collection[State]
    member_id: int | None = None
    # Only what is late, or only what is not; None: both.
    late: bool | None = None
    # How their ids begin.
    prefix: str = ""


async def channels(tx: Transaction, server_id: int) -> dict[int, int | None]:
    """Return the channels in which a server's renders were asked for, each with its parent_id."""
    # One step in the index for each channel, however many renders it has.
    rows = await tx.fetch_all(
        """
        with recursive found (channel_id) as (
            select min(channel_id) from renders where server_id = :server_id
            union all
            select (
                select min(channel_id) from renders
                where server_id = :server_id and channel_id > found.channel_id
            )
            from found where found.channel_id is not null
        )
        select channel_id, (
            select parent_id from renders
            where server_id = :server_id and channel_id = found.channel_id limit 1
        ) as parent_id
        from found where channel_id is not null
        """,
        {"server_id": server_id},
    )
    return {row["channel_id"]: row["parent_id"] for row in rows}


async def page(
    tx: Transaction, sought: Sought, *, offset: int, limit: int, newest: bool = False
) -> tuple[Render, ...]:
    """Return some of them: what needs a person first, then the oldest; or the newest first."""
    where, params = _where(sought)
    order = (
        "created_at_ms desc, id desc"
        if newest
        else """
        case
            when state = 'unknown' or late_at_ms is not null then 0
            when state = 'awaiting_approval' then 1
            when state = 'undelivered' then 2
            else 3
        end, created_at_ms, id
        """
    )
    rows = await tx.fetch_all(
        f"select id from renders where {where} order by {order} limit :limit offset :offset",  # noqa: S608 - ours
        {**params, "limit": limit, "offset": offset},
    )
    found = [await renders.find(tx, row["id"]) for row in rows]
    return tuple(render for render in found if render)


async def count(tx: Transaction, sought: Sought) -> int:
    """Count them."""
    where, params = _where(sought)
    rows = await tx.fetch_all(f"select count(*) as number from renders where {where}", params)  # noqa: S608 - ours
    return rows[0]["number"]


async def totals(tx: Transaction, *, server_id: int, channel_ids: Collection[int] | None) -> Totals:
    """Count by what they do whatever is under way in these channels."""
    among, params = _among("channel_id", channel_ids)
    rows = await tx.fetch_all(
        f"""
        select state, late_at_ms is not null as late, count(*) as number from renders
        where server_id = :server_id and {among} and {_UNFINISHED} and {_NOT_TAKEN_DOWN}
        group by state, late_at_ms is not null
        """,  # noqa: S608 - ours
        {**params, "server_id": server_id},
    )
    counted = {(State(row["state"]), bool(row["late"])): row["number"] for row in rows}
    late = {state: number for (state, is_late), number in counted.items() if is_late}

    def of(*states: State) -> int:
        return sum(counted.get((state, False), 0) for state in states)

    return Totals(
        running=of(State.SUBMITTING, State.RENDERING, State.RENDERED),
        waiting=of(State.QUEUED),
        awaiting_approval=of(State.AWAITING_APPROVAL),
        unknown=of(State.UNKNOWN),
        late=late.get(State.RENDERING, 0) + late.get(State.RENDERED, 0),
        undelivered=of(State.UNDELIVERED) + late.get(State.UNDELIVERED, 0),
    )


def _where(sought: Sought) -> tuple[str, dict[str, Value]]:
    within, params = _among("channel_id", sought.channel_ids)
    states, more = _among("state", sought.states)
    parts = ["server_id = :server_id", within, states]
    if FINAL_STATES.isdisjoint(sought.states):
        parts.append(_UNFINISHED)
    if State.UNDELIVERED in sought.states:
        parts.append(_NOT_TAKEN_DOWN)
    params |= {**more, "server_id": sought.server_id}
    if sought.member_id is not None:
        parts.append("member_id = :member_id")
        params["member_id"] = sought.member_id
    if sought.prefix:
        parts.append("substr(id, 1, length(:prefix)) = :prefix")
        params["prefix"] = sought.prefix
    if sought.late is not None:
        parts.append(f"late_at_ms is {'not ' if sought.late else ''}null")
    return " and ".join(parts), params


def _among(column: str, values: Collection[Value] | None) -> tuple[str, dict[str, Value]]:
    """Return a condition, and what its placeholders stand for."""
    if values is None:
        return "true", {}
    params: dict[str, Value] = {f"{column}_{number}": one for number, one in enumerate(values)}
    return f"{column} in ({', '.join(f':{key}' for key in params)})", params
