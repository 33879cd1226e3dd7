"""Look at who may do what where."""

from __future__ import annotations

import discord

from cogs.ui.base import Interaction
from cogs.ui.errors import BotLacks
from storage.records import Render

_NEEDED = ("view_channel", "attach_files", "embed_links", "read_message_history")


def require_bot_may_post(interaction: Interaction) -> None:
    """Raise BotLacks when the bot could not post card and result where the command was sent."""
    send = "send_messages"
    if isinstance(interaction.channel, discord.Thread):
        send = "send_messages_in_threads"
    names = (_NEEDED[0], send, *_NEEDED[1:])
    lacking = tuple(name for name in names if not getattr(interaction.app_permissions, name))
    if lacking:
        raise BotLacks(permissions=lacking)


def may_move(interaction: Interaction, render: Render) -> bool:
    """Say whether who presses a button of a render asked for it, or moderates where it stands."""
    return interaction.user.id == render.member_id or interaction.permissions.manage_messages


def moderates(user: discord.User | discord.Member, channel_id: int) -> bool:
    """Say whether a member moderates a channel; a channel that is gone is nobody's."""
    if not isinstance(user, discord.Member):
        return False
    channel = user.guild.get_channel_or_thread(channel_id)
    if channel is None:
        return False
    if isinstance(channel, discord.Thread):
        if channel.parent is None:
            return False
        # Who is in a private thread is not known to us; who manages threads sees them all.
        if channel.is_private() and not channel.permissions_for(user).manage_threads:
            return False
    permissions = channel.permissions_for(user)
    return permissions.view_channel and permissions.manage_messages
