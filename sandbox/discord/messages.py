"""Messages as people see them, and as the API writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntFlag
from typing import TYPE_CHECKING

from sandbox.discord.attachments import Attachment
from sandbox.discord.client import ClientRefused
from sandbox.discord.components import SELECTS, buttons_of, texts_of, walk
from sandbox.discord.people import Person
from sandbox.discord.wire import Json, created_at, inner, iso, listed

if TYPE_CHECKING:
    from sandbox.discord.channels import Channel
    from sandbox.discord.components import Button


class Flag(IntFlag):
    """Name the message flags that a bot meets."""

    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_COMPONENTS_V2 = 1 << 15


NO_FLAGS = Flag(0)
DEFAULT, REPLY, COMMAND_RESPONSE = 0, 19, 20


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """A message, with all that happened to it."""

    id: int
    channel: Channel
    author: Person
    content: str = ""
    # Who alone sees it, if it is private (ephemeral).
    private_to: Person | None = None
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    # Who was really pinged, after allowed_mentions.
    mentions: list[Person] = field(default_factory=list[Person])
    mentions_everyone: bool = False
    reply_to: Message | None = None
    nonce: str | None = None
    flags: Flag = NO_FLAGS
    deleted: bool = False
    # What a person read before each edit; so `len(edits)` edits.
    edits: list[str] = field(default_factory=list[str])
    edited_at: float | None = None
    # Edits when it was more than an hour old.
    late_edits: int = 0
    # Of a message that answers an interaction: the API's `interaction_metadata`.
    interaction: Json | None = None
    kind: int = DEFAULT

    @property
    def text(self) -> str:
        """Give all that a person would read: content, V2 text displays and embeds, a line each."""
        parts = [self.content, *texts_of(self.components)]
        for embed in self.embeds:
            parts += _texts_of_embed(embed)
        return "\n".join(part for part in parts if part)

    @property
    def buttons(self) -> list[str]:
        """Give the labels of the buttons, in order."""
        return [button.label for button in buttons_of(self.components)]

    def button(self, label: str = "", *, custom_id: str = "") -> Button:
        """Find a button by label or custom_id, or raise ClientRefused."""
        for button in buttons_of(self.components):
            if (label and button.label == label) or (custom_id and button.custom_id == custom_id):
                return button
        raise ClientRefused(f"no button {label or custom_id!r}, there are {self.buttons}")

    def select(self, name: str) -> Json:
        """Find a select by its placeholder, custom_id or what it has chosen; or ClientRefused."""
        selects = [each for each in walk(self.components) if each["type"] in SELECTS]
        for select in selects:
            options: list[Json] = listed(select, "options")
            shown = [each["label"] for each in options if each.get("default")]
            if name in {select["custom_id"], select.get("placeholder"), *shown}:
                return select
        raise ClientRefused(f"no select {name!r} among {len(selects)}")

    @property
    def is_v2(self) -> bool:
        """Tell whether it is made of Components V2."""
        return Flag.IS_COMPONENTS_V2 in self.flags

    @property
    def thinking(self) -> bool:
        """Tell whether it is the placeholder of a deferred reply."""
        return Flag.LOADING in self.flags

    @property
    def url(self) -> str:
        """Give the jump link."""
        return f"{self.channel.url}/{self.id}"

    def delete(self) -> None:
        """Delete it."""
        self.deleted = True
        self.channel.announce("MESSAGE_DELETE", self.place() | {"id": str(self.id)}, self)

    def place(self) -> Json:
        """Say where it stands, in the API's keys."""
        server = self.channel.server
        place = {"channel_id": str(self.channel.id)}
        return place | ({"guild_id": str(server.id)} if server else {})

    def event(self) -> Json:
        """Give what MESSAGE_CREATE and MESSAGE_UPDATE carry."""
        server = self.channel.server
        author = server.member(self.author.id) if server else None
        return self.payload() | self.place() | ({"member": author.payload()} if author else {})

    def payload(self) -> Json:
        """Give the API's message object."""
        optional: Json = {"nonce": self.nonce, "interaction_metadata": self.interaction}
        if self.interaction:
            optional |= {"application_id": str(self.author.id), "webhook_id": str(self.author.id)}
        if self.reply_to:
            optional["message_reference"] = {
                "type": 0,
                "message_id": str(self.reply_to.id),
            } | self.reply_to.place()
            gone = self.reply_to.deleted
            optional["referenced_message"] = None if gone else self.reply_to.referenced()
        return self.referenced() | {
            key: value
            for key, value in optional.items()
            if value is not None or key == "referenced_message"
        }

    def referenced(self) -> Json:
        """Give the API's message object without the message that it answers."""
        return {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": self.author.payload(),
            "content": self.content,
            "timestamp": iso(created_at(self.id)),
            "edited_timestamp": iso(self.edited_at) if self.edited_at else None,
            "tts": False,
            "mention_everyone": self.mentions_everyone,
            "mentions": [person.payload() for person in self.mentions],
            "mention_roles": [],
            "attachments": [attachment.payload() for attachment in self.attachments],
            "embeds": self.embeds,
            "components": self.components,
            "pinned": False,
            "type": self.kind,
            "flags": int(self.flags),
        }


def _texts_of_embed(embed: Json) -> list[str]:
    return [
        inner(embed, "author").get("name", ""),
        embed.get("title", ""),
        embed.get("description", ""),
        *(f"{entry['name']}\n{entry['value']}" for entry in listed(embed, "fields")),
        inner(embed, "footer").get("text", ""),
    ]
