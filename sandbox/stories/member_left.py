"""A member goes before the video comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World


async def member_left(world: World, tell: Transcript) -> None:
    """Leave while one video renders and one waits; nobody else sees the one, nobody pays twice."""
    world.provider.hold()
    await tell.command(world.mira, world.channel, "video", prompt="Snow on a bandstand.")
    task = await world.provider.created()
    await tell.command(world.tom, world.channel, "video", prompt="A gull steals the chips.")

    tell.write("Mira and Tom leave the server")
    await world.mira.leave()
    await world.tom.leave()
    world.provider.release()
    kept = await world.channel.wait_for(lambda message: "could not be posted" in message.text)
    tell.check("Mira's video is kept for her", "it is kept for you" in kept.text)
    await world.channel.wait_for(lambda message: "Its member left the server" in message.text)
    tell.check("Tom's was never paid for", world.provider.create_calls == 1)
    tell.check("nothing but the two cards was posted", len(world.channel.messages) == 2)

    tell.write("Mira comes back")
    mira = world.server.add_member(world.mira.person)
    (mine,) = await mira.autocomplete(world.channel, "renders show", "id", "")
    shown = await tell.command(mira, world.channel, "renders show", id=mine.value)
    await tell.press(mira, shown, "Post it here")
    (video,) = world.videos
    tell.check("the video is the provider's, byte for byte", video.attachments[0].data == task.film)
    tell.check("it pings Mira and nobody else", video.mentions == [mira.person])
