"""Hear every command first, and report what it raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from cogs.ui.base import Surface, acknowledge
from cogs.ui.report import report

if TYPE_CHECKING:
    from cogs.ui.base import Interaction


class Tree(app_commands.CommandTree[Surface]):
    """Acknowledge each command privately before anything else, and answer for its errors."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Go on only when Discord plainly took the acknowledgement; typing needs none."""
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        return await acknowledge(interaction)

    async def on_error(
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Let the reporter answer; nobody else does."""
        await report(interaction, error)
