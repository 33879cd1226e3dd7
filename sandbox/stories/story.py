"""Play one story from the opening of its world to the bot's last breath."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, TextIO

from sandbox.bot import ROOT
from sandbox.transcript import StoryBroken, Transcript
from sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

VIDEOS = ROOT / "data" / "sandbox"
LAST_LOG_LINES = 30


class Story:
    """An async function that plays, its name and sentence, and the settings that it needs."""

    def __init__(
        self, tell: Callable[[World, Transcript], Awaitable[None]], **settings: str
    ) -> None:
        self.tell = tell
        self.name = tell.__name__.replace("_", "-")
        self.sentence = inspect.getdoc(tell) or ""
        self.settings = settings


async def play(story: Story, out: TextIO) -> None:
    """Play a story; raise StoryBroken, or whatever else went wrong, when it ends badly."""
    async with World.open(story.settings) as world, Transcript(world, out) as transcript:
        try:
            await world.start_bot()
            transcript.write(f"{story.sentence}")
            await story.tell(world, transcript)
            for message in world.videos[-1:]:
                transcript.keep_video(message, VIDEOS / f"{story.name}.mp4")
            await _close(world, transcript)
        except (AssertionError, TimeoutError, LookupError) as error:
            lines = "\n".join(world.bot.log.splitlines()[-LAST_LOG_LINES:])
            transcript.write("The story broke. The bot's last lines were:", lines)
            raise StoryBroken(str(error) or repr(error)) from error


async def _close(world: World, transcript: Transcript) -> None:
    transcript.check("the bot stops when it is asked to", await world.bot.stop() == 0)
    _blame(world.discord.violations, "Discord")
    _blame(world.provider.violations, "the provider")


def _blame(violations: list[str], who: str) -> None:
    if violations:
        raise StoryBroken(f"{who} would not have taken: {'; '.join(violations)}")
