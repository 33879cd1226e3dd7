"""Lay out the card of a render: built anew from the record each time, never changed."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import ui

from cogs.ui.buttons import CancelButton
from cogs.ui.markup import escaped, member, relative
from cogs.ui.text import renders as text
from render.brakes import Brake
from render.lifecycle import WAITING
from render.outlook import Outlook
from render.pace import Pace
from storage.records import Render, State

# Discord takes 4000 characters a message; escaping at most doubles these.
LONGEST_PROMPT: Final = 1500

_COLOURS: Final = {
    State.DELIVERED: discord.Colour.green(),
    State.FAILED: discord.Colour.red(),
    State.CANCELLED: discord.Colour.light_grey(),
}


def card(
    render: Render,
    *,
    ahead: int,
    pace: Pace,
    brake: Brake | None = None,
    outlook: Outlook | None = None,
) -> ui.LayoutView:
    """Show state, prospect, prompt, settings and id; the state is always in words too."""
    head = f"**{text.state_words(render)}** · {relative(render.state_at_ms)}"
    prospect = text.prospect(render, ahead=ahead, pace=pace, brake=brake, outlook=outlook)
    # What a moderator took down is shown nowhere.
    hidden = render.taken_down_at_ms is not None
    prompt = [] if hidden else [f"> {escaped(render.prompt, limit=LONGEST_PROMPT)}"]
    foot = f"-# {text.settings_line(render)} · {member(render.member_id)} · `{render.id}`"
    frame = ui.Container[Any](
        ui.TextDisplay[Any](f"{head}\n{prospect}"),
        *(ui.TextDisplay[Any](words) for words in prompt),
        ui.TextDisplay[Any](foot),
        accent_colour=_COLOURS.get(render.state, discord.Colour.blue()),
    )
    if render.state in WAITING:
        frame.add_item(ui.ActionRow[Any]().add_item(CancelButton(render.id)))
    view = ui.LayoutView(timeout=None)
    view.add_item(frame)
    return view
