"""Play the story once for every edge, kill the bot there, and see which promises were kept."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sandbox.discord import ClientRefused
from tests.chaos.lives import Stuck
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
    broken: list[Broken] = []
    async with Story.open(kill_at=kill_at, **settings) as story:
        try:
            await story.tell()
        except (Stuck, TimeoutError, ClientRefused) as error:
            broken.append(Broken(promise="never lost", how=f"waited in vain: {error!r}"))
        broken += check(story)
        return Ending(
            kill_at=kill_at,
            edges=story.lives.edges,
            killed=story.lives.killed,
            broken=broken,
            states={outcome.name: outcome.state for outcome in outcomes(story)},
            log="\n".join([*story.lives.logs, story.world.bot.log])[-LAST_WORDS:],
            seconds=time.monotonic() - started,
        )
