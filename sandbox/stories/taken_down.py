"""Moderators take a video away, and give one out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stories.desk import act, tells

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World

STREET = "A window in a narrow street."
LIGHTHOUSE = "A lighthouse hums."


async def taken_down(world: World, tell: Transcript) -> None:
    """Take a video down with its credits given back, and post one that could not be posted."""
    await _taken_down(world, tell)
    await _posted_again(world, tell)
    tell.check("each was paid for once", world.provider.create_calls == 2)


async def _taken_down(world: World, tell: Transcript) -> None:
    await tell.command(world.mira, world.channel, "video", prompt=STREET)
    result = await world.told(world.mira)
    (found,) = await world.moderator.autocomplete(world.channel, "queue refund", "id", "")
    case = await tell.command(world.moderator, world.channel, "queue show", id=found.value)
    form = await tell.press(world.moderator, case, "Take down…")
    await tell.submit(
        world.moderator, form, reason="shows a private home", give_back="Yes, all of them"
    )
    await world.discord.until(lambda: result.deleted)
    told = await tells(world, world.mira, "shows a private home")
    tell.check("Mira reads who did it", world.moderator.mention in told.text)
    await tell.command(world.mira, world.channel, "quota")

    tell.write("the bot starts anew")
    await world.restart_bot()
    shown = await tell.command(world.mira, world.channel, "renders show", id=found.value)
    tell.check("Mira cannot have it posted", "took the video down" in shown.text)
    tell.check("and has no button for it", not shown.message.buttons)


async def _posted_again(world: World, tell: Transcript) -> None:
    world.provider.hold()
    await tell.command(world.tom, world.channel, "video", prompt=LIGHTHOUSE)
    task = await world.provider.created(2)
    tell.write("the bot may no longer write in #clips, and Tom takes no direct messages")
    world.channel.deny_bot("send_messages")
    world.tom.person.close_direct_messages()
    world.provider.release()
    await world.logged("is undelivered")
    tell.write("the bot may write in #clips again")
    world.channel.allow_bot("send_messages")
    tell.check("nothing that was taken down came back", not world.videos)
    await act(world, tell, LIGHTHOUSE, "Post it")
    posted = await world.channel.wait_for(lambda message: message in world.videos)
    tell.check("it is Tom's", world.tom.person in posted.mentions)
    tell.check("byte for byte", posted.attachments[0].data == task.film)
