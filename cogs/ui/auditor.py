"""Post what people did into the channel that a server keeps for it."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import discord
from discord.ext import commands

from cogs.ui.posting import sorted_out
from cogs.ui.text.acts import act
from render.messenger import MessageDeleted
from storage.records import Event

_NOBODY: Final = discord.AllowedMentions.none()


class DiscordAuditor:
    """Implement render.audit.Auditor for one bot."""

    def __init__(self, bot: commands.Bot) -> None:
        self._bot = bot

    async def post(self, channel_id: int, event: Event) -> None:
        """Post one act; who is named in it is not pinged. Raises a PostingError."""
        channel = self._bot.get_partial_messageable(channel_id, guild_id=event.server_id)
        # It was posted before, and somebody has deleted it since.
        with suppress(MessageDeleted), sorted_out():
            await channel.send(
                act(event),
                nonce=f"act.{event.id}",
                suppress_embeds=True,
                allowed_mentions=_NOBODY,
            )
