"""The shortest way to a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World

PROMPT = "A paper boat drifts on a quiet lake at sunrise."


async def text_only(world: World, tell: Transcript) -> None:
    """Turn a sentence into a posted video."""
    reply = await tell.command(world.mira, world.channel, "video", prompt=PROMPT)
    result = await world.told(world.mira)

    (task,) = world.provider.tasks
    tell.check("the acknowledgement was for Mira's eyes alone", reply.private)
    tell.check("the provider got the words that Mira typed", task.asked.prompt == PROMPT)
    tell.check(
        "the video is the provider's, byte for byte", result.attachments[0].data == task.film
    )
    tell.check("it was paid once", len(world.provider.billed) == 1)
    tell.check("it pings Mira and nobody else", result.mentions == [world.mira.person])
