"""Show one render with all that is known of it, and what can be done with it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import discord
from discord import ButtonStyle, ui

from cogs.ui.base import Surface
from cogs.ui.desk.marks import Mark, Query, Verb
from cogs.ui.desk.screen import finished
from cogs.ui.text import desk_acts, desk_case
from cogs.ui.text.reports import reported
from render.acts import SPENDS_OR_DESTROYS, Act, acts_on
from render.line import Wait, wait_of
from storage import Transaction, events, messages, renders, reports, thumbnails
from storage.records import Event, FrameRole, Message, Render
from storage.reports import Report
from storage.thumbnails import Thumbnail

MOST_BUTTONS: Final = 5  # in a row
_GOOD: Final = frozenset({Act.APPROVE, Act.POST_AGAIN})
_WORDS: Final = {FrameRole.FIRST: desk_case.FIRST_FRAME, FrameRole.LAST: desk_case.LAST_FRAME}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Hold what is known of a render in one moment."""

    render: Render
    wait: Wait
    events: tuple[Event, ...]
    messages: tuple[Message, ...]
    # Of its frames.
    pictures: tuple[Thumbnail, ...]
    reports: tuple[Report, ...] = ()


async def read(bot: Surface, render_id: str) -> Case:
    """Read all of it at once."""
    now, caps = bot.clock.now_ms(), bot.pace.caps

    async def look(tx: Transaction) -> Case:
        render = await renders.find(tx, render_id)
        if render is None:
            raise LookupError(render_id)
        return Case(
            render=render,
            wait=await wait_of(tx, render, caps, now),
            events=await events.of_render(tx, render_id),
            messages=await messages.of_render(tx, render_id),
            pictures=await thumbnails.of_render(tx, render_id),
            reports=await reports.of_render(tx, render_id),
        )

    return await bot.database.read(look)


def files_of(case: Case) -> list[discord.File]:
    """Return the pictures as files to attach."""
    return [
        discord.File(BytesIO(one.data), filename=_file_name(one), description=_WORDS[one.role])
        for one in case.pictures
    ]


def layout(case: Case, query: Query, *, host: bool, note: str = "") -> ui.LayoutView:
    """Lay it out; `note` stands above, the way back to the list below."""
    render = case.render
    head = "\n".join(filter(None, [desk_case.head(render, case.wait), reported(case.reports)]))
    posted = desk_case.posted(render, case.messages)
    room = desk_case.LONGEST - len(note) - len(head) - len(posted)
    prompt = desk_case.prompt(render, room=room)
    happened = desk_case.happened(render, case.events, room=room - len(prompt))
    texts = [note, head, prompt, posted, happened]
    acts = acts_on(render, host=host)
    view = finished([*_shown(texts[:3]), *_gallery(case), *_shown(texts[3:])])
    for row in _rows([_button(act, query, render.id) for act in acts]):
        view.add_item(row)
    view.add_item(ui.ActionRow[Any](_plain(Verb.BACK, query, label=desk_case.BACK)))
    return view


def sure(render: Render, act: Act, query: Query) -> ui.LayoutView:
    """Ask once more before something is spent."""
    view = finished(_shown([desk_acts.SENDS_TWICE]))
    yes = Mark(verb=Verb.SURE, query=query, render_id=render.id, act=act)
    no = Mark(verb=Verb.CASE, query=query, render_id=render.id)
    view.add_item(
        ui.ActionRow[Any](
            ui.Button[Any](
                label=desk_acts.YES[act], style=ButtonStyle.danger, custom_id=yes.custom_id
            ),
            ui.Button[Any](label=desk_acts.NO, custom_id=no.custom_id),
        )
    )
    return view


def _shown(texts: Sequence[str]) -> list[ui.Item[Any]]:
    return [ui.TextDisplay[Any](text) for text in texts if text]


def _gallery(case: Case) -> list[ui.Item[Any]]:
    if not case.pictures:
        return []
    items = [
        discord.MediaGalleryItem(f"attachment://{_file_name(one)}", description=_WORDS[one.role])
        for one in case.pictures
    ]
    return [ui.MediaGallery[Any](*items)]


def _file_name(picture: Thumbnail) -> str:
    return f"{picture.role}.jpg"


def _button(act: Act, query: Query, render_id: str) -> ui.Button[Any]:
    style = ButtonStyle.success if act in _GOOD else ButtonStyle.secondary
    mark = Mark(verb=Verb.ACT, query=query, render_id=render_id, act=act)
    return ui.Button(
        label=desk_acts.LABELS[act],
        style=ButtonStyle.danger if act in SPENDS_OR_DESTROYS else style,
        custom_id=mark.custom_id,
    )


def _plain(verb: Verb, query: Query, *, label: str) -> ui.Button[Any]:
    return ui.Button(label=label, custom_id=Mark(verb=verb, query=query).custom_id)


def _rows(buttons: Sequence[ui.Button[Any]]) -> list[ui.ActionRow[Any]]:
    return [
        ui.ActionRow[Any](*buttons[start : start + MOST_BUTTONS])
        for start in range(0, len(buttons), MOST_BUTTONS)
    ]
