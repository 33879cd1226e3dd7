"""The video service takes two videos and answers neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider import Fault
from sandbox.stories.desk import act, card, open_case

if TYPE_CHECKING:
    from sandbox.discord import Member
    from sandbox.transcript import Transcript
    from sandbox.world import World

HERON = "A paper heron lands on a pond."
OWL = "An owl reads a map."


async def no_answer(world: World, tell: Transcript) -> None:
    """Find one lost video by its number, and let the host send the other one once more."""
    host = world.server.add_member(world.discord.host, permissions=("manage_messages",))
    await _two_are_lost(world, tell)
    await _one_is_found(world, tell)
    await _one_is_sent_again(world, tell, host)


async def _two_are_lost(world: World, tell: Transcript) -> None:
    world.provider.fail(Fault.RESET_AFTER_CREATION, times=2)
    for member, prompt in ((world.mira, HERON), (world.tom, OWL)):
        await tell.command(member, world.channel, "video", prompt=prompt)
        await card(world, prompt, "no answer came")


async def _one_is_found(world: World, tell: Transcript) -> None:
    (herons, _) = world.provider.tasks
    await act(world, tell, HERON, "Found it…", task=herons.id)
    result = await world.told(world.mira)
    tell.check("Mira has her video", result.attachments[0].data == herons.film)
    refused = await act(world, tell, OWL, "Found it…", task=herons.id)
    tell.check("a second video cannot have it", "already" in refused.text)


async def _one_is_sent_again(world: World, tell: Transcript, host: Member) -> None:
    case = await open_case(world, tell, OWL)
    tell.check("Nadia cannot send it again", "Send once more…" not in case.message.buttons)
    asked = await tell.press(host, await open_case(world, tell, OWL, host), "Send once more…")
    tell.check("the host is asked first", world.provider.create_calls == 2)
    await tell.press(host, asked, "Yes, send it once more")
    await world.told(world.tom)
    tell.check("three videos were paid for", len(world.provider.billed) == 3)
    for member in (world.mira, world.tom):
        quota = await tell.command(member, world.channel, "quota")
        tell.check(f"{member.name} paid for one", "93 of 120" in quota.text)
    await tell.command(host, world.channel, "host spend")
