"""A video between two pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import Upload
from sandbox.film import make_picture

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World

SUNRISE, DUSK = 0, 2


async def two_frames(world: World, tell: Transcript) -> None:
    """Give a first and a last frame, and get the video between them."""
    await tell.command(
        world.mira,
        world.channel,
        "video",
        prompt="A paper boat crosses the lake from sunrise to dusk.",
        first_frame=Upload("sunrise.png", make_picture((1280, 720), SUNRISE)),
        last_frame=Upload("dusk.png", make_picture((1280, 720), DUSK)),
    )
    result = await world.told(world.mira)

    (task,) = world.provider.tasks
    tell.check("the provider got both frames", task.asked.first and task.asked.last)
    tell.check("the video has their shape", task.asked.ratio == "16:9")
    tell.check(
        "the video is the provider's, byte for byte", result.attachments[0].data == task.film
    )
    tell.check("it was paid once", len(world.provider.billed) == 1)
