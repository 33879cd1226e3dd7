"""Give the cogs their view of the bot, and every interaction its private beginning and answer."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import aiohttp
import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.ui.markup import member
from cogs.ui.text import refusals
from cogs.ui.uploads import Uploads
from render.admission import Admission
from render.clock import Clock
from render.desk import Desk
from render.engine import Engine
from render.offers import Offers
from render.pace import Pace
from render.policy import Limits
from render.readings import Readings
from render.reports import Reports
from render.rulebook import Rulebook
from render.treasury import Treasury
from storage import Database

if TYPE_CHECKING:
    from cogs.ui.purse import Purses
    from cogs.ui.service import VideoService

log = logging.getLogger(__name__)

# Discord waits 3 s for it. The library would go on for 25 s with an answer that nobody awaits.
ACKNOWLEDGE_SECONDS: Final = 5.0
ALREADY_ACKNOWLEDGED: Final = 40060
REMEMBERED_INTERACTIONS: Final = 1000
# Whatever a request to Discord may raise.
TROUBLE: Final = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)


class Surface(commands.Bot):
    """Declare what the cogs need of the bot; bot.py fills it."""

    database: Database
    offers: Offers
    admission: Admission
    treasury: Treasury
    rulebook: Rulebook
    reports: Reports
    engine: Engine
    desk: Desk
    uploads: Uploads
    pace: Pace
    limits: Limits
    purses: Purses
    # None: the host lets nobody ask for the balance.
    readings: Readings | None
    clock: Clock
    heard: Heard
    # Who runs the bot; nobody named means the application's owner.
    host_ids: frozenset[int]
    service: VideoService
    spool_folder: Path


Interaction: TypeAlias = discord.Interaction[Surface]


class Heard:
    """Remember the latest interactions, because Discord may send one twice."""

    def __init__(self) -> None:
        self._ids: OrderedDict[int, None] = OrderedDict()

    def first_time(self, interaction_id: int) -> bool:
        """Say whether this one is new, and remember it."""
        if interaction_id in self._ids:
            return False
        self._ids[interaction_id] = None
        if len(self._ids) > REMEMBERED_INTERACTIONS:
            self._ids.popitem(last=False)
        return True


async def acknowledge(interaction: Interaction) -> bool:
    """Tell Discord, visibly to the member alone, that we heard; say whether to go on.

    Only a plain success is one. After anything else nothing may be held or changed, and the
    member is told so as far as Discord lets us.
    """
    return await _acknowledged(interaction, thinking=True)


async def acknowledge_in_place(interaction: Interaction) -> bool:
    """Do so for what changes the message that was pressed, instead of answering below it."""
    return await _acknowledged(interaction, thinking=False)


async def _acknowledged(interaction: Interaction, *, thinking: bool) -> bool:
    if not interaction.client.heard.first_time(interaction.id):
        log.info("Interaction %s came twice; the first one counts", interaction.id)
        return False
    try:
        async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
            await interaction.response.defer(ephemeral=True, thinking=thinking)
    except TROUBLE as error:
        await _excuse(interaction, error)
        return False
    return True


async def open_form(interaction: Interaction, form: ui.Modal) -> None:
    """Answer with a form, which Discord takes as the first answer only."""
    try:
        async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
            await interaction.response.send_modal(form)
    except TROUBLE as error:
        await _excuse(interaction, error)


async def _excuse(interaction: Interaction, error: Exception) -> None:
    words = refusals.NOT_HEARD
    if isinstance(error, discord.HTTPException) and error.code == ALREADY_ACKNOWLEDGED:
        words = refusals.HEARD_TWICE
        log.warning(
            "Interaction %s was answered already: another process may be running with this token",
            interaction.id,
        )
    else:
        log.warning("Interaction %s was not acknowledged: %r", interaction.id, error)
    try:
        await interaction.followup.send(view=private(words), ephemeral=True)
    except TROUBLE:
        await _excuse_in_channel(interaction, words)


async def _excuse_in_channel(interaction: Interaction, words: str) -> None:
    if interaction.channel_id is None:
        return
    channel = interaction.client.get_partial_messageable(interaction.channel_id)
    try:
        await channel.send(
            f"{member(interaction.user.id)} {words}",
            allowed_mentions=discord.AllowedMentions(users=[interaction.user]),
        )
    except TROUBLE as error:
        log.warning("Interaction %s could not be answered at all: %r", interaction.id, error)


def private(words: str, buttons: Sequence[ui.Item[Any]] = ()) -> ui.LayoutView:
    """Lay out a private reply; unlike a plain message it has room for a whole prompt."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay[Any](words))
    if buttons:
        view.add_item(ui.ActionRow[Any](*buttons))
    return view


async def answer(
    interaction: Interaction, words: str, buttons: Sequence[ui.Item[Any]] = ()
) -> None:
    """Put the words where "is thinking" stands, or say them at once when nothing does yet."""
    view = private(words, buttons)
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)


def server_of(interaction: Interaction) -> int:
    """Return the server's id; outside of servers no command is offered."""
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    return interaction.guild_id
