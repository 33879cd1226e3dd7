"""Ask for renders, and bump, park and pause them, for the tests of the queue."""

from __future__ import annotations

from storage import Database, queue, settings
from storage.records import Pause, Render
from tests.storage.examples import NOW_MS, render, with_card


def asked(server: int, member: int, at: int, **changes: object) -> Render:
    return render(server_id=server, member_id=member, created_at_ms=NOW_MS - 1000 + at, **changes)


async def keep(database: Database, *made: Render) -> None:
    for one in made:
        await database.transaction(lambda tx, m=one: with_card(tx, m))


async def bump(database: Database, made: Render, at: int = 0) -> Render | None:
    return await database.transaction(
        lambda tx: queue.bump(tx, made.id, at_ms=NOW_MS + at, author="5")
    )


async def park(database: Database, made: Render, at: int = 0) -> Render | None:
    return await database.transaction(
        lambda tx: queue.park(tx, made.id, at_ms=NOW_MS + at, author="5")
    )


async def unpark(database: Database, made: Render, at: int = 0) -> Render | None:
    return await database.transaction(
        lambda tx: queue.unpark(tx, made.id, at_ms=NOW_MS + at, author="5")
    )


async def pause(database: Database, made: Render, at: int) -> None:
    stop = Pause(server_id=made.server_id, author_id=5, reason="", at_ms=NOW_MS + at)
    await database.transaction(lambda tx: settings.pause(tx, stop))


async def resume(database: Database, made: Render, at: int) -> None:
    await database.transaction(lambda tx: settings.resume(tx, made.server_id, at_ms=NOW_MS + at))
