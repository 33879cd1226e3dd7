"""Let moderators of a whole server look up who did what in it."""

from __future__ import annotations

import io
from typing import Any, Final

import discord
from discord import app_commands, ui
from discord.app_commands import Choice
from discord.ext import commands

from cogs.ui.base import Interaction, Surface, private, server_of
from cogs.ui.rights import moderates_everywhere, require_everywhere
from cogs.ui.text import audit as text
from cogs.ui.text import commands as descriptions
from storage import Transaction, events
from storage.events import Sought
from storage.records import Event

MOST_CHOICES: Final = 25
LONGEST_ACTION: Final = 50
# About two megabytes; every server takes ten.
MOST_ROWS: Final = 10_000
FILE: Final = "audit.csv"


class AuditCommands(commands.Cog):
    """Hold /queue audit."""

    _bot: Surface

    @app_commands.command(name="audit", description=descriptions.COMMANDS["queue audit"])
    @app_commands.describe(
        member=descriptions.OPTIONS["audit member"],
        moderator=descriptions.OPTIONS["audit moderator"],
        action=descriptions.OPTIONS["audit action"],
        csv=descriptions.OPTIONS["audit as csv"],
    )
    async def audit(
        self,
        interaction: Interaction,
        member: discord.User | None = None,
        moderator: discord.User | None = None,
        action: app_commands.Range[str, 1, LONGEST_ACTION] | None = None,
        csv: bool = False,
    ) -> None:
        """Show the newest acts, and all of them as a file."""
        require_everywhere(interaction)
        server_id = server_of(interaction)
        limit = MOST_ROWS if csv else text.MOST_LINES

        async def look(tx: Transaction) -> tuple[tuple[Event, ...], int]:
            sought = Sought(
                server_id=server_id,
                viewer_id=interaction.user.id,
                member_id=member and member.id,
                author_id=moderator and moderator.id,
                action=action and await _named(tx, server_id, action),
            )
            found = await events.newest_acts(tx, sought, limit=limit)
            return found, await events.count_acts(tx, sought)

        acts, count = await self._bot.database.read(look)
        view = private(text.lines(acts, count=count, rows=len(acts) if csv else None))
        files: list[discord.File] = []
        if csv:
            view.add_item(ui.File[Any](f"attachment://{FILE}"))
            files.append(discord.File(io.BytesIO(text.file(acts)), FILE))
        await interaction.edit_original_response(view=view, attachments=files)

    @audit.autocomplete("action")
    async def suggest_actions(self, interaction: Interaction, typed: str) -> list[Choice[str]]:
        """Suggest what was ever done in this server."""
        server_id = server_of(interaction)
        if not moderates_everywhere(interaction.user):
            return []
        found = await self._bot.database.read(lambda tx: events.actions(tx, server_id))
        names = [Choice(name=text.label(one), value=one) for one in found]
        return [one for one in names if typed.casefold() in one.name][:MOST_CHOICES]


async def _named(tx: Transaction, server_id: int, typed: str) -> str:
    """Return the action that is meant, whether it was chosen or typed."""
    known = await events.actions(tx, server_id)
    return next((one for one in known if text.label(one) == typed.strip().casefold()), typed)
