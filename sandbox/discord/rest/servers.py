"""Servers as the bot may look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.refusals import Refusal

if TYPE_CHECKING:
    from sandbox.discord.rest.call import Call, Handler
    from sandbox.discord.wire import Json


def get_server(call: Call) -> Json:
    """Give a server."""
    return call.server().payload()


def get_channels(call: Call) -> list[Json]:
    """Give a server's channels, without threads."""
    return [channel.payload() for channel in call.server().channels]


def get_roles(call: Call) -> list[Json]:
    """Give a server's roles."""
    return [role.payload() for role in call.server().roles]


def get_member(call: Call) -> Json:
    """Give a member, or say that there is none of this id (left, or never here)."""
    member = call.server().member(call.id("user_id"))
    if member is None:
        raise Refusal(10007 if call.id("user_id") in call.world.people else 10013)
    return member.payload()


def leave(call: Call) -> None:
    """Leave a server."""
    call.server().remove_bot()


ROUTES: dict[str, Handler] = {
    "GET /guilds/{guild_id}": get_server,
    "GET /guilds/{guild_id}/channels": get_channels,
    "GET /guilds/{guild_id}/roles": get_roles,
    "GET /guilds/{guild_id}/members/{user_id}": get_member,
    "DELETE /users/@me/guilds/{guild_id}": leave,
}
