"""Record our messages about a render: the attempt before sending, the message after."""

from __future__ import annotations

from storage.database import Row, Transaction
from storage.records import Message, Purpose


async def begin(
    tx: Transaction,
    *,
    render_id: str,
    purpose: Purpose,
    channel_id: int,
    at_ms: int,
    renew: bool,
) -> Message:
    """Record an attempt before it is made, under a number that the render has not used yet.

    Without `renew` the latest attempt at the same place stands as it is, with its own time,
    until it is repeated.
    """
    where = {"render_id": render_id, "purpose": purpose, "channel_id": channel_id}
    if not renew:
        row = await tx.fetch_one(
            """
            select * from messages
            where render_id = :render_id and purpose = :purpose and channel_id = :channel_id
            order by number desc limit 1
            """,
            where,
        )
        if row:
            return _message(row)
    rows = await tx.fetch_all(
        """
        insert into messages (render_id, number, purpose, channel_id, attempted_at_ms)
        select :render_id, coalesce(max(number), 0) + 1, :purpose, :channel_id, :at_ms
        from messages where render_id = :render_id
        returning *
        """,
        {**where, "at_ms": at_ms},
    )
    return _message(rows[0])


async def repeat(tx: Transaction, message: Message, at_ms: int) -> None:
    """Record that an attempt is made anew, because nothing came of it until this moment."""
    await tx.execute(
        """
        update messages set attempted_at_ms = :at_ms
        where render_id = :render_id and number = :number and message_id is null
        """,
        {"render_id": message.render_id, "number": message.number, "at_ms": at_ms},
    )


async def posted(tx: Transaction, message: Message, message_id: int | None) -> Message:
    """Record that an attempt succeeded, and as which message; None: deleted before we knew it."""
    rows = await tx.fetch_all(
        """
        update messages set message_id = :message_id
        where render_id = :render_id and number = :number
        returning *
        """,
        {"render_id": message.render_id, "number": message.number, "message_id": message_id},
    )
    return _message(rows[0])


async def latest(tx: Transaction, render_id: str, purpose: Purpose) -> Message | None:
    """Return the newest message that is known to be posted."""
    row = await tx.fetch_one(
        """
        select * from messages
        where render_id = :render_id and purpose = :purpose and message_id is not null
        order by number desc limit 1
        """,
        {"render_id": render_id, "purpose": purpose},
    )
    return _message(row) if row else None


async def of_render(tx: Transaction, render_id: str) -> tuple[Message, ...]:
    """Return every message about a render that is known to have been posted, in order."""
    rows = await tx.fetch_all(
        """
        select * from messages
        where render_id = :render_id and message_id is not null
        order by number
        """,
        {"render_id": render_id},
    )
    return tuple(map(_message, rows))


async def unposted(tx: Transaction, render_id: str, purpose: Purpose) -> tuple[Message, ...]:
    """Return every attempt of which it is not known whether it was posted, the newest first."""
    rows = await tx.fetch_all(
        """
        select * from messages
        where render_id = :render_id and purpose = :purpose and message_id is null
        order by number desc
        """,
        {"render_id": render_id, "purpose": purpose},
    )
    return tuple(_message(row) for row in rows)


async def by_message_id(tx: Transaction, message_id: int) -> Message | None:
    """Return what a message of ours is about; None when it is not one of these."""
    row = await tx.fetch_one(
        "select * from messages where message_id = :message_id", {"message_id": message_id}
    )
    return _message(row) if row else None


def _message(row: Row) -> Message:
    values: Row = {**row, "purpose": Purpose(row["purpose"])}
    return Message(**values)
