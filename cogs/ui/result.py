"""Lay out the result: an ordinary message, because it arrives on a phone with its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from discord import ui

from cogs.ui.buttons import DeleteButton
from cogs.ui.markup import escaped, file_name, one_line
from cogs.ui.reports import ReportButton
from cogs.ui.text import desk_acts
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
    if render.state not in {State.FAILED, State.CANCELLED} and render.taken_down_at_ms is None:
        view.add_item(ReportButton(render.id))
    return Result(
        content=_content(render, attached=attached),
        view=view,
        file_name=file_name(render.id, render.prompt),
        alt_text=one_line(f"{text.ALT_TEXT} {render.prompt}", limit=LONGEST_ALT_TEXT),
    )


def _content(render: Render, *, attached: bool) -> str:
    if render.taken_down_at_ms is not None:
        return desk_acts.taken_down(render)
    prompt = f"> {escaped(render.prompt, limit=LONGEST_PROMPT)}"
    foot = f"-# {text.settings_line(render)} · `{render.id}`"
    if render.state in {State.FAILED, State.CANCELLED}:
        return "\n".join((text.result_failed(render), prompt, foot))
    link = text.provider_link(render.video_url or "", render.video_expires_at_ms)
    if attached:
        wishes = [(text.result_ready(render), prompt, foot, link)] if render.video_url else []
        last = (text.result_ready(render), prompt, foot)
    else:
        head = text.result_link_only(render)
        wishes = [(head, prompt, foot, link), (head, foot, link)]
        last = (text.result_link_apart(render), prompt, foot)
    # Addresses are signed, and some are longer than a message.
    fitting = (content for lines in wishes if len(content := "\n".join(lines)) <= LONGEST_MESSAGE)
    return next(fitting, "\n".join(last))
