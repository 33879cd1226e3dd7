"""Discord loses sight of the server for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World


async def server_unavailable(world: World, tell: Transcript) -> None:
    """Have an outage while one video renders and one waits, and give neither up."""
    world.provider.hold()
    await tell.command(world.mira, world.channel, "video", prompt="Lanterns rise over a bridge.")
    first = await world.provider.created()
    await tell.command(world.tom, world.channel, "video", prompt="Frost grows on a window.")

    tell.write("Discord has an outage: the server is unavailable, the bot is still in it")
    world.server.become_unavailable()
    world.provider.release()
    await world.provider.until(lambda: first.ended)
    await world.logged("the server is unavailable")
    tell.check("nothing was posted", not world.videos)

    tell.write("the outage is over")
    world.server.become_available()
    result = await world.told(world.mira)
    tell.check(
        "the video is the provider's, byte for byte", result.attachments[0].data == first.film
    )
    tell.check("it was posted once", len(world.videos) == 1)
    (waiting,) = await world.tom.autocomplete(world.channel, "renders show", "id", "")
    shown = await tell.command(world.tom, world.channel, "renders show", id=waiting.value)
    tell.check("Tom's was not given up", "Cancelled" not in shown.text)
