"""Reach the host through Discord: in the channel for it, else directly."""

from __future__ import annotations

import logging
from typing import Final

import discord
from discord.ext import commands

from cogs.ui.base import TROUBLE
from cogs.ui.text import alerts as text
from render.alerts import Alert

_NOBODY: Final = discord.AllowedMentions.none()

log = logging.getLogger(__name__)


class DiscordHerald:
    """Implement render.alerts.Herald for one bot."""

    def __init__(
        self, bot: commands.Bot, *, channel_id: int | None, host_ids: frozenset[int]
    ) -> None:
        self._bot = bot
        self._channel_id = channel_id
        self._host_ids = host_ids

    async def tell(self, alert: Alert) -> bool:
        """Write into the channel, or else to each host; False when nobody could be reached."""
        if self._channel_id is not None:
            channel = self._bot.get_partial_messageable(self._channel_id)
            if await _sent(channel, alert):
                return True
        return any([await self._write_to(host_id, alert) for host_id in self._hosts()])

    def _hosts(self) -> frozenset[int]:
        application = self._bot.application
        if self._host_ids or application is None:
            return self._host_ids
        team = application.team
        return frozenset({(team and team.owner_id) or application.owner.id})

    async def _write_to(self, host_id: int, alert: Alert) -> bool:
        try:
            direct = await self._bot.create_dm(discord.Object(host_id))
        except TROUBLE as error:
            log.warning("Host %s cannot be written to: %r", host_id, error)
            return False
        return await _sent(direct, alert)


async def _sent(place: discord.abc.Messageable, alert: Alert) -> bool:
    try:
        await place.send(
            text.words(alert), nonce=alert.nonce, suppress_embeds=True, allowed_mentions=_NOBODY
        )
    except TROUBLE as error:
        log.warning("An alert could not be sent: %r", error)
        return False
    return True
