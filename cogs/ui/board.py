"""Post the board, edit it and find it again; let moderators ask for it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.ui.base import Interaction, Surface, answer, server_of
from cogs.ui.errors import ChannelClosed, NoStaffChannel, OneAtATime
from cogs.ui.posting import sorted_out
from cogs.ui.rights import require_everywhere
from cogs.ui.text import board as text
from cogs.ui.text import commands as descriptions
from render.board import Sight
from storage import boards
from storage.boards import Post

# What posting it takes, and finding it again after a crash.
NEEDED: Final = ("view_channel", "send_messages", "read_message_history")
# An attempt never goes on for so long.
LONGEST_ATTEMPT: Final = timedelta(hours=1)
_NOBODY: Final = discord.AllowedMentions.none()


class DiscordBoards:
    """Implement render.board.Publisher for one bot."""

    def __init__(self, bot: commands.Bot) -> None:
        self._bot = bot

    def words(self, sight: Sight) -> str:
        """Write a board; the same words need no edit."""
        return text.board(sight)

    async def post(self, post: Post, words: str, *, at_ms: int) -> int:
        """Post a board, for which nobody's device rings."""
        with sorted_out():
            message = await self._channel(post).send(
                view=_layout(words, at_ms),
                nonce=post.nonce,
                silent=True,
                allowed_mentions=_NOBODY,
            )
        return message.id

    async def edit(self, post: Post, message_id: int, words: str, *, at_ms: int) -> None:
        """Bring the message up to date."""
        with sorted_out():
            message = self._channel(post).get_partial_message(message_id)
            await message.edit(view=_layout(words, at_ms), allowed_mentions=_NOBODY)

    async def delete(self, post: Post, message_id: int) -> None:
        """Delete a message; one that is gone already is as good."""
        with sorted_out(), suppress(discord.NotFound):
            await self._channel(post).get_partial_message(message_id).delete()

    async def find(self, post: Post, *, since_ms: int, known: Collection[int]) -> int | None:
        """Look for a board of ours in the channel of an attempt, which is none of the known."""
        since = datetime.fromtimestamp(since_ms / 1000, UTC)
        with sorted_out():
            async for message in self._channel(post).history(limit=None, after=since):
                if message.created_at > since + LONGEST_ATTEMPT:
                    break
                ours = self._bot.user is not None and message.author.id == self._bot.user.id
                if ours and message.id not in known and _is_board(message):
                    return message.id
        return None

    def _channel(self, post: Post) -> discord.PartialMessageable:
        return self._bot.get_partial_messageable(post.channel_id, guild_id=post.server_id)


def _layout(words: str, at_ms: int) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay[Any](f"{words}\n{text.changed(at_ms)}"))
    return view


def _is_board(message: discord.Message) -> bool:
    parts = (part for part in message.components if isinstance(part, discord.TextDisplay))
    return any(part.content.startswith(text.TITLE) for part in parts)


class BoardCommands(commands.Cog):
    """Hold /queue board."""

    _bot: Surface

    @app_commands.command(name="board", description=descriptions.COMMANDS["queue board"])
    @app_commands.describe(
        channel=descriptions.OPTIONS["board channel"], off=descriptions.OPTIONS["board off"]
    )
    async def board(
        self,
        interaction: Interaction,
        channel: discord.TextChannel | None = None,
        off: bool = False,
    ) -> None:
        """Show how the whole queue stands where the staff reads, or no longer."""
        require_everywhere(interaction)
        server_id, now = server_of(interaction), self._bot.clock.now_ms()
        author_id = interaction.user.id
        if off:
            if channel is not None:
                raise OneAtATime
            ended = await self._bot.database.transaction(
                lambda tx: boards.end(tx, server_id, at_ms=now, author_id=author_id)
            )
            await answer(interaction, text.OFF if ended else text.WAS_OFF)
            return
        channel_id = await self._place(interaction, channel)
        await self._bot.database.transaction(
            lambda tx: boards.show(tx, server_id, channel_id, at_ms=now, author_id=author_id)
        )
        await answer(interaction, text.shown(channel_id))

    async def _place(self, interaction: Interaction, named: discord.TextChannel | None) -> int:
        """Return where the board goes: the channel named, or else the staff channel."""
        server = await self._bot.treasury.server(server_of(interaction))
        place = named
        if place is None:
            if server.staff_channel_id is None:
                raise NoStaffChannel
            found = interaction.guild and interaction.guild.get_channel(server.staff_channel_id)
            place = found if isinstance(found, discord.TextChannel) else None
        if place is None:
            raise ChannelClosed(channel_id=server.staff_channel_id or 0, permissions=NEEDED)
        rights = place.permissions_for(place.guild.me)
        if missing := tuple(name for name in NEEDED if not getattr(rights, name)):
            raise ChannelClosed(channel_id=place.id, permissions=missing)
        return place.id
