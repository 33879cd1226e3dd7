"""Servers, channels and threads."""

# ruff: noqa: ASYNC109 - "timeout" is the natural word where the caller says how long to wait

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.messages import Message
    from sandbox.discord.people import Member, Person


class Channel:
    """A text channel, a thread, or the direct messages with one person."""

    id: int
    name: str
    server: Server | None
    parent: Channel | None
    age_restricted: bool
    deleted: bool

    @property
    def messages(self) -> list[Message]:
        """Give the messages that stand in the channel, oldest first; private ones are not among them."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """Give the link to this channel."""
        raise NotImplementedError

    def add_thread(
        self, name: str, *, private: bool = False, members: tuple[Member, ...] = ()
    ) -> Channel:
        """Open a thread; the bot and the given members are in it, which matters to a private one."""
        raise NotImplementedError

    def archive(self, *, locked: bool = False) -> None:
        """Archive this thread."""
        raise NotImplementedError

    def delete(self) -> None:
        """Delete the channel with its threads and all that stands in it."""
        raise NotImplementedError

    def deny_bot(self, *permissions: str) -> None:
        """Deny the bot permissions here, by discord.py's names: "attach_files", "view_channel"."""
        raise NotImplementedError

    def allow_bot(self, *permissions: str) -> None:
        """Take that back."""
        raise NotImplementedError

    def hide_from(self, member: Member) -> None:
        """Deny a member View Channel."""
        raise NotImplementedError

    async def wait_for(self, fits: Callable[[Message], bool], timeout: float = 10) -> Message:
        """Give the first message that fits, now or after any later post or edit."""
        raise NotImplementedError


class Server:
    """A server ("guild" in the API), with @everyone, a role for moderators and one for admins."""

    id: int
    name: str
    boost_tier: int
    channels: list[Channel]
    members: list[Member]

    def add_channel(self, name: str, *, age_restricted: bool = False) -> Channel:
        """Add a text channel in which everybody, the bot too, may do the usual things."""
        raise NotImplementedError

    def add_member(
        self, who: str | Person, *, permissions: tuple[str, ...] = (), nitro: bool = False
    ) -> Member:
        """Let somebody join: a new person by name, or one who exists; with a role of their own if needed."""
        raise NotImplementedError

    def add_moderator(self, who: str | Person) -> Member:
        """Let somebody join who has Manage Messages."""
        raise NotImplementedError

    def add_admin(self, who: str | Person) -> Member:
        """Let somebody join who has Manage Server (and Manage Messages)."""
        raise NotImplementedError

    def boost(self, tier: int) -> None:
        """Change the boost tier, and with it the file limit."""
        raise NotImplementedError

    def remove_bot(self) -> None:
        """Throw the bot out."""
        raise NotImplementedError

    def become_unavailable(self) -> None:
        """Have an outage: the server vanishes for a while, the bot is still in it."""
        raise NotImplementedError
