"""Take /renders and /quota: what a member made, is making and may still make."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs.ui.base import Interaction, Surface, answer, server_of
from cogs.ui.buttons import PostButton
from cogs.ui.errors import NoSuchRender, NotWaiting
from cogs.ui.markup import one_line
from cogs.ui.rights import roles_of
from cogs.ui.text import commands as text
from cogs.ui.text import desk
from cogs.ui.text.quota import quota
from cogs.ui.text.renders import attached_link, provider_link, state_words
from render.line import Wait, wait_of
from storage import Database, Transaction, ids, messages, renders
from storage.records import Message, Purpose, Render, State

MOST_LISTED = 50
_WITH_VIDEO = frozenset({State.RENDERED, State.UNDELIVERED, State.DELIVERED})
LONGEST_CHOICE = 100  # characters of a suggestion's name


class OwnRender(app_commands.Transformer):
    """Read the id of one of the member's renders, however it is typed."""

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> Render:
        """Return the member's render; somebody else's is not there for them."""
        render_id = ids.read_id(value)
        found = None
        if render_id is not None:
            database: Database = interaction.client.database
            found = await database.read(lambda tx: renders.find(tx, render_id))
        if found is None or not _is_own(found, interaction):
            raise NoSuchRender(typed=value)
        return found

    async def autocomplete(
        self, interaction: discord.Interaction[Any], value: str | float, /
    ) -> list[Choice[str | int | float]]:
        """Suggest the member's latest."""
        database: Database = interaction.client.database
        own = await database.read(
            lambda tx: renders.of_member(
                tx,
                server_id=server_of(interaction),
                member_id=interaction.user.id,
                prefix=str(value).strip().upper(),
            )
        )
        return [Choice(name=_choice(render), value=render.id) for render in own]


def _buttons(render: Render) -> list[PostButton]:
    kept = render.state is State.UNDELIVERED and render.taken_down_at_ms is None
    return [PostButton(render.id)] if kept else []


def _is_own(render: Render, interaction: Interaction) -> bool:
    return render.member_id == interaction.user.id and render.server_id == interaction.guild_id


def _choice(render: Render) -> str:
    words = f"{render.id} · {state_words(render)} · {render.prompt}"
    return one_line(words, limit=LONGEST_CHOICE)


class Renders(commands.Cog):
    """Hold /renders and /quota."""

    group = app_commands.Group(name="renders", description=text.COMMANDS["renders"])

    def __init__(self, bot: Surface) -> None:
        self._bot = bot

    @group.command(name="list", description=text.COMMANDS["renders list"])
    async def list_(self, interaction: Interaction) -> None:
        """Show the member's latest renders in this server."""

        async def read(tx: Transaction) -> list[str]:
            own = await renders.of_member(
                tx,
                server_id=server_of(interaction),
                member_id=interaction.user.id,
                limit=MOST_LISTED,
            )
            return [
                desk.line(render, desk.place(render, await _message(tx, render))) for render in own
            ]

        lines = await self._bot.database.read(read)
        await answer(interaction, desk.listed(lines) if lines else desk.NO_RENDERS)

    @group.command(name="show", description=text.COMMANDS["renders show"])
    @app_commands.rename(render="id")
    @app_commands.describe(render=text.OPTIONS["id"])
    async def show(
        self, interaction: Interaction, render: app_commands.Transform[Render, OwnRender]
    ) -> None:
        """Show one render with everything that was chosen."""
        now, caps = self._bot.clock.now_ms(), self._bot.pace.caps

        async def read(tx: Transaction) -> tuple[Wait, Message | None]:
            return await wait_of(tx, render, caps, now), await _message(tx, render)

        wait, message = await self._bot.database.read(read)
        words = desk.details(
            render,
            ahead=wait.ahead,
            pace=self._bot.pace,
            where=desk.place(render, message),
            video=await self._video(render),
            brake=wait.brake,
            outlook=wait.outlook,
        )
        await answer(interaction, words, _buttons(render))

    @group.command(name="cancel", description=text.COMMANDS["renders cancel"])
    @app_commands.rename(render="id")
    @app_commands.describe(render=text.OPTIONS["id"])
    async def cancel(
        self, interaction: Interaction, render: app_commands.Transform[Render, OwnRender]
    ) -> None:
        """Cancel a render that still waits."""
        cancelled = await self._bot.engine.cancel(render.id, author_id=interaction.user.id)
        if cancelled is None:
            raise NotWaiting(render=await self._again(render))
        await answer(interaction, desk.cancelled(cancelled))

    @app_commands.command(name="quota", description=text.COMMANDS["quota"])
    async def quota(self, interaction: Interaction) -> None:
        """Show what the member may still spend."""
        allowance = await self._bot.admission.allowance(
            server_of(interaction), interaction.user.id, roles_of(interaction)
        )
        await answer(interaction, quota(allowance))

    @commands.Cog.listener()
    async def on_guild_remove(self, server: discord.Guild) -> None:
        """Start nothing more for a server that the bot was removed from; an outage is no removal.

        Settings and ledger stay, for when it is invited again.
        """
        await self._bot.engine.vacate(server.id)

    async def _video(self, render: Render) -> str:
        """Offer a link to a video that is there."""
        if render.state not in _WITH_VIDEO:
            return ""
        found = await self._bot.engine.link(render)
        if found is None:
            return ""
        if found.expires_at_ms is None:
            return attached_link(found.url)
        return provider_link(found.url, found.expires_at_ms)

    async def _again(self, render: Render) -> Render:
        """Read a render that somebody else moved."""
        now = await self._bot.database.read(lambda tx: renders.find(tx, render.id))
        return now or render


async def _message(tx: Transaction, render: Render) -> Message | None:
    """Return the result, or the card while there is none."""
    result = await messages.latest(tx, render.id, Purpose.RESULT)
    return result or await messages.latest(tx, render.id, Purpose.CARD)


async def setup(bot: Surface) -> None:
    """Add the cog."""
    await bot.add_cog(Renders(bot))
