"""Messages in channels: read, post, edit and delete.

https://docs.discord.com/developers/resources/message
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.messages import DEFAULT, REPLY
from sandbox.discord.permissions import Permission
from sandbox.discord.posting import edit, post
from sandbox.discord.refusals import Form, Refusal
from sandbox.discord.rest.call import bot_permissions, require
from sandbox.discord.wire import created_at

if TYPE_CHECKING:
    from sandbox.discord.channels import Channel
    from sandbox.discord.messages import Message
    from sandbox.discord.rest.call import Call, Handler
    from sandbox.discord.wire import Json

# "the past few minutes", says the documentation.
NONCE_LIFETIME_SECONDS = 300


def list_messages(call: Call) -> list[Json]:
    """Give the newest messages, or those before, after or around an id, newest first."""
    channel = call.channel()
    if Permission.READ_MESSAGE_HISTORY not in bot_permissions(channel):
        return []
    limit = int(call.query.get("limit", 50))
    messages = channel.messages
    if "after" in call.query:
        messages = [each for each in messages if each.id > int(call.query["after"])][:limit]
    elif "before" in call.query:
        messages = [each for each in messages if each.id < int(call.query["before"])]
    elif "around" in call.query:
        middle = int(call.query["around"])
        since = [each for each in messages if each.id >= middle]
        earlier = messages[: len(messages) - len(since)]
        messages = (earlier[max(0, len(earlier) - limit // 2) :] + since)[:limit]
    return [each.payload() for each in reversed(messages[-limit:])]


def get_message(call: Call) -> Json:
    """Give one message."""
    channel = call.channel()
    require(channel, Permission.READ_MESSAGE_HISTORY)
    return _find(channel, call.id("message_id")).payload()


def create_message(call: Call) -> Json:
    """Post a message, or give the one that the same nonce has posted already."""
    channel = call.channel()
    _check_may_post(call, channel)
    if (earlier := _posted_with_nonce(call, channel)) is not None:
        return earlier.payload()
    reply_to = _find_reply_to(call, channel)
    message = post(
        channel,
        call.draft(channel.file_limit_bytes),
        kind=REPLY if reply_to else DEFAULT,
        reply_to=reply_to,
    )
    return message.payload()


def edit_message(call: Call) -> Json:
    """Edit a message of the bot."""
    channel = call.channel()
    message = _find(channel, call.id("message_id"))
    if message.author is not call.world.bot:
        raise Refusal(50005)
    if channel.archived:
        raise Refusal(50083)
    if call.files:
        require(channel, Permission.ATTACH_FILES)
    edit(message, call.draft(channel.file_limit_bytes))
    return message.payload()


def delete_message(call: Call) -> None:
    """Delete a message; somebody else's takes Manage Messages."""
    channel = call.channel()
    message = _find(channel, call.id("message_id"))
    if message.author is not call.world.bot:
        require(channel, Permission.MANAGE_MESSAGES)
    if channel.archived:
        raise Refusal(50083)
    message.delete()


def _find(channel: Channel, message_id: int) -> Message:
    for message in channel.messages:
        if message.id == message_id:
            return message
    raise Refusal(10008)


def _check_may_post(call: Call, channel: Channel) -> None:
    if channel.recipient:
        _check_conversation(call, channel)
        return
    in_thread = channel.is_thread
    require(channel, Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES)
    if call.files:
        require(channel, Permission.ATTACH_FILES)
    if call.body.get("embeds"):
        require(channel, Permission.EMBED_LINKS)
    if channel.locked:
        raise Refusal(160005)


def _check_conversation(call: Call, channel: Channel) -> None:
    person = channel.recipient
    servers = [server for server in call.world.servers.values() if server.bot_is_in]
    shared = person and any(server.member(person.id) for server in servers)
    if not person or not shared or not person.accepts_direct_messages:
        raise Refusal(50007)


def _posted_with_nonce(call: Call, channel: Channel) -> Message | None:
    nonce = call.body.get("nonce")
    if nonce is None or not call.body.get("enforce_nonce"):
        return None
    oldest = call.world.clock.now() - NONCE_LIFETIME_SECONDS
    for message in reversed(channel.history):
        if message.nonce == str(nonce) and created_at(message.id) > oldest:
            if message.deleted:
                raise Refusal(10008)
            return message
    return None


def _find_reply_to(call: Call, channel: Channel) -> Message | None:
    reference: Json | None = call.body.get("message_reference")
    if not reference:
        return None
    if Permission.READ_MESSAGE_HISTORY not in bot_permissions(channel):
        raise Refusal(160002)
    try:
        return _find(channel, int(reference["message_id"]))
    except Refusal:
        if not reference.get("fail_if_not_exists", True):
            return None
        form = Form()
        form.fault(("message_reference",), "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
        raise form.refusal() from None


ROUTES: dict[str, Handler] = {
    "GET /channels/{channel_id}/messages": list_messages,
    "POST /channels/{channel_id}/messages": create_message,
    "GET /channels/{channel_id}/messages/{message_id}": get_message,
    "PATCH /channels/{channel_id}/messages/{message_id}": edit_message,
    "DELETE /channels/{channel_id}/messages/{message_id}": delete_message,
}
