"""Show how a server's queue stands: totals, then some renders a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from discord import SelectDefaultValue, SelectDefaultValueType, SelectOption, ui

from cogs.ui.base import Interaction, server_of
from cogs.ui.desk.marks import STATES, Filter, Mark, Query, Verb
from cogs.ui.desk.screen import finished
from cogs.ui.desk.sight import moderated
from cogs.ui.text import board as board_text
from cogs.ui.text import desk_list as text
from render.breaker import Outage, outage
from render.line import Line, line_of
from storage import Transaction, boards, desk, drains, messages, newcomers, settings
from storage.boards import Board
from storage.desk import Totals
from storage.records import FINAL_STATES, Account, Message, Pause, Purpose, Render

A_PAGE: Final = 8
# What is late is shown as such, and not as rendering.
_LATE: Final = {Filter.LATE: True, Filter.RUNNING: False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Hold what a moderator sees of the queue in one moment."""

    query: Query
    totals: Totals
    # How many the filters let through, and those of this page.
    count: int
    renders: tuple[Render, ...]
    places: Mapping[str, int]
    # The result, or the card, of each.
    where: Mapping[str, Message]
    used: tuple[Account, ...]
    median_wait_ms: int | None
    outage: Outage | None
    pause: Pause | None
    drain: Pause | None
    stopped: bool
    board: Board | None = None
    # Those who joined lately wait until then, after too many came at once.
    newcomers_wait_ms: int | None = None

    @property
    def pages(self) -> int:
        """Return how many pages there are; an empty list has one."""
        return max(1, -(-self.count // A_PAGE))


async def read(interaction: Interaction, query: Query) -> Listing:
    """Read all of it at once; of a page that is no longer there, the last one."""
    bot, server_id = interaction.client, server_of(interaction)
    now = bot.clock.now_ms()

    async def look(tx: Transaction) -> Listing:
        sought = desk.Sought(
            server_id=server_id,
            channel_ids=moderated(interaction, await desk.channels(tx, server_id)),
            states=STATES[query.filter],
            member_id=query.member_id,
            late=_LATE.get(query.filter),
        )
        count = await desk.count(tx, sought)
        page = min(query.page, max(0, count - 1) // A_PAGE)
        ended = FINAL_STATES.issuperset(sought.states)
        found = await desk.page(tx, sought, offset=page * A_PAGE, limit=A_PAGE, newest=ended)
        line = await line_of(tx, bot.pace.caps, now)
        turns = {one.id: line.turns[one.id] for one in found if one.id in line.turns}
        return Listing(
            query=query.at(page),
            totals=await desk.totals(tx, server_id=server_id, channel_ids=sought.channel_ids),
            count=count,
            renders=found,
            places={render_id: turn.ahead + 1 for render_id, turn in turns.items()},
            where=await _where(tx, found),
            used=await bot.treasury.used(tx, server_id),
            median_wait_ms=_median_wait_ms(line),
            outage=await outage(tx),
            pause=await settings.paused(tx, server_id),
            drain=await drains.of_server(tx, server_id),
            newcomers_wait_ms=await _newcomers_wait_ms(tx, server_id, now),
            stopped=await settings.submits_stopped(tx) is not None,
            board=await boards.find(tx, server_id),
        )

    return await bot.database.read(look)


async def _newcomers_wait_ms(tx: Transaction, server_id: int, now_ms: int) -> int | None:
    until_ms = (await newcomers.find(tx, server_id)).paused_until_ms or 0
    return until_ms if now_ms < until_ms else None


async def _where(tx: Transaction, found: tuple[Render, ...]) -> dict[str, Message]:
    where: dict[str, Message] = {}
    for render in found:
        result = await messages.latest(tx, render.id, Purpose.RESULT)
        message = result or await messages.latest(tx, render.id, Purpose.CARD)
        if message:
            where[render.id] = message
    return where


def _median_wait_ms(line: Line) -> int | None:
    """Return how long the one in the middle of the line still waits; None: nobody can tell."""
    if line.lengths is None or not line.turns:
        return None
    each = line.lengths.median_ms
    starts = [turn.starts_at_ms(line.at_ms, each) for turn in line.turns.values()]
    return round(median(starts)) - line.at_ms


def layout(listing: Listing, *, note: str = "") -> ui.LayoutView:
    """Lay it out; `note` stands above."""
    query = listing.query
    lines = [
        text.line(one, place=listing.places.get(one.id), where=listing.where.get(one.id))
        for one in listing.renders
    ]
    head = text.shown(query, pages=listing.pages, count=listing.count)
    nothing = text.NOTHING_AT_ALL if query == Query() else text.NOTHING
    above = [ui.TextDisplay[Any](part) for part in (note, _above(listing)) if part]
    below = ui.TextDisplay[Any]("\n".join([head, *lines]) if lines else nothing)
    view = finished([*above, ui.Separator[Any](), below])
    if lines:
        view.add_item(ui.ActionRow[Any](_open(listing)))
    view.add_item(ui.ActionRow[Any](_filters(query)))
    view.add_item(ui.ActionRow[Any](_members(query)))
    view.add_item(ui.ActionRow[Any](*_turning(listing)))
    return view


def _above(listing: Listing) -> str:
    return "\n".join(
        part
        for part in (
            text.totals(listing.totals),
            text.spend(listing.used),
            f"{text.service(listing.outage)} {text.wait(listing.median_wait_ms)}".strip(),
            text.paused(listing.pause) if listing.pause else "",
            text.drained(listing.drain) if listing.drain else "",
            text.newcomers_wait(listing.newcomers_wait_ms),
            text.STOPPED if listing.stopped else "",
            board_text.closed(listing.board),
        )
        if part
    )


def _open(listing: Listing) -> ui.Select[Any]:
    options = [
        SelectOption(label=text.choice(one), value=one.id, description=text.about_choice(one))
        for one in listing.renders
    ]
    mark = Mark(verb=Verb.OPEN, query=listing.query)
    return ui.Select(custom_id=mark.custom_id, placeholder=text.PICK, options=options)


def _filters(query: Query) -> ui.Select[Any]:
    options = [
        SelectOption(label=words, value=one.value, default=one is query.filter)
        for one, words in text.FILTERS.items()
    ]
    mark = Mark(verb=Verb.STATES, query=query)
    return ui.Select(custom_id=mark.custom_id, options=options)


def _members(query: Query) -> ui.UserSelect[Any]:
    chosen = SelectDefaultValue(id=query.member_id or 0, type=SelectDefaultValueType.user)
    return ui.UserSelect(
        custom_id=Mark(verb=Verb.MEMBERS, query=query).custom_id,
        placeholder=text.EVERYBODY,
        min_values=0,
        default_values=[chosen] if query.member_id else [],
    )


def _turning(listing: Listing) -> list[ui.Button[Any]]:
    query, last = listing.query, listing.pages - 1
    pages = {
        Verb.PREVIOUS: (text.PREVIOUS, query.page - 1),
        Verb.NEXT: (text.NEXT, query.page + 1),
        Verb.AGAIN: (text.AGAIN, query.page),
    }
    return [
        ui.Button(label=label, custom_id=Mark(verb=verb, query=query.at(page)).custom_id)
        for verb, (label, page) in pages.items()
        if 0 <= page <= last
    ]
