from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import discord.http

from tests.sandbox.discord.conftest import code_of

if TYPE_CHECKING:
    from tests.sandbox.discord.conftest import Scene


async def test_the_bot_can_look_up_servers_channels_and_people(scene: Scene) -> None:
    await scene.start()
    guild = await scene.bot.fetch_guild(scene.server.id)
    assert [channel.name for channel in await guild.fetch_channels()] == ["clips"]
    assert {role.name for role in await guild.fetch_roles()} >= {"@everyone", "Paperboat"}
    assert (await scene.bot.fetch_user(scene.mia.id)).display_name == "Mia"
    assert await code_of(scene.bot.fetch_user(1)) == 10013


async def test_the_bot_can_look_up_channels_and_threads(scene: Scene) -> None:
    await scene.start()
    thread = scene.channel.add_thread("remix")
    found = await scene.bot.fetch_channel(thread.id)
    assert isinstance(found, discord.Thread)
    assert found.parent_id == scene.channel.id
    assert await code_of(scene.bot.fetch_channel(1)) == 10003


async def test_typing_needs_the_permission_to_send(scene: Scene) -> None:
    await scene.start()
    await scene.bot_channel().typing()
    scene.channel.deny_bot("send_messages")
    assert await code_of(_type(scene.bot_channel())) == 50013


async def test_the_budget_of_identifies_is_told(scene: Scene) -> None:
    await scene.start()
    answer = await scene.bot.http.request(discord.http.Route("GET", "/gateway/bot"))
    assert answer["session_start_limit"]["remaining"] == 999


async def test_the_bot_can_leave_a_server(scene: Scene) -> None:
    await scene.start()
    guild = await scene.bot.fetch_guild(scene.server.id)
    await guild.leave()
    assert not scene.server.bot_is_in


async def test_a_message_in_an_archived_thread_cannot_be_changed(scene: Scene) -> None:
    await scene.start()
    thread = scene.channel.add_thread("remix")
    await scene.hears_all()
    seen = scene.bot.get_channel(thread.id)
    assert isinstance(seen, discord.Thread)
    posted = await seen.send("x")
    thread.archive()
    assert await code_of(posted.edit(content="y")) == 50083
    assert await code_of(posted.delete()) == 50083


async def test_the_first_answer_can_be_read_back_and_taken_away(scene: Scene) -> None:
    texts: list[str] = []

    @scene.bot.tree.command(description="Answer and regret")
    async def regret(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("oops")
        texts.append((await interaction.original_response()).content)
        await interaction.delete_original_response()

    await scene.start()
    reply = await scene.ana.command(scene.channel, "regret")
    await scene.discord.until(lambda: not reply.messages)
    assert texts == ["oops"]


async def test_a_made_up_interaction_is_unknown(scene: Scene) -> None:
    await scene.start()
    callback = discord.http.Route("POST", "/interactions/1/made-up/callback")
    assert await code_of(scene.bot.http.request(callback, json={"type": 5})) == 10062
    webhook = discord.http.Route("POST", f"/webhooks/{scene.discord.bot.id}/made-up")
    assert await code_of(scene.bot.http.request(webhook, json={"content": "x"})) == 10015


async def test_commands_of_another_application_are_out_of_reach(scene: Scene) -> None:
    await scene.start()
    assert await code_of(scene.bot.http.get_global_commands(1)) == 10002
    mine = scene.bot.http.delete_global_command(scene.discord.bot.id, 1)
    assert await code_of(mine) == 10063


async def _type(channel: discord.TextChannel) -> None:
    await channel.typing()
