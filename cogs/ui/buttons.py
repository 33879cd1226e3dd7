"""Make the buttons that outlive the process: the render's id is in their custom id."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, ClassVar, Self

import discord
from discord import ui

from cogs.ui.base import Interaction, acknowledge, answer
from cogs.ui.errors import NoSuchRender, NotWaiting, NotYours
from cogs.ui.report import report
from cogs.ui.rights import may_move
from cogs.ui.text import commands, desk
from render.desk import Moderator
from storage import messages, renders
from storage.records import Purpose, Render


class RenderButton(ui.DynamicItem[ui.Button[Any]], template=r"\A\Z"):
    """Hear a press, privately, and report what it raises; the library would swallow it."""

    label: ClassVar[str]
    verb: ClassVar[str]
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary

    def __init__(self, render_id: str) -> None:
        self.render_id = render_id
        button: ui.Button[Any] = ui.Button(
            label=self.label, style=self.style, custom_id=f"{self.verb}:{render_id}"
        )
        super().__init__(button)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button anew from what stands in the message."""
        return cls(match["id"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Acknowledge, then press."""
        if not await acknowledge(interaction):
            return
        try:
            await self.press(interaction, await self._render(interaction))
        except Exception as error:
            await report(interaction, error)

    async def press(self, interaction: Interaction, render: Render) -> None:
        """Do what the label says; the presser is known to have the right."""
        raise NotImplementedError

    async def _render(self, interaction: Interaction) -> Render:
        database = interaction.client.database
        render = await database.read(lambda tx: renders.find(tx, self.render_id))
        if render is None:
            raise NoSuchRender(typed=self.render_id)
        if not may_move(interaction, render):
            raise NotYours
        return render


class CancelButton(RenderButton, template=r"cancel:(?P<id>[0-9A-Z]{8})"):
    """Cancel a render that still waits."""

    label = commands.CANCEL
    verb = "cancel"

    async def press(self, interaction: Interaction, render: Render) -> None:
        """Cancel, and say what became of the credits."""
        bot, user = interaction.client, interaction.user
        if user.id != render.member_id:
            cancelled = await bot.desk.cancel(render.id, Moderator(id=user.id))
            await answer(interaction, desk.cancelled_by_moderator(cancelled))
            return
        cancelled = await bot.engine.cancel(render.id, author_id=user.id)
        if cancelled is None:
            raise NotWaiting(render=await self._render(interaction))
        await answer(interaction, desk.cancelled(cancelled))


class DeleteButton(RenderButton, template=r"delete:(?P<id>[0-9A-Z]{8})"):
    """Delete the result that the button stands under."""

    label = commands.DELETE
    verb = "delete"

    async def press(self, interaction: Interaction, render: Render) -> None:
        """Delete the message; one that is gone already is as good."""
        if interaction.message is not None:
            with suppress(discord.NotFound):
                await interaction.message.delete()
        await answer(interaction, desk.DELETED)


class PostButton(RenderButton, template=r"post:(?P<id>[0-9A-Z]{8})"):
    """Post what could not be posted, in the channel where the button is pressed."""

    label = commands.POST
    verb = "post"

    async def press(self, interaction: Interaction, render: Render) -> None:
        """Post it, and say where it stands now."""
        now = await interaction.client.engine.post_again(
            render.id, channel_id=interaction.channel_id or 0, author_id=interaction.user.id
        )
        if now is None:
            await answer(interaction, desk.NOT_NOW)
            return
        result = await interaction.client.database.read(
            lambda tx: messages.latest(tx, render.id, Purpose.RESULT)
        )
        await answer(interaction, desk.posted_again(now, desk.place(now, result)))


BUTTONS: tuple[type[RenderButton], ...] = (CancelButton, DeleteButton, PostButton)
