"""Interactions: how they reach the bot, how it may answer, and what the person gets to see.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

# ruff: noqa: ASYNC109 - "timeout" is the natural word where the caller says how long to wait

from __future__ import annotations

import asyncio
import secrets
import time
from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.discord.forms import Field, fields_of
from sandbox.discord.refusals import Refusal
from sandbox.discord.wire import Json

if TYPE_CHECKING:
    from sandbox.discord.channels import Channel
    from sandbox.discord.messages import Message
    from sandbox.discord.people import Member
    from sandbox.discord.world import World

ANSWER_WITHIN_SECONDS = 3
TOKEN_LIFETIME_SECONDS = 15 * 60


class InteractionKind(IntEnum):
    """The types of interactions that people cause."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    FORM = 5


class Callback(IntEnum):
    """The types of first answers."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    FORM = 9


class NoAnswer(AssertionError):
    """Say that the bot did not acknowledge within 3 s: "The application did not respond"."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("The application did not respond")
        self.reply = reply


class Interaction:
    """One thing that a person did, and what has come back."""

    def __init__(
        self,
        *,
        world: World,
        kind: InteractionKind,
        member: Member,
        channel: Channel,
        data: Json,
        pressed: Message | None = None,
        opened_by: Interaction | None = None,
    ) -> None:
        self.world = world
        self.id = world.ids.next()
        self.token = secrets.token_urlsafe(48)
        self.kind = kind
        self.member = member
        self.channel = channel
        # The message whose button it was, and for a form what opened it.
        self.pressed = opened_by.pressed if opened_by else pressed
        self.opened_by = opened_by
        self.created_at = world.clock.now()
        # Of the monotonic clock: when the event left, when the callback came.
        self.sent_at: float | None = None
        self.acknowledged_at: float | None = None
        self.callback: Callback | None = None
        # The data of a form or of choices.
        self.answer: Json = {}
        # What `@original` means, and whether the bot made or changed it.
        self.original: Message | None = None
        self.original_is_ours = False
        self.followups: list[Message] = []
        self._data = data

    async def answered(self) -> Reply:
        """Send it to the bot and wait for the acknowledgement."""
        self.world.interactions[self.token] = self
        reply = Reply(self)
        self.send()
        acknowledged = self.world.until(lambda: self.acknowledged_at)
        try:
            await self.world.clock.wait(acknowledged, ANSWER_WITHIN_SECONDS)
        except TimeoutError:
            raise NoAnswer(reply) from None
        return reply

    def send(self) -> None:
        """Let the gateway deliver the event (also a second time)."""
        self.world.gateway.dispatch("INTERACTION_CREATE", self.payload(), written=self._written)

    def _written(self) -> None:
        self.sent_at = self.sent_at or time.perf_counter()

    def check_open(self) -> None:
        """Refuse a first answer that is not the first, or too late."""
        if self.acknowledged_at is not None:
            raise Refusal(40060)
        if self.world.clock.now() > self.created_at + ANSWER_WITHIN_SECONDS:
            raise Refusal(10062)

    def acknowledge(self, callback: Callback) -> None:
        """Take note of the first answer."""
        self.callback = callback
        self.acknowledged_at = time.perf_counter()

    def check_token(self) -> None:
        """Refuse an edit or a follow-up before the acknowledgement or after 15 minutes."""
        if self.acknowledged_at is None:
            raise Refusal(10015)
        if self.world.clock.now() > self.created_at + TOKEN_LIFETIME_SECONDS:
            raise Refusal(50027)

    @property
    def messages(self) -> list[Message]:
        """Give the messages that came back and still are."""
        first = [self.original] if self.original else []
        return [each for each in first + self.followups if not each.deleted]

    def message(self, message_id: str) -> Message:
        """Find a message that this token may change, `@original` being the first."""
        for message in self.messages:
            if message_id == str(message.id) or (
                message_id == "@original" and message is self.original
            ):
                return message
        raise Refusal(10008)

    def metadata(self) -> Json:
        """Give what a message says about the interaction that it answers."""
        return {
            "id": str(self.id),
            "type": int(self.kind),
            "user": self.member.person.payload(),
            "authorizing_integration_owners": self._owners(),
        } | self._about_kind()

    def _about_kind(self) -> Json:
        if self.opened_by:
            return {"triggering_interaction_metadata": self.opened_by.metadata()}
        if self.pressed:
            return {"interacted_message_id": str(self.pressed.id)}
        return {"name": self._data["name"], "command_type": self._data["type"]}

    def _owners(self) -> Json:
        return {"0": str(self.channel.server.id) if self.channel.server else "0"}

    def payload(self) -> Json:
        """Give the event."""
        event: Json = {
            "id": str(self.id),
            "application_id": str(self.world.bot.id),
            "type": int(self.kind),
            "token": self.token,
            "version": 1,
            "channel_id": str(self.channel.id),
            "channel": self.channel.payload(),
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": self._owners(),
            "attachment_size_limit": self.channel.upload_limit_bytes(self.member),
            "data": self._data,
        }
        if self.pressed:
            event["message"] = self.pressed.payload()
        return event | (self._in_server() if self.channel.server else self._in_private())

    def _in_private(self) -> Json:
        return {
            "context": 1,
            "user": self.member.person.payload(),
            "app_permissions": str(int(self.channel.permissions_of(self.member))),
        }

    def _in_server(self) -> Json:
        server = self.member.server
        permissions = str(int(self.channel.permissions_of(self.member)))
        return {
            "context": 0,
            "guild_id": str(server.id),
            "guild": {"id": str(server.id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": self.member.payload() | {"permissions": permissions},
            "app_permissions": str(int(self.channel.permissions_of(server.bot_member))),
        }


class Reply:
    """What came back to one interaction: a reply, follow-ups, a changed message or a form."""

    def __init__(self, interaction: Interaction) -> None:
        self.interaction = interaction

    @property
    def acknowledged_after(self) -> float:
        """Give the seconds from the event's way out to the callback's arrival."""
        sent, acknowledged = self.interaction.sent_at, self.interaction.acknowledged_at
        if sent is None or acknowledged is None:
            raise LookupError("not acknowledged")
        return acknowledged - sent

    @property
    def private(self) -> bool:
        """Tell whether only the person sees it (ephemeral)."""
        return any(message.private_to for message in self.messages)

    @property
    def thinking(self) -> bool:
        """Tell whether it still says "is thinking"."""
        return any(message.thinking for message in self.messages)

    @property
    def message(self) -> Message:
        """Give the reply itself (or the pressed message that it changed); LookupError if none."""
        if not self.messages:
            raise LookupError("no message came back")
        return self.messages[0]

    @property
    def messages(self) -> list[Message]:
        """Give all messages that it made or changed: the reply and the follow-ups."""
        interaction = self.interaction
        untouched = None if interaction.original_is_ours else interaction.original
        return [each for each in interaction.messages if each is not untouched]

    @property
    def text(self) -> str:
        """Give all that the person reads in those messages."""
        return "\n".join(message.text for message in self.messages if message.text)

    @property
    def form(self) -> Json | None:
        """Give the form (modal) that was opened: title, custom_id, components."""
        opened = self.interaction.callback == Callback.FORM
        return self.interaction.answer if opened else None

    @property
    def fields(self) -> list[Field]:
        """Give the fields of that form, in the order of reading."""
        return fields_of(self.form["components"]) if self.form else []

    @property
    def choices(self) -> list[Json]:
        """Give what an autocomplete suggested."""
        return self.interaction.answer.get("choices") or []

    async def settled(self, timeout: float = 5) -> Reply:
        """Wait until "is thinking" gave way to an edit, a follow-up or a deletion."""
        async with asyncio.timeout(timeout):
            await self.interaction.world.until(lambda: self._is_settled() or None)
        return self

    def _is_settled(self) -> bool:
        match self.interaction.callback:
            case None:
                return False
            case Callback.DEFERRED_UPDATE:
                pressed = self.interaction.pressed
                return bool(self.messages or (pressed and pressed.deleted))
            case _:
                return not self.thinking
