"""Tell a story while it happens: who did what, and what each person saw."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import textwrap
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, TextIO, cast

from sandbox.discord import Upload

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sandbox.discord import Channel, Member, Message, Reply, Server
    from sandbox.world import World

WIDTH = 96
LONGEST_STORY_SECONDS = 600
UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (2, "second"))


class StoryBroken(AssertionError):
    """A story ended otherwise than it should."""


class Transcript:
    """Write down what happens in a world; new and edited messages are noticed by themselves.

    `async with Transcript(world, out) as tell:` and then, say, `await tell.command(...)`.
    """

    def __init__(self, world: World, out: TextIO) -> None:
        self._world = world
        self._out = out
        self._started = time.monotonic()
        self._seen: dict[int, str] = {}
        self._watcher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watcher = asyncio.create_task(self._watch(), name="transcript")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watcher:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher

    def write(self, words: str, body: str = "") -> None:
        """Write a line with the time, and under it what was read."""
        print(f"{time.monotonic() - self._started:5.1f} s  {words}", file=self._out, flush=True)
        for line in self._plain(body).splitlines():
            for part in textwrap.wrap(line, WIDTH - 11) or [""]:
                print(f"         │ {part}".rstrip(), file=self._out, flush=True)

    async def command(
        self, member: Member, channel: Channel, name: str, /, **options: object
    ) -> Reply:
        """Let a member send a slash command; the answer that only they see is told too."""
        self.write(f"{member.name} types in #{channel.name}", _typed(name, options))
        return await self._answer(member, await member.command(channel, name, **options))

    async def choose_in_menu(self, member: Member, message: Message, name: str) -> Reply:
        """Let a member choose a command in the menu of a message."""
        self.write(f"{member.name} chooses [{name}] in the menu of a message")
        return await self._answer(member, await member.choose_in_menu(message, name))

    async def submit(self, member: Member, form: Reply, /, **values: object) -> Reply:
        """Let a member fill in a form and send it; the answer is told too."""
        self.write(f"{member.name} fills it in and sends it", _filled(values))
        return await self._answer(member, await member.submit(form, **values))

    async def _answer(self, member: Member, reply: Reply) -> Reply:
        if reply.form:
            self.write(f"a form opens for {member.name}: {reply.form['title']}", _form(reply))
            return reply
        await reply.settled()
        shown = "\n".join(filter(None, [reply.text, *_files(reply.messages)]))
        self.write(f"only {member.name} sees" if reply.private else "everyone sees", shown)
        return reply

    async def press(self, member: Member, on: Message | Reply, label: str) -> Reply:
        """Let a member press a button; the answer that only they see is told too."""
        self.write(f"{member.name} presses [{label}]")
        return await self._answer(member, await member.press(on, label))

    async def choose(
        self, member: Member, on: Message | Reply, name: str, /, *things: object
    ) -> Reply:
        """Let a member choose in a select; the answer that only they see is told too."""
        self.write(f"{member.name} chooses under [{name}]", _named(things))
        return await self._answer(member, await member.choose(on, name, *things))

    def check(self, sentence: str, holds: object) -> None:
        """Claim that something holds; the story is broken if it does not."""
        if not holds:
            raise StoryBroken(sentence)
        self.write(f"checked: {sentence}")

    def keep_video(self, message: Message, path: Path) -> None:
        """Save the video of a message where a person can open it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(message.attachments[0].data)
        self.write(f"the video is saved as {os.path.relpath(path)}")

    async def _watch(self) -> None:
        with contextlib.suppress(TimeoutError):
            await self._world.discord.until(self._look, timeout=LONGEST_STORY_SECONDS)

    def _look(self) -> bool:
        """Tell what is new; never satisfied, so it is asked again after every change."""
        conversations = {
            each.id: each for member in self._members() if (each := member.person.conversation)
        }
        channels = [channel for server in self._servers() for channel in server.channels]
        for channel in (*channels, *conversations.values()):
            for message in list(channel.messages):
                self._notice(channel, message)
        return False

    def _notice(self, channel: Channel, message: Message) -> None:
        shown = _shown(message)
        before = self._seen.get(message.id)
        if shown == before:
            return
        self._seen[message.id] = shown
        if before is not None:
            new_lines = [line for line in shown.splitlines() if line not in before.splitlines()]
            owners = [one.name for one in self._members() if one.mention in message.text]
            what = f"{owners[0]}'s card" if owners else "a message"
            self.write(f"{what} {_place(channel)} now reads", "\n".join(new_lines))
            return
        pinged = ", ".join(person.name for person in message.mentions)
        how = "replies" if message.reply_to else "writes"
        ping = f" and pings {pinged}" if pinged else ""
        self.write(f"{message.author.name} {how} {_place(channel)}{ping}", shown)

    def _servers(self) -> list[Server]:
        return self._world.discord.servers

    def _members(self) -> list[Member]:
        return [member for server in self._servers() for member in server.members]

    def _plain(self, text: str) -> str:
        """Write mentions, times and markdown as a client shows them, near enough."""
        for member in self._members():
            text = text.replace(member.mention, f"@{member.name}")
        for server in self._servers():
            for place in server.places():
                text = text.replace(f"<#{place.id}>", f"#{place.name}")
            for role in server.roles:
                text = text.replace(f"<@&{role.id}>", f"@{role.name}")
        text = re.sub(r"<t:(\d+)(?::(\w))?>", _time_shown, text)
        text = re.sub(r"\[([^]]+)\]\(<?[^)>]+>?\)", r"\1 (link)", text)
        return re.sub(r"^-# |\*\*|`", "", text, flags=re.MULTILINE)


def _place(channel: Channel) -> str:
    return f"to {channel.recipient.name} alone" if channel.recipient else f"in #{channel.name}"


def _typed(name: str, options: dict[str, object]) -> str:
    words = [f"{option}: {_named(value)}" for option, value in options.items()]
    return "  ".join([f"/{name}", *words])


def _named(value: object) -> str:
    """Write a value as a person would call it."""
    if isinstance(value, list | tuple):
        return ", ".join(_named(one) for one in cast("Sequence[object]", value)) or "none"
    if isinstance(value, Upload):
        return value.filename
    return str(getattr(value, "name", value))


def _form(reply: Reply) -> str:
    """Write the fields: what stands in them, or what they say when nothing does."""
    lines = [
        f"{field.label}: {_named(field.value) if field.value else f'({field.placeholder})'}"
        for field in reply.fields
    ]
    return "\n".join(lines)


def _filled(values: dict[str, object]) -> str:
    return "\n".join(f"{label}: {_named(value)}" for label, value in values.items())


def _files(messages: Iterable[Message]) -> list[str]:
    return [
        f"attached: {one.filename} ({max(1, one.size // 1024)} KB)"
        for message in messages
        for one in message.attachments
    ]


def _shown(message: Message) -> str:
    buttons = "  ".join(f"[{label}]" for label in message.buttons)
    return "\n".join(filter(None, [message.text, *_files([message]), buttons]))


def _time_shown(match: re.Match[str]) -> str:
    moment = int(match[1])
    if match[2] != "R":
        shown = "%H:%M UTC" if match[2] == "t" else "%d %b %Y %H:%M UTC"
        return datetime.fromtimestamp(moment, UTC).strftime(shown)
    seconds = round(moment - time.time())
    for size, unit in UNITS:
        if abs(seconds) >= size:
            count = round(abs(seconds) / size)
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"in {words}" if seconds > 0 else f"{words} ago"
    return "now"
