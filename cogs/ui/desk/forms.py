"""Ask in a form for what an act needs; to send it is to confirm it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import discord
from discord import SelectOption, TextStyle, ui

from cogs.ui.desk.marks import Mark, Query, Verb
from cogs.ui.text import desk_acts as text
from render.acts import Act
from storage.records import Render

LONGEST_REASON: Final = 300
LONGEST_TASK: Final = 128
LONGEST_NUMBER: Final = 12

REASON: Final = "reason"
TASK: Final = "task"
CREDITS: Final = "credits"
GIVE_BACK: Final = "give_back"
YES: Final = "yes"
NO: Final = "no"
# Acts that are confirmed by a form.
ASKED: Final = frozenset(text.TITLES)


def form(act: Act, render: Render, query: Query) -> ui.Modal:
    """Make the form of an act; like a button, it says all by its id."""
    mark = Mark(verb=Verb.FORM, query=query, render_id=render.id, act=act)
    title = text.TITLES[act].format(id=render.id)
    modal = ui.Modal(title=title, custom_id=mark.custom_id, timeout=None)
    modal.stop()
    for label in _fields(act, render):
        modal.add_item(label)
    return modal


def _fields(act: Act, render: Render) -> Iterator[ui.Label[Any]]:
    if act is Act.ADOPT:
        field: ui.TextInput[Any] = ui.TextInput(custom_id=TASK, max_length=LONGEST_TASK)
        yield ui.Label(text=text.NUMBER, description=text.ABOUT_NUMBER, component=field)
        return
    if act is Act.REFUND:
        field = ui.TextInput(custom_id=CREDITS, max_length=LONGEST_NUMBER, required=False)
        yield ui.Label(text=text.HOW_MUCH, description=text.ABOUT_HOW_MUCH, component=field)
    reason: ui.TextInput[Any] = ui.TextInput(
        custom_id=REASON,
        style=TextStyle.paragraph,
        max_length=LONGEST_REASON,
        required=act is not Act.CANCEL,
    )
    reads = text.READS_WHO if act is Act.TAKE_DOWN else text.MEMBER_READS
    yield ui.Label(text=text.WHY, description=reads, component=reason)
    if act is Act.TAKE_DOWN and render.settled:
        options = [
            SelectOption(label=text.KEEP_CREDITS, value=NO, default=True),
            SelectOption(label=text.GIVE_CREDITS, value=YES),
        ]
        choice: ui.Select[Any] = ui.Select(custom_id=GIVE_BACK, options=options)
        yield ui.Label(text=text.CREDITS_TOO, description=text.ABOUT_CREDITS_TOO, component=choice)


def filled(interaction: discord.Interaction[Any]) -> Mapping[str, str]:
    """Return what was filled in, by field; of a select, the one that was chosen.

    https://docs.discord.com/developers/components/reference#label
    """
    data: Mapping[str, Any] = interaction.data or {}
    found: dict[str, str] = {}
    for around in data.get("components", ()):
        field: Mapping[str, Any] = around.get("component", {})
        chosen: Sequence[str] = field.get("values") or ()
        typed = str(field.get("value") or "")
        found[field.get("custom_id", "")] = (chosen[0] if chosen else typed).strip()
    return found
