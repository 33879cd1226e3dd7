"""Channels, threads and direct messages."""

# ruff: noqa: ASYNC109 - "timeout" is the natural word where the caller says how long to wait

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.discord.attachments import FILE_LIMIT_BYTES, NITRO_FILE_LIMIT_BYTES
from sandbox.discord.messages import Message
from sandbox.discord.permissions import (
    EVERYBODY,
    EVERYTHING,
    NOTHING,
    TIMED_OUT,
    Overwrite,
    Permission,
    base_permissions,
    channel_permissions,
    without_implied,
)
from sandbox.discord.wire import Json, created_at, iso

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.people import Member, Person
    from sandbox.discord.servers import Server
    from sandbox.discord.world import World

TEXT, DIRECT, CATEGORY, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 4, 11, 12


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """A text channel, a thread, a category, or the direct messages with one person."""

    world: World
    id: int
    kind: int = TEXT
    name: str = ""
    server: Server | None = None
    # Of a thread its channel; a channel may stand in a category.
    parent: Channel | None = None
    category: Channel | None = None
    recipient: Person | None = None
    age_restricted: bool = False
    deleted: bool = False
    archived: bool = False
    locked: bool = False
    # Who is in this thread.
    member_ids: set[int] = field(default_factory=set[int])
    overwrites: dict[int, Overwrite] = field(default_factory=dict[int, Overwrite])
    # All that was ever posted, the private and the deleted too.
    history: list[Message] = field(default_factory=list[Message])

    @property
    def messages(self) -> list[Message]:
        """Give the messages that everybody in the channel sees, oldest first."""
        return [each for each in self.history if not each.deleted and not each.private_to]

    @property
    def is_thread(self) -> bool:
        """Tell whether this is a thread."""
        return self.parent is not None

    @property
    def url(self) -> str:
        """Give the link to this channel."""
        return f"https://discord.com/channels/{self.server.id if self.server else '@me'}/{self.id}"

    def add_thread(
        self, name: str, *, private: bool = False, members: tuple[Member, ...] = ()
    ) -> Channel:
        """Open a thread; the bot and these members are in it, which matters to a private one."""
        thread = Channel(
            world=self.world,
            id=self.world.ids.next(),
            kind=PRIVATE_THREAD if private else PUBLIC_THREAD,
            name=name,
            server=self.server,
            parent=self,
            age_restricted=self.age_restricted,
            member_ids={self.world.bot.id, *(member.id for member in members)},
        )
        self.world.channels[thread.id] = thread
        self.world.emit("THREAD_CREATE", thread.payload() | {"newly_created": True}, self.server)
        return thread

    def archive(self, *, locked: bool = False) -> None:
        """Archive this thread."""
        self.archived, self.locked = True, locked
        self._changed()

    def delete(self) -> None:
        """Delete the channel with its threads and all that stands in it."""
        for thread in self.threads():
            thread.delete()
        self.deleted = True
        for message in self.history:
            message.deleted = True
        self.world.emit(
            "THREAD_DELETE" if self.is_thread else "CHANNEL_DELETE", self.payload(), self.server
        )

    def threads(self) -> list[Channel]:
        """Give the threads that still are."""
        return [
            each
            for each in self.world.channels.values()
            if each.parent is self and not each.deleted
        ]

    def deny_bot(self, *permissions: str) -> None:
        """Deny the bot permissions here, by discord.py's names: "attach_files", "view_channel"."""
        self._overwrite(self.world.bot.id, deny=Permission.named(permissions))

    def allow_bot(self, *permissions: str) -> None:
        """Allow the bot permissions here, denied ones too."""
        self._overwrite(self.world.bot.id, allow=Permission.named(permissions))

    def hide_from(self, member: Member) -> None:
        """Deny a member View Channel."""
        self._overwrite(member.id, deny=Permission.VIEW_CHANNEL)

    def _overwrite(
        self, member_id: int, *, deny: Permission = NOTHING, allow: Permission = NOTHING
    ) -> None:
        if self.is_thread:
            raise ValueError("a thread takes its permissions from its channel")
        overwrite = self.overwrites.setdefault(member_id, Overwrite(for_member=True))
        overwrite.deny = (overwrite.deny | deny) & ~allow
        overwrite.allow = (overwrite.allow | allow) & ~deny
        self._changed()

    def permissions_of(self, member: Member) -> Permission:
        """Compute what a member may do here."""
        if self.server is None:
            return EVERYBODY
        base = base_permissions(member.roles)
        if member.owns_server or Permission.ADMINISTRATOR in base:
            return EVERYTHING
        total = channel_permissions(
            base,
            (self.parent or self).overwrites,
            everyone_id=member.server.id,
            role_ids=[role.id for role in member.roles[1:]],
            member_id=member.id,
        )
        outside = self.kind == PRIVATE_THREAD and member.id not in self.member_ids
        if outside and Permission.MANAGE_THREADS not in total:
            return NOTHING
        total = without_implied(total, in_thread=self.is_thread)
        return total & TIMED_OUT if member.timed_out else total

    @property
    def file_limit_bytes(self) -> int:
        """Give the greatest size of one file of the bot here."""
        return FILE_LIMIT_BYTES[self.server.boost_tier if self.server else 0]

    def upload_limit_bytes(self, member: Member) -> int:
        """Give the greatest size of a file that this member gives to a command here."""
        return max(self.file_limit_bytes, NITRO_FILE_LIMIT_BYTES if member.nitro else 0)

    async def wait_for(self, fits: Callable[[Message], bool], timeout: float = 10) -> Message:
        """Give the first message that fits, now or after any later post or edit."""
        try:
            async with asyncio.timeout(timeout):
                return await self.world.until(
                    lambda: next((each for each in self.messages if fits(each)), None)
                )
        except TimeoutError:
            texts = [message.text for message in self.messages]
            raise TimeoutError(f"no such message in #{self.name} but {texts}") from None

    def add(self, message: Message) -> None:
        """Let a message appear; a public one wakes an archived thread up."""
        self.history.append(message)
        if self.archived and message.private_to is None:
            self.archived = False
            self._changed()
        self.announce("MESSAGE_CREATE", message.event(), message)

    def announce(self, event: str, data: Json, message: Message) -> None:
        """Tell the bot what happened to a message, unless it is private."""
        if message.private_to is None:
            self.world.emit(event, data, self.server)
        self.world.changed()

    def _changed(self) -> None:
        event = "THREAD_UPDATE" if self.is_thread else "CHANNEL_UPDATE"
        self.world.emit(event, self.payload(), self.server)

    def resolved_for(self, viewer: Member) -> Json:
        """Give what an interaction of this viewer says of the channel, if they see it."""
        permissions = self.permissions_of(viewer)
        if self.server is not viewer.server or self.deleted or not permissions:
            return {}
        overwritten = ("permission_overwrites", "guild_id")
        partial = {key: value for key, value in self.payload().items() if key not in overwritten}
        return {"channels": partial | {"permissions": str(int(permissions))}}

    def payload(self) -> Json:
        """Give the API's channel object."""
        last = self.messages[-1:]
        common: Json = {
            "id": str(self.id),
            "type": self.kind,
            "flags": 0,
            "last_message_id": str(last[0].id) if last else None,
        }
        if self.recipient:
            return common | {"recipients": [self.recipient.payload()]}
        common |= {
            "guild_id": str(self.server.id) if self.server else None,
            "name": self.name,
            "parent_id": str(above.id) if (above := self.parent or self.category) else None,
            "rate_limit_per_user": 0,
        }
        if self.is_thread:
            return common | self._thread_payload()
        return common | {
            "position": 0,
            "topic": None,
            "nsfw": self.age_restricted,
            "permission_overwrites": [
                overwrite.payload(subject) for subject, overwrite in self.overwrites.items()
            ],
        }

    def _thread_payload(self) -> Json:
        opened = iso(created_at(self.id))
        mine = {"id": str(self.id), "user_id": str(self.world.bot.id)}
        return {
            "owner_id": str(self.world.bot.id),
            "message_count": len(self.messages),
            "member_count": len(self.member_ids),
            "total_message_sent": len(self.history),
            "member": mine | {"flags": 0, "join_timestamp": opened},
            "thread_metadata": {
                "archived": self.archived,
                "auto_archive_duration": 1440,
                "archive_timestamp": opened,
                "locked": self.locked,
                "create_timestamp": opened,
            }
            | ({"invitable": True} if self.kind == PRIVATE_THREAD else {}),
        }
