"""Take /queue: the moderators' view of what is under way, and all that they can do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.ui.audit import AuditCommands
from cogs.ui.base import Interaction, Surface, answer, server_of
from cogs.ui.board import BoardCommands
from cogs.ui.desk import forms, presses
from cogs.ui.desk.acting import act_on
from cogs.ui.desk.choosing import KeptRender, ModeratedRender, PaidRender, WaitingRender
from cogs.ui.desk.marks import Query
from cogs.ui.desk.sight import moderator_of
from cogs.ui.rights import is_host, moderates_everywhere
from cogs.ui.text import commands as text
from cogs.ui.text import desk, desk_stops
from render.acts import Act
from render.pace import milliseconds
from storage.records import LARGEST_AMOUNT, Pause, Render

LONGEST_HOURS: Final = 24 * 366


@app_commands.default_permissions(manage_messages=True)
class Queue(
    AuditCommands,
    BoardCommands,
    commands.GroupCog,
    group_name="queue",
    group_description=text.COMMANDS["queue"],
):
    """Hold /queue; rights are checked again here, since admins may open commands to anybody."""

    def __init__(self, bot: Surface) -> None:
        self._bot = bot

    def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let moderators in, and the host; a refusal here reaches the reporter as a CheckFailure.

        A host who moderates nothing sees no render, and may only refund.
        """
        here = interaction.permissions.manage_messages
        moderator = here or moderates_everywhere(interaction.user)
        return moderator or is_host(self._bot, interaction.user)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Hear the desk's forms, which outlive the process like its buttons."""
        if interaction.type is discord.InteractionType.modal_submit:
            await presses.hear_form(interaction)

    @app_commands.command(name="list", description=text.COMMANDS["queue list"])
    async def list_(self, interaction: Interaction) -> None:
        """Show every render under way that this moderator may move."""
        await presses.show_list(interaction, Query())

    @app_commands.command(name="show", description=text.COMMANDS["queue show"])
    @app_commands.rename(render="id")
    @app_commands.describe(render=text.OPTIONS["id"])
    async def show(
        self, interaction: Interaction, render: app_commands.Transform[Render, ModeratedRender]
    ) -> None:
        """Show one render with all that is known of it."""
        await presses.show_case(interaction, render.id, Query())

    @app_commands.command(name="cancel", description=text.COMMANDS["queue cancel"])
    @app_commands.rename(render="id")
    @app_commands.describe(render=text.OPTIONS["id"], reason=text.OPTIONS["reason for cancelling"])
    async def cancel(
        self,
        interaction: Interaction,
        render: app_commands.Transform[Render, WaitingRender],
        reason: app_commands.Range[str, 1, forms.LONGEST_REASON] = "",
    ) -> None:
        """Cancel a member's render that still waits."""
        cancelled = await self._bot.desk.cancel(render.id, moderator_of(interaction), reason=reason)
        await answer(interaction, desk.cancelled_by_moderator(cancelled))

    @app_commands.command(name="post", description=text.COMMANDS["queue post"])
    @app_commands.rename(render="id")
    @app_commands.describe(render=text.OPTIONS["id"])
    async def post(
        self, interaction: Interaction, render: app_commands.Transform[Render, KeptRender]
    ) -> None:
        """Post what is kept in its own channel, since others may see what that one hides."""
        await answer(interaction, await act_on(interaction, render, Act.POST_AGAIN, {}))

    @app_commands.command(name="refund", description=text.COMMANDS["queue refund"])
    @app_commands.rename(render="id")
    @app_commands.describe(
        render=text.OPTIONS["id"],
        reason=text.OPTIONS["reason for refunding"],
        credits=text.OPTIONS["credits to refund"],
    )
    async def refund(
        self,
        interaction: Interaction,
        render: app_commands.Transform[Render, PaidRender],
        reason: app_commands.Range[str, 1, forms.LONGEST_REASON],
        credits: app_commands.Range[int, 1, LARGEST_AMOUNT] | None = None,
    ) -> None:
        """Give a member credits back for a render, and tell them under its result."""
        filled = {forms.REASON: reason, forms.CREDITS: "" if credits is None else str(credits)}
        await answer(interaction, await act_on(interaction, render, Act.REFUND, filled))

    @app_commands.command(name="pause", description=text.COMMANDS["queue pause"])
    @app_commands.describe(reason=text.OPTIONS["reason for pausing"])
    async def pause(
        self,
        interaction: Interaction,
        reason: app_commands.Range[str, 1, forms.LONGEST_REASON] = "",
    ) -> None:
        """Take no new renders in this server, and start none."""
        if await self._demand_whole_server(interaction):
            pause = self._pause(interaction, reason)
            await self._bot.desk.pause(pause)
            await answer(interaction, desk.paused(pause))

    @app_commands.command(name="drain", description=text.COMMANDS["queue drain"])
    @app_commands.describe(reason=text.OPTIONS["reason for pausing"])
    async def drain(
        self,
        interaction: Interaction,
        reason: app_commands.Range[str, 1, forms.LONGEST_REASON] = "",
    ) -> None:
        """Take no new renders in this server, while what waits goes on."""
        if await self._demand_whole_server(interaction):
            drain = self._pause(interaction, reason)
            await self._bot.desk.drain(drain)
            await answer(interaction, desk_stops.drained(drain))

    @app_commands.command(name="resume", description=text.COMMANDS["queue resume"])
    async def resume(self, interaction: Interaction) -> None:
        """Take new renders again."""
        if await self._demand_whole_server(interaction):
            by = moderator_of(interaction)
            was_closed = await self._bot.desk.resume(server_of(interaction), by)
            await answer(interaction, desk.RESUMED if was_closed else desk.NOT_PAUSED)

    @app_commands.command(name="stop", description=text.COMMANDS["queue stop"])
    @app_commands.describe(
        member=text.OPTIONS["member to stop"],
        reason=text.OPTIONS["reason for stopping a member"],
        hours=text.OPTIONS["hours to stop"],
    )
    async def stop(
        self,
        interaction: Interaction,
        member: discord.User,
        reason: app_commands.Range[str, 1, forms.LONGEST_REASON],
        hours: app_commands.Range[int, 1, LONGEST_HOURS] | None = None,
    ) -> None:
        """Let a member make no videos in this server, and cancel what of theirs waits."""
        if not await self._demand_whole_server(interaction):
            return
        now = self._bot.clock.now_ms()
        until_ms = None if hours is None else now + milliseconds(timedelta(hours=hours))
        cancelled = await self._bot.engine.stop_member(
            server_of(interaction),
            member.id,
            until_ms=until_ms,
            reason=reason,
            author_id=interaction.user.id,
        )
        words = desk_stops.stopped(member.id, until_ms, reason, cancelled=len(cancelled))
        await answer(interaction, words)

    @app_commands.command(name="unstop", description=text.COMMANDS["queue unstop"])
    @app_commands.describe(member=text.OPTIONS["member to unstop"])
    async def unstop(self, interaction: Interaction, member: discord.User) -> None:
        """Let a member make videos again."""
        if await self._demand_whole_server(interaction):
            was_stopped = await self._bot.engine.unstop_member(
                server_of(interaction), member.id, author_id=interaction.user.id
            )
            await answer(interaction, desk_stops.unstopped(member.id, was_stopped=was_stopped))

    async def _demand_whole_server(self, interaction: Interaction) -> bool:
        """Say whether somebody moderates the whole server; tell them when not."""
        if moderates_everywhere(interaction.user):
            return True
        await answer(interaction, desk.ONLY_HERE)
        return False

    def _pause(self, interaction: Interaction, reason: str) -> Pause:
        return Pause(
            server_id=server_of(interaction),
            author_id=interaction.user.id,
            reason=reason,
            at_ms=self._bot.clock.now_ms(),
        )


async def setup(bot: Surface) -> None:
    """Add the cog."""
    await bot.add_cog(Queue(bot))
