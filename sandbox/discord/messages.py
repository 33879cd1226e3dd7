"""Messages as people see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.discord.places import Channel


class Attachment:
    """A file of a message, held by the stand-in's CDN."""

    id: int
    filename: str
    description: str | None
    content_type: str
    data: bytes
    url: str

    @property
    def size(self) -> int:
        """Give the number of bytes."""
        raise NotImplementedError


class Button:
    """A button: what it says and whether it can be pressed. A link has a url and no custom_id."""

    label: str
    custom_id: str | None
    url: str | None
    disabled: bool
    style: int


class Message:
    """A message, with all that happened to it."""

    id: int
    channel: Channel
    author: Person
    content: str
    # Who alone sees it, if it is private (ephemeral).
    private_to: Person | None
    attachments: list[Attachment]
    embeds: list[dict[str, object]]
    components: list[dict[str, object]]
    # Who was really pinged, after allowed_mentions.
    mentions: list[Person]
    mentions_everyone: bool
    reply_to: Message | None
    nonce: str | None
    flags: int
    deleted: bool
    # What a person read before each edit; so len(edits) edits.
    edits: list[str]

    @property
    def text(self) -> str:
        """Give all that a person would read: content, V2 text displays and embeds, a line each."""
        raise NotImplementedError

    @property
    def buttons(self) -> list[str]:
        """Give the labels of the buttons, in order."""
        raise NotImplementedError

    def button(self, label: str = "", *, custom_id: str = "") -> Button:
        """Find a button by label or custom_id, or raise ClientRefused."""
        raise NotImplementedError

    @property
    def is_v2(self) -> bool:
        """Tell whether it is made of Components V2."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """Give the jump link."""
        raise NotImplementedError

    def delete(self) -> None:
        """Delete it by the hand of some person."""
        raise NotImplementedError
