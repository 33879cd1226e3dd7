"""Moderators put the queue in order, and close it for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stories.desk import act, card, tells

if TYPE_CHECKING:
    from sandbox.discord import Member
    from sandbox.transcript import Transcript
    from sandbox.world import World

LANTERNS = "Lanterns drift upstream."
OWL = "An owl reads a map."
KITE = "A kite pulls a boat."
SOCKS = "An advert for socks."


async def moderation(world: World, tell: Transcript) -> None:
    """Park, put first and cancel what waits; take nothing new; stop one member for a while."""
    ida = world.server.add_member("Ida")
    await _another_order(world, tell, ida)
    await _drained(world, tell, ida)
    await _stopped(world, tell)
    prompts = [task.asked.prompt for task in world.provider.tasks]
    tell.check(
        "the video service saw them in the moderators' order",
        prompts == [LANTERNS, KITE, OWL, LANTERNS, KITE, OWL],
    )


async def _another_order(world: World, tell: Transcript, ida: Member) -> None:
    world.provider.hold()
    await tell.command(world.mira, world.channel, "video", prompt=LANTERNS)
    await world.provider.created()
    await tell.command(world.tom, world.channel, "video", prompt=OWL)
    await tell.command(ida, world.channel, "video", prompt=KITE)
    await act(world, tell, OWL, "Park")
    await card(world, OWL, "put it aside")
    await act(world, tell, KITE, "Put first")
    await card(world, KITE, "It is next.")

    world.provider.release()
    await world.channel.wait_for(lambda _: len(world.videos) == 2)
    tell.check("what is parked did not start", world.provider.create_calls == 2)
    await act(world, tell, OWL, "Unpark")
    await world.channel.wait_for(lambda _: len(world.videos) == 3)


async def _drained(world: World, tell: Transcript, ida: Member) -> None:
    world.provider.hold()
    await tell.command(world.mira, world.channel, "video", prompt=LANTERNS)
    await world.provider.created(4)
    await tell.command(ida, world.channel, "video", prompt=KITE)
    await tell.command(world.tom, world.channel, "video", prompt=SOCKS)
    await act(world, tell, SOCKS, "Cancel…", reason="off topic")
    await tells(world, world.tom, "off topic")

    await tell.command(world.moderator, world.channel, "queue drain", reason="film night")
    refused = await tell.command(world.tom, world.channel, "video", prompt=OWL)
    tell.check("Tom reads why nothing new is taken", "film night" in refused.text)
    tell.check("he has his prompt back", OWL in refused.text)
    world.provider.release()
    await world.channel.wait_for(lambda _: len(world.videos) == 5)
    tell.check("what waited was made all the same", world.provider.create_calls == 5)
    await tell.command(world.moderator, world.channel, "queue resume")


async def _stopped(world: World, tell: Transcript) -> None:
    world.provider.hold()
    await tell.command(world.tom, world.channel, "video", prompt=SOCKS)
    stopped = await tell.command(
        world.moderator,
        world.channel,
        "queue stop",
        member=world.tom,
        reason="adverts, again",
        hours=2,
    )
    tell.check("Nadia reads what was cancelled", "The one that waited" in stopped.text)
    await tells(world, world.tom, "adverts, again")
    refused = await tell.command(world.tom, world.channel, "video", prompt=OWL)
    tell.check("Tom reads why he may not", "adverts, again" in refused.text)
    await tell.command(world.moderator, world.channel, "queue unstop", member=world.tom)
    world.provider.release()
    await tell.command(world.tom, world.channel, "video", prompt=OWL)
    await world.channel.wait_for(lambda _: len(world.videos) == 6)
