"""Channels as the bot may look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.permissions import Permission
from sandbox.discord.rest.call import require

if TYPE_CHECKING:
    from sandbox.discord.rest.call import Call, Handler
    from sandbox.discord.wire import Json


def get_channel(call: Call) -> Json:
    """Give a channel, thread or conversation."""
    return call.channel().payload()


def type_in_channel(call: Call) -> None:
    """Show "is typing"."""
    channel = call.channel()
    in_thread = channel.is_thread
    require(channel, Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES)


ROUTES: dict[str, Handler] = {
    "GET /channels/{channel_id}": get_channel,
    "POST /channels/{channel_id}/typing": type_in_channel,
}
