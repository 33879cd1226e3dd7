"""Lay out the result: an ordinary message, because it arrives on a phone with its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from discord import ui

from cogs.ui.buttons import DeleteButton
from cogs.ui.markup import escaped, file_name, one_line
from cogs.ui.text import renders as text
from storage.records import Render, State

LONGEST_MESSAGE: Final = 2000
LONGEST_PROMPT: Final = 300
LONGEST_ALT_TEXT: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Hold what a result says; the file's name and its words for who cannot see it."""

    content: str
    view: ui.View
    file_name: str
    alt_text: str


def result(render: Render, *, attached: bool) -> Result:
    """Say that the video is here, or why there is none; the id is in the words."""
    view = ui.View(timeout=None)
    view.add_item(DeleteButton(render.id))
    return Result(
        content=_content(render, attached=attached),
        view=view,
        file_name=file_name(render.id, render.prompt),
        alt_text=one_line(f"{text.ALT_TEXT} {render.prompt}", limit=LONGEST_ALT_TEXT),
    )


def _content(render: Render, *, attached: bool) -> str:
    if render.state in {State.FAILED, State.CANCELLED}:
        lines = [text.result_failed(render)]
    elif attached:
        lines = [text.result_ready(render)]
    else:
        lines = [text.result_link_only(render)]
    lines.append(f"> {escaped(render.prompt, limit=LONGEST_PROMPT)}")
    lines.append(f"-# {text.settings_line(render)} · `{render.id}`")
    content = "\n".join(lines)
    if render.state not in {State.FAILED, State.CANCELLED} and render.video_url:
        link = text.provider_link(render.video_url, render.video_expires_at_ms)
        # An address longer than a message has no use here.
        if len(content) + 1 + len(link) <= LONGEST_MESSAGE:
            content = f"{content}\n{link}"
    return content
