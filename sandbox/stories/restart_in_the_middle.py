"""A power cut between paying and posting."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World


async def restart_in_the_middle(world: World, tell: Transcript) -> None:
    """Kill the bot while the provider renders, and still get one video, paid once."""
    world.provider.hold()
    await tell.command(
        world.mira, world.channel, "video", prompt="A heron waits for the fog to lift."
    )
    task = await world.provider.created()
    await world.provider.until(lambda: task.queries > 0)

    tell.write("the bot is killed (SIGKILL)")
    await world.kill_bot()
    world.provider.release()
    await world.provider.until(lambda: task.ended)
    tell.write("the provider has finished the video; nobody is there to fetch it")

    tell.write("the bot starts again")
    await world.start_bot()
    result = await world.told(world.mira)
    tell.check(
        "the video is the provider's, byte for byte", result.attachments[0].data == task.film
    )
    tell.check("one video was posted", len(world.videos) == 1)
    tell.check("it was paid once", world.provider.create_calls == len(world.provider.billed) == 1)
