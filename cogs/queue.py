"""Take /queue: the moderators' view of what is under way, and their brakes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Final

import discord
from discord import app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs.ui.base import Interaction, Surface, answer, server_of
from cogs.ui.errors import NoSuchRender, NotWaiting
from cogs.ui.reply import reply_to_result
from cogs.ui.rights import is_host, moderates, moderates_everywhere
from cogs.ui.text import commands as text
from cogs.ui.text import desk
from storage import Database, Transaction, ids, messages, queue, renders, settings
from storage.queue import Turn
from storage.records import FINAL_STATES, LARGEST_AMOUNT, Pause, Purpose, Render, State

MOST_CHOICES: Final = 25
LONGEST_REASON: Final = 300
LATEST_LOOKED_AT: Final = 100
UNDER_WAY: Final = frozenset(State) - FINAL_STATES


class ModeratedRender(app_commands.Transformer):
    """Read the id of a render in a channel that the moderator moderates."""

    suggested: ClassVar[State]

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> Render:
        """Return the render; one in another channel is not there for this moderator."""
        render_id = ids.read_id(value)
        found = None
        if render_id is not None:
            database: Database = interaction.client.database
            found = await database.read(lambda tx: renders.find(tx, render_id))
        if found is None or not list(_in_sight(interaction, [found])):
            raise NoSuchRender(typed=value)
        return found

    async def autocomplete(
        self, interaction: discord.Interaction[Any], value: str | float, /
    ) -> list[Choice[str | int | float]]:
        """Suggest what the command is for."""
        server_id = server_of(interaction)
        database: Database = interaction.client.database
        fitting = await database.read(
            lambda tx: renders.of_server(tx, server_id=server_id, states=[self.suggested])
        )
        typed = ids.tidy(str(value))
        found = [one for one in _in_sight(interaction, fitting) if one.id.startswith(typed)]
        return [Choice(name=one.id, value=one.id) for one in found[:MOST_CHOICES]]


class WaitingRender(ModeratedRender):
    """Suggest what can be cancelled."""

    suggested = State.QUEUED


class KeptRender(ModeratedRender):
    """Suggest what can be posted."""

    suggested = State.UNDELIVERED


class PaidRender(ModeratedRender):
    """Suggest what was paid for lately."""

    async def autocomplete(
        self, interaction: discord.Interaction[Any], value: str | float, /
    ) -> list[Choice[str | int | float]]:
        """Suggest by number, with what each cost."""
        server_id, typed = server_of(interaction), ids.tidy(str(value))
        database: Database = interaction.client.database
        latest = await database.read(
            lambda tx: renders.starting_with(
                tx, server_id=server_id, prefix=typed, limit=LATEST_LOOKED_AT
            )
        )
        found = [one for one in _in_sight(interaction, latest) if one.settled]
        return [
            Choice(name=text.choice(one.id, one.settled or 0), value=one.id)
            for one in found[:MOST_CHOICES]
        ]


def _in_sight(interaction: Interaction, found: Iterable[Render]) -> Iterable[Render]:
    """Leave out what stands in other servers, and in channels that this member cannot moderate."""
    return (
        render
        for render in found
        if render.server_id == interaction.guild_id
        and moderates(interaction.user, render.channel_id)
    )


def _urgency(render: Render) -> tuple[bool, int]:
    """Put first what may need a person: unknown and late, then the oldest."""
    calm = render.state is not State.UNKNOWN and render.late_at_ms is None
    return calm, render.created_at_ms


@app_commands.default_permissions(manage_messages=True)
class Queue(commands.GroupCog, group_name="queue", group_description=text.COMMANDS["queue"]):
    """Hold /queue; rights are checked again here, since admins may open commands to anybody."""

    def __init__(self, bot: Surface) -> None:
        self._bot = bot

    def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let moderators in only; a refusal here reaches the reporter as a CheckFailure."""
        here = interaction.permissions.manage_messages
        return here or moderates_everywhere(interaction.user)

    @app_commands.command(name="list", description=text.COMMANDS["queue list"])
    async def list_(self, interaction: Interaction) -> None:
        """Show every render under way that this moderator may move."""
        server_id = server_of(interaction)

        async def read(tx: Transaction) -> tuple[Pause | None, list[str]]:
            found = await renders.of_server(tx, server_id=server_id, states=UNDER_WAY)
            seen = sorted(_in_sight(interaction, found), key=_urgency)
            line = await queue.waiting_order(tx, self._bot.pace.caps)
            lines = [await _line(tx, one, line.get(one.id)) for one in seen]
            return await settings.paused(tx, server_id), lines

        pause, lines = await self._bot.database.read(read)
        head = [desk.paused_note(pause)] if pause else []
        body = desk.listed(lines) if lines else desk.NOTHING_UNDER_WAY
        await answer(interaction, "\n".join([*head, body]))

    @app_commands.command(name="cancel", description=text.COMMANDS["queue cancel"])
    @app_commands.rename(render="id")
    @app_commands.describe(render=text.OPTIONS["id"], reason=text.OPTIONS["reason for cancelling"])
    async def cancel(
        self,
        interaction: Interaction,
        render: app_commands.Transform[Render, WaitingRender],
        reason: app_commands.Range[str, 1, LONGEST_REASON] = "",
    ) -> None:
        """Cancel a member's render that still waits."""
        cancelled = await self._bot.engine.cancel(
            render.id, author_id=interaction.user.id, by_moderator=True, reason=reason
        )
        if cancelled is None:
            now = await self._bot.database.read(lambda tx: renders.find(tx, render.id))
            raise NotWaiting(render=now or render)
        await answer(interaction, desk.cancelled_by_moderator(cancelled))

    @app_commands.command(name="post", description=text.COMMANDS["queue post"])
    @app_commands.rename(render="id")
    @app_commands.describe(render=text.OPTIONS["id"])
    async def post(
        self, interaction: Interaction, render: app_commands.Transform[Render, KeptRender]
    ) -> None:
        """Post what is kept in its own channel, since others may see what that one hides."""
        now = await self._bot.engine.post_again(
            render.id, channel_id=render.channel_id, author_id=interaction.user.id
        )
        if now is None:
            await answer(interaction, desk.NOT_NOW)
            return
        result = await self._bot.database.read(
            lambda tx: messages.latest(tx, render.id, Purpose.RESULT)
        )
        await answer(interaction, desk.posted_by_moderator(now, result))

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
        reason: app_commands.Range[str, 1, LONGEST_REASON],
        credits: app_commands.Range[int, 1, LARGEST_AMOUNT] | None = None,
    ) -> None:
        """Give a member credits back for a render, and tell them under its result."""
        grant = await self._bot.treasury.refund(
            render.server_id,
            render.id,
            credits=credits,
            reason=reason,
            author_id=interaction.user.id,
            by_host=is_host(self._bot, interaction.user),
        )
        told = await reply_to_result(self._bot, render, desk.refund_reply(grant))
        await answer(interaction, desk.refunded(render, grant, told=told))

    @app_commands.command(name="pause", description=text.COMMANDS["queue pause"])
    @app_commands.describe(reason=text.OPTIONS["reason for pausing"])
    async def pause(
        self, interaction: Interaction, reason: app_commands.Range[str, 1, LONGEST_REASON]
    ) -> None:
        """Take no new renders in this server."""
        if not moderates_everywhere(interaction.user):
            await answer(interaction, desk.ONLY_HERE)
            return
        pause = Pause(
            server_id=server_of(interaction),
            author_id=interaction.user.id,
            reason=reason,
            at_ms=self._bot.clock.now_ms(),
        )
        await self._bot.database.transaction(lambda tx: settings.pause(tx, pause))
        self._bot.engine.show_brake()
        await answer(interaction, desk.paused(pause))

    @app_commands.command(name="resume", description=text.COMMANDS["queue resume"])
    async def resume(self, interaction: Interaction) -> None:
        """Take new renders again."""
        if not moderates_everywhere(interaction.user):
            await answer(interaction, desk.ONLY_HERE)
            return
        server_id = server_of(interaction)
        now = self._bot.clock.now_ms()
        was_paused = await self._bot.database.transaction(
            lambda tx: settings.resume(tx, server_id, at_ms=now)
        )
        self._bot.engine.show_brake()
        await answer(interaction, desk.RESUMED if was_paused else desk.NOT_PAUSED)


async def _line(tx: Transaction, render: Render, turn: Turn | None) -> str:
    card = await messages.latest(tx, render.id, Purpose.CARD)
    return desk.desk_line(render, ahead=turn and turn.ahead, where=desk.place(render, card))


async def setup(bot: Surface) -> None:
    """Add the cog."""
    await bot.add_cog(Queue(bot))
