"""Reply to the result of a render, so that its member reads more about it."""

from __future__ import annotations

import logging

import discord

from cogs.ui.base import TROUBLE, Surface
from storage import messages
from storage.records import Purpose, Render

log = logging.getLogger(__name__)


async def reply_to_result(bot: Surface, render: Render, words: str) -> bool:
    """Say something under the result that mentions its member; False when that cannot be."""
    result = await bot.database.read(lambda tx: messages.latest(tx, render.id, Purpose.RESULT))
    if result is None or result.message_id is None:
        return False
    place: discord.abc.Messageable
    try:
        # A direct message is noted under the member's own id.
        if result.channel_id == render.member_id:
            place = await bot.create_dm(discord.Object(render.member_id))
        else:
            place = bot.get_partial_messageable(result.channel_id, guild_id=render.server_id)
        await place.send(
            words,
            reference=discord.MessageReference(
                message_id=result.message_id, channel_id=result.channel_id, fail_if_not_exists=False
            ),
            suppress_embeds=True,
            allowed_mentions=discord.AllowedMentions(
                users=[discord.Object(render.member_id)], replied_user=False
            ),
        )
    except TROUBLE as error:
        log.warning("The member of render %s was not told more: %r", render.id, error)
        return False
    return True
