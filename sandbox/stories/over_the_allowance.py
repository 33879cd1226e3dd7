"""The cashier says no."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World

PROMPT = "A lighthouse blinks twice, and the harbour answers."


async def over_the_allowance(world: World, tell: Transcript) -> None:
    """Ask for more than a day's allowance, and learn what is left."""
    await tell.command(world.mira, world.channel, "video", prompt="Rain on a tin roof.")
    await world.told(world.mira)

    refusal = await tell.command(world.mira, world.channel, "video", prompt=PROMPT, duration=10)
    tell.check("the refusal is private and gives the prompt back", PROMPT in refusal.text)
    tell.check("it says when the allowance is fresh again", "<t:" in refusal.text)
    await tell.command(world.mira, world.channel, "quota")
    tell.check("the provider heard of one video only", world.provider.create_calls == 1)

    await tell.command(world.tom, world.channel, "video", prompt=PROMPT, duration=5)
    await world.told(world.tom)
    tell.check("Tom's allowance is his own", len(world.provider.billed) == 2)
