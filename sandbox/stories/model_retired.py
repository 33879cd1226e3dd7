"""The video service stops selling a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord import Choice
    from sandbox.transcript import Transcript
    from sandbox.world import World


MODEL = "doubao-seedance-1-5-pro-251215"


async def model_retired(world: World, tell: Transcript) -> None:
    """Lose a model while one video renders with it and one waits for it."""
    world.provider.hold()
    await tell.command(world.mira, world.channel, "video", prompt="A crane unfolds its wings.")
    await world.provider.created()
    await tell.command(world.tom, world.channel, "video", prompt="A kite goes up the dune.")
    before = await world.tom.autocomplete(world.channel, "video", "model", "")

    tell.write("the video service retires the model of both")
    world.provider.retire(MODEL)
    world.provider.release()
    await world.told(world.mira)
    tell.check("what had begun was finished", len(world.videos) == 1)
    refused = await world.told(world.tom)
    tell.check("Tom is told why his was not", "no longer offers this model" in refused.text)
    tell.check("Mira's alone was paid for", len(world.provider.billed) == 1)

    after = await world.tom.autocomplete(world.channel, "video", "model", "")
    tell.check("the model is not offered any more", _values(after) == _values(before)[1:])
    explicit = await tell.command(
        world.tom, world.channel, "video", prompt="A kite goes up the dune.", model=MODEL
    )
    tell.check("no other takes its place silently", "There is no model" in explicit.text)
    await tell.command(
        world.tom, world.channel, "video", prompt="A kite goes up the dune.", model=after[-1].value
    )
    await world.channel.wait_for(
        lambda message: world.tom.person in message.mentions and bool(message.attachments)
    )
    tell.check("the one that Tom chose makes it", len(world.provider.billed) == 2)


def _values(choices: list[Choice]) -> list[object]:
    """Leave out what they are called: that says the price, and what it is to Tom."""
    return [choice.value for choice in choices]
