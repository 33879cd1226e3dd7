"""A channel goes before its videos come."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World


async def channel_deleted(world: World, tell: Transcript) -> None:
    """Delete a channel while one video renders for it and one waits, and tell both directly."""
    world.provider.hold()
    attic = world.server.add_channel("attic")
    await tell.command(world.mira, attic, "video", prompt="Dust dances in a beam of light.")
    task = await world.provider.created()
    await tell.command(world.tom, attic, "video", prompt="A trunk opens by itself.")

    tell.write("#attic is deleted")
    attic.delete()
    world.provider.release()
    await world.discord.until(lambda: bool(world.mira.direct_messages))
    (video,) = world.mira.direct_messages
    tell.check("the video is the provider's, byte for byte", video.attachments[0].data == task.film)
    await world.discord.until(lambda: bool(world.tom.direct_messages))
    (told,) = world.tom.direct_messages
    tell.check("Tom is told why there is none", "can no longer write" in told.text)
    quota = await tell.command(world.tom, world.channel, "quota")
    tell.check("Tom has his whole allowance back", "120 of 120" in quota.text)
    tell.check("his was never paid for", world.provider.create_calls == 1)
    tell.check("nothing was posted in other channels", not world.channel.messages)
