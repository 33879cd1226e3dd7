"""Play the story once for every edge, kill the bot there, and see which promises were kept."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sandbox.discord import ClientRefused
from tests.chaos.lives import Lives, Stuck
from tests.chaos.promises import Broken, check, outcomes
from tests.chaos.story import Story

LAST_WORDS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Say how a story went whose bot was killed at one edge, or at none."""

    kill_at: int
    edges: list[str]
    killed: bool
    broken: list[Broken]
    # By member, what became of each wish.
    states: dict[str, str]
    log: str
    seconds: float

    @property
    def edge(self) -> str:
        """Name the edge at which the bot died."""
        return self.edges[self.kill_at - 1] if self.killed else ""


async def play(kill_at: int = 0, **settings: str) -> Ending:
    """Play the whole story with one death, and check every promise at its end."""
    started = time.monotonic()
    async with Story.open(lambda world: Lives(world, kill_at=kill_at, **settings)) as story:
        broken = await tell(story)
        return Ending(
            kill_at=kill_at,
            edges=story.lives.edges,
            killed=story.lives.killed,
            broken=broken,
            states={outcome.name: outcome.state for outcome in outcomes(story)},
            log="\n".join([*story.lives.logs, story.world.bot.log])[-LAST_WORDS:],
            seconds=time.monotonic() - started,
        )


async def tell(story: Story) -> list[Broken]:
    """Tell a story to its end; return the promises that it broke."""
    try:
        await story.tell()
    except (Stuck, TimeoutError, ClientRefused) as error:
        return [Broken(promise="never lost", how=f"waited in vain: {error!r}"), *check(story)]
    return check(story)
