"""A member reports a video, and the moderators take it from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord import Channel, Message
    from sandbox.transcript import Transcript
    from sandbox.world import World

WHY = "That is my flat."


async def report(world: World, tell: Transcript) -> None:
    """Report a video under it and from its menu; its member does not learn who did."""
    staff = world.server.add_channel("staff")
    await tell.command(world.admin, staff, "server audit", channel=staff)
    await tell.command(world.mira, world.channel, "video", prompt="A window in a narrow street.")
    result = await world.told(world.mira)
    await _tom_reports(world, tell, result)
    await _the_moderators_read_it(world, tell, staff)
    await _it_is_taken_down(world, tell, result)


async def _tom_reports(world: World, tell: Transcript, result: Message) -> None:
    form = await tell.press(world.tom, result, "Report")
    thanks = await tell.submit(world.tom, form, **{"What is wrong with it?": WHY})
    tell.check("Tom is thanked", thanks.text.startswith("Thank you"))
    form = await tell.choose_in_menu(world.tom, result, "Report this video")
    twice = await tell.submit(world.tom, form)
    tell.check("a second report is none", "already" in twice.text)
    card = world.channel.messages[0]
    none = await tell.choose_in_menu(world.tom, card, "Report this video")
    tell.check("only videos can be reported", "no video of mine" in none.text)


async def _the_moderators_read_it(world: World, tell: Transcript, staff: Channel) -> None:
    line = await staff.wait_for(lambda message: "reported" in message.text, timeout=20)
    tell.check("the staff reads why", WHY in line.text)
    tell.check("and not who", world.tom.mention not in line.text)
    tell.check("nobody was pinged", not line.mentions)
    audit = await tell.command(
        world.moderator, world.channel, "queue audit", action="report", csv=True
    )
    tell.check("Nadia can look up who it was", world.tom.mention in audit.text)
    tell.check("the file is attached", len(audit.message.attachments) == 1)
    for command in world.discord.commands:
        command["default_member_permissions"] = None
    refused = await tell.command(world.mira, world.channel, "queue audit")
    tell.check("Mira cannot", "for moderators" in refused.text)


async def _it_is_taken_down(world: World, tell: Transcript, result: Message) -> None:
    (found,) = await world.moderator.autocomplete(world.channel, "queue refund", "id", "")
    case = await tell.command(world.moderator, world.channel, "queue show", id=found.value)
    tell.check("Nadia reads it where she opens the video", "Reported once" in case.text)
    open_form = await tell.press(world.tom, result, "Report")
    form = await tell.press(world.moderator, case, "Take down…")
    await tell.submit(world.moderator, form, reason="shows a private home")
    await world.discord.until(lambda: result.deleted)
    gone = await tell.submit(world.tom, open_form)
    tell.check("Tom's open form says that it is gone", "already" in gone.text)
    told = await world.channel.wait_for(
        lambda message: world.mira.person in message.mentions and "private home" in message.text
    )
    tell.check("Mira reads why", world.moderator.mention in told.text)
    heard = [*world.channel.messages, *world.mira.direct_messages]
    named = [message for message in heard if world.tom.mention in message.text]
    tell.check("Mira reads nowhere who reported it", not named)
