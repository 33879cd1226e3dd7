"""Take /server: what the admins of a server set, give, and look at."""

from __future__ import annotations

import asyncio
import io
import logging
from datetime import timedelta
from functools import cache
from typing import Any, Final, Literal
from zoneinfo import available_timezones

import discord
from discord import app_commands, ui
from discord.app_commands import Choice
from discord.ext import commands

from cogs.ui.base import TROUBLE, Interaction, Surface, answer, open_form, private, server_of
from cogs.ui.errors import NoSuchPreset
from cogs.ui.house import clip_of, house_of
from cogs.ui.limits import Limits, Named
from cogs.ui.rights import lacking_to_write, require_admin, require_bot_may_write, roles_held
from cogs.ui.rulebook import RulebookCommands
from cogs.ui.setup import PRESETS, Preset, SetupForm, current
from cogs.ui.text import commands as descriptions
from cogs.ui.text import server as text
from cogs.ui.text import setup as opening
from cogs.ui.text import usage as figures
from cogs.ui.tree import OPENS_A_FORM
from cogs.ui.usage import used
from render.errors import BotGranted
from render.footing import zone_of
from render.policy import window
from storage import StorageError
from storage.records import Span

MOST_CHOICES: Final = 25
LONGEST_REASON: Final = 200
LONGEST_ZONE: Final = 60
FILE: Final = "usage.csv"
DAY_MS: Final = timedelta(days=1) // timedelta(milliseconds=1)
# A year of months, so that nobody waits long for one answer.
MOST_BACK: Final = 12
# Longer than any grant lasts; more days would not fit into a date.
MOST_DAYS: Final = 10_000

log = logging.getLogger(__name__)


@app_commands.default_permissions(manage_guild=True)
class Server(
    RulebookCommands,
    commands.GroupCog,
    group_name="server",
    group_description=descriptions.COMMANDS["server"],
):
    """Hold /server; rights are checked again here, since admins may open commands to anybody."""

    limits = Limits()

    def __init__(self, bot: Surface) -> None:
        self._bot = bot

    def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let server admins in only."""
        return require_admin(interaction)

    @app_commands.command(
        name="setup",
        description=descriptions.COMMANDS["server setup"],
        extras={OPENS_A_FORM: True},
    )
    @app_commands.describe(preset=descriptions.OPTIONS["preset"])
    async def set_up(self, interaction: Interaction, preset: str | None = None) -> None:
        """Open the form, filled in with what holds now, or with a preset."""
        if interaction.guild is None:
            raise app_commands.NoPrivateMessage
        house = await house_of(self._bot, interaction.guild.id)
        draft = current(house)
        if preset is not None:
            draft = draft.with_preset(_preset(preset, house.given))
        form = SetupForm(draft, interaction.guild, given=house.given, clip=clip_of(self._bot))
        await open_form(interaction, form)

    @set_up.autocomplete("preset")
    async def suggest_presets(self, interaction: Interaction, typed: str) -> list[Choice[str]]:
        """Suggest the presets that the host's gift has room for, with what they mean."""
        house = await house_of(self._bot, server_of(interaction))
        clip = clip_of(self._bot)
        names = [
            Choice(name=opening.preset(one.server_daily, one.member_daily, clip), value=one.name)
            for one in _within(house.given)
        ]
        return [choice for choice in names if typed.casefold() in choice.name.casefold()]

    @app_commands.command(name="grant", description=descriptions.COMMANDS["server grant"])
    @app_commands.describe(
        who=descriptions.OPTIONS["who gets"],
        credits=descriptions.OPTIONS["credits to give"],
        days=descriptions.OPTIONS["days to last"],
        reason=descriptions.OPTIONS["reason for giving"],
    )
    async def grant(
        self,
        interaction: Interaction,
        who: Named,
        credits: int,
        days: int,
        reason: app_commands.Range[str, 1, LONGEST_REASON],
    ) -> None:
        """Give credits beside the allowance to a member, or to all who hold a role."""
        server_id, treasury = server_of(interaction), self._bot.treasury
        author_id = interaction.user.id
        until_ms = self._bot.clock.now_ms() + max(-MOST_DAYS, min(days, MOST_DAYS)) * DAY_MS
        if isinstance(who, discord.Role):
            if who.is_bot_managed():
                raise BotGranted
            given = await treasury.grant_role(
                server_id,
                who.id,
                credits=credits,
                expires_at_ms=until_ms,
                reason=reason,
                author_id=author_id,
            )
        else:
            given = await treasury.grant(
                server_id,
                who.id,
                credits=credits,
                expires_at_ms=until_ms,
                reason=reason,
                author_id=author_id,
                is_bot=who.bot,
            )
        await answer(interaction, text.granted(given))

    @app_commands.command(name="reset", description=descriptions.COMMANDS["server reset"])
    @app_commands.describe(
        member=descriptions.OPTIONS["member to reset"],
        reason=descriptions.OPTIONS["reason for resetting"],
    )
    async def reset(
        self,
        interaction: Interaction,
        member: discord.User,
        reason: app_commands.Range[str, 1, LONGEST_REASON] = "",
    ) -> None:
        """Let a member begin anew in the longest window that limits them."""
        server_id, role_ids = server_of(interaction), roles_held(member)
        terms = await self._bot.treasury.terms(server_id, member.id, role_ids)
        credits_back = await self._bot.treasury.reset(
            server_id,
            member.id,
            span=terms.ceilings[-1][0],
            reason=reason,
            author_id=interaction.user.id,
        )
        allowance = await self._bot.admission.allowance(server_id, member.id, role_ids)
        await answer(interaction, text.reset(member.id, credits_back, allowance))

    @app_commands.command(name="zone", description=descriptions.COMMANDS["server zone"])
    @app_commands.describe(name=descriptions.OPTIONS["zone"])
    async def zone(
        self, interaction: Interaction, name: app_commands.Range[str, 1, LONGEST_ZONE]
    ) -> None:
        """Let the server's days begin by another clock."""
        server = await self._bot.treasury.set_zone(
            server_of(interaction), name.strip(), author_id=interaction.user.id
        )
        now_ms = self._bot.clock.now_ms()
        _, midnight_ms = window(Span.DAY, now_ms, zone_of(self._bot.limits, server))
        await answer(interaction, text.zone_set(server.time_zone or name, midnight_ms))

    @zone.autocomplete("name")
    async def suggest_zones(self, _: Interaction, typed: str) -> list[Choice[str]]:
        """Suggest zones by a part of their name, those first whose city begins so."""
        sought = typed.strip().replace(" ", "_").casefold()
        found = [name for name in await asyncio.to_thread(_zones) if sought in name.casefold()]
        found.sort(key=lambda name: not name.rpartition("/")[2].casefold().startswith(sought))
        return [Choice(name=name, value=name) for name in found[:MOST_CHOICES]]

    @app_commands.command(name="audit", description=descriptions.COMMANDS["server audit"])
    @app_commands.describe(channel=descriptions.OPTIONS["audit channel"])
    async def audit(
        self, interaction: Interaction, channel: discord.TextChannel | None = None
    ) -> None:
        """Choose where it is noted who changed what."""
        if channel is not None:
            require_bot_may_write(channel)
        server = await self._bot.treasury.set_audit_channel(
            server_of(interaction),
            None if channel is None else channel.id,
            author_id=interaction.user.id,
        )
        await answer(interaction, text.audit(server))

    @app_commands.command(name="usage", description=descriptions.COMMANDS["server usage"])
    @app_commands.describe(
        by=descriptions.OPTIONS["usage by"],
        per=descriptions.OPTIONS["usage per"],
        csv=descriptions.OPTIONS["usage as csv"],
        back=descriptions.OPTIONS["usage back"],
    )
    async def usage(
        self,
        interaction: Interaction,
        by: Literal["member", "role", "channel", "model"],
        per: Literal["day", "week", "month"],
        csv: bool = False,
        back: app_commands.Range[int, 0, MOST_BACK] = 0,
    ) -> None:
        """Show what was used in the day, week or month that runs, or in an earlier one."""
        server = await self._bot.treasury.server(server_of(interaction))
        period = await used(
            self._bot.database,
            server.server_id,
            figures.By(by),
            Span(per),
            self._bot.clock.now_ms(),
            zone_of(self._bot.limits, server),
            back=back,
        )
        view = private(figures.table(period, attached=csv))
        files: list[discord.File] = []
        if csv:
            view.add_item(ui.File[Any](f"attachment://{FILE}"))
            files.append(discord.File(io.BytesIO(figures.file(period)), FILE))
        await interaction.edit_original_response(view=view, attachments=files)

    @commands.Cog.listener()
    async def on_guild_join(self, house: discord.Guild) -> None:
        """Say once, where the bot may write, what it is and who opens it."""
        channel = _first_to_write_in(house)
        if channel is None:
            log.info("There is no channel to write in in server %s", house.id)
            return
        allowed = self._bot.limits.allowed_servers
        try:
            server = await self._bot.treasury.server(house.id)
            known = not allowed or house.id in allowed
            await channel.send(opening.welcome(opened=server.opened, allowed=known))
        except (StorageError, *TROUBLE) as error:
            log.warning("Server %s could not be welcomed: %r", house.id, error)


def _within(given: int) -> list[Preset]:
    return [preset for preset in PRESETS if preset.server_daily <= given]


def _preset(typed: str, given: int) -> Preset:
    """Return the preset that was chosen, also when it was typed like $20."""
    offered = _within(given)
    for preset in offered:
        if typed.strip().removeprefix("$") == preset.name:
            return preset
    raise NoSuchPreset(typed=typed, offered=tuple(preset.name for preset in offered))


@cache
def _zones() -> tuple[str, ...]:
    """Return the zones that are named after places; looking for them reads many files."""
    names = (name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return ("UTC", *sorted(names))


def _first_to_write_in(house: discord.Guild) -> discord.TextChannel | None:
    channels = [house.system_channel, *house.text_channels]
    return next(
        (channel for channel in channels if channel is not None and not lacking_to_write(channel)),
        None,
    )


async def setup(bot: Surface) -> None:
    """Add the cog."""
    await bot.add_cog(Server(bot))
