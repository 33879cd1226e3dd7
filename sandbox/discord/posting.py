"""Messages of the bot: made and edited from what a request asks for."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.discord import components
from sandbox.discord.attachments import plain_filename
from sandbox.discord.mentions import ping
from sandbox.discord.message_rules import check_message
from sandbox.discord.messages import DEFAULT, Flag, Message
from sandbox.discord.refusals import Form, Refusal
from sandbox.discord.wire import Json, created_at, listed

if TYPE_CHECKING:
    from sandbox.discord.attachments import Attachment
    from sandbox.discord.channels import Channel
    from sandbox.discord.people import Person

SETTABLE = Flag.SUPPRESS_EMBEDS | Flag.SUPPRESS_NOTIFICATIONS | Flag.IS_COMPONENTS_V2
# Discord says that edits of messages older than an hour are limited, not how many it takes.
OLD_AFTER_SECONDS = 3600
MOST_EDITS_OF_OLD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file that came with a request."""

    filename: str
    data: bytes
    content_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a request says a message should be; the files by the number in `files[n]`."""

    body: Json
    files: dict[int, Part] = field(default_factory=dict[int, Part])
    # Greatest size of one file.
    limit_bytes: int

    @property
    def flags(self) -> Flag:
        """Give the flags that it asks for."""
        return Flag(self.body.get("flags") or 0)

    def check_files(self) -> None:
        """Refuse files that are too large or that the body describes without sending them."""
        if any(len(part.data) > self.limit_bytes for part in self.files.values()):
            raise Refusal(40005)
        form = Form()
        described: list[Json] = listed(self.body, "attachments")
        for index, entry in enumerate(described):
            number = int(entry["id"])
            if number < len(described) and number not in self.files:
                form.fault(
                    ("attachments", index), "ATTACHMENT_NOT_FOUND", f"No files[{number}] was sent"
                )
        form.finish()

    def names(self) -> set[str]:
        """Give the names of the files as they will be called."""
        return {plain_filename(part.filename) for part in self.files.values()}


def post(
    channel: Channel,
    draft: Draft,
    *,
    kind: int = DEFAULT,
    reply_to: Message | None = None,
    private_to: Person | None = None,
    interaction: Json | None = None,
) -> Message:
    """Post a message of the bot, or refuse it."""
    body = draft.body
    v2 = Flag.IS_COMPONENTS_V2 in draft.flags
    draft.check_files()
    check_message(body, v2=v2, files=draft.names())
    message = Message(
        id=channel.world.ids.next(),
        channel=channel,
        author=channel.world.bot,
        content=(body.get("content") or "").strip(),
        private_to=private_to,
        embeds=_embeds(body),
        components=copy.deepcopy(listed(body, "components")),
        reply_to=reply_to,
        nonce=None if body.get("nonce") is None else str(body["nonce"]),
        flags=draft.flags & SETTABLE | (Flag.EPHEMERAL if private_to else Flag(0)),
        interaction=interaction,
        kind=kind,
    )
    message.attachments = _new_files(message, draft)
    components.finish(message.components, message.attachments, message.id)
    ping(message, body.get("allowed_mentions"))
    channel.add(message)
    return message


def placeholder(channel: Channel, *, private_to: Person | None, interaction: Json) -> Message:
    """Post the "is thinking" of a deferred reply."""
    message = Message(
        id=channel.world.ids.next(),
        channel=channel,
        author=channel.world.bot,
        private_to=private_to,
        flags=Flag.LOADING | (Flag.EPHEMERAL if private_to else Flag(0)),
        interaction=interaction,
    )
    channel.add(message)
    return message


def edit(message: Message, draft: Draft) -> None:
    """Change a message of the bot, or refuse to; what the request does not name stays."""
    world = message.channel.world
    body = draft.body
    _check_age(message)
    draft.check_files()
    flags = message.flags | draft.flags & SETTABLE
    kept = _kept_files(message, draft)
    names = {file.filename for file in kept} | draft.names()
    merged: Json = {
        "content": message.content,
        "embeds": message.embeds,
        "components": message.components,
    }
    merged |= {key: body[key] for key in merged if key in body}
    check_message(
        merged | {"allowed_mentions": body.get("allowed_mentions")},
        v2=Flag.IS_COMPONENTS_V2 in flags,
        files=names,
    )
    message.edits.append(message.text)
    message.content = (merged["content"] or "").strip()
    message.embeds = _embeds(merged)
    message.attachments = kept + _new_files(message, draft)
    if "components" in body:
        message.components = copy.deepcopy(listed(body, "components"))
        components.finish(message.components, message.attachments, world.ids.next())
    message.flags = flags & ~Flag.LOADING
    message.edited_at = world.clock.now()
    message.channel.announce("MESSAGE_UPDATE", message.event(), message)


def _check_age(message: Message) -> None:
    now = message.channel.world.clock.now()
    if now - created_at(message.id) < OLD_AFTER_SECONDS:
        return
    message.late_edits += 1
    if message.late_edits > MOST_EDITS_OF_OLD:
        raise Refusal(30046)


def _kept_files(message: Message, draft: Draft) -> list[Attachment]:
    if "attachments" not in draft.body:
        return message.attachments
    kept = {int(entry["id"]) for entry in listed(draft.body, "attachments")}
    return [file for file in message.attachments if file.id in kept]


def _new_files(message: Message, draft: Draft) -> list[Attachment]:
    entries: list[Json] = listed(draft.body, "attachments")
    described = {int(entry["id"]): entry for entry in entries}
    return [
        message.channel.world.keep_file(
            message.channel.id,
            part.filename,
            part.data,
            content_type=part.content_type,
            description=described.get(number, {}).get("description"),
        )
        for number, part in draft.files.items()
    ]


def _embeds(body: Json) -> list[Json]:
    return [{"type": "rich"} | embed for embed in listed(body, "embeds")]
