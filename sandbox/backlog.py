"""Let bots die over a thousand unfinished renders, and see how soon the next has them all."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import TYPE_CHECKING

from sandbox.provider import Fault, Where
from sandbox.world import LOG_SECONDS, World

if TYPE_CHECKING:
    from sandbox.discord import Member

# In these states when the first bot dies; all that is left of the thousand is queued.
UNKNOWN, RENDERED, RENDERING, SUBMITTING = 10, 20, 60, 10
ALL = 1000
AT_ONCE = 25
STARTS = 3
FOREVER_SECONDS = 3600.0
TAKEN_UP = f"Took up {ALL} unfinished renders"
LONGEST_SECONDS = 120
SETTINGS = {
    "UNDO_SECONDS": "0",
    "POLL_FIRST_SECONDS": "1",
    "POLL_INTERVAL_SECONDS": "10",
    "SEEDANCE_CONCURRENCY": str(RENDERING + SUBMITTING),
    "SPEND_DAILY_CREDITS": "1000000",
    "SPEND_MONTHLY_CREDITS": "1000000",
    "QUOTA_DAILY_CREDITS": "100000",
    "QUOTA_RENDERS_AT_ONCE": "1000",
    "QUEUE_LENGTH": "1000",
}


async def measure() -> str:
    """Return a line that says how long a start takes until every render is scheduled again."""
    async with World.open(SETTINGS) as world:
        await world.start_bot()
        await _pile_up(world)
        seconds = [await _start_over(world) for _ in range(STARTS)]
    listed = ", ".join(f"{1000 * each:.0f}" for each in seconds)
    return (
        f"start of the process to all of {ALL} unfinished renders scheduled again:"
        f" median {1000 * statistics.median(seconds):.0f} ms of {STARTS} starts ({listed})"
    )


async def _pile_up(world: World) -> None:
    """Fill every state that a bot can die in; the queue comes last, when no slot is free."""
    provider = world.provider
    provider.fail(Fault.RESET_AFTER_CREATION, times=UNKNOWN)
    await _ask(world, UNKNOWN)
    await _came_to(world, "unknown", UNKNOWN)
    # 0 times is for ever.
    provider.fail(Fault.VIDEO_STALLS, times=0, delay_seconds=FOREVER_SECONDS)
    await _ask(world, RENDERED)
    await _came_to(world, "rendered", RENDERED)
    provider.queue_seconds = FOREVER_SECONDS
    await _ask(world, RENDERING)
    await _came_to(world, "rendering", RENDERED + RENDERING)
    provider.fail(Fault.SLOW, where=Where.CREATE, times=0, delay_seconds=FOREVER_SECONDS)
    await _ask(world, SUBMITTING)
    await _came_to(world, "submitting", UNKNOWN + RENDERED + RENDERING + SUBMITTING)
    await _ask(world, ALL - UNKNOWN - RENDERED - RENDERING - SUBMITTING)


async def _ask(world: World, renders: int) -> None:
    """Have so many renders accepted, as many at a time as there are members for it."""
    crowd = [world.server.add_member(f"Sailor {number}") for number in range(AT_ONCE)]
    for begin in range(0, renders, AT_ONCE):
        members = crowd[: renders - begin]
        await asyncio.gather(*(_one(world, member, begin) for member in members))


async def _one(world: World, member: Member, number: int) -> None:
    prompt = f"A paper boat, {number}."
    reply = await member.command(
        world.channel, "video", prompt=prompt, duration=4, resolution="480p"
    )
    await reply.settled(timeout=60)
    if "Accepted" not in reply.text:
        raise RuntimeError(reply.text)


async def _came_to(world: World, state: str, renders: int) -> None:
    """Wait until the bot has logged so many transitions to a state."""
    await _logged(world, f" is {state}\n", renders)


async def _logged(world: World, words: str, times: int) -> None:
    async with asyncio.timeout(LONGEST_SECONDS):
        while world.bot.log.count(words) < times:  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(LOG_SECONDS)


async def _start_over(world: World) -> float:
    """Kill the bot, and return how long the next one takes to have every render scheduled."""
    await world.kill_bot()
    world.bot = world.another_bot()
    begun = time.monotonic()
    await world.start_bot()
    await _logged(world, TAKEN_UP, 1)
    return time.monotonic() - begun


if __name__ == "__main__":
    print(asyncio.run(measure()))
