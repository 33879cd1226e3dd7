"""Measure how long the line keeps the database: `python -m tests.storage.crowd`.

5,000 renders wait in 50 servers of 20 members, beside 100,000 that are over.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from render.line import Line, line_of
from storage import Database, Transaction, queue
from storage.queue import Caps
from storage.records import Render, State
from tests.storage.examples import NOW_MS, render

SERVERS: Final = 50
MEMBERS: Final = 20
WAITING: Final = 5_000
OVER: Final = 100_000
TIMES: Final = 50
CAPS: Final = Caps(in_all=3, per_server=2, per_member=2)
_ENDS: Final = (State.DELIVERED,) * 8 + (State.FAILED, State.CANCELLED)


def crowd(dice: random.Random) -> list[Render]:
    """Make renders that wait, two that run, and a long history."""

    def one(number: int, **changes: object) -> Render:
        server_id, member_id = 1 + number % SERVERS, 1 + number // SERVERS % MEMBERS
        return render(server_id=server_id, member_id=member_id, **changes)

    waiting = [
        one(number, created_at_ms=NOW_MS - dice.randrange(10**6)) for number in range(WAITING)
    ]
    over = [
        one(
            dice.randrange(10**6), state=dice.choice(_ENDS), submitted_at_ms=NOW_MS - 10**7 + number
        )
        for number in range(OVER)
    ]
    running = [one(number, state=State.RENDERING, submitted_at_ms=NOW_MS) for number in range(2)]
    return [*over, *waiting, *running]


async def keep(tx: Transaction, made: list[Render]) -> None:
    """Keep them with their cards; only what must be quick is asked of the tables' own functions."""
    names = [field.name for field in fields(Render)]
    marks = ", ".join(f":{name}" for name in names)
    for number, one in enumerate(made, start=1):
        row: dict[str, Any] = {name: getattr(one, name) for name in names}
        await tx.execute(f"insert into renders ({', '.join(names)}) values ({marks})", row)
        await tx.execute(
            "insert into messages values (:id, 1, 'card', 1, 1, :number)",
            {"id": one.id, "number": number},
        )


async def main() -> None:
    """Print the median and the slowest of many times."""

    async def claim(tx: Transaction) -> Render | None:
        return await queue.next_claimable(tx, now_ms=NOW_MS, caps=CAPS)

    async def order(tx: Transaction) -> int:
        return len(await queue.waiting_order(tx, CAPS))

    async def look(tx: Transaction) -> Line:
        return await line_of(tx, CAPS, NOW_MS)

    async def moments(tx: Transaction) -> object:
        return await queue.overdue(tx, 0), await queue.next_moments(tx, NOW_MS)

    asked: dict[str, Callable[[Transaction], Awaitable[object]]] = {
        "whose turn it is": claim,
        "the turns of all": order,
        "how all wait, as the cards read it": look,
        "cards that are missing": queue.without_card,
        "waits that are over, and the next moment": moments,
    }
    with TemporaryDirectory() as folder:
        async with Database.open(f"sqlite:///{Path(folder)}/paperboat.db") as database:
            await database.transaction(lambda tx: keep(tx, crowd(random.Random(7))))
            for what, work in asked.items():
                seconds = sorted([await _seconds(database, work) for _ in range(TIMES)])
                median = 1000 * statistics.median(seconds)
                sys.stdout.write(
                    f"{what}: median {median:.1f} ms, max {1000 * seconds[-1]:.1f} ms\n"
                )


async def _seconds(database: Database, work: Callable[[Transaction], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await database.read(work)
    return time.perf_counter() - began


if __name__ == "__main__":
    asyncio.run(main())
