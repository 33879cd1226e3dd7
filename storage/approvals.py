"""Keep where, and for whom, a moderator says yes before a render may start."""

from __future__ import annotations

from storage import events
from storage.database import Row, Transaction
from storage.records import Approval, ApprovalKind, ApprovalRule, Event


async def of_server(tx: Transaction, server_id: int) -> tuple[ApprovalRule, ...]:
    """Return every rule of a server: those of places, then those of roles."""
    rows = await tx.fetch_all(
        "select * from approvals where server_id = :server_id order by kind, holder_id",
        {"server_id": server_id},
    )
    return tuple(_rule(row) for row in rows)


async def put(
    tx: Transaction,
    *,
    server_id: int,
    kind: ApprovalKind,
    holder_id: int,
    approval: Approval | None,
    author: str,
    at_ms: int,
) -> bool:
    """Set a rule, or (None) drop it, and write the act down; False: it was so already."""
    key: Row = {"server_id": server_id, "kind": kind, "holder_id": holder_id}
    old = await tx.fetch_one(
        """
        select approval from approvals
        where server_id = :server_id and kind = :kind and holder_id = :holder_id
        """,
        key,
    )
    before = old["approval"] if old else None
    if before == approval:
        return False
    await _keep(tx, key, approval)
    act = Event(
        render_id=None,
        at_ms=at_ms,
        author=author,
        why="approval.set",
        server_id=server_id,
        action="approval.set",
        target="server" if holder_id == server_id else f"{kind}:{holder_id}",
        old_value=events.written({"approval": before}),
        new_value=events.written({"approval": approval}),
    )
    await events.add(tx, act)
    return True


async def _keep(tx: Transaction, key: Row, approval: Approval | None) -> None:
    if approval is None:
        await tx.execute(
            """
            delete from approvals
            where server_id = :server_id and kind = :kind and holder_id = :holder_id
            """,
            key,
        )
        return
    await tx.execute(
        """
        insert into approvals (server_id, kind, holder_id, approval)
        values (:server_id, :kind, :holder_id, :approval)
        on conflict (server_id, kind, holder_id) do update set approval = excluded.approval
        """,
        {**key, "approval": approval},
    )


def _rule(row: Row) -> ApprovalRule:
    values: Row = {
        **row,
        "kind": ApprovalKind(row["kind"]),
        "approval": Approval(row["approval"]),
    }
    return ApprovalRule(**values)
