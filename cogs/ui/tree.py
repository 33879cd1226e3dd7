"""Hear every command first, and report what it raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from cogs.ui.base import Surface, acknowledge
from cogs.ui.report import report

if TYPE_CHECKING:
    from cogs.ui.base import Interaction


# The extra of a command that answers with a form: Discord takes a form as the first answer only.
OPENS_A_FORM: Final = "opens a form"


class Tree(app_commands.CommandTree[Surface]):
    """Acknowledge each command privately before anything else, and answer for its errors."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Go on only when Discord plainly took the acknowledgement; typing and forms need none."""
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        if interaction.command is not None and OPENS_A_FORM in interaction.command.extras:
            return interaction.client.heard.first_time(interaction.id)
        return await acknowledge(interaction)

    async def on_error(
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Let the reporter answer; nobody else does."""
        await report(interaction, error)
