"""Read the name or number of a server that the bot is in, for its host."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import app_commands
from discord.app_commands import Choice

from cogs.ui.errors import NoSuchServer
from cogs.ui.markup import one_line
from cogs.ui.rights import is_host, require_host

MOST_CHOICES: Final = 25
LONGEST_CHOICE: Final = 100  # characters of a suggestion's name


class JoinedServer(app_commands.Transformer):
    """Find one of the bot's servers; nobody but the host learns which they are."""

    async def transform(
        self, interaction: discord.Interaction[Any], value: str, /
    ) -> discord.Guild:
        """Return the server of this number, or the only one of this name."""
        require_host(interaction)
        typed = value.strip()
        found = [
            server
            for server in interaction.client.guilds
            if typed == str(server.id) or typed.casefold() == server.name.casefold()
        ]
        if len(found) != 1:
            raise NoSuchServer(typed=value)
        return found[0]

    async def autocomplete(
        self, interaction: discord.Interaction[Any], value: str | float, /
    ) -> list[Choice[str | int | float]]:
        """Suggest the servers whose name or number has what is typed in it."""
        if not is_host(interaction.client, interaction.user):
            return []
        typed = str(value).strip().casefold()
        found = [
            server
            for server in sorted(interaction.client.guilds, key=lambda server: server.name)
            if typed in f"{server.name} {server.id}".casefold()
        ]
        return [
            Choice(name=one_line(f"{one.name} · {one.id}", limit=LONGEST_CHOICE), value=str(one.id))
            for one in found[:MOST_CHOICES]
        ]
