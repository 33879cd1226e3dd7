"""The staff sees in one message how the queue stands; moderators put it up and take it away."""

from __future__ import annotations

import asyncio

import pytest

from render import board
from sandbox.discord import Channel, Fault, Member, Message
from sandbox.discord.faults import When
from sandbox.discord.permissions import Overwrite, Permission
from tests.cogs.test_queue import open_to_all
from tests.cogs.test_renders import id_in
from tests.cogs.world import PROMPT, World


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(board, "AGAIN_SECONDS", 0.05)


async def said(world: World, who: Member | None = None, /, **options: object) -> str:
    reply = await (who or world.moderator).command(world.channel, "queue board", **options)
    assert reply.private
    return (await reply.settled()).text


async def desk(world: World) -> str:
    reply = await world.moderator.command(world.channel, "queue list")
    return (await reply.settled()).text


async def reads(channel: Channel, words: str) -> Message:
    return await channel.wait_for(lambda message: words in message.text)


async def test_a_board_counts_what_waits_and_shows_no_prompt(sleeping_world: World) -> None:
    world = sleeping_world
    await world.start(UNDO_SECONDS="60")
    staff = world.server.add_channel("staff")
    words = await said(world, channel=staff)
    assert words.startswith(f"The board comes up in <#{staff.id}> in a few seconds.")
    assert "no member, no prompt, no video" in words
    shown = await reads(staff, "**0** render · **0** wait")
    await world.video()
    await reads(staff, "**1** waits")
    assert staff.messages == [shown]
    assert PROMPT not in shown.text
    assert world.mira.mention not in shown.text
    assert shown.mentions == []


async def test_without_a_channel_it_goes_where_the_staff_is(world: World) -> None:
    assert "This server has no staff channel." in await said(world)
    staff = world.server.add_channel("staff")
    form = await world.admin.command(world.channel, "server setup")
    await (await world.admin.submit(form, **{"Staff channel": staff})).settled()
    assert f"<#{staff.id}>" in await said(world)
    await reads(staff, "## The queue")


async def test_it_is_found_again_after_a_restart(world: World) -> None:
    staff = world.server.add_channel("staff")
    await said(world, channel=staff)
    shown = await reads(staff, "**0** wait")
    await world.stop()
    await world.start(UNDO_SECONDS="60")
    await world.video()
    await reads(staff, "**1** waits")
    assert staff.messages == [shown]


async def test_a_post_whose_answer_was_lost_is_found_and_not_made_twice(
    world: World,
) -> None:
    staff = world.server.add_channel("staff")
    world.discord.fail(Fault("POST /channels/*/messages", reset=True, when=When.AFTER))
    await said(world, channel=staff)
    first = await reads(staff, "## The queue")
    await world.stop()
    await world.start(UNDO_SECONDS="60")
    await world.video()
    await reads(staff, "**1** waits")
    assert staff.messages == [first]


async def test_a_deleted_board_is_made_again(sleeping_world: World) -> None:
    world = sleeping_world
    await world.start(UNDO_SECONDS="60")
    staff = world.server.add_channel("staff")
    await said(world, channel=staff)
    (await reads(staff, "**0** wait")).delete()
    await world.video()
    await reads(staff, "**1** waits")


async def test_off_deletes_it(world: World) -> None:
    staff = world.server.add_channel("staff")
    assert await said(world, off=True) == "There was no board."
    await said(world, channel=staff)
    await reads(staff, "## The queue")
    assert "only one of the two" in await said(world, channel=staff, off=True)
    assert await said(world, off=True) == "The board is gone."
    await world.discord.until(lambda: not staff.messages)


async def test_a_channel_that_is_lost_is_told_of_at_the_desk_and_tried_again_when_asked(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    await world.start(UNDO_SECONDS="60")
    staff = world.server.add_channel("staff")
    await said(world, channel=staff)
    await reads(staff, "**0** wait")
    staff.deny_bot("view_channel")
    render_id = id_in((await world.video()).text)
    words = ""
    async with asyncio.timeout(5):
        while "**No board** since" not in words:
            words = await desk(world)
    assert render_id in words
    assert "I am missing View Channel" in await said(world, channel=staff)
    staff.allow_bot("view_channel")
    await said(world, channel=staff)
    await reads(staff, "**1** waits")


async def test_it_is_for_those_who_moderate_the_whole_server(sleeping_world: World) -> None:
    world = sleeping_world
    staff = world.server.add_channel("staff")
    world.channel.overwrites[world.tom.id] = Overwrite(
        for_member=True, allow=Permission.MANAGE_MESSAGES
    )
    await world.start()
    open_to_all(world)
    assert "for moderators" in await said(world, world.mira, channel=staff)
    assert "This is about the whole server" in await said(world, world.tom, channel=staff)
    assert staff.messages == []
