"""Keep the line: whose turn it is, what stands before each, and what is passed over.

Servers take turns, the one served least recently first; so do the members of each (design §7). What
a moderator bumped goes before all else of its own server, and takes no other server's turn. What is
parked, or paused with its server, or over a cap, is passed over and keeps its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from storage import events, renders
from storage.database import Transaction, Value
from storage.records import Event, Pause, Render, State
from storage.turns import NEVER_MS, Caps, Lineup, Slot, Turn, Waiting

__all__ = [
    "Caps",
    "Lineup",
    "Turn",
    "at_provider",
    "bump",
    "claimable",
    "excuse",
    "in_line",
    "length",
    "lengths_ms",
    "lineup",
    "next_claimable",
    "next_moments",
    "overdue",
    "park",
    "passed_over",
    "unpark",
    "waiting_order",
    "without_card",
]

# Word for word what the indexes renders_waiting and renders_at_provider hold.
_WAITS: Final = "state = 'queued' and parked_at_ms is null"
_AT_PROVIDER: Final = "state in ('submitting', 'rendering') and late_at_ms is null"
_NOT_PAUSED: Final = "server_id not in (select server_id from pauses)"
_NOT_CAPPED: Final = f"""
    server_id not in (
        select server_id from renders where {_AT_PROVIDER}
        group by server_id having count(*) >= :per_server
    ) and (server_id, member_id) not in (
        select server_id, member_id from renders where {_AT_PROVIDER}
        group by server_id, member_id having count(*) >= :per_member
    )
"""  # noqa: S608 - constants


async def next_claimable(tx: Transaction, *, now_ms: int, caps: Caps) -> Render | None:
    """Return whose turn it is: ready, its card posted, neither parked nor paused nor capped."""
    if caps.in_all is not None and await at_provider(tx) >= caps.in_all:
        return None
    row = await tx.fetch_one(
        f"""
        with members as (
            select distinct server_id, member_id from renders
            where {_WAITS} and {_NOT_PAUSED} and {_NOT_CAPPED}
        ), servers as (
            select server_id, (
                select coalesce(max(submitted_at_ms), 0) from renders
                where renders.server_id = several.server_id
            ) as served
            from (select distinct server_id from members) as several
        ), ranked as (
            select members.server_id, member_id, servers.served as server_served, (
                select coalesce(max(submitted_at_ms), 0) from renders
                where renders.server_id = members.server_id
                    and renders.member_id = members.member_id
            ) as served
            from members join servers on servers.server_id = members.server_id
        )
        select renders.id from ranked join renders
            on renders.server_id = ranked.server_id and renders.member_id = ranked.member_id
        where {_WAITS} and ready_at_ms <= :now_ms
            and exists (
                select 1 from messages
                where messages.render_id = renders.id
                    and messages.purpose = 'card' and messages.message_id is not null
            )
        order by server_served, bumped_at_ms is null, bumped_at_ms, served, created_at_ms,
            renders.id
        limit 1
        """,  # noqa: S608 - constants
        {"now_ms": now_ms, "per_server": caps.per_server, "per_member": caps.per_member},
    )
    return await renders.find(tx, row["id"]) if row else None


async def claimable(tx: Transaction, render_id: str) -> bool:
    """Say whether no moderator parked or paused a queued render since it was looked at."""
    row = await tx.fetch_one(
        f"select 1 from renders where id = :id and {_WAITS} and {_NOT_PAUSED}",  # noqa: S608 - constants
        {"id": render_id},
    )
    return row is not None


async def waiting_order(tx: Transaction, caps: Caps) -> dict[str, Turn]:
    """Return the turn of every queued render, in order, if nobody else asks for anything.

    What is not ready yet has its turn, since it soon is. What is parked or paused has none.
    """
    return (await lineup(tx)).turns(caps)


async def lineup(tx: Transaction) -> Lineup:
    """Read what `waiting_order` foretells from, for who does that when others have the database."""
    # In the order of the fields of Waiting.
    waiting = await tx.fetch_all(
        f"""
        select coalesce(bumped_at_ms, :never_ms), created_at_ms, id, server_id, member_id
        from renders where {_WAITS} and {_NOT_PAUSED}
        """,  # noqa: S608 - constants
        {"never_ms": NEVER_MS},
    )
    busy = await tx.fetch_all(
        f"""
        select server_id, member_id, submitted_at_ms from renders
        where {_AT_PROVIDER} order by submitted_at_ms, id
        """  # noqa: S608 - constants
    )
    return Lineup(
        waiting=[Waiting._make(row.values()) for row in waiting],
        slots=[Slot(row["server_id"], row["member_id"], row["submitted_at_ms"], 1) for row in busy],
        served=await _served(tx),
    )


async def _served(tx: Transaction) -> dict[tuple[int, int], int]:
    """Return when whoever waits was served last: members, and their servers as member 0."""
    rows = await tx.fetch_all(
        f"""
        select server_id, member_id, (
            select coalesce(max(submitted_at_ms), 0) from renders
            where renders.server_id = waiting.server_id
                and renders.member_id = waiting.member_id
        ) as served
        from (select distinct server_id, member_id from renders where {_WAITS}) as waiting
        union all
        select server_id, 0, (
            select coalesce(max(submitted_at_ms), 0) from renders
            where renders.server_id = waiting.server_id
        )
        from (select distinct server_id from renders where {_WAITS}) as waiting
        """  # noqa: S608 - constants
    )
    return {(row["server_id"], row["member_id"]): row["served"] for row in rows}


async def at_provider(tx: Transaction) -> int:
    """Count the slots that are taken: what is with the provider, without what is late."""
    return await _count(tx, _AT_PROVIDER, {})


async def length(tx: Transaction, server_id: int) -> int:
    """Count a server's queued renders, also those that are passed over."""
    where = "state = 'queued' and server_id = :server_id"
    return await _count(tx, where, {"server_id": server_id})


async def in_line(tx: Transaction) -> tuple[Render, ...]:
    """Return what is queued and neither parked nor paused, the oldest first."""
    line = await renders.in_states(tx, State.QUEUED)
    paused = {row["server_id"] for row in await tx.fetch_all("select server_id from pauses")}
    return tuple(one for one in line if one.parked_at_ms is None and one.server_id not in paused)


async def overdue(tx: Transaction, before_ms: int) -> tuple[str, ...]:
    """Return the ids of those whose wait began at this moment or earlier; see `in_line`."""
    rows = await tx.fetch_all(
        f"""
        select id from renders
        where {_WAITS} and {_NOT_PAUSED} and created_at_ms + paused_ms <= :before_ms
        """,  # noqa: S608 - constants
        {"before_ms": before_ms},
    )
    return tuple(row["id"] for row in rows)


async def next_moments(tx: Transaction, asked_at_ms: int) -> tuple[int | None, int | None]:
    """Return since when the longest wait lasts, and when the next became ready, or will be."""
    row = await tx.fetch_one(
        f"""
        select min(created_at_ms + paused_ms) as since_ms,
            min(case when ready_at_ms > :asked_at_ms then ready_at_ms end) as ready_at_ms
        from renders where {_WAITS} and {_NOT_PAUSED}
        """,  # noqa: S608 - constants
        {"asked_at_ms": asked_at_ms},
    )
    return (row["since_ms"], row["ready_at_ms"]) if row else (None, None)


async def passed_over(tx: Transaction) -> dict[str, Pause | None]:
    """Return which queued renders have no turn, and their server's pause; None: parked."""
    rows = await tx.fetch_all("select * from pauses")
    pauses = {row["server_id"]: Pause(**row) for row in rows}
    found = await tx.fetch_all(
        f"""
        select id, server_id, parked_at_ms from renders
        where state = 'queued' and not ({_WAITS} and {_NOT_PAUSED})
        """  # noqa: S608 - constants
    )
    return {
        row["id"]: pauses[row["server_id"]] if row["parked_at_ms"] is None else None
        for row in found
    }


async def without_card(tx: Transaction) -> frozenset[str]:
    """Return the ids of the renders that wait and whose card is not known to be posted."""
    rows = await tx.fetch_all(
        """
        select id from renders where state in ('awaiting_approval', 'queued') and not exists (
            select 1 from messages
            where messages.render_id = renders.id
                and messages.purpose = 'card' and messages.message_id is not null
        )
        """
    )
    return frozenset(row["id"] for row in rows)


async def lengths_ms(tx: Transaction, *, since_ms: int, most: int) -> tuple[int, ...]:
    """Return how long the latest renders that gave a video were with the provider."""
    rows = await tx.fetch_all(
        """
        select events.at_ms - submitted_at_ms as length_ms
        from events join renders on renders.id = render_id
        where to_state = 'rendered' and events.at_ms >= :since_ms
        order by events.id desc limit :most
        """,
        {"since_ms": since_ms, "most": most},
    )
    return tuple(row["length_ms"] for row in rows)


async def park(tx: Transaction, render_id: str, *, at_ms: int, author: str) -> Render | None:
    """Pass a queued render over until further notice; None: it is not queued, or parked."""
    return await _act(
        tx,
        "parked_at_ms = :at_ms",
        "parked_at_ms is null",
        render_id,
        Event(render_id=render_id, at_ms=at_ms, author=author, why="", action="park"),
    )


async def unpark(tx: Transaction, render_id: str, *, at_ms: int, author: str) -> Render | None:
    """Let a parked render wait its turn again; None: it is not queued, or not parked.

    What it was parked is not waited; of a pause that lasts, the end of that pause takes care.
    """
    row = await tx.fetch_one(
        """
        select pauses.at_ms from pauses join renders on renders.server_id = pauses.server_id
        where renders.id = :id
        """,
        {"id": render_id},
    )
    until_ms = min(at_ms, row["at_ms"]) if row else at_ms
    return await _act(
        tx,
        """
        paused_ms = paused_ms
            + case when parked_at_ms < :until_ms then :until_ms - parked_at_ms else 0 end,
        parked_at_ms = null
        """,
        "parked_at_ms is not null",
        render_id,
        Event(render_id=render_id, at_ms=at_ms, author=author, why="", action="unpark"),
        until_ms=until_ms,
    )


async def bump(tx: Transaction, render_id: str, *, at_ms: int, author: str) -> Render | None:
    """Put a queued render before the others of its server; None: it is not queued, or bumped."""
    return await _act(
        tx,
        "bumped_at_ms = :at_ms",
        "bumped_at_ms is null",
        render_id,
        Event(render_id=render_id, at_ms=at_ms, author=author, why="", action="bump"),
    )


async def excuse(tx: Transaction, server_id: int, *, since_ms: int, until_ms: int) -> None:
    """Note for what waits in a server that it was paused between two moments.

    What was parked meanwhile is excused from then on when it is unparked.
    """
    await tx.execute(
        """
        update renders set paused_ms = paused_ms
            + case when parked_at_ms < :until_ms then parked_at_ms else :until_ms end
            - case when state_at_ms > :since_ms then state_at_ms else :since_ms end
        where server_id = :server_id and state = 'queued'
            and state_at_ms < :until_ms and :since_ms < :until_ms
            and (parked_at_ms is null or parked_at_ms > :since_ms)
        """,
        {"server_id": server_id, "since_ms": since_ms, "until_ms": until_ms},
    )


async def _act(
    tx: Transaction, change: str, guard: str, render_id: str, event: Event, **params: Value
) -> Render | None:
    """Change a queued render without a transition, and write down who did."""
    row = await tx.fetch_one(
        f"update renders set {change} where id = :id and state = 'queued' and {guard} returning id",  # noqa: S608 - ours
        {"id": render_id, "at_ms": event.at_ms, **params},
    )
    changed = await renders.find(tx, render_id) if row else None
    if changed:
        target = f"member:{changed.member_id}"
        await events.add(tx, replace(event, server_id=changed.server_id, target=target))
    return changed


async def _count(tx: Transaction, where: str, params: Mapping[str, Value]) -> int:
    rows = await tx.fetch_all(f"select count(*) as number from renders where {where}", params)  # noqa: S608 - ours
    return rows[0]["number"]
