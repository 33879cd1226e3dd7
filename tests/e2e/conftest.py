from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sandbox.discord import Member, Reply
from sandbox.world import World

PROMPT = "A kingfisher dives."


@asynccontextmanager
async def running_bot(*, opened: bool = True, **settings: str) -> AsyncGenerator[World]:
    """Give a world whose bot is ready; at the end it must stop in peace, having broken no rule.

    Its server is set up by its admin, so that members may render, unless a test does that itself.
    """
    async with World.open({"UNDO_SECONDS": "0", **settings}) as world:
        await world.start_bot()
        if opened:
            await world.open_server()
        yield world
        assert await world.bot.stop() == 0, world.bot.log
        assert world.discord.violations == []
        assert world.provider.violations == []


async def ask_for_a_video(
    world: World, member: Member, prompt: str = PROMPT, **options: object
) -> Reply:
    """Send a /video for the cheapest clip, and wait for the answer."""
    reply = await member.command(
        world.channel, "video", prompt=prompt, duration=4, resolution="480p", **options
    )
    return await reply.settled()


async def assert_one_video_paid_once(world: World) -> None:
    """Wait until Mira was told, and look at everything that may not be there twice."""
    await world.told(world.mira)
    assert len(world.videos) == 1
    assert world.provider.create_calls == len(world.provider.billed) == 1
