"""Keep the words that a server does not render, or not without a moderator's yes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from storage import events
from storage.database import Transaction
from storage.records import Consequence, Event, Word


async def of_server(tx: Transaction, server_id: int) -> tuple[Word, ...]:
    """Return the list of a server, in the order of the alphabet."""
    rows = await tx.fetch_all(
        "select * from words where server_id = :server_id order by pattern",
        {"server_id": server_id},
    )
    return tuple(
        Word(
            server_id=row["server_id"],
            pattern=row["pattern"],
            consequence=Consequence(row["consequence"]),
        )
        for row in rows
    )


async def put(
    tx: Transaction, words: Sequence[Word], *, server_id: int, author: str, at_ms: int
) -> None:
    """Add words, or change what becomes of them; the act names only what is new or changed."""
    known = {word.pattern: word for word in await of_server(tx, server_id)}
    changed = {word.pattern: word for word in words if known.get(word.pattern) != word}
    for word in changed.values():
        await tx.execute(
            """
            insert into words (server_id, pattern, consequence)
            values (:server_id, :pattern, :consequence)
            on conflict (server_id, pattern) do update set consequence = excluded.consequence
            """,
            {
                "server_id": server_id,
                "pattern": word.pattern,
                "consequence": word.consequence,
            },
        )
    if changed:
        before = [known[pattern] for pattern in changed if pattern in known]
        new = list(changed.values())
        await _note(tx, server_id, "words.add", before, new, author=author, at_ms=at_ms)


async def drop(
    tx: Transaction, patterns: Collection[str], *, server_id: int, author: str, at_ms: int
) -> tuple[Word, ...]:
    """Take words off the list; return those that were on it."""
    gone = tuple(word for word in await of_server(tx, server_id) if word.pattern in patterns)
    for word in gone:
        await tx.execute(
            "delete from words where server_id = :server_id and pattern = :pattern",
            {"server_id": server_id, "pattern": word.pattern},
        )
    if gone:
        await _note(tx, server_id, "words.remove", gone, (), author=author, at_ms=at_ms)
    return gone


async def _note(
    tx: Transaction,
    server_id: int,
    action: str,
    old: Sequence[Word],
    new: Sequence[Word],
    *,
    author: str,
    at_ms: int,
) -> None:
    act = Event(
        render_id=None,
        at_ms=at_ms,
        author=author,
        why=action,
        server_id=server_id,
        action=action,
        target="server",
        old_value=_written(old),
        new_value=_written(new),
    )
    await events.add(tx, act)


def _written(words: Sequence[Word]) -> str:
    """Write words by what becomes of them."""
    lists = {
        consequence: [word.pattern for word in words if word.consequence is consequence]
        for consequence in Consequence
    }
    return events.written(
        {consequence: events.listed(found) for consequence, found in lists.items() if found}
    )
