"""Measure what members feel and what hosts pay for: `python -m sandbox.figures`."""

from __future__ import annotations

import asyncio
import math
import statistics
import time
from typing import TYPE_CHECKING

from sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord import Member

ALONE = 100
CROWD = 50
ROUNDS = 4
# Room for everybody: the figures are about speed, the refusals have tests of their own.
ROOMY = {
    "SPEND_DAILY_CREDITS": "1000000",
    "SPEND_MONTHLY_CREDITS": "1000000",
    "QUOTA_DAILY_CREDITS": "100000",
    "QUOTA_RENDERS_AT_ONCE": "1000",
    "QUEUE_LENGTH": "1000",
}
IDLE_SECONDS = 5


async def main() -> None:
    """Print the memory of an idle bot, and how fast it acknowledges."""
    async with World.open(ROOMY) as world:
        begun = time.monotonic()
        await world.start_bot()
        print(f"ready after {time.monotonic() - begun:.2f} s")
        await asyncio.sleep(IDLE_SECONDS)
        print(f"resident memory of the idle bot: {world.bot.resident_mib:.1f} MiB")

        alone = [await _ask(world, world.mira, number) for number in range(ALONE)]
        print(_line(f"one /video at a time, {ALONE} of them", alone))

        crowd = [world.server.add_member(f"Member {number}") for number in range(CROWD)]
        together: list[float] = []
        for number in range(ROUNDS):
            together += await asyncio.gather(*(_ask(world, one, number) for one in crowd))
        print(_line(f"{CROWD} /video at once, {ROUNDS} rounds", together))
        print(f"resident memory afterwards: {world.bot.resident_mib:.1f} MiB")


async def _ask(world: World, member: Member, number: int) -> float:
    """Return the seconds from the event on the wire to the acknowledgement read."""
    reply = await member.command(world.channel, "video", prompt=f"A paper boat, {number}.")
    await reply.settled(timeout=30)
    return reply.acknowledged_after


def _line(what: str, seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    p99 = ordered[math.ceil(0.99 * len(ordered)) - 1]
    return (
        f"gateway event to acknowledgement, {what}: "
        f"median {1000 * statistics.median(ordered):.1f} ms, p99 {1000 * p99:.1f} ms, "
        f"max {1000 * ordered[-1]:.1f} ms"
    )


if __name__ == "__main__":
    asyncio.run(main())
