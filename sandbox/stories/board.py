"""The staff sees in one message how the queue stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord import Channel, Message
    from sandbox.transcript import Transcript
    from sandbox.world import World

PROMPT = "Lanterns drift upstream."


async def board(world: World, tell: Transcript) -> None:
    """Put up a board that follows the queue, survives a crash and comes back when deleted."""
    staff = world.server.add_channel("staff")
    for member in (world.mira, world.tom):
        staff.hide_from(member)
    await _only_moderators_may(world, tell, staff)
    await tell.command(world.moderator, world.channel, "queue board", channel=staff)
    shown = await _reads(staff, "Nothing needs anybody")

    await _it_follows_the_queue(world, tell, staff, shown)
    await _it_survives_a_crash(world, tell, staff, shown)
    await _it_comes_back(world, tell, staff, shown)
    tell.check("three videos were paid for", len(world.provider.billed) == 3)


async def _only_moderators_may(world: World, tell: Transcript, staff: Channel) -> None:
    """Let an admin open the command to everybody, which opens nothing."""
    for command in world.discord.commands:
        command["default_member_permissions"] = None
    refused = await tell.command(world.tom, world.channel, "queue board", channel=world.channel)
    tell.check("Tom reads that it is for moderators", "for moderators" in refused.text)
    tell.check("nothing was posted", not staff.messages and not world.channel.messages)


async def _it_follows_the_queue(
    world: World, tell: Transcript, staff: Channel, shown: Message
) -> None:
    world.provider.hold()
    await tell.command(world.mira, world.channel, "video", prompt=PROMPT)
    await tell.command(world.tom, world.channel, "video", prompt="A second one waits.")
    await _reads(staff, "**1** renders · **1** waits")
    tell.check("it is the same message", staff.messages == [shown])
    tell.check("it pings nobody", not shown.mentions)
    private = (PROMPT, world.mira.mention, world.tom.mention)
    tell.check("it shows no prompt and no member", not any(one in shown.text for one in private))


async def _it_survives_a_crash(
    world: World, tell: Transcript, staff: Channel, shown: Message
) -> None:
    await world.kill_bot()
    world.provider.release()
    world.bot = world.another_bot()
    await world.start_bot()
    await world.told(world.tom)
    await _reads(staff, "**0** render · **0** wait")
    tell.check("after a crash it is still the same message", staff.messages == [shown])


async def _it_comes_back(world: World, tell: Transcript, staff: Channel, shown: Message) -> None:
    shown.delete()
    world.provider.hold()
    await tell.command(world.mira, world.channel, "video", prompt=PROMPT)
    again = await _reads(staff, "**1** renders")
    tell.check("it comes back when somebody deleted it", staff.messages == [again])
    world.provider.release()
    await world.channel.wait_for(lambda _: len(world.videos) == 3)


async def _reads(staff: Channel, words: str) -> Message:
    return await staff.wait_for(lambda message: words in message.text, timeout=20)
