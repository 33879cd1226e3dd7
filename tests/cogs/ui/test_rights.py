"""A moderator's reach ends where View Channel and Manage Messages end."""

from __future__ import annotations

from sandbox.discord import Channel
from tests.cogs.test_renders import id_in
from tests.cogs.world import PROMPT, World


async def listed(world: World, at: Channel) -> str:
    return (await (await world.moderator.command(at, "queue list")).settled()).text


async def test_a_thread_belongs_to_who_moderates_its_channel(sleeping_world: World) -> None:
    world = sleeping_world
    thread = world.channel.add_thread("boats")
    await world.start(UNDO_SECONDS="60")
    reply = await (await world.mira.command(thread, "video", prompt=PROMPT)).settled()
    render_id = id_in(reply.text)
    assert render_id in await listed(world, world.channel)
    lobby = world.server.add_channel("lobby")
    world.channel.hide_from(world.moderator)
    assert render_id not in await listed(world, lobby)


async def test_a_private_thread_is_not_shown_to_every_moderator(sleeping_world: World) -> None:
    world = sleeping_world
    thread = world.channel.add_thread("secret", private=True, members=(world.mira,))
    await world.start(UNDO_SECONDS="60")
    reply = await (await world.mira.command(thread, "video", prompt=PROMPT)).settled()
    assert id_in(reply.text) not in await listed(world, world.channel)


async def test_a_channel_that_is_gone_is_nobodys(sleeping_world: World) -> None:
    world = sleeping_world
    await world.start(UNDO_SECONDS="60")
    render_id = id_in((await world.video()).text)
    lobby = world.server.add_channel("lobby")
    world.channel.delete()
    assert render_id not in await listed(world, lobby)


async def test_a_channel_that_is_gone_is_left_to_who_sees_all_channels(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    await world.start(UNDO_SECONDS="60")
    render_id = id_in((await world.video()).text)
    lobby = world.server.add_channel("lobby")
    world.channel.delete()
    desk = await (await world.server.owner.command(lobby, "queue list")).settled()
    assert render_id in desk.text


async def test_an_archived_thread_belongs_to_who_moderates_its_channel(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    thread = world.channel.add_thread("boats")
    await world.start(UNDO_SECONDS="60")
    reply = await (await world.mira.command(thread, "video", prompt=PROMPT)).settled()
    render_id = id_in(reply.text)
    thread.archive()
    assert render_id in await listed(world, world.channel)
    case = await (
        await world.moderator.command(world.channel, "queue show", id=render_id)
    ).settled()
    assert PROMPT in case.text
    lobby = world.server.add_channel("lobby")
    world.channel.hide_from(world.moderator)
    assert render_id not in await listed(world, lobby)
