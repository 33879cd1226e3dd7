"""The bot is thrown out, and invited again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World


async def bot_removed(world: World, tell: Transcript) -> None:
    """Remove the bot while one video renders and one waits, and lose neither video nor credits."""
    world.provider.hold()
    await tell.command(world.mira, world.channel, "video", prompt="Moths find the lamp.")
    task = await world.provider.created()
    await tell.command(world.tom, world.channel, "video", prompt="A train leaves the valley.")

    tell.write("the bot is removed from the server")
    world.server.remove_bot()
    await world.logged("is cancelled")
    world.provider.release()
    await world.logged("is undelivered")
    tell.check("Mira's video was fetched all the same", task.downloads == 1)
    tell.check("Tom's was never paid for", world.provider.create_calls == 1)

    tell.write("the bot is invited again")
    world.server.invite_bot()
    tell.check("nothing was posted by itself", not world.videos)
    quota = await tell.command(world.tom, world.channel, "quota")
    tell.check("Tom has his whole allowance", "120 of 120" in quota.text)
    (mine,) = await world.mira.autocomplete(world.channel, "renders show", "id", "")
    shown = await tell.command(world.mira, world.channel, "renders show", id=mine.value)
    answer = await tell.press(world.mira, shown, "Post it here")
    (video,) = world.videos
    tell.check("the video is the provider's, byte for byte", video.attachments[0].data == task.film)
    tell.check("Mira is shown where it stands", video.url in answer.text)
