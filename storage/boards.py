"""Keep where each server shows its desk to its staff: every attempt before it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from storage import events
from storage.database import Transaction, Value
from storage.records import Event

# Discord takes 25 characters, and forgets within minutes.
_NUMBERS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Say where a server wants its board."""

    server_id: int
    # None: nowhere.
    channel_id: int | None
    # When somebody asked for it last; what was posted before is replaced.
    asked_at_ms: int
    # Since when nothing can be posted there; somebody must ask for it again.
    closed_at_ms: int | None
    # How often it was posted, or was to be.
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Record one message that is, was or may have become a board."""

    server_id: int
    attempt: int
    channel_id: int
    attempted_at_ms: int
    message_id: int | None = None

    @property
    def nonce(self) -> str:
        """Return what Discord de-duplicates by, for a few minutes and all servers."""
        return f"b{self.server_id}.{self.attempt % _NUMBERS}"


async def find(tx: Transaction, server_id: int) -> Board | None:
    """Return a server's board; None when it never had one."""
    row = await tx.fetch_one(
        "select * from boards where server_id = :server_id", {"server_id": server_id}
    )
    return Board(**row) if row else None


async def to_do(tx: Transaction) -> tuple[Board, ...]:
    """Return the boards that are shown, and those of which something is left to delete."""
    rows = await tx.fetch_all(
        """
        select * from boards
        where channel_id is not null and closed_at_ms is null
            or exists (select 1 from board_posts where board_posts.server_id = boards.server_id)
        order by server_id
        """
    )
    return tuple(Board(**row) for row in rows)


async def show(
    tx: Transaction, server_id: int, channel_id: int, *, at_ms: int, author_id: int
) -> None:
    """Have the board posted in a channel, also if it stands there already."""
    await tx.execute(
        """
        insert into boards (server_id, channel_id, asked_at_ms, attempts)
        values (:server_id, :channel_id, :at_ms, 0)
        on conflict (server_id) do update
        set channel_id = excluded.channel_id, asked_at_ms = excluded.asked_at_ms,
            closed_at_ms = null
        """,
        {"server_id": server_id, "channel_id": channel_id, "at_ms": at_ms},
    )
    await _note(tx, "board.set", server_id, channel_id, at_ms=at_ms, author_id=author_id)


async def end(tx: Transaction, server_id: int, *, at_ms: int, author_id: int) -> bool:
    """Have the board deleted; False: there was none."""
    board = await find(tx, server_id)
    if board is None or board.channel_id is None:
        return False
    await _set(tx, server_id, "channel_id = null, closed_at_ms = null")
    await _note(tx, "board.end", server_id, None, at_ms=at_ms, author_id=author_id)
    return True


async def close(tx: Transaction, board: Board, *, at_ms: int) -> None:
    """Note that a channel takes nothing, unless somebody has asked again since."""
    await _set(
        tx,
        board.server_id,
        "closed_at_ms = :at_ms",
        "asked_at_ms = :asked_at_ms",
        at_ms=at_ms,
        asked_at_ms=board.asked_at_ms,
    )


async def begin(tx: Transaction, server_id: int, channel_id: int, *, at_ms: int) -> Post:
    """Record an attempt before it is made."""
    await _set(tx, server_id, "attempts = attempts + 1")
    rows = await tx.fetch_all(
        """
        insert into board_posts (server_id, attempt, channel_id, attempted_at_ms)
        select server_id, attempts, :channel_id, :at_ms from boards where server_id = :server_id
        returning *
        """,
        {"server_id": server_id, "channel_id": channel_id, "at_ms": at_ms},
    )
    return Post(**rows[0])


async def posts(tx: Transaction, server_id: int) -> tuple[Post, ...]:
    """Return every attempt that is not deleted, the newest first."""
    rows = await tx.fetch_all(
        "select * from board_posts where server_id = :server_id order by attempt desc",
        {"server_id": server_id},
    )
    return tuple(Post(**row) for row in rows)


async def repeat(tx: Transaction, post: Post, *, at_ms: int) -> None:
    """Record that an attempt is made anew, because nothing came of it until this moment."""
    await _set_post(tx, post, "attempted_at_ms = :value", at_ms)


async def posted(tx: Transaction, post: Post, message_id: int) -> None:
    """Record as which message an attempt succeeded."""
    await _set_post(tx, post, "message_id = :value", message_id)


async def drop(tx: Transaction, post: Post) -> None:
    """Forget a message that is gone, or an attempt of which nothing came."""
    await tx.execute(
        "delete from board_posts where server_id = :server_id and attempt = :attempt",
        {"server_id": post.server_id, "attempt": post.attempt},
    )


async def _set(
    tx: Transaction, server_id: int, change: str, guard: str = "true", **values: Value
) -> None:
    await tx.execute(
        f"update boards set {change} where server_id = :server_id and {guard}",  # noqa: S608 - ours
        {"server_id": server_id, **values},
    )


async def _set_post(tx: Transaction, post: Post, change: str, value: int) -> None:
    await tx.execute(
        f"update board_posts set {change} where server_id = :server_id and attempt = :attempt",  # noqa: S608 - ours
        {"server_id": post.server_id, "attempt": post.attempt, "value": value},
    )


async def _note(
    tx: Transaction,
    action: str,
    server_id: int,
    channel_id: int | None,
    *,
    at_ms: int,
    author_id: int,
) -> None:
    act = Event(
        render_id=None,
        at_ms=at_ms,
        author=str(author_id),
        why=action,
        server_id=server_id,
        action=action,
        target="server",
        new_value=events.written({"channel_id": channel_id}) if channel_id else "",
    )
    await events.add(tx, act)
