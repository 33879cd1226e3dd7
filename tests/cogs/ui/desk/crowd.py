"""Measure how long a moderator waits for the list: `python -m tests.cogs.ui.desk.crowd`.

5,000 renders of one server wait; bot and stand-in share a process, so this is an upper bound.
"""

from __future__ import annotations

import asyncio
import math
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from cogs.ui import paperboat
from render.clock import SystemClock
from storage import Database, Transaction, ids
from storage.records import Render
from tests.cogs.examples import render
from tests.cogs.world import World

WAITING: Final = 5_000
MEMBERS: Final = 100
TIMES: Final = 200
# In this time the bot has looked at all cards.
QUIET_SECONDS: Final = 45


def crowd(world: World) -> Iterator[Render]:
    """Make what waits, ready only tomorrow."""
    now = SystemClock().now_ms()
    for number in range(WAITING):
        yield replace(
            render(server_id=world.server.id, channel_id=world.channel.id),
            id=ids.new_id(),
            interaction_id=number,
            member_id=world.mira.id + number % MEMBERS,
            created_at_ms=now - number,
            state_at_ms=now - number,
            ready_at_ms=now + 86_400_000,
        )


async def keep(tx: Transaction, world: World) -> None:
    """Keep them with their cards, without holds: nothing is claimed."""
    names = [field.name for field in fields(Render)]
    marks = ", ".join(f":{name}" for name in names)
    for number, one in enumerate(crowd(world), start=1):
        row: dict[str, Any] = {name: getattr(one, name) for name in names}
        await tx.execute(f"insert into renders ({', '.join(names)}) values ({marks})", row)
        await tx.execute(
            "insert into messages values (:id, 1, 'card', :channel_id, 1, :number)",
            {"id": one.id, "channel_id": one.channel_id, "number": number},
        )


async def main() -> None:
    """Print the median and the 99th percentile, from the command to the list that can be read."""
    paperboat.ALL_SERVERS_AFTER = timedelta(seconds=0.02)
    with TemporaryDirectory() as folder:
        async with World.open(Path(folder)) as world:
            async with Database.open(world.environment["DATABASE_URL"]) as database:
                await database.transaction(lambda tx: keep(tx, world))
            await world.start()
            await asyncio.sleep(QUIET_SECONDS)
            seconds = sorted([await _seconds(world) for _ in range(TIMES)])
    p99 = seconds[math.ceil(0.99 * len(seconds)) - 1]
    sys.stdout.write(
        f"/queue list with {WAITING} renders: median {1000 * statistics.median(seconds):.0f} ms,"
        f" p99 {1000 * p99:.0f} ms\n"
    )


async def _seconds(world: World) -> float:
    began = time.perf_counter()
    reply = await world.moderator.command(world.channel, "queue list")
    await reply.settled()
    assert "**5,000** wait" in reply.text
    return time.perf_counter() - began


if __name__ == "__main__":
    asyncio.run(main())
