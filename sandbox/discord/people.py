"""People, and what they do with the bot."""

# ruff: noqa: ASYNC109 - "timeout" is the natural word where the caller says how long to wait

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.messages import Message
    from sandbox.discord.places import Channel, Server


class ClientRefused(AssertionError):
    """Say what the client of a person would not have let them do."""


class NoAnswer(AssertionError):
    """Say that the bot did not acknowledge within 3 s; "The application did not respond"."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a person attaches."""

    filename: str
    data: bytes
    _: KW_ONLY
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A suggestion of an autocomplete."""

    name: str
    value: str | int | float


class Reply:
    """What came back to one interaction: a reply, follow-ups, a changed message or a form."""

    interaction_id: int
    token: str
    # Seconds from the event's way out to the callback's arrival; None until then.
    acknowledged_after: float
    # The title of the form that was opened, if one was.
    modal: str | None

    @property
    def private(self) -> bool:
        """Tell whether only the person sees it (ephemeral)."""
        raise NotImplementedError

    @property
    def thinking(self) -> bool:
        """Tell whether it still says "is thinking"."""
        raise NotImplementedError

    @property
    def message(self) -> Message:
        """Give the reply's own message (or the pressed one that it changed); LookupError if none."""
        raise NotImplementedError

    @property
    def messages(self) -> list[Message]:
        """Give all messages that it made: the reply and the follow-ups."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """Give all that the person reads in those messages."""
        raise NotImplementedError

    async def settled(self, timeout: float = 5) -> Reply:
        """Wait until "is thinking" was replaced by real content (an edit or a follow-up)."""
        raise NotImplementedError


class Person:
    """A Discord account."""

    id: int
    name: str

    @property
    def mention(self) -> str:
        """Give `<@id>`."""
        raise NotImplementedError

    @property
    def direct_messages(self) -> list[Message]:
        """Give what the bot wrote to this person directly."""
        raise NotImplementedError

    def close_direct_messages(self) -> None:
        """Accept none from now on."""
        raise NotImplementedError


class Member:
    """A person in a server. Everything that a person does with the bot starts here."""

    person: Person
    server: Server
    timed_out: bool

    @property
    def id(self) -> int:
        """Give the account's id."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """Give the account's name."""
        raise NotImplementedError

    @property
    def mention(self) -> str:
        """Give `<@id>`."""
        raise NotImplementedError

    @property
    def direct_messages(self) -> list[Message]:
        """Give what the bot wrote to this person directly."""
        raise NotImplementedError

    async def command(self, channel: Channel, name: str, /, **options: object) -> Reply:
        """Send a slash command ("queue list" names a subcommand) and wait for its acknowledgement.

        Raise ClientRefused for what a client would not send, NoAnswer after 3 s.
        """
        raise NotImplementedError

    async def repeat(self, reply: Reply) -> None:
        """Let Discord deliver the same interaction (same id and token) once more."""
        raise NotImplementedError

    async def autocomplete(
        self, channel: Channel, name: str, option: str, typed: str, /, **others: object
    ) -> list[Choice]:
        """Type into one option of a command and give the suggestions."""
        raise NotImplementedError

    async def press(self, on: Message | Reply, label: str = "", *, custom_id: str = "") -> Reply:
        """Press a button, by label or custom_id, and wait for the acknowledgement."""
        raise NotImplementedError

    async def select(self, on: Message | Reply, *values: str, custom_id: str = "") -> Reply:
        """Choose in the (only, or the named) select menu of a message."""
        raise NotImplementedError

    async def submit(self, form: Reply, /, **values: object) -> Reply:
        """Fill in and send a form, fields by label or custom_id; what is not named stays as it was."""
        raise NotImplementedError

    async def leave(self) -> None:
        """Leave the server."""
        raise NotImplementedError

    def time_out(self, minutes: int = 60) -> None:
        """Be timed out by a moderator."""
        raise NotImplementedError
