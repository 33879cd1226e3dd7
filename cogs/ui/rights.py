"""Look at who may do what where."""

from __future__ import annotations

import discord
from discord import app_commands

from cogs.ui.base import Interaction, Surface
from cogs.ui.errors import BotLacks, ChannelClosed, HostOnly, NotEverywhere
from storage.records import Render

_NEEDED_TO_WRITE = ("view_channel", "send_messages")
_NEEDED = ("view_channel", "attach_files", "embed_links", "read_message_history")


def require_bot_may_post(interaction: Interaction) -> None:
    """Raise BotLacks when the bot could not post card and result where the command was sent."""
    names = lacking(interaction.app_permissions, interaction.channel)
    if names:
        raise BotLacks(permissions=names)


def lacking(permissions: discord.Permissions, channel: object) -> tuple[str, ...]:
    """Return what card and result need in a channel and these permissions do not have."""
    send = "send_messages_in_threads" if isinstance(channel, discord.Thread) else "send_messages"
    needed = (_NEEDED[0], send, *_NEEDED[1:])
    return tuple(name for name in needed if not getattr(permissions, name))


def lacking_to_write(channel: discord.TextChannel) -> tuple[str, ...]:
    """Return what the bot lacks to write a plain message in a channel."""
    permissions = channel.permissions_for(channel.guild.me)
    return tuple(name for name in _NEEDED_TO_WRITE if not getattr(permissions, name))


def require_bot_may_write(channel: discord.TextChannel) -> None:
    """Raise ChannelClosed when the bot could not note anything in a channel."""
    if names := lacking_to_write(channel):
        raise ChannelClosed(channel_id=channel.id, permissions=names)


def is_host(bot: Surface, user: discord.User | discord.Member) -> bool:
    """Say whether somebody runs this bot: named in the settings, else the application's owner.

    Of a team that owns it, the members who may change it.
    """
    if bot.host_ids or bot.application is None:
        return user.id in bot.host_ids
    team = bot.application.team
    if team is None:
        return user.id == bot.application.owner.id
    rights = {discord.TeamMemberRole.admin, discord.TeamMemberRole.developer}
    accepted = discord.TeamMembershipState.accepted
    return user.id == team.owner_id or any(
        one.id == user.id and one.role in rights and one.membership_state is accepted
        for one in team.members
    )


def require_host(interaction: Interaction) -> None:
    """Raise HostOnly when somebody else asks for what is the host's."""
    if not is_host(interaction.client, interaction.user):
        raise HostOnly


def roles_of(interaction: Interaction) -> frozenset[int]:
    """Return the roles that Discord says its sender has, @everyone's among them."""
    return roles_held(interaction.user)


def roles_held(user: discord.User | discord.Member) -> frozenset[int]:
    """Return the roles of a member; who is not in the server has none."""
    return (
        frozenset(role.id for role in user.roles)
        if isinstance(user, discord.Member)
        else frozenset()
    )


def administers(interaction: Interaction) -> bool:
    """Say whether somebody may set what a server's members do: its admins, and the host."""
    return interaction.permissions.manage_guild or is_host(interaction.client, interaction.user)


def require_admin(interaction: Interaction) -> bool:
    """Let server admins pass a check; it fails in the library's way, or nobody would report it."""
    if not administers(interaction):
        raise app_commands.MissingPermissions(["manage_guild"])
    return True


def may_move(interaction: Interaction, render: Render) -> bool:
    """Say whether who presses a button of a render asked for it, or moderates where it stands."""
    return interaction.user.id == render.member_id or interaction.permissions.manage_messages


def moderates(
    user: discord.User | discord.Member, channel_id: int, parent_id: int | None = None
) -> bool:
    """Say whether a member moderates a channel; `parent_id` is the one above a public thread.

    A thread that is archived, or gone, is its parent's. A channel that is gone is nobody's but of
    those who see every channel.
    """
    if not isinstance(user, discord.Member):
        return False
    known = user.guild.get_channel_or_thread
    channel = known(channel_id) or (known(parent_id) if parent_id else None)
    if channel is None:
        return not user.guild.unavailable and user.guild_permissions.administrator
    if isinstance(channel, discord.Thread):
        if channel.parent is None:
            return False
        # Who is in a private thread is not known to us; who manages threads sees them all.
        if channel.is_private() and not channel.permissions_for(user).manage_threads:
            return False
    permissions = channel.permissions_for(user)
    return permissions.view_channel and permissions.manage_messages


def moderates_everywhere(user: discord.User | discord.Member) -> bool:
    """Say whether a member moderates a whole server, whatever single channels allow or deny."""
    # A server that was not heard of yet has no roles.
    if not isinstance(user, discord.Member) or user.guild.unavailable:
        return False
    rights = user.guild_permissions
    return rights.manage_messages or rights.manage_guild


def require_everywhere(interaction: Interaction) -> None:
    """Raise NotEverywhere for who does not moderate the whole server."""
    if not moderates_everywhere(interaction.user):
        raise NotEverywhere
