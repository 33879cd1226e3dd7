"""Take /doctor and /host: how the bot fares, and, for its host alone, money and brakes."""

from __future__ import annotations

from functools import partial

import discord
from discord import app_commands
from discord.ext import commands
from discord.http import Route

from cogs.ui import diagnosis
from cogs.ui.base import Interaction, Surface, answer
from cogs.ui.errors import NotTheHost
from cogs.ui.finding import Finding, Look, examined, fine, wrong
from cogs.ui.joined import JoinedServer
from cogs.ui.rights import is_host, require_host
from cogs.ui.spend import figures
from cogs.ui.sync import are_sent
from cogs.ui.text import commands as descriptions
from cogs.ui.text import doctor as text
from cogs.ui.text import spending
from storage import Transaction, settings
from storage.records import LARGEST_AMOUNT, StopReason, SubmitStop


class Host(commands.Cog):
    """Hold what is for the host. Open to all in Discord: a host may be a plain member somewhere."""

    def __init__(self, bot: Surface) -> None:
        self._bot = bot

    @app_commands.command(name="doctor", description=descriptions.COMMANDS["doctor"])
    async def doctor(self, interaction: Interaction) -> None:
        """Look at everything that concerns who asks, and say in a line each how it stands."""
        host = is_host(self._bot, interaction.user)
        if not (host or interaction.permissions.manage_guild):
            raise NotTheHost
        if interaction.guild is None:
            raise app_commands.NoPrivateMessage
        looks = self._at_server(interaction.guild, host=host)
        found = await examined(self._at_all() | looks if host else looks)
        lines = [(finding.well, finding.line) for finding in found]
        await answer(interaction, text.sheet(lines, whole=host))

    host = app_commands.Group(name="host", description=descriptions.COMMANDS["host"])

    @host.command(name="spend", description=descriptions.COMMANDS["host spend"])
    async def spend(self, interaction: Interaction) -> None:
        """Show what is spent, in dollars."""
        require_host(interaction)
        await answer(interaction, await figures(self._bot))

    @host.command(name="stop", description=descriptions.COMMANDS["host stop"])
    @app_commands.describe(reason=descriptions.OPTIONS["reason for stopping"])
    async def stop(
        self,
        interaction: Interaction,
        reason: app_commands.Range[str, 1, spending.LONGEST_REASON] = "",
    ) -> None:
        """Start nothing more, anywhere, until the host says otherwise."""
        require_host(interaction)
        stop = SubmitStop(
            reason=StopReason.HOST,
            since_ms=self._bot.clock.now_ms(),
            author=str(interaction.user.id),
            note=reason,
        )

        async def unless_stopped(tx: Transaction) -> SubmitStop | None:
            if found := await settings.submits_stopped(tx):
                return found
            await settings.stop_submits(tx, stop)
            return None

        before = await self._bot.database.transaction(unless_stopped)
        await answer(interaction, spending.stopped_already(before) if before else spending.STOPPED)

    @host.command(name="go", description=descriptions.COMMANDS["host go"])
    async def go(self, interaction: Interaction) -> None:
        """Take the host's word that videos may start."""
        require_host(interaction)
        now_ms = self._bot.clock.now_ms()
        stopped = await self._bot.database.transaction(
            lambda tx: settings.allow_submits(tx, author_id=interaction.user.id, at_ms=now_ms)
        )
        self._bot.engine.wake()
        await answer(interaction, spending.GOES_ON if stopped else spending.NOT_STOPPED)

    @host.command(name="give", description=descriptions.COMMANDS["host give"])
    @app_commands.describe(
        server=descriptions.OPTIONS["server"], credits=descriptions.OPTIONS["credits a day"]
    )
    async def give(
        self,
        interaction: Interaction,
        server: app_commands.Transform[discord.Guild, JoinedServer],
        credits: app_commands.Range[int, 0, LARGEST_AMOUNT] | None = None,
    ) -> None:
        """Set what a server may spend a day, and its admins may go up to; nothing: as every one."""
        require_host(interaction)
        await self._bot.treasury.give(server.id, credits, author_id=interaction.user.id)
        limits = self._bot.limits
        given, ceiling = limits.server_daily_credits, limits.host_daily_credits
        if credits is None:
            words = spending.given_as_usual(server.name, given, ceiling)
        else:
            words = spending.given(server.name, credits, ceiling)
        await answer(interaction, words)

    def _at_server(self, server: discord.Guild, *, host: bool) -> dict[str, Look]:
        """Look at one server; its admin sees no other server's numbers, the host all together."""
        return {
            text.CHANNELS: partial(diagnosis.channels, server, self._bot.database),
            text.RENDERS: partial(
                diagnosis.under_way,
                self._bot.database,
                server_id=None if host else server.id,
                pace=self._bot.pace,
                now_ms=self._bot.clock.now_ms(),
            ),
        }

    def _at_all(self) -> dict[str, Look]:
        bot, now_ms = self._bot, self._bot.clock.now_ms()
        return {
            text.SETTINGS: self._settings,
            text.COMMANDS: self._commands,
            text.DATABASE: partial(diagnosis.database, bot.database),
            text.DISK: partial(diagnosis.disk, bot.database.path, bot.spool_folder),
            **bot.service.looks,
            text.SUBMITS: partial(diagnosis.submits, bot.database, now_ms),
            text.ALERTS: partial(diagnosis.last_alert, bot.database, now_ms),
            text.CLOCK: partial(diagnosis.clock, bot.service.session, Route.BASE, bot.clock),
        }

    async def _settings(self) -> tuple[Finding, ...]:
        servers = len(self._bot.guilds)
        if servers > 1 and not self._bot.limits.allowed_servers:
            return (wrong(text.SETTINGS, text.open_to_all(servers)),)
        return (fine(text.SETTINGS, text.SETTINGS_FINE),)

    async def _commands(self) -> tuple[Finding, ...]:
        if await are_sent(self._bot):
            return (fine(text.COMMANDS, text.COMMANDS_FINE),)
        return (wrong(text.COMMANDS, text.COMMANDS_OLD),)


async def setup(bot: Surface) -> None:
    """Add the cog."""
    await bot.add_cog(Host(bot))
