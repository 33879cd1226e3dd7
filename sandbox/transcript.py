"""Tell a story while it happens: who did what, and what each person saw."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import textwrap
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, TextIO

from sandbox.discord import Upload

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord import Channel, Member, Message, Reply
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
        self, member: Member, channel: Channel, name: str, **options: object
    ) -> Reply:
        """Let a member send a slash command; the answer that only they see is told too."""
        self.write(f"{member.name} types in #{channel.name}", _typed(name, options))
        reply = await member.command(channel, name, **options)
        await reply.settled()
        self.write(f"only {member.name} sees" if reply.private else "everyone sees", reply.text)
        return reply

    async def press(self, member: Member, on: Message | Reply, label: str) -> Reply:
        """Let a member press a button; the answer that only they see is told too."""
        self.write(f"{member.name} presses [{label}]")
        reply = await member.press(on, label)
        await reply.settled()
        self.write(f"only {member.name} sees", reply.text)
        return reply

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
        people = [member.person for member in self._world.server.members]
        conversations = [each.conversation for each in people if each.conversation]
        for channel in (*self._world.server.channels, *conversations):
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
            members = self._world.server.members
            owners = [one.name for one in members if one.mention in message.text]
            what = f"{owners[0]}'s card" if owners else "a message"
            self.write(f"{what} {_place(channel)} now reads", "\n".join(new_lines))
            return
        pinged = ", ".join(person.name for person in message.mentions)
        how = "replies" if message.reply_to else "writes"
        ping = f" and pings {pinged}" if pinged else ""
        self.write(f"{message.author.name} {how} {_place(channel)}{ping}", shown)

    def _plain(self, text: str) -> str:
        """Write mentions, times and markdown as a client shows them, near enough."""
        for member in self._world.server.members:
            text = text.replace(member.mention, f"@{member.name}")
        text = re.sub(r"<t:(\d+)(?::(\w))?>", _time_shown, text)
        text = re.sub(r"\[([^]]+)\]\(<?[^)>]+>?\)", r"\1 (link)", text)
        return re.sub(r"^-# |\*\*|`", "", text, flags=re.MULTILINE)


def _place(channel: Channel) -> str:
    return f"to {channel.recipient.name} alone" if channel.recipient else f"in #{channel.name}"


def _typed(name: str, options: dict[str, object]) -> str:
    words = [
        f"{option}: {value.filename if isinstance(value, Upload) else value}"
        for option, value in options.items()
    ]
    return "  ".join([f"/{name}", *words])


def _shown(message: Message) -> str:
    files = [
        f"attached: {one.filename} ({max(1, one.size // 1024)} KB)" for one in message.attachments
    ]
    buttons = "  ".join(f"[{label}]" for label in message.buttons)
    return "\n".join(filter(None, [message.text, *files, buttons]))


def _time_shown(match: re.Match[str]) -> str:
    moment = int(match[1])
    if match[2] != "R":
        return datetime.fromtimestamp(moment, UTC).strftime("%H:%M UTC")
    seconds = round(moment - time.time())
    for size, unit in UNITS:
        if abs(seconds) >= size:
            count = round(abs(seconds) / size)
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"in {words}" if seconds > 0 else f"{words} ago"
    return "now"
