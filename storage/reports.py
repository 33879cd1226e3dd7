"""Keep what members report to the moderators: one of a member about a render."""

from __future__ import annotations

from dataclasses import dataclass

from storage.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Record that a member thinks that moderators should look at a render."""

    render_id: str
    member_id: int
    at_ms: int
    # Empty when no reason was given.
    reason: str


async def insert(tx: Transaction, report: Report) -> bool:
    """Keep a report; False: this member reported this render before."""
    rows = await tx.fetch_all(
        """
        insert into reports (render_id, member_id, at_ms, reason)
        values (:render_id, :member_id, :at_ms, :reason)
        on conflict (render_id, member_id) do nothing
        returning render_id
        """,
        {
            "render_id": report.render_id,
            "member_id": report.member_id,
            "at_ms": report.at_ms,
            "reason": report.reason,
        },
    )
    return bool(rows)


async def of_render(tx: Transaction, render_id: str) -> tuple[Report, ...]:
    """Return what was reported of a render, in order."""
    rows = await tx.fetch_all(
        "select * from reports where render_id = :render_id order by at_ms, member_id",
        {"render_id": render_id},
    )
    return tuple(Report(**row) for row in rows)


async def moments_since(tx: Transaction, member_id: int, since_ms: int) -> tuple[int, ...]:
    """Return when a member reported anything after a moment, in order."""
    rows = await tx.fetch_all(
        """
        select at_ms from reports where member_id = :member_id and at_ms > :since_ms
        order by at_ms
        """,
        {"member_id": member_id, "since_ms": since_ms},
    )
    return tuple(row["at_ms"] for row in rows)


async def reported_since(tx: Transaction, server_id: int, since_ms: int) -> dict[str, int]:
    """Count the reports by render after a moment, the latest first; not of what was taken down."""
    rows = await tx.fetch_all(
        """
        select render_id, count(*) as number from reports
        join renders on renders.id = render_id
        where at_ms > :since_ms and server_id = :server_id and taken_down_at_ms is null
        group by render_id order by max(at_ms) desc, render_id
        """,
        {"since_ms": since_ms, "server_id": server_id},
    )
    return {row["render_id"]: row["number"] for row in rows}
