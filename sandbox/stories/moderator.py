"""A moderator steers the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World


async def moderator(world: World, tell: Transcript) -> None:
    """Cancel a waiting video, pause the server and resume it, as a moderator."""
    world.provider.hold()
    await tell.command(world.mira, world.channel, "video", prompt="Lanterns drift upstream.")
    await world.provider.created()
    await tell.command(world.tom, world.channel, "video", prompt="An advert for socks.")

    await tell.command(world.moderator, world.channel, "queue list")
    (waiting,) = await world.moderator.autocomplete(world.channel, "queue cancel", "id", "")
    await tell.command(
        world.moderator, world.channel, "queue cancel", id=waiting.value, reason="off topic"
    )
    cancelled = await world.told(world.tom)
    tell.check("Tom reads why", "off topic" in cancelled.text)

    await tell.command(world.moderator, world.channel, "queue pause", reason="film night")
    refusal = await tell.command(world.tom, world.channel, "video", prompt="Fireflies in a jar.")
    tell.check("Tom reads who paused and why", "film night" in refusal.text)
    await tell.command(world.moderator, world.channel, "queue resume")

    world.provider.release()
    await world.told(world.mira)
    tell.check("only Mira's video was paid for", len(world.provider.billed) == 1)
    tell.check("the provider never heard of Tom's", world.provider.create_calls == 1)
