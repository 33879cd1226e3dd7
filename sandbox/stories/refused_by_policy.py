"""The provider will not make everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider import Fault

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World


async def refused_by_policy(world: World, tell: Transcript) -> None:
    """Meet the provider's policy at once and at the very end, and pay for neither."""
    world.provider.fail(Fault.TEXT_REFUSED)
    await tell.command(world.mira, world.channel, "video", prompt="Something unspeakable.")
    refused = await world.told(world.mira)
    tell.check("Mira is told by a reply", refused.reply_to is not None)

    world.provider.fail(Fault.OUTPUT_REFUSED)
    await tell.command(world.tom, world.channel, "video", prompt="A film star waves.")
    await world.told(world.tom)
    tell.check("the provider was not paid", world.provider.billed_usd == 0)

    quota = await tell.command(world.mira, world.channel, "quota")
    tell.check("Mira has her whole allowance back", "120" in quota.text)
