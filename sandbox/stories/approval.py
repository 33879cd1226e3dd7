"""Videos wait for a moderator's yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stories.desk import OPEN, act, card, open_case, open_to_everybody, tells

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World

HERON = "A paper heron lands on a pond."
ADVERT = "An advert for socks."


async def approval(world: World, tell: Transcript) -> None:
    """Let moderators say yes or no first, and show their desk to nobody else."""
    await tell.command(world.admin, world.channel, "server approval", first="Every video")
    await _it_waits(world, tell)
    await _others_are_refused(world, tell)
    await _yes(world, tell)
    await _no(world, tell)


async def _it_waits(world: World, tell: Transcript) -> None:
    reply = await tell.command(world.mira, world.channel, "video", prompt=HERON)
    tell.check("Mira reads what it waits for", "It waits for a moderator." in reply.text)
    await card(world, HERON, "**Waits for a moderator**")


async def _others_are_refused(world: World, tell: Transcript) -> None:
    open_to_everybody(world)
    listed = await tell.command(world.moderator, world.channel, "queue list")
    (option,) = listed.message.select(OPEN)["options"]
    for member in (world.tom, world.mira):
        refused = await tell.command(member, world.channel, "queue show", id=option["value"])
        tell.check(f"{member.name} cannot open it", "for moderators" in refused.text)
    tell.check("nothing was sent to the video service", not world.provider.create_calls)


async def _yes(world: World, tell: Transcript) -> None:
    late = await open_case(world, tell, HERON, world.admin)
    approved = await act(world, tell, HERON, "Approve")
    tell.check("Nadia reads what follows", "it waits its turn now" in approved.text)
    refused = await tell.press(world.admin, late, "Deny…")
    faster = f"Somebody was faster: {world.moderator.mention} approved it"
    tell.check("Greta reads who was faster", faster in refused.text)
    told = await world.told(world.mira)
    tell.check("Mira has her video", told in world.videos)


async def _no(world: World, tell: Transcript) -> None:
    await tell.command(world.tom, world.channel, "video", prompt=ADVERT)
    await act(world, tell, ADVERT, "Deny…", reason="adverts belong into #market")
    await tells(world, world.tom, "adverts belong into #market")
    quota = await tell.command(world.tom, world.channel, "quota")
    tell.check("Tom has his whole allowance back", "120 of 120" in quota.text)
    tell.check("only Mira's video was paid for", world.provider.create_calls == 1)
