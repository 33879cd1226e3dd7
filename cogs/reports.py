"""Take reports of videos from the menu of their messages."""

from __future__ import annotations

from discord.ext import commands

from cogs.ui.base import Surface
from cogs.ui.reports import ReportButton, menu


class Reports(commands.Cog):
    """Hold the entry in the menu of messages; a cog takes none by itself."""

    def __init__(self, bot: Surface) -> None:
        self._bot = bot
        self._menu = menu()

    async def cog_load(self) -> None:
        """Add the entry, and hear the buttons that say the same."""
        self._bot.add_dynamic_items(ReportButton)
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the entry away."""
        self._bot.remove_dynamic_items(ReportButton)
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)


async def setup(bot: Surface) -> None:
    """Add the cog."""
    await bot.add_cog(Reports(bot))
