"""Ask a server admin, in one form, where, who and how much; and ask again when it does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import discord
from discord import ChannelType, SelectDefaultValue, SelectDefaultValueType, ui

from cogs.ui.base import Interaction, acknowledge, answer, open_form, private
from cogs.ui.errors import Declined, LeftOpen, NotAnAdmin, NotANumber
from cogs.ui.house import Clip, House, house_of
from cogs.ui.report import report
from cogs.ui.rights import administers, require_bot_may_write
from cogs.ui.text import setup as text
from cogs.ui.text.declines import declined
from render.errors import ActRefused, AmountInvalid
from storage.records import LARGEST_AMOUNT

# How long a form may stay open, and a reply offer to open it again.
LASTS_SECONDS: Final = 3600.0
MOST_CHOSEN: Final = 25
LONGEST_NUMBER: Final = len(str(LARGEST_AMOUNT))
# Where a video can be asked for, and what holds such places.
PLACES: Final = (
    ChannelType.text,
    ChannelType.news,
    ChannelType.forum,
    ChannelType.media,
    ChannelType.voice,
    ChannelType.stage_voice,
    ChannelType.category,
)
STAFF_PLACES: Final = [ChannelType.text, ChannelType.news]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Name two amounts that go well together, in credits a day."""

    server_daily: int
    member_daily: int

    @property
    def name(self) -> str:
        """Return the dollars a day, which are what it is chosen by."""
        return str(self.server_daily // 100)


PRESETS: Final = (
    Preset(server_daily=500, member_daily=60),
    Preset(server_daily=2_000, member_daily=120),
    Preset(server_daily=5_000, member_daily=250),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Hold what the form shows, or was filled in with; the amounts as they were typed."""

    channel_ids: frozenset[int] = frozenset()
    role_ids: frozenset[int] = frozenset()
    member_daily: str = ""
    server_daily: str = ""
    staff_channel_id: int | None = None

    def with_preset(self, preset: Preset) -> Draft:
        """Take over the amounts of a preset."""
        amounts = str(preset.member_daily), str(preset.server_daily)
        return replace(self, member_daily=amounts[0], server_daily=amounts[1])


def current(house: House) -> Draft:
    """Fill the form in with what holds now."""
    return Draft(
        channel_ids=house.server.channel_ids,
        role_ids=house.server.role_ids,
        member_daily=str(house.member_daily),
        server_daily=str(house.daily),
        staff_channel_id=house.server.staff_channel_id,
    )


def read_number(name: str, typed: str) -> int:
    """Read a whole number above 0 written in plain digits; `name` is as the records name it."""
    if not re.fullmatch(r"-?[0-9]{1,40}", typed.strip()):
        raise NotANumber(typed=typed)
    number = int(typed)
    if number < 1:
        raise AmountInvalid(name=name, value=number, least=1, most=LARGEST_AMOUNT)
    return number


class SetupForm(ui.Modal):
    """Ask for all that a server needs to begin."""

    def __init__(self, draft: Draft, house: discord.Guild, *, given: int, clip: Clip) -> None:
        super().__init__(title=text.FORM_TITLE, timeout=LASTS_SECONDS)
        self._before, self._given, self._clip = draft, given, clip
        self._where: ui.ChannelSelect[Any] = ui.ChannelSelect(
            channel_types=list(PLACES),
            placeholder=text.EVERYWHERE,
            min_values=0,
            max_values=MOST_CHOSEN,
            required=False,
            default_values=_channels(house, draft.channel_ids),
        )
        self._who: ui.RoleSelect[Any] = ui.RoleSelect(
            placeholder=text.EVERYBODY,
            min_values=0,
            max_values=MOST_CHOSEN,
            required=False,
            default_values=_roles(house, draft.role_ids),
        )
        self._member_daily = _number(draft.member_daily)
        self._server_daily = _number(draft.server_daily)
        self._staff: ui.ChannelSelect[Any] = ui.ChannelSelect(
            channel_types=STAFF_PLACES,
            placeholder=text.NO_STAFF_CHANNEL,
            min_values=0,
            max_values=1,
            required=False,
            default_values=_channels(house, {draft.staff_channel_id or 0}),
        )
        for label, about, field in (
            (text.WHERE, text.ABOUT_WHERE, self._where),
            (text.WHO, text.ABOUT_WHO, self._who),
            (text.MEMBER_DAILY, text.about_member_daily(clip), self._member_daily),
            (text.SERVER_DAILY, text.about_server_daily(given), self._server_daily),
            (text.STAFF_CHANNEL, text.ABOUT_STAFF_CHANNEL, self._staff),
        ):
            self.add_item(ui.Label(text=label, description=about, component=field))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Keep what was filled in, or say what does not fit and offer the form again."""
        if not await acknowledge(interaction):
            return
        draft = self._filled()
        try:
            self._demand_chosen(draft)
            await answer(interaction, await _set_up(interaction, draft, self._clip))
        except (ActRefused, Declined) as error:
            view = private(declined(error), [AgainButton(draft, self._given, self._clip)])
            view.timeout = LASTS_SECONDS
            await interaction.edit_original_response(view=view)

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /) -> None:
        """Let the reporter answer."""
        await report(interaction, error)

    def _demand_chosen(self, filled: Draft) -> None:
        """Raise LeftOpen where the form proposed everywhere, or everybody, for what is deleted.

        It is opened again without what is deleted, so that left empty again it is meant.
        """
        before = self._before
        channels = before.channel_ids and not (self._where.default_values or filled.channel_ids)
        roles = before.role_ids and not (self._who.default_values or filled.role_ids)
        if channels or roles:
            raise LeftOpen(channels=bool(channels), roles=bool(roles))

    def _filled(self) -> Draft:
        return Draft(
            channel_ids=frozenset(channel.id for channel in self._where.values),
            role_ids=frozenset(role.id for role in self._who.values),
            member_daily=self._member_daily.value,
            server_daily=self._server_daily.value,
            staff_channel_id=next((channel.id for channel in self._staff.values), None),
        )


class AgainButton(ui.Button[Any]):
    """Open the form again with what was typed; it lives as long as the process."""

    def __init__(self, draft: Draft, given: int, clip: Clip) -> None:
        super().__init__(label=text.AGAIN, style=discord.ButtonStyle.primary)
        self._draft, self._given, self._clip = draft, given, clip

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the form."""
        if interaction.guild is None or not interaction.client.heard.first_time(interaction.id):
            return
        form = SetupForm(self._draft, interaction.guild, given=self._given, clip=self._clip)
        await open_form(interaction, form)


async def _set_up(interaction: Interaction, draft: Draft, clip: Clip) -> str:
    if interaction.guild is None or not administers(interaction):
        raise NotAnAdmin
    staff = interaction.guild.get_channel(draft.staff_channel_id or 0)
    if isinstance(staff, discord.TextChannel):
        require_bot_may_write(staff)
    bot, server_id = interaction.client, interaction.guild.id
    await bot.treasury.set_up(
        server_id,
        channel_ids=draft.channel_ids,
        role_ids=draft.role_ids,
        member_daily=read_number("day_credits", draft.member_daily),
        server_daily=read_number("day_credits", draft.server_daily),
        staff_channel_id=draft.staff_channel_id,
        author_id=interaction.user.id,
    )
    return text.set_up(await house_of(bot, server_id), clip)


def _number(typed: str) -> ui.TextInput[Any]:
    return ui.TextInput(default=typed, min_length=1, max_length=LONGEST_NUMBER)


def _channels(house: discord.Guild, ids: Iterable[int]) -> list[SelectDefaultValue]:
    """Preselect the channels that are still there; Discord refuses others."""
    kind = SelectDefaultValueType.channel
    return [SelectDefaultValue(id=one, type=kind) for one in sorted(ids) if house.get_channel(one)]


def _roles(house: discord.Guild, ids: Iterable[int]) -> list[SelectDefaultValue]:
    kind = SelectDefaultValueType.role
    return [SelectDefaultValue(id=one, type=kind) for one in sorted(ids) if house.get_role(one)]
