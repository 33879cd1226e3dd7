from __future__ import annotations

from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from tests.sandbox.discord.conftest import Scene


async def test_a_command_is_answered_privately_and_settles(scene: Scene) -> None:
    @scene.bot.tree.command(description="Render")
    async def video(interaction: discord.Interaction, prompt: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.edit_original_response(content=f"Rendering {prompt}")

    await scene.start()
    reply = await scene.ana.command(scene.channel, "video", prompt="A paper boat")
    await reply.settled()
    assert reply.private
    assert reply.text == "Rendering A paper boat"
    assert scene.channel.messages == []
    assert 0 < reply.acknowledged_after < 1
