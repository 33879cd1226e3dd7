"""What ids in an interaction stand for: the `resolved` object beside what a person filled in.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sandbox.discord.client import ClientRefused, Upload

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox.discord.channels import Channel
    from sandbox.discord.people import Member
    from sandbox.discord.wire import Json


@runtime_checkable
class Referable(Protocol):
    """Somebody or something that a person picks, of which an interaction carries the id."""

    @property
    def id(self) -> int:
        """Give the id."""
        ...

    def resolved_for(self, viewer: Member) -> Json:
        """Give what `resolved` says of it, by section; nothing where the viewer cannot see it."""
        ...


class Resolved:
    """Collect what one person refers to in one interaction."""

    def __init__(self, viewer: Member, channel: Channel) -> None:
        self._viewer = viewer
        self._channel = channel
        self._sections: Json = {}

    def add(
        self, name: str, thing: object, sections: Collection[str], channel_types: Collection[int]
    ) -> str:
        """Take what was picked, and give its id; refuse what the client would not offer there."""
        if isinstance(thing, Upload) and "attachments" in sections:
            return self._upload(thing)
        found: Json = thing.resolved_for(self._viewer) if isinstance(thing, Referable) else {}
        kind = found.get("channels", {}).get("type")
        if not found.keys() & set(sections) or not isinstance(thing, Referable):
            raise ClientRefused(f"{name} does not take {thing!r}")
        if channel_types and kind not in channel_types:
            raise ClientRefused(f"{name} takes channels of types {channel_types}, not of {kind}")
        return self._take(thing)

    def again(self, value: str) -> str:
        """Take what a select had chosen before, by id; a text stands for itself."""
        thing = self._viewer.server.thing(int(value)) if value.isdecimal() else None
        return value if thing is None else self._take(thing)

    def _upload(self, file: Upload) -> str:
        limit = self._channel.upload_limit_bytes(self._viewer)
        if len(file.data) > limit:
            raise ClientRefused(f"{file.filename} is over the limit of {limit} bytes")
        attachment = self._viewer.server.world.keep_file(
            self._channel.id,
            file.filename,
            file.data,
            content_type=file.content_type,
            ephemeral=True,
        )
        self._sections.setdefault("attachments", {})[str(attachment.id)] = attachment.payload()
        return str(attachment.id)

    def _take(self, thing: Referable) -> str:
        for section, payload in thing.resolved_for(self._viewer).items():
            self._sections.setdefault(section, {})[str(thing.id)] = payload
        return str(thing.id)

    def beside(self, data: Json) -> Json:
        """Give the `data` of an interaction, with what its ids stand for."""
        return data | {"resolved": self._sections} if self._sections else data
