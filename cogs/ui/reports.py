"""Let members report a video: a button under it, or the menu of its message, then a form."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import TextStyle, app_commands, ui

from cogs.ui.base import Interaction, acknowledge, answer, open_form
from cogs.ui.buttons import RenderButton
from cogs.ui.report import report
from cogs.ui.text import reports as text
from cogs.ui.tree import OPENS_A_FORM
from render.reports import NoVideo
from storage import messages, renders
from storage.records import Purpose

LONGEST_REASON: Final = 300
# How long a form may stay open.
LASTS_SECONDS: Final = 3600.0


class ReportForm(ui.Modal):
    """Ask what is wrong; to send it is to report, with or without a reason."""

    def __init__(self, render_id: str) -> None:
        super().__init__(title=text.TITLE.format(id=render_id), timeout=LASTS_SECONDS)
        self._render_id = render_id
        self._reason: ui.TextInput[Any] = ui.TextInput(
            style=TextStyle.paragraph, max_length=LONGEST_REASON, required=False
        )
        self.add_item(ui.Label(text=text.WHY, description=text.ABOUT_WHY, component=self._reason))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Pass the report on, and thank whoever made it."""
        if not await acknowledge(interaction):
            return
        await _demand_in_sight(interaction, self._render_id)
        render = await interaction.client.reports.report(
            self._render_id, interaction.user.id, self._reason.value.strip()
        )
        await answer(interaction, text.thanks(render))

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /) -> None:
        """Let the reporter of errors answer."""
        await report(interaction, error)


class ReportButton(RenderButton, template=r"report:(?P<id>[0-9A-Z]{8})"):
    """Open the form, which Discord takes as the first answer only."""

    label = text.BUTTON
    verb = "report"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the form; whether there is anything to report is seen when it is sent."""
        if interaction.client.heard.first_time(interaction.id):
            await open_form(interaction, ReportForm(self.render_id))


async def report_message(interaction: Interaction, message: discord.Message) -> None:
    """Open the form for the result that somebody chose in the menu of its message."""
    found = await interaction.client.database.read(
        lambda tx: messages.by_message_id(tx, message.id)
    )
    if found is None or found.purpose is not Purpose.RESULT:
        raise NoVideo
    await open_form(interaction, ReportForm(found.render_id))


def menu() -> app_commands.ContextMenu:
    """Make the entry in the menu of messages."""
    return app_commands.ContextMenu(
        name=text.MENU,
        callback=report_message,
        type=discord.AppCommandType.message,
        extras={OPENS_A_FORM: True},
    )


async def _demand_in_sight(interaction: Interaction, render_id: str) -> None:
    """Raise NoVideo for what stands in another server; a direct message is its member's own."""
    render = await interaction.client.database.read(lambda tx: renders.find(tx, render_id))
    here = render is not None and render.server_id == interaction.guild_id
    own = render is not None and render.member_id == interaction.user.id
    if not here and not own:
        raise NoVideo
