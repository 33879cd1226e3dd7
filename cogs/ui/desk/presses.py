"""Hear what is pressed and filled in at the desk: look at the rights again, act, show anew."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self, cast

import discord
from discord import ui

from cogs.ui.base import Interaction, acknowledge_in_place, open_form
from cogs.ui.desk import case, forms, listing
from cogs.ui.desk.acting import act_on
from cogs.ui.desk.marks import TEMPLATE, Filter, Mark, Query, Verb
from cogs.ui.desk.sight import moderator_of, render_in_sight, require_moderator
from cogs.ui.errors import NotANumber
from cogs.ui.report import report
from cogs.ui.text.declines import declined
from render.acts import Act
from render.errors import ActRefused


class DeskItem(ui.DynamicItem[ui.Item[Any]], template=TEMPLATE):
    """Stand for every button and select of the desk, also of those from before a restart."""

    def __init__(self, item: ui.Item[Any], mark: Mark) -> None:
        super().__init__(item)
        self._mark = mark

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Read what a press means from what stands in the message."""
        return cls(item, Mark.read(match))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what was pressed."""
        await _hear(interaction, self._mark)


async def hear_form(interaction: Interaction) -> None:
    """Do what a form of the desk asks for; others are not ours to hear."""
    data = cast("Mapping[str, Any]", interaction.data or {})
    match = TEMPLATE.match(str(data.get("custom_id", "")))
    if match and match["verb"] == Verb.FORM:
        await _hear(interaction, Mark.read(match))


async def show_list(interaction: Interaction, query: Query) -> None:
    """Show a page of the list where the answer stands."""
    require_moderator(interaction)
    found = await listing.read(interaction, query)
    await interaction.edit_original_response(view=listing.layout(found), attachments=[])


async def show_case(
    interaction: Interaction, render_id: str, query: Query, *, note: str = ""
) -> None:
    """Show a render where the answer stands."""
    await render_in_sight(interaction, render_id)
    found = await case.read(interaction.client, render_id)
    host = moderator_of(interaction).host
    view = case.layout(found, query, host=host, note=note)
    await interaction.edit_original_response(view=view, attachments=case.files_of(found))


async def _hear(interaction: Interaction, mark: Mark) -> None:
    try:
        if mark.verb is Verb.ACT and mark.act and mark.act in forms.ASKED:
            await _ask(interaction, mark, mark.act)
        elif await acknowledge_in_place(interaction):
            await _do(interaction, mark)
    except Exception as error:
        await report(interaction, error)


async def _do(interaction: Interaction, mark: Mark) -> None:
    query = mark.query
    match mark.verb:
        case Verb.STATES:
            chosen = Filter(_chosen(interaction)[0])
            await show_list(interaction, replace(query, filter=chosen, page=0))
        case Verb.MEMBERS:
            member_id = next((int(one) for one in _chosen(interaction)), None)
            await show_list(interaction, replace(query, member_id=member_id, page=0))
        case Verb.OPEN:
            await show_case(interaction, _chosen(interaction)[0], query)
        case Verb.CASE if mark.render_id:
            await show_case(interaction, mark.render_id, query)
        case Verb.ACT | Verb.SURE | Verb.FORM if mark.render_id and mark.act:
            await _act(interaction, mark, mark.render_id, mark.act)
        case _:
            await show_list(interaction, query)


async def _act(interaction: Interaction, mark: Mark, render_id: str, act: Act) -> None:
    """Do it, or ask whether it is really meant; either way show how the render stands."""
    render = await render_in_sight(interaction, render_id)
    try:
        if mark.verb is Verb.ACT and act is Act.SUBMIT_AGAIN:
            await interaction.client.desk.demand(act, render.id, moderator_of(interaction))
            view = case.sure(render, act, mark.query)
            await interaction.edit_original_response(view=view, attachments=[])
            return
        note = await act_on(interaction, render, act, forms.filled(interaction))
    except (ActRefused, NotANumber) as error:
        note = declined(error)
    await show_case(interaction, render_id, mark.query, note=note)


async def _ask(interaction: Interaction, mark: Mark, act: Act) -> None:
    """Open the form of an act, which must be the first answer."""
    if not interaction.client.heard.first_time(interaction.id):
        return
    render = await render_in_sight(interaction, mark.render_id or "")
    try:
        await interaction.client.desk.demand(act, render.id, moderator_of(interaction))
    except ActRefused as error:
        await interaction.response.defer()
        await show_case(interaction, render.id, mark.query, note=declined(error))
        return
    await open_form(interaction, forms.form(act, render, mark.query))


def _chosen(interaction: Interaction) -> list[str]:
    data = cast("Mapping[str, Any]", interaction.data or {})
    return list(data.get("values", ()))
