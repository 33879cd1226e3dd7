"""A server begins with the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript import Transcript
    from sandbox.world import World

PROMPT = "The first lantern of the evening is lit."


async def opening_day(world: World, tell: Transcript) -> None:
    """Invite the bot, let the admin set it up in one form, and get the first member's video."""
    world.server.system_channel = world.channel
    staff = world.server.add_channel("staff")
    await world.logged("Online as")
    tell.write("the server invites the bot")
    world.server.invite_bot()
    welcome = await world.channel.wait_for(lambda message: "/server setup" in message.text)
    tell.check("it says once how to begin", welcome.mentions == [])

    refused = await tell.command(world.mira, world.channel, "video", prompt=PROMPT)
    tell.check("Mira is refused in private and has her prompt back", PROMPT in refused.text)

    presets = await world.admin.autocomplete(world.channel, "server setup", "preset", "")
    tell.write(f"{world.admin.name} is offered", "\n".join(one.name for one in presets))
    form = await tell.command(world.admin, world.channel, "server setup", preset=presets[-1].value)
    answer = await tell.submit(
        world.admin, form, **{"Where": [world.channel], "Staff channel": [staff]}
    )
    tell.check("the answer says what a day costs, in dollars and clips", "$20" in answer.text)
    noted = await staff.wait_for(lambda message: world.admin.mention in message.text)
    tell.check("the note to the staff pings nobody", noted.mentions == [])

    await tell.command(world.mira, world.channel, "video", prompt=PROMPT)
    result = await world.told(world.mira)
    tell.check("Mira has her video", bool(result.attachments))
    lobby = world.server.add_channel("lobby")
    elsewhere = await tell.command(world.tom, lobby, "video", prompt="A moth at the lantern.")
    tell.check("Tom learns where it may be", f"<#{world.channel.id}>" in elsewhere.text)
    tell.check("one video was paid for", world.provider.create_calls == 1)
