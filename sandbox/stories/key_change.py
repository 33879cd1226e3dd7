"""The host writes another key into the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World


async def key_change(world: World, tell: Transcript) -> None:
    """Change the key while a video renders, and still get it when the old key is named too."""
    world.provider.hold()
    await tell.command(world.mira, world.channel, "video", prompt="A canal thaws at noon.")
    task = await world.provider.created()
    old_key = world.provider.key
    world.provider.change_key()

    tell.write("the bot starts again with the new key alone")
    await world.restart_bot(COMETAPI_KEY=world.provider.key)
    await world.channel.wait_for(lambda message: "**Rendering, late**" in message.text)
    tell.check("nobody asked after Mira's video with a key that is not its own", not task.queries)
    tell.check("Mira has her credits back", "120 of 120" in await _quota(world, tell))

    tell.write("the bot starts again with both keys")
    both = {"COMETAPI_KEY": world.provider.key, "COMETAPI_KEY_PREVIOUS": old_key}
    await world.restart_bot(**both)
    world.provider.release()
    result = await world.told(world.mira)
    tell.check("the video comes after all, and is free", "so it is free" in result.text)

    await tell.command(world.tom, world.channel, "video", prompt="A ferry rings its bell.")
    await world.told(world.tom)
    tell.check("Tom's was made with the new key", world.provider.tasks[1].key != old_key)
    tell.check("each was paid once", world.provider.create_calls == 2)


async def _quota(world: World, tell: Transcript) -> str:
    return (await tell.command(world.mira, world.channel, "quota")).text
