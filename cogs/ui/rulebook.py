"""Let server admins say where, after whose yes, with which words and for whom videos are made."""

from __future__ import annotations

from typing import Final, TypeAlias

import discord
from discord import app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs.ui.base import Interaction, Surface, answer, server_of
from cogs.ui.errors import FirstMissing, LastPlace, OneAtATime
from cogs.ui.text import commands as descriptions
from cogs.ui.text import rulebook as text
from storage.records import Approval, ApprovalKind, Consequence

LONGEST_WORDS: Final = 1000
LONGEST_CHOICE: Final = 100
AS_AROUND: Final = "around"

# Where a video can be asked for, and what holds such places.
Place: TypeAlias = (
    discord.TextChannel
    | discord.ForumChannel
    | discord.VoiceChannel
    | discord.StageChannel
    | discord.CategoryChannel
    | discord.Thread
)
_FIRST: Final = [
    *(
        Choice(name=_name[:LONGEST_CHOICE].capitalize(), value=_approval.value)
        for _approval, _name in text.APPROVALS.items()
    ),
    Choice(name=text.AS_AROUND, value=AS_AROUND),
]
_THEN: Final = [Choice(name=name, value=one.value) for one, name in text.CONSEQUENCES.items()]


class RulebookCommands(commands.Cog):
    """Hold the commands of /server that write into the rulebook; each shows it when given nothing.

    The cog that takes them over checks who may.
    """

    _bot: Surface

    @app_commands.command(name="channels", description=descriptions.COMMANDS["server channels"])
    @app_commands.describe(
        add=descriptions.OPTIONS["place to add"],
        remove=descriptions.OPTIONS["place to remove"],
        everywhere=descriptions.OPTIONS["everywhere"],
    )
    async def channels(
        self,
        interaction: Interaction,
        add: Place | None = None,
        remove: Place | None = None,
        everywhere: bool = False,
    ) -> None:
        """Choose where videos are made, as /server setup does."""
        server = await self._bot.treasury.server(server_of(interaction))
        ids = frozenset[int]() if everywhere else server.channel_ids
        ids = ids.union([add.id] if add else []).difference([remove.id] if remove else [])
        if ids == server.channel_ids:
            given = add or remove or everywhere
            words = f"{text.channels(server)} {text.SAME}" if given else text.channels(server)
            await answer(interaction, words)
            return
        if not ids and not everywhere:
            raise LastPlace
        server = await self._bot.rulebook.set_channels(
            server.server_id, ids, author_id=interaction.user.id
        )
        await answer(interaction, text.channels(server))

    @app_commands.command(name="approval", description=descriptions.COMMANDS["server approval"])
    @app_commands.describe(
        first=descriptions.OPTIONS["approval first"],
        where=descriptions.OPTIONS["approval where"],
        role=descriptions.OPTIONS["approval role"],
    )
    @app_commands.choices(first=_FIRST)
    async def approval(
        self,
        interaction: Interaction,
        first: str | None = None,
        where: Place | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """Choose what waits for a moderator's yes: in a place, for a role, or everywhere."""
        server_id, rulebook = server_of(interaction), self._bot.rulebook
        if first is None:
            if where or role:
                raise FirstMissing
            await answer(
                interaction, text.approvals(await rulebook.approvals(server_id), server_id)
            )
            return
        if where and role:
            raise OneAtATime
        approval = None if first == AS_AROUND else Approval(first)
        kind, holder_id = ApprovalKind.PLACE, where.id if where else server_id
        if role and not role.is_default():
            kind, holder_id = ApprovalKind.ROLE, role.id
        changed = await rulebook.set_approval(
            server_id, kind, holder_id, approval, author_id=interaction.user.id
        )
        words = text.approval_set(approval, kind, holder_id, server_id) if changed else text.SAME
        await answer(interaction, words)

    @app_commands.command(name="words", description=descriptions.COMMANDS["server words"])
    @app_commands.describe(
        add=descriptions.OPTIONS["words to add"],
        then=descriptions.OPTIONS["words then"],
        remove=descriptions.OPTIONS["words to remove"],
    )
    @app_commands.choices(then=_THEN)
    async def words(
        self,
        interaction: Interaction,
        add: app_commands.Range[str, 1, LONGEST_WORDS] | None = None,
        then: str = Consequence.REFUSE.value,
        remove: app_commands.Range[str, 1, LONGEST_WORDS] | None = None,
    ) -> None:
        """Choose which words are not rendered, or not before a moderator says yes."""
        server_id, rulebook = server_of(interaction), self._bot.rulebook
        author_id = interaction.user.id
        if add and remove:
            raise OneAtATime
        if add:
            added = await rulebook.add_words(server_id, add, Consequence(then), author_id=author_id)
            words = text.words_added(added)
        elif remove:
            gone = await rulebook.remove_words(server_id, remove, author_id=author_id)
            words = text.words_removed(gone)
        else:
            words = text.words(await rulebook.words(server_id))
        await answer(interaction, words)

    @app_commands.command(name="newcomers", description=descriptions.COMMANDS["server newcomers"])
    @app_commands.describe(
        account_days=descriptions.OPTIONS["account days"],
        member_days=descriptions.OPTIONS["member days"],
        let_in=descriptions.OPTIONS["let in"],
    )
    async def newcomers(
        self,
        interaction: Interaction,
        account_days: int | None = None,
        member_days: int | None = None,
        let_in: bool = False,
    ) -> None:
        """Choose how long members must have been there before they send videos."""
        server_id, rulebook = server_of(interaction), self._bot.rulebook
        author_id = interaction.user.id
        if let_in:
            waited = await rulebook.let_newcomers_in(server_id, author_id=author_id)
            await answer(interaction, text.let_in(were_waiting=waited))
            return
        if account_days is None and member_days is None:
            rules = await rulebook.newcomers(server_id)
        else:
            rules = await rulebook.set_newcomers(
                server_id,
                account_days=account_days,
                member_days=member_days,
                author_id=author_id,
            )
        await answer(interaction, text.newcomers(rules, self._bot.clock.now_ms()))
