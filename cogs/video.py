"""Take /video: the member's wish goes in, a card comes out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from datetime import datetime
from typing import Final

import discord
from discord.ext import commands

from cogs.ui.base import TROUBLE, Interaction, Surface, answer, server_of
from cogs.ui.buttons import CancelButton
from cogs.ui.markup import message_url
from cogs.ui.options import Asked, video_command
from cogs.ui.rights import administers, require_bot_may_post, roles_of
from cogs.ui.text import refusals
from cogs.ui.text import renders as text
from render.admission import Admitted, Request
from render.errors import LedgerUnavailable
from seedance import Offer, Option
from storage import StorageError, messages
from storage.records import FrameRole, Purpose, Render

log = logging.getLogger(__name__)

# So many wishes with frames are looked at together. Two frames are decoded at a time, so the bytes
# of more wishes would only fill the memory, with up to 60 MB each.
FRAMED_AT_ONCE: Final = 4


class Video(commands.Cog):
    """Hold the /video command."""

    def __init__(self, bot: Surface) -> None:
        self._bot = bot
        self._carried = _carried(bot.offers.current)
        self._command = video_command(bot.offers.current, self.render)
        self._framed = asyncio.Semaphore(FRAMED_AT_ONCE)

    async def cog_load(self) -> None:
        """Put the command, as the models of this moment allow it, into the tree."""
        self._bot.tree.add_command(self._command)

    async def cog_unload(self) -> None:
        """Take the command out again."""
        self._bot.tree.remove_command(self._command.name)

    @commands.Cog.listener()
    async def on_offers_refresh(self) -> None:
        """Put another command in its place when other options can travel now."""
        offers = self._bot.offers.current
        # While there is no model its options do not matter: /video says that there is none.
        if not offers or _carried(offers) == self._carried:
            return
        self._carried = _carried(offers)
        self._command = video_command(offers, self.render)
        self._bot.tree.add_command(self._command, override=True)
        self._bot.dispatch("commands_change")

    async def render(self, interaction: Interaction, asked: Asked) -> None:
        """Accept the wish or raise why not; the reply was acknowledged before."""
        require_bot_may_post(interaction)
        admitted = await self._admit(interaction, asked)
        try:
            await self._confirm(interaction, asked, admitted)
        except (StorageError, LedgerUnavailable, *TROUBLE) as error:
            # It is accepted, so nothing may say otherwise; the engine goes on by itself.
            log.warning("Render %s could not be confirmed: %r", admitted.render.id, error)
            with suppress(*TROUBLE):
                await answer(interaction, text.accepted_in_short(admitted.render))

    async def _admit(self, interaction: Interaction, asked: Asked) -> Admitted:
        framed = asked.first_frame is not None or asked.last_frame is not None
        async with self._framed if framed else nullcontext():
            first, last = await asyncio.gather(
                self._fetch(asked.first_frame, FrameRole.FIRST),
                self._fetch(asked.last_frame, FrameRole.LAST),
            )
            return await self._bot.admission.admit(_request(interaction, asked, first, last))

    async def _fetch(self, attachment: discord.Attachment | None, role: FrameRole) -> bytes | None:
        return None if attachment is None else await self._bot.uploads.fetch(attachment, role)

    async def _confirm(self, interaction: Interaction, asked: Asked, admitted: Admitted) -> None:
        """Post the card, and tell the member privately what was accepted."""
        render = admitted.render
        if admitted.repeated:
            await answer(interaction, text.repeated(render, await self._card_url(render)))
            return
        card = await self._bot.engine.announce(render)
        if card is None:
            words = f"{refusals.CARD_IMPOSSIBLE}\n{refusals.prompt_back(asked.prompt)}"
            await answer(interaction, words)
            return
        words = text.accepted(
            render,
            card_url=message_url(render.server_id, card.channel_id, card.message_id),
            allowance=await self._bot.admission.allowance(
                render.server_id, render.member_id, roles_of(interaction)
            ),
            crops=admitted.crops,
            undo=self._bot.limits.undo,
            pace=self._bot.pace,
        )
        await answer(interaction, words, [CancelButton(render.id)])

    async def _card_url(self, render: Render) -> str | None:
        card = await self._bot.database.read(
            lambda tx: messages.latest(tx, render.id, Purpose.CARD)
        )
        if card is None or card.message_id is None:
            return None
        return message_url(render.server_id, card.channel_id, card.message_id)


def _carried(offers: Iterable[Offer]) -> frozenset[Option]:
    return frozenset(option for offer in offers for option in offer.options)


def _request(
    interaction: Interaction, asked: Asked, first: bytes | None, last: bytes | None
) -> Request:
    return Request(
        interaction_id=interaction.id,
        server_id=server_of(interaction),
        channel_id=interaction.channel_id or 0,
        parent_id=_parent_id(interaction),
        place_ids=_place_ids(interaction),
        member_id=interaction.user.id,
        account_made_at_ms=_milliseconds(interaction.user.created_at),
        joined_at_ms=_joined_at_ms(interaction),
        role_ids=roles_of(interaction),
        admin=administers(interaction),
        age_restricted=_age_restricted(interaction),
        prompt=asked.prompt,
        model=asked.model,
        duration_seconds=asked.duration,
        resolution=asked.resolution,
        ratio=asked.ratio,
        seed=asked.seed,
        audio=asked.audio,
        first_frame=first,
        last_frame=last,
    )


def _place_ids(interaction: Interaction) -> tuple[int, ...]:
    """Return what the channel lies under: a thread's channel, and the category of either."""
    place = interaction.channel
    upper = place.parent if isinstance(place, discord.Thread) else place
    ids = (getattr(upper, "id", None), getattr(upper, "category_id", None))
    return tuple(one for one in ids if one is not None)


def _joined_at_ms(interaction: Interaction) -> int:
    """Return since when a member is here; a guest has just come."""
    user = interaction.user
    joined_at = user.joined_at if isinstance(user, discord.Member) else None
    return _milliseconds(joined_at or interaction.created_at)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _parent_id(interaction: Interaction) -> int | None:
    """Return the channel above a public thread; a thread that is gone can no longer be asked."""
    thread = interaction.channel
    if isinstance(thread, discord.Thread) and not thread.is_private():
        return thread.parent_id
    return None


def _age_restricted(interaction: Interaction) -> bool:
    """Take a channel that does not say for one that is."""
    restricted = getattr(interaction.channel, "is_nsfw", None)
    return restricted is None or restricted()


async def setup(bot: Surface) -> None:
    """Add the cog."""
    await bot.add_cog(Video(bot))
