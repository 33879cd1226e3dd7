"""The host's account runs dry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider import Fault

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World


async def out_of_funds(world: World, tell: Transcript) -> None:
    """Run out of money at the provider, keep everybody's place, and go on when it is topped up."""
    host = world.server.add_member(world.discord.host)
    world.provider.fail(Fault.EMPTY_BALANCE, times=0)
    await tell.command(world.mira, world.channel, "video", prompt="A tide pool at dusk.")
    card = await world.channel.wait_for(lambda message: "your place is kept" in message.text)
    tell.check("Mira's card says why nothing starts", "is empty" in card.text)
    await world.discord.until(lambda: bool(host.direct_messages))
    tell.write("the host reads", host.direct_messages[0].text)
    tell.check("nothing was paid", not world.provider.billed)

    tell.write("the host tops the account up")
    world.provider.heal()
    result = await world.told(world.mira)
    tell.check("Mira has the video", bool(result.attachments))
    await world.discord.until(lambda: len(host.direct_messages) > 1)
    tell.write("the host reads", host.direct_messages[1].text)
    tell.check("it was paid once", len(world.provider.billed) == 1)
