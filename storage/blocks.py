"""Keep who may not render in a server, until when and why."""

from __future__ import annotations

from dataclasses import replace

from storage import events
from storage.database import Row, Transaction
from storage.records import Block, Cause, Event

# What the provider answers to a render itself: its words, its pictures, its settings. Each may
# have been billed. Not so what the bot's account, its key or its models are to blame for.
SETBACKS = (
    Cause.TEXT_REFUSED,
    Cause.IMAGE_REFUSED,
    Cause.REAL_PERSON_REFUSED,
    Cause.AUDIO_REFUSED,
    Cause.OUTPUT_REFUSED,
    Cause.BAD_INPUT,
    Cause.PROVIDER_FAILED,
)


async def find(tx: Transaction, server_id: int, member_id: int) -> Block | None:
    """Return a member's last block, whether or not it is in force."""
    row = await tx.fetch_one(
        "select * from blocks where server_id = :server_id and member_id = :member_id",
        {"server_id": server_id, "member_id": member_id},
    )
    return Block(**row) if row else None


async def in_force(tx: Transaction, server_id: int, now_ms: int) -> tuple[Block, ...]:
    """Return a server's blocks that hold now, the newest first."""
    rows = await tx.fetch_all(
        """
        select * from blocks
        where server_id = :server_id and (until_ms is null or until_ms > :now_ms)
        order by at_ms desc, member_id
        """,
        {"server_id": server_id, "now_ms": now_ms},
    )
    return tuple(Block(**row) for row in rows)


async def put(tx: Transaction, block: Block) -> None:
    """Block a member, in place of an earlier block, and write the act down."""
    old = await find(tx, block.server_id, block.member_id)
    in_its_way = old if old and old.holds(block.at_ms) else None
    await _keep(tx, block)
    await _note(
        tx,
        "block",
        block,
        in_its_way,
        block,
        at_ms=block.at_ms,
        author=block.author,
        why=block.reason,
    )


async def lift(
    tx: Transaction, *, server_id: int, member_id: int, at_ms: int, author: str, reason: str
) -> bool:
    """End a block, and write the act down; False: none was in force."""
    block = await find(tx, server_id, member_id)
    if block is None or not block.holds(at_ms):
        return False
    await _keep(tx, replace(block, until_ms=at_ms))
    await _note(
        tx, "unblock", block, block, None, at_ms=at_ms, author=author, why=reason or "unblock"
    )
    return True


async def setbacks(
    tx: Transaction, *, server_id: int, member_id: int, since_ms: int
) -> tuple[int, ...]:
    """Return when renders of a member failed by what the provider said of them, in order."""
    causes = {f"cause_{number}": cause for number, cause in enumerate(SETBACKS)}
    rows = await tx.fetch_all(
        f"""
        select state_at_ms from renders
        where server_id = :server_id and member_id = :member_id and state = 'failed'
            and state_at_ms > :since_ms and cause in ({", ".join(f":{name}" for name in causes)})
        order by state_at_ms
        """,  # noqa: S608 - placeholders
        {**causes, "server_id": server_id, "member_id": member_id, "since_ms": since_ms},
    )
    return tuple(row["state_at_ms"] for row in rows)


async def _keep(tx: Transaction, block: Block) -> None:
    values: Row = {
        "server_id": block.server_id,
        "member_id": block.member_id,
        "at_ms": block.at_ms,
        "until_ms": block.until_ms,
        "reason": block.reason,
        "author": block.author,
    }
    await tx.execute(
        """
        insert into blocks (server_id, member_id, at_ms, until_ms, reason, author)
        values (:server_id, :member_id, :at_ms, :until_ms, :reason, :author)
        on conflict (server_id, member_id) do update
        set at_ms = excluded.at_ms, until_ms = excluded.until_ms, reason = excluded.reason,
            author = excluded.author
        """,
        values,
    )


async def _note(
    tx: Transaction,
    action: str,
    of: Block,
    old: Block | None,
    new: Block | None,
    *,
    at_ms: int,
    author: str,
    why: str,
) -> None:
    act = Event(
        render_id=None,
        at_ms=at_ms,
        author=author,
        why=why,
        server_id=of.server_id,
        action=action,
        target=f"member:{of.member_id}",
        old_value=_written(old),
        new_value=_written(new),
    )
    await events.add(tx, act)


def _written(block: Block | None) -> str:
    """Write until when; for good is said in words, since nothing is no block."""
    if block is None:
        return ""
    return events.written({"until": "for good" if block.until_ms is None else block.until_ms})
