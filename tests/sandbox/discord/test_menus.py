"""What stands in the menu of messages is chosen there, by who may and sees the message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.discord import ClientRefused

if TYPE_CHECKING:
    from sandbox.discord import Message
    from tests.sandbox.discord.conftest import Scene

NAME = "Count letters"


async def posted(scene: Scene) -> Message:
    """Teach the bot a command for the menu, start it, and post something."""

    @scene.bot.tree.context_menu(name=NAME)
    async def count(interaction: discord.Interaction, message: discord.Message) -> None:
        words = f"{len(message.content)} in {message.id}"
        await interaction.response.send_message(words, ephemeral=True)

    await scene.start()
    channel = scene.bot.get_channel(scene.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send("a paper boat")
    return scene.channel.messages[-1]


async def test_a_command_in_a_menu_gets_the_message(scene: Scene) -> None:
    message = await posted(scene)
    reply = await scene.ana.choose_in_menu(message, NAME)
    assert reply.text == f"12 in {message.id}"
    assert reply.private


async def test_what_is_not_there_or_not_seen_is_not_chosen(scene: Scene) -> None:
    message = await posted(scene)
    with pytest.raises(ClientRefused, match="no message has 'Burn'"):
        await scene.ana.choose_in_menu(message, "Burn")
    scene.channel.hide_from(scene.ana)
    with pytest.raises(ClientRefused, match="does not see"):
        await scene.ana.choose_in_menu(message, NAME)
    message.delete()
    with pytest.raises(ClientRefused, match="does not see this message"):
        await scene.mia.choose_in_menu(message, NAME)


async def test_a_default_permission_holds_in_menus_too(scene: Scene) -> None:
    message = await posted(scene)
    scene.discord.commands[0]["default_member_permissions"] = "8192"
    with pytest.raises(ClientRefused, match="may not use"):
        await scene.ana.choose_in_menu(message, NAME)
    assert (await scene.mia.choose_in_menu(message, NAME)).text
