from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.discord import ClientRefused, Discord
from sandbox.discord.permissions import EVERYTHING, NOTHING, Permission
from tests.sandbox.discord.conftest import code_of

if TYPE_CHECKING:
    from tests.sandbox.discord.conftest import Scene


async def test_a_bot_that_may_not_see_a_channel_has_no_access(scene: Scene) -> None:
    await scene.start()
    scene.channel.deny_bot("view_channel")
    assert await code_of(scene.bot_channel().send("x")) == 50001


@pytest.mark.parametrize(
    ("denied", "message"),
    [
        ("send_messages", {"content": "x"}),
        ("attach_files", {"file": "boat.mp4"}),
        ("embed_links", {"embed": discord.Embed(title="x")}),
    ],
)
async def test_what_is_denied_is_refused_and_what_is_allowed_again_works(
    scene: Scene, denied: str, message: dict[str, object]
) -> None:
    async def send() -> int:
        sent = {"file": discord.File(__file__)} if "file" in message else message
        return await code_of(scene.bot_channel().send(**sent))  # pyright: ignore[reportArgumentType, reportCallIssue] - one of three

    await scene.start()
    scene.channel.deny_bot(denied)
    assert await send() == 50013
    scene.channel.allow_bot(denied)
    assert await send() == 0


async def test_a_thread_asks_for_its_own_permission_to_send(scene: Scene) -> None:
    await scene.start()
    thread = scene.channel.add_thread("remix")
    scene.channel.deny_bot("send_messages")
    await scene.hears_all()
    seen = scene.bot.get_channel(thread.id)
    assert isinstance(seen, discord.Thread)
    await seen.send("in here")
    scene.channel.deny_bot("send_messages_in_threads")
    assert await code_of(seen.send("x")) == 50013


async def test_a_reply_needs_the_history(scene: Scene) -> None:
    await scene.start()
    card = await scene.bot_channel().send("card")
    scene.channel.deny_bot("read_message_history")
    assert await code_of(card.reply("x")) == 160002
    assert [each async for each in scene.bot_channel().history()] == []


async def test_posting_wakes_an_archived_thread_but_not_a_locked_one(scene: Scene) -> None:
    await scene.start()
    thread = scene.channel.add_thread("remix")
    await scene.hears_all()
    seen = scene.bot.get_channel(thread.id)
    assert isinstance(seen, discord.Thread)
    thread.archive()
    await seen.send("good morning")
    assert not thread.archived
    thread.archive(locked=True)
    assert await code_of(seen.send("x")) == 160005


async def test_without_the_bot_a_server_is_closed_to_it(scene: Scene) -> None:
    await scene.start()
    channel = scene.bot_channel()
    scene.server.remove_bot()
    assert await code_of(channel.send("x")) == 50001
    assert await code_of(scene.bot.fetch_guild(scene.server.id)) == 10004


async def test_the_bot_can_see_who_is_still_a_member(scene: Scene) -> None:
    await scene.start()
    guild = await scene.bot.fetch_guild(scene.server.id)
    scene.mia.time_out()
    assert (await guild.fetch_member(scene.mia.id)).is_timed_out()
    await scene.ana.leave()
    assert await code_of(guild.fetch_member(scene.ana.id)) == 10007
    assert await code_of(guild.fetch_member(1)) == 10013


async def test_the_bot_agrees_with_the_stand_in_about_permissions(scene: Scene) -> None:
    await scene.start()
    scene.channel.deny_bot("attach_files")
    await scene.hears_all()
    channel = scene.bot_channel()
    seen = channel.permissions_for(channel.guild.me)
    real = scene.channel.permissions_of(scene.server.bot_member)
    assert seen.value == int(real)


async def test_hidden_channels_threads_and_strangers_are_out_of_reach(scene: Scene) -> None:
    scene.teach_hello()
    await scene.start()
    private = scene.channel.add_thread("secret", private=True, members=(scene.mia,))
    assert (await scene.mia.command(private, "hello")).text == "hello"
    with pytest.raises(ClientRefused):
        await scene.ana.command(private, "hello")
    scene.channel.hide_from(scene.ana)
    with pytest.raises(ClientRefused):
        await scene.ana.command(scene.channel, "hello")
    elsewhere = scene.discord.add_server("Elsewhere").add_channel("clips")
    with pytest.raises(ClientRefused):
        await scene.mia.command(elsewhere, "hello")


async def test_the_timed_out_and_the_gone_use_nothing(scene: Scene) -> None:
    scene.teach_hello()
    await scene.start()
    scene.mia.time_out(minutes=10)
    with pytest.raises(ClientRefused):
        await scene.mia.command(scene.channel, "hello")
    scene.discord.clock.advance(601)
    assert (await scene.mia.command(scene.channel, "hello")).text == "hello"
    await scene.mia.leave()
    with pytest.raises(ClientRefused):
        await scene.mia.command(scene.channel, "hello")


def test_owners_and_administrators_may_everything() -> None:
    server = Discord.serve().add_server("Paper Harbor")
    channel = server.add_channel("clips")
    admin = server.add_member("Ada", permissions=("administrator",))
    channel.hide_from(admin)
    assert channel.permissions_of(admin) == channel.permissions_of(server.owner) == EVERYTHING


def test_moderators_and_admins_have_what_their_names_say() -> None:
    server = Discord.serve().add_server("Paper Harbor")
    channel = server.add_channel("clips")
    moderator = channel.permissions_of(server.add_moderator("Mia"))
    admin = channel.permissions_of(server.add_admin("Ada"))
    assert Permission.MANAGE_MESSAGES in moderator & admin
    assert Permission.MANAGE_GUILD not in moderator
    assert Permission.MANAGE_GUILD in admin


def test_a_private_thread_is_nothing_to_who_is_not_in_it() -> None:
    server = Discord.serve().add_server("Paper Harbor")
    thread = server.add_channel("clips").add_thread("secret", private=True)
    assert thread.permissions_of(server.add_member("Ana")) == NOTHING
    assert thread.permissions_of(server.bot_member)


def test_a_thread_has_no_permissions_of_its_own() -> None:
    thread = Discord.serve().add_server("Paper Harbor").add_channel("clips").add_thread("remix")
    with pytest.raises(ValueError, match="from its channel"):
        thread.deny_bot("send_messages")
