"""Read the id of a render that a moderator types, and suggest what the command is for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, ClassVar, Final

import discord
from discord import app_commands
from discord.app_commands import Choice

from cogs.ui.base import server_of
from cogs.ui.desk.marks import STATES, Filter
from cogs.ui.desk.sight import moderated, render_in_sight, sees
from cogs.ui.errors import NoSuchRender
from cogs.ui.text import commands as text
from cogs.ui.text import desk_list
from storage import Database, Transaction, desk, ids, renders
from storage.records import Render, State

MOST_CHOICES: Final = 25
LATEST_LOOKED_AT: Final = 100


class ModeratedRender(app_commands.Transformer):
    """Read the id of a render in a channel that the moderator moderates."""

    suggested: ClassVar[Collection[State]] = STATES[Filter.ALL]

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> Render:
        """Return the render; one in another channel is not there for this moderator."""
        render_id = ids.read_id(value)
        if render_id is None:
            raise NoSuchRender(typed=value)
        return await render_in_sight(interaction, render_id)

    async def autocomplete(
        self, interaction: discord.Interaction[Any], value: str | float, /
    ) -> list[Choice[str | int | float]]:
        """Suggest what the command is for, what needs a person first."""
        found = await self._suggestions(interaction, ids.tidy(str(value)))
        return [Choice(name=desk_list.choice(one), value=one.id) for one in found]

    async def _suggestions(
        self, interaction: discord.Interaction[Any], typed: str
    ) -> Sequence[Render]:
        server_id = server_of(interaction)
        database: Database = interaction.client.database

        async def look(tx: Transaction) -> tuple[Render, ...]:
            sought = desk.Sought(
                server_id=server_id,
                channel_ids=moderated(interaction, await desk.channels(tx, server_id)),
                states=self.suggested,
                prefix=typed,
            )
            return await desk.page(tx, sought, offset=0, limit=MOST_CHOICES)

        return await database.read(look)


class WaitingRender(ModeratedRender):
    """Suggest what can be cancelled."""

    suggested = STATES[Filter.WAITING]


class KeptRender(ModeratedRender):
    """Suggest what can be posted."""

    suggested = STATES[Filter.UNDELIVERED]


class PaidRender(ModeratedRender):
    """Suggest what was paid for lately, to the host in any channel."""

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> Render:
        """Return the render, also to the host, who need be no moderator."""
        render_id = ids.read_id(value)
        if render_id is None:
            raise NoSuchRender(typed=value)
        return await render_in_sight(interaction, render_id, also_to_host=True)

    async def autocomplete(
        self, interaction: discord.Interaction[Any], value: str | float, /
    ) -> list[Choice[str | int | float]]:
        """Suggest by number, with what each cost."""
        server_id, typed = server_of(interaction), ids.tidy(str(value))
        database: Database = interaction.client.database
        latest = await database.read(
            lambda tx: renders.starting_with(
                tx, server_id=server_id, prefix=typed, limit=LATEST_LOOKED_AT
            )
        )
        found = [one for one in latest if one.settled and sees(interaction, one, also_to_host=True)]
        return [
            Choice(name=text.choice(one.id, one.settled or 0), value=one.id)
            for one in found[:MOST_CHOICES]
        ]
