"""Who may do what where: roles, overwrites and timeouts.

https://docs.discord.com/developers/topics/permissions#permission-overwrites
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.discord.people import Member
    from sandbox.discord.wire import Json


class Permission(IntFlag):
    """The permissions that matter to a bot which posts, and to those who use it."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40

    @classmethod
    def named(cls, names: Iterable[str]) -> Permission:
        """Add up permissions given by discord.py's names ("attach_files", also "read_messages")."""
        total = cls(0)
        for name in names:
            total |= cls["VIEW_CHANNEL" if name == "read_messages" else name.upper()]
        return total


EVERYTHING = ~Permission(0)
NOTHING = Permission(0)
# What a fresh server lets everybody do.
EVERYBODY = Permission.named((
    "add_reactions", "view_channel", "send_messages", "embed_links", "attach_files",
    "read_message_history", "use_external_emojis", "use_application_commands",
    "create_public_threads", "create_private_threads", "send_messages_in_threads",
))  # fmt: skip
# What the invitation asks for (274878024704).
BOT = Permission.named((
    "view_channel", "send_messages", "embed_links", "attach_files", "read_message_history",
    "send_messages_in_threads",
))  # fmt: skip
TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
NEEDS_SENDING = (
    Permission.SEND_TTS_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.MENTION_EVERYONE
)


@dataclass(slots=True)
class Role:
    """A role of a server; that of everybody has the server's id."""

    id: int
    name: str
    position: int
    permissions: Permission
    bot_id: int | None = None

    def resolved_for(self, viewer: Member) -> Json:
        """Give what an interaction of this viewer says of the role."""
        return {"roles": self.payload()} if self in viewer.server.roles else {}

    def payload(self) -> Json:
        """Give the API's role object."""
        tags = {"tags": {"bot_id": str(self.bot_id)}} if self.bot_id else {}
        return {
            "id": str(self.id),
            "name": self.name,
            "description": None,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "position": self.position,
            "permissions": str(int(self.permissions)),
            "managed": self.bot_id is not None,
            "mentionable": False,
            "flags": 0,
        } | tags


@dataclass(slots=True)
class Overwrite:
    """What a channel changes for one role or one member."""

    for_member: bool
    allow: Permission = NOTHING
    deny: Permission = NOTHING

    def payload(self, subject_id: int) -> Json:
        """Give the API's overwrite object."""
        return {
            "id": str(subject_id),
            "type": int(self.for_member),
            "allow": str(int(self.allow)),
            "deny": str(int(self.deny)),
        }


def base_permissions(roles: Iterable[Role]) -> Permission:
    """Add up what roles allow, before any channel changes it."""
    total = NOTHING
    for role in roles:
        total |= role.permissions
    return EVERYTHING if Permission.ADMINISTRATOR in total else total


def channel_permissions(
    base: Permission,
    overwrites: dict[int, Overwrite],
    *,
    everyone_id: int,
    role_ids: Iterable[int],
    member_id: int,
) -> Permission:
    """Apply a channel's overwrites: everyone's, then all roles' together, then the member's."""
    nothing = Overwrite(for_member=False)
    of_roles = [overwrites.get(role_id, nothing) for role_id in role_ids]
    joined = Overwrite(for_member=False)
    for overwrite in of_roles:
        joined.allow |= overwrite.allow
        joined.deny |= overwrite.deny
    total = base
    for step in (overwrites.get(everyone_id, nothing), joined, overwrites.get(member_id, nothing)):
        total = total & ~step.deny | step.allow
    return total


def without_implied(total: Permission, *, in_thread: bool) -> Permission:
    """Take away what is worth nothing without seeing or without sending."""
    sending = Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES
    if Permission.VIEW_CHANNEL not in total:
        return NOTHING
    return total if sending in total else total & ~NEEDS_SENDING
