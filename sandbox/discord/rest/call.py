"""One request to the API, read and ready to be acted on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sandbox.discord.permissions import Permission
from sandbox.discord.posting import Draft, Part
from sandbox.discord.refusals import Refusal
from sandbox.discord.wire import Json

if TYPE_CHECKING:
    from sandbox.discord.channels import Channel
    from sandbox.discord.servers import Server
    from sandbox.discord.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request: where it goes, what it carries, and the world that it is about."""

    world: World
    arguments: Mapping[str, str]
    query: Mapping[str, str]
    # The JSON body, or the `payload_json` part.
    body: Any
    # What came as `files[n]`.
    files: dict[int, Part]

    def id(self, name: str) -> int:
        """Read an id out of the path."""
        try:
            return int(self.arguments[name])
        except ValueError:
            raise Refusal(0) from None

    def draft(self, limit_bytes: int, body: Json | None = None) -> Draft:
        """Give what the request says that a message should be."""
        content = self.body if body is None else body
        return Draft(body=content or {}, files=self.files, limit_bytes=limit_bytes)

    def server(self) -> Server:
        """Find the server in the path; the bot must be in it."""
        server = self.world.servers.get(self.id("guild_id"))
        if server is None or not server.bot_is_in:
            raise Refusal(10004)
        return server

    def channel(self) -> Channel:
        """Find the channel in the path; the bot must see it."""
        channel = self.world.channel(self.id("channel_id"))
        if channel.server and not channel.server.bot_is_in:
            raise Refusal(50001)
        if Permission.VIEW_CHANNEL not in bot_permissions(channel):
            raise Refusal(50001)
        return channel


def bot_permissions(channel: Channel) -> Permission:
    """Compute what the bot may do in a channel."""
    member = channel.server.bot_member if channel.server else None
    return channel.permissions_of(member) if member else DIRECT_PERMISSIONS


def require(channel: Channel, permission: Permission) -> None:
    """Refuse what the bot has no permission for."""
    if permission not in bot_permissions(channel):
        raise Refusal(50013)


DIRECT_PERMISSIONS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
)

Handler: TypeAlias = Callable[[Call], "Json | list[Json] | None"]
