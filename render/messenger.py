"""Say what the engine needs of Discord, without knowing Discord."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from render.brakes import Brake
from render.outlook import Outlook
from storage.records import Message, Render


class Place(StrEnum):
    """Say how a destination relates to where the render was asked for."""

    CHANNEL = "channel"
    # The parent of a public thread that is gone or forbidden.
    PARENT = "parent"
    # Where the member asks for it again.
    WANTED = "wanted"
    DIRECT = "direct"


class Obstacle(StrEnum):
    """Say why a render may no longer be shown where it was asked for."""

    # The bot was removed from the server.
    SERVER_LEFT = "server_left"
    MEMBER_LEFT = "member_left"
    MEMBER_TIMED_OUT = "member_timed_out"
    # The channel is gone, or the bot may no longer post in it.
    CHANNEL_CLOSED = "channel_closed"
    # Somebody who moderates there deleted it.
    CARD_DELETED = "card_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Name a place where a message may go."""

    place: Place
    channel_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Say which message now stands where."""

    channel_id: int
    message_id: int


def standing(message: Message | None) -> Posted | None:
    """Return where a message of ours stands; None while it is not known to stand anywhere."""
    if message is None or message.message_id is None:
        return None
    return Posted(channel_id=message.channel_id, message_id=message.message_id)


class PostingError(Exception):
    """Root of what may go wrong when a message is sent or edited.

    PostingError
    ├── PlaceClosed         the channel is gone or forbidden: the next destination
    │   └── MessageDeleted  the message stood there and is gone: it was seen, so no other place
    ├── FileTooLarge        the place does not take a file of this size: the link alone
    └── PostingBroken       Discord did not answer, or broke: the same again later, same nonce
    """


class PlaceClosed(PostingError):
    """The channel is gone or forbidden."""


class MessageDeleted(PlaceClosed):
    """The message that was posted under this nonce, or is edited, was deleted."""


class FileTooLarge(PostingError):
    """The place does not take a file of this size."""


class PostingBroken(PostingError):
    """Discord broke or did not answer; the message may or may not stand."""


class Messenger(Protocol):
    """Post and edit the messages about a render; implemented by cogs/ui/messenger.py.

    Every method raises a PostingError and nothing else. Posting the same nonce again within a
    minute returns the message that already stands, or raises MessageDeleted.
    """

    async def obstacle(self, render: Render, card: Posted | None) -> Obstacle | None:
        """Look whether the render may still be shown; None: nothing stands in its way.

        Raises PostingBroken, also while the server is unavailable.
        """
        ...

    async def destinations(
        self, render: Render, *, wanted: int | None = None
    ) -> tuple[Destination, ...]:
        """Return where the result may go now, best first (design §8); may be empty.

        `wanted` is a channel where the member asks for it, which takes the place of its own.
        """
        ...

    async def post_card(
        self,
        render: Render,
        *,
        ahead: int,
        nonce: str,
        brake: Brake | None = None,
        outlook: Outlook | None = None,
    ) -> Posted:
        """Post the card into the render's channel; `ahead` renders stand before it.

        `brake` is why it is not submitted at the moment; then their number does not count.
        `outlook` is when it starts, or is done, where that can be said.
        """
        ...

    async def find_card(self, render: Render, *, since_ms: int) -> Posted | None:
        """Look through the bot's own messages in the render's channel for its card.

        Sees everything from that moment to an hour later, which is longer than an attempt takes.
        """
        ...

    async def edit_card(
        self,
        render: Render,
        posted: Posted,
        *,
        ahead: int,
        brake: Brake | None = None,
        outlook: Outlook | None = None,
    ) -> None:
        """Bring the card up to date with the record."""
        ...

    async def post_result(
        self,
        render: Render,
        destination: Destination,
        *,
        nonce: str,
        file: Path | None,
        card: Posted | None,
    ) -> Posted:
        """Reply to the card with the video, or with the news that there is none.

        Mentions the member. What is said follows from the render's state and cause; `file` is
        attached when given, the provider's link and its expiry stand beside it.
        """
        ...

    async def delete(self, render: Render, posted: Posted) -> None:
        """Delete a message of ours; one that is gone already is as good."""
        ...

    async def attachment(self, render: Render, posted: Posted) -> str | None:
        """Return a fresh link to the video in a result; None when it is no longer there."""
        ...

    async def find_result(
        self, render: Render, destination: Destination, *, since_ms: int
    ) -> Posted | None:
        """Look through the bot's own messages there for this render's result, as for a card."""
        ...
