"""Stop the bot by a signal at random moments: `python -m tests.chaos.stops`.

Each moment is one story, told on by the next start and checked at its end. A seed gives the same
moments again, as parts of the story's length.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from sandbox.world import World
from tests.chaos.lives import LOOK_SECONDS, Lives
from tests.chaos.matrix import play as undisturbed
from tests.chaos.matrix import tell
from tests.chaos.promises import Broken
from tests.chaos.story import Story

SIGNALS = (signal.SIGTERM, signal.SIGINT)
LONGEST_SECONDS = 8.0
MOMENTS = 50
PARALLEL = 3
PROMISE = "stopping is safe at any time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Say which signal comes, and when: 0 is the first start of a process, 1 the story's end."""

    part: float
    how: signal.Signals


@dataclass(slots=True, kw_only=True)
class Stop:
    """Say how a bot took a signal, and what the story that went on after it broke."""

    at_seconds: float
    how: signal.Signals
    seconds: float = 0.0
    code: int | None = None
    broken: list[Broken] = field(default_factory=list[Broken])
    log: str = ""

    def faults(self) -> Iterator[Broken]:
        """Return what was wrong with the stop itself."""
        if self.seconds > LONGEST_SECONDS:
            yield Broken(promise=PROMISE, how=f"took {self.seconds:.1f} s")
        if self.code != 0:
            yield Broken(promise=PROMISE, how=f"ended with {self.code}")

    def __str__(self) -> str:
        faults = "".join(f"\n       {one.promise}: {one.how}" for one in self.broken)
        return (
            f"{self.how.name:7} at {self.at_seconds:5.2f} s: ended with {self.code}"
            f" after {1000 * self.seconds:4.0f} ms{faults}"
        )


class StoppedLives(Lives):
    """Lives of which one is stopped by a signal, a while after the first began."""

    def __init__(self, world: World, stop: Stop) -> None:
        super().__init__(world)
        self._stop = stop
        self._sent = False
        self._stopping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the bot, and with the first start the way to the signal."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._signal())
        await super().start()

    async def end(self) -> None:
        """Stop the bot for good, but not before the signal came."""
        if self._stopping is not None:
            await self._outlast(self._stopping)
        await super().end()

    async def _signal(self) -> None:
        """Send the signal to whichever process lives then, and see how it ends.

        Before a process comes to the first lines of ours nothing is begun, and a signal ends the
        interpreter in its own way; so a moment that falls there waits for those lines.
        """
        await asyncio.sleep(self._stop.at_seconds)
        while not (self._world.bot.running and self._world.bot.has_begun):  # noqa: ASYNC110 - no event
            await asyncio.sleep(LOOK_SECONDS)
        bot = self._world.bot
        sent_at = time.monotonic()
        self._sent = True
        os.kill(bot.pid or 0, self._stop.how)
        try:
            self._stop.code = await bot.ended(within_seconds=2 * LONGEST_SECONDS)
        except TimeoutError:
            await bot.kill()
        self._stop.seconds = time.monotonic() - sent_at

    def _foreseen(self, code: int) -> bool:
        """Say whether the signal was sent; how the process took it is judged apart."""
        return self._sent


def moments(count: int, seed: int) -> list[Moment]:
    """Return moments that are spread by chance, with the signals in turn."""
    dice = random.Random(seed)
    return [Moment(part=dice.random(), how=how) for how in islice(cycle(SIGNALS), count)]


async def play(moment: Moment, story_seconds: float) -> Stop:
    """Tell a story of so many seconds with one stop, and check every promise at its end."""
    stop = Stop(at_seconds=moment.part * story_seconds, how=moment.how)
    async with Story.open(lambda world: StoppedLives(world, stop)) as story:
        stop.broken += await tell(story)
        stop.log = "\n".join([*story.lives.logs, story.world.bot.log])
    stop.broken += stop.faults()
    return stop


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the moments; return 0 when each stop was in time and every promise kept, else 1."""
    options = _parser().parse_args(arguments)
    return asyncio.run(_run(options.moments, options.seed, options.parallel))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.stops", description=__doc__)
    parser.add_argument(
        "--moments", type=int, default=MOMENTS, help="how many (default: %(default)s)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=random.randrange(10_000),
        help="play the moments of a seed again",
    )
    parser.add_argument(
        "--parallel", type=int, default=PARALLEL, help="stories at once (default: %(default)s)"
    )
    return parser


async def _run(count: int, seed: int, parallel: int) -> int:
    # As crowded as it will be, so that the moments reach to the end of the story.
    calm = await asyncio.gather(*(undisturbed() for _ in range(parallel)))
    story_seconds = min(ending.seconds for ending in calm)
    _say(f"seed {seed}: {count} moments of a story of {story_seconds:.1f} s")
    turns = asyncio.Semaphore(parallel)

    async def one(moment: Moment) -> Stop:
        async with turns:
            stop = await play(moment, story_seconds)
        _say(f"{stop}\n{stop.log}" if stop.broken else str(stop))
        return stop

    stops = await asyncio.gather(*(one(moment) for moment in moments(count, seed)))
    _say(_summary(stops))
    return int(any(one.broken for one in (*calm, *stops)))


def _summary(stops: Sequence[Stop]) -> str:
    seconds = [stop.seconds for stop in stops]
    kept = sum(not stop.broken for stop in stops)
    return (
        f"\nSIGTERM or SIGINT to exit, {len(stops)} random moments:"
        f" median {statistics.median(seconds):.2f} s, max {max(seconds):.2f} s;"
        f" {kept} with every promise kept"
    )


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
