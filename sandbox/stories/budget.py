"""Who may spend what: the member, the server and the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord import Member
    from sandbox.transcript import Transcript
    from sandbox.world import World


async def budget(world: World, tell: Transcript) -> None:
    """Meet the ceiling of a member, of the host's brake, and of the host across two servers."""
    host = world.server.add_member(world.discord.host)
    await _a_grant_goes_further(world, tell)
    await _the_admin_looks(world, tell)
    await _the_host_stops_everything(world, tell, host)
    await _two_servers_share_one_budget(world, tell)
    spend = await tell.command(host, world.channel, "host spend")
    tell.check("the host reads dollars", "$" in spend.text)


async def _a_grant_goes_further(world: World, tell: Transcript) -> None:
    await tell.command(world.mira, world.channel, "video", prompt="Rain on a tin roof.")
    await world.told(world.mira)
    prompt = "The storm moves out to sea."
    refused = await tell.command(world.mira, world.channel, "video", prompt=prompt)
    tell.check("Mira has no credits for another", prompt in refused.text)

    await tell.command(
        world.admin,
        world.channel,
        "server grant",
        who=world.mira,
        credits=60,
        days=7,
        reason="the storm film",
    )
    await tell.command(world.mira, world.channel, "quota")
    await tell.command(world.mira, world.channel, "video", prompt=prompt)
    await world.channel.wait_for(lambda _: len(world.videos) == 2)
    tell.check("the grant paid for it", len(world.provider.billed) == 2)


async def _the_admin_looks(world: World, tell: Transcript) -> None:
    why = await tell.command(world.admin, world.channel, "server limits why", member=world.mira)
    tell.check("one sentence says what binds Mira", why.text.count("\n") == 0)
    await tell.command(world.admin, world.channel, "server usage", by="member", per="day")
    usage = await tell.command(
        world.admin, world.channel, "server usage", by="model", per="month", csv=True
    )
    tell.check("the table is attached", len(usage.message.attachments) == 1)


async def _the_host_stops_everything(world: World, tell: Transcript, host: Member) -> None:
    await tell.command(host, world.channel, "host stop", reason="the card is being replaced")
    refused = await tell.command(world.tom, world.channel, "video", prompt="A buoy rings.")
    tell.check("Tom does not read why", "card" not in refused.text)
    await tell.command(host, world.channel, "host go")
    await tell.command(world.tom, world.channel, "video", prompt="A buoy rings.")
    await world.told(world.tom)
    tell.check("Tom has his video", len(world.provider.billed) == 3)


async def _two_servers_share_one_budget(world: World, tell: Transcript) -> None:
    harbor = world.discord.add_server("Paper Harbor")
    docks = harbor.add_channel("docks")
    ole, ida = harbor.add_admin("Ole"), harbor.add_member("Ida")
    form = await tell.command(ole, docks, "server setup")
    await tell.submit(ole, form)
    prompt = "A crane lifts the moon."
    refused = await tell.command(ida, docks, "video", prompt=prompt)
    tell.check("Ida is told of the bot's budget", "budget" in refused.text)
    tell.check("she reads nobody's dollars", "$" not in refused.text)
    tell.check("three videos were paid for", world.provider.create_calls == 3)
