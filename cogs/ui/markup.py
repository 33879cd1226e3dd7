"""Write foreign words so that Discord shows them and does nothing with them."""

from __future__ import annotations

import re
from collections.abc import Iterable

ZERO_WIDTH = "\u200b"

# Direction marks, overrides and isolates could make a sentence of ours read differently.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# What markdown, mentions, time stamps, links and invitations begin with or hang on.
_ACTIVE = re.compile(r"[\\*_~`|<\[\]:@]|(?<=\w)\.(?=\w)")
# Headings, quotes and lists exist only at the start of a line.
_LEADING = re.compile(r"(\d*)([-+#>.])")
_SPACES = re.compile(r"\s+")
_NOT_IN_FILE_NAMES = re.compile(r"[^a-z0-9]+")


def one_line(words: str, *, limit: int) -> str:
    """Bring words into one line of at most `limit` characters, without tricks of direction."""
    line = _SPACES.sub(" ", _BIDI.sub("", words)).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def escaped(words: str, *, limit: int) -> str:
    """Show words as they were written, in one line of at most `limit` characters and escapes.

    Backslashes keep Discord from reading markdown, links, invitations and mentions into them.
    """
    line = _ACTIVE.sub(r"\\\g<0>", one_line(words, limit=limit))
    return _LEADING.sub(r"\1\\\2", line, count=1) if _LEADING.match(line) else line


def quoted(words: str, *, limit: int) -> str:
    """Put foreign words between quotation marks."""
    return f"“{escaped(words, limit=limit)}”"


def copyable(words: str) -> str:
    """Put words into a code block, from which they can be copied as they are."""
    # Only three backticks in a row end a block.
    return f"```\n{_BIDI.sub('', words).replace('```', f'``{ZERO_WIDTH}`')}\n```"


def file_name(render_id: str, words: str) -> str:
    """Name a video after its prompt and its render, in plain letters."""
    slug = _NOT_IN_FILE_NAMES.sub("-", words.casefold()).strip("-")[:40].strip("-")
    return f"{slug or 'video'}-{render_id}.mp4"


def relative(at_ms: int) -> str:
    """Write a moment as "in 5 minutes", kept up to date by Discord."""
    return f"<t:{at_ms // 1000}:R>"


def time_of_day(at_ms: int) -> str:
    """Write a moment as "14:30" in the reader's own time."""
    return f"<t:{at_ms // 1000}:t>"


def day_and_time(at_ms: int) -> str:
    """Write a moment as "5 August 2026 14:30" in the reader's own time."""
    return f"<t:{at_ms // 1000}:f>"


def member(member_id: int) -> str:
    """Name a member, clickably; whether it pings is the message's business."""
    return f"<@{member_id}>"


def role(role_id: int) -> str:
    """Name a role, clickably; whether it pings is the message's business."""
    return f"<@&{role_id}>"


def channel(channel_id: int) -> str:
    """Name a channel, clickably."""
    return f"<#{channel_id}>"


def any_of(words: Iterable[str]) -> str:
    """Write "a, b or c"."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def message_url(server_id: int, channel_id: int, message_id: int) -> str:
    """Return the link that jumps to a message."""
    return f"https://discord.com/channels/{server_id}/{channel_id}/{message_id}"


def link(label: str, url: str) -> str:
    """Write a link without a preview."""
    return f"[{label}](<{url}>)"
