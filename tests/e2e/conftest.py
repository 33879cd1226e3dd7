from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sandbox.world import World


@asynccontextmanager
async def running_bot(**settings: str) -> AsyncGenerator[World]:
    """Give a world whose bot is ready; at the end it must stop in peace, having broken no rule."""
    async with World.open(settings) as world:
        await world.start_bot()
        yield world
        assert await world.bot.stop() == 0, world.bot.log
        assert world.discord.violations == []
        assert world.provider.violations == []
