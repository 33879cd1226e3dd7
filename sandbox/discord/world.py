"""The state of the stand-in: who and what there is, and who waits for a change of it."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, TypeVar

from sandbox.discord.attachments import Attachment, Cdn
from sandbox.discord.channels import DIRECT, Channel
from sandbox.discord.gateway import Gateway
from sandbox.discord.people import Person
from sandbox.discord.refusals import Refusal
from sandbox.discord.servers import Server
from sandbox.discord.wire import Json, Snowflakes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.clock import Clock
    from sandbox.discord.interactions import Interaction

T = TypeVar("T")


class World:
    """Everything that exists on this Discord. It outlives the bot's processes."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.people: dict[int, Person] = {}
        self.servers: dict[int, Server] = {}
        self.channels: dict[int, Channel] = {}
        # By token.
        self.interactions: dict[str, Interaction] = {}
        # Registered commands, each with its `guild_id` if it is only one server's.
        self.commands: list[Json] = []
        self.cdn = Cdn(clock, secrets.token_bytes(32))
        self.bot = self.add_person("Paperboat", is_bot=True)
        self.host = self.add_person("Hope")
        self.token = f"{self.bot.id}.{secrets.token_urlsafe(24)}"
        self.gateway = Gateway(self)
        self._waiting: set[Callable[[], None]] = set()

    def add_person(self, name: str, *, is_bot: bool = False) -> Person:
        """Let somebody open an account."""
        person = Person(self.ids.next(), name, is_bot=is_bot)
        self.people[person.id] = person
        return person

    def add_server(self, name: str, boost_tier: int, *, bot_is_in: bool) -> Server:
        """Open a server and, unless it is to come later, let the bot join it."""
        server = Server(self, name, boost_tier, bot_is_in=bot_is_in)
        self.servers[server.id] = server
        if bot_is_in:
            server.invite_bot()
        return server

    def keep_file(
        self,
        place_id: int,
        filename: str,
        data: bytes,
        *,
        content_type: str | None = None,
        description: str | None = None,
        ephemeral: bool = False,
    ) -> Attachment:
        """Store a file in the CDN."""
        attachment = Attachment(
            self.cdn,
            attachment_id=self.ids.next(),
            place_id=place_id,
            filename=filename,
            data=data,
            content_type=content_type,
            description=description,
            ephemeral=ephemeral,
        )
        return self.cdn.keep(attachment)

    def commands_in(self, server: Server) -> list[Json]:
        """Give the commands that this server has: its own, then everybody's."""
        everywhere = [each for each in self.commands if "guild_id" not in each]
        return [
            each for each in self.commands if each.get("guild_id") == str(server.id)
        ] + everywhere

    def channel(self, channel_id: int) -> Channel:
        """Find a channel that still is, or refuse."""
        channel = self.channels.get(channel_id)
        if channel is None or channel.deleted:
            raise Refusal(10003)
        return channel

    def conversation(self, person: Person) -> Channel:
        """Open the direct messages between the bot and somebody."""
        if person.conversation is None:
            person.conversation = Channel(
                world=self, id=self.ids.next(), kind=DIRECT, recipient=person
            )
            self.channels[person.conversation.id] = person.conversation
            self.emit("CHANNEL_CREATE", person.conversation.payload(), None)
        return person.conversation

    def emit(self, event: str, data: Json, server: Server | None) -> None:
        """Tell the bot about a change, if it is in that server, and wake who waits for one."""
        hears = server is None or (
            server.id in self.servers and server.bot_is_in and not server.unavailable
        )
        if hears:
            self.gateway.dispatch(event, data)
        self.changed()

    def changed(self) -> None:
        """Let everybody who waits look again."""
        for look in tuple(self._waiting):
            look()

    async def until(self, look: Callable[[], T | None]) -> T:
        """Look now and after every change, and give the first thing that is not None."""
        found: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def look_again() -> None:
            thing = look()
            if thing is not None and not found.done():
                found.set_result(thing)

        self._waiting.add(look_again)
        try:
            look_again()
            return await found
        finally:
            self._waiting.discard(look_again)
