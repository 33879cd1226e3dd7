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
        self,
        tell: Callable[[World, Transcript], Awaitable[None]],
        *,
        invited: bool = True,
        **settings: str,
    ) -> None:
        self.tell = tell
        self.name = tell.__name__.replace("_", "-")
        self.sentence = inspect.getdoc(tell) or ""
        # Whether the bot is in the server from the start, and members may render.
        self.invited = invited
        self.settings = settings


async def play(story: Story, out: TextIO) -> None:
    """Play a story; raise StoryBroken, with the bot's last lines, when it ends badly."""
    async with World.open(story.settings) as world, Transcript(world, out) as tell:
        try:
            await _begin(story, world, tell)
            await story.tell(world, tell)
            await _close(world, tell)
            for message in world.videos[-1:]:
                tell.keep_video(message, VIDEOS / f"{story.name}.mp4")
        except (AssertionError, TimeoutError, LookupError) as error:
            lines = world.bot.log.splitlines()[-LAST_LOG_LINES:]
            raise StoryBroken("\n".join([str(error) or repr(error), *lines])) from error


async def _begin(story: Story, world: World, tell: Transcript) -> None:
    if not story.invited:
        world.server.remove_bot()
    tell.write("the bot starts")
    await world.start_bot()
    if story.invited:
        await world.open_server()
        tell.write(f"{world.admin.name}, who runs the server, opens it to members: /server setup")


async def _close(world: World, tell: Transcript) -> None:
    tell.check("the bot stops when it is asked to", await world.bot.stop() == 0)
    for violation in (*world.discord.violations, *world.provider.violations):
        tell.write(f"against the rules: {violation}")
    tell.check("no rule of Discord was broken", not world.discord.violations)
    tell.check("no rule of the provider was broken", not world.provider.violations)
