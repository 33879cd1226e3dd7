"""Who is pinged by a message: what its text names, as far as `allowed_mentions` lets it.

https://docs.discord.com/developers/resources/message#allowed-mentions-object
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.discord.components import texts_of
from sandbox.discord.permissions import Permission
from sandbox.discord.wire import Json, listed

if TYPE_CHECKING:
    from sandbox.discord.messages import Message
    from sandbox.discord.people import Person

USER = re.compile(r"<@!?(\d+)>")
EVERYBODY = re.compile(r"@(everyone|here)\b")


def ping(message: Message, allowed: Json | None) -> None:
    """Note on a new message who is pinged; without `allowed_mentions` everybody whom it names."""
    if message.private_to:
        return
    allowed = {"parse": ["users", "everyone"], "replied_user": True} if allowed is None else allowed
    parse = listed(allowed, "parse")
    text = "\n".join([message.content, *texts_of(message.components)])
    by_id = {int(each) for each in listed(allowed, "users")}
    named = dict.fromkeys(int(found) for found in USER.findall(text))
    wanted = [each for each in named if "users" in parse or each in by_id]
    if message.reply_to and allowed.get("replied_user"):
        wanted.append(message.reply_to.author.id)
    people = [_reached(message, person_id) for person_id in dict.fromkeys(wanted)]
    message.mentions = [person for person in people if person]
    message.mentions_everyone = (
        "everyone" in parse and EVERYBODY.search(text) is not None and _may_ping_all(message)
    )


def _reached(message: Message, person_id: int) -> Person | None:
    channel = message.channel
    if channel.server is None:
        recipient = channel.recipient
        return recipient if recipient and recipient.id == person_id else None
    member = channel.server.member(person_id)
    return member.person if member and channel.permissions_of(member) else None


def _may_ping_all(message: Message) -> bool:
    server = message.channel.server
    if server is None:
        return False
    return Permission.MENTION_EVERYONE in message.channel.permissions_of(server.bot_member)
