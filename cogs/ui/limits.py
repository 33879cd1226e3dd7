"""Hear /server limits: what is set, what changes, and why a member cannot go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final, TypeAlias

import discord
from discord import app_commands
from discord.app_commands import Choice

import seedance
from cogs.ui.base import Interaction, answer, server_of
from cogs.ui.errors import NothingGiven, WhoUnclear
from cogs.ui.house import house_of
from cogs.ui.rights import require_admin, roles_held
from cogs.ui.setup import read_number
from cogs.ui.text import commands as descriptions
from cogs.ui.text import limits as text
from storage.records import Holder, Rule

MOST_CHOICES: Final = 25
LONGEST_CHOICE: Final = 100
# What takes a limit away.
NONE: Final = "none"
NUMBERS: Final[Mapping[str, str]] = {
    "hour": "hour_credits",
    "day": "day_credits",
    "week": "week_credits",
    "month": "month_credits",
    "at_once": "renders_at_once",
    "waiting": "queue_length",
    "longest": "longest_seconds",
}

Named: TypeAlias = discord.Member | discord.User | discord.Role
Change: TypeAlias = int | str | tuple[str, ...] | None


class Whose(StrEnum):
    """Say whose limit is meant, as the command offers it."""

    EVERYONE = "everyone"
    SERVER = "server"
    NAMED = "a role or a member"
    # Nobody can choose them any more.
    GONE = "roles that were deleted"


WHO: Final = [
    Choice(name=text.EVERYONE_CHOICE, value=Whose.EVERYONE.value),
    Choice(name=text.SERVER_CHOICE, value=Whose.SERVER.value),
    Choice(name=text.NAMED_CHOICE, value=Whose.NAMED.value),
]
GONE: Final = Choice(name=text.GONE_CHOICE, value=Whose.GONE.value)


def holder_of(who: Whose, which: Named | None) -> tuple[Holder, int]:
    """Return whose limit it is; @everyone, chosen as a role, is everyone."""
    if (who is Whose.NAMED) is not (which is not None):
        raise WhoUnclear(named=which is not None)
    if which is None:
        return (Holder.SERVER if who is Whose.SERVER else Holder.EVERYONE), 0
    if not isinstance(which, discord.Role):
        return Holder.MEMBER, which.id
    return (Holder.EVERYONE, 0) if which.is_default() else (Holder.ROLE, which.id)


def read_changes(typed: Mapping[str, str | None]) -> dict[str, Change]:
    """Read the options that were given, by the names of the records; None takes one away."""
    changes: dict[str, Change] = {}
    for option, words in typed.items():
        if words is None:
            continue
        name = NUMBERS.get(option, option)
        if words.strip().casefold() == NONE:
            changes[name] = None
        elif option in NUMBERS:
            changes[name] = read_number(name, words)
        elif option == "models":
            changes[name] = tuple(_model(one) for one in words.split(",") if one.strip())
        else:
            changes[name] = words.strip().casefold()
    if not changes:
        raise NothingGiven
    return changes


def _model(words: str) -> str:
    """Return the name of a model that was typed by its label or name, for others to judge."""
    typed = words.strip().casefold()
    for name in seedance.known_names():
        model = seedance.find(name)
        if model is not None and typed in {name.casefold(), model.label.casefold()}:
            return model.name
    return words.strip()


async def suggest_models(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Suggest one more model behind those that are typed."""
    *before, last = (one.strip() for one in typed.split(","))
    labels = [offer.label for offer in interaction.client.offers.current]
    fitting = [one for one in labels if last.casefold() in one.casefold() and one not in before]
    lists = [", ".join([*before, one]) for one in fitting]
    return _choices([*([NONE] if not before else []), *lists])


async def suggest_resolutions(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Suggest what some model renders, the lowest first."""
    found = {name for offer in interaction.client.offers.current for name in offer.resolutions}
    ranked = sorted(found, key=lambda name: int(name.removesuffix("p")))
    return _choices([one for one in [*ranked, NONE] if typed.casefold() in one])


def _choices(words: list[str]) -> list[Choice[str]]:
    fitting = [one for one in words if len(one) <= LONGEST_CHOICE]
    return [Choice(name=one, value=one) for one in fitting[:MOST_CHOICES]]


class Limits(app_commands.Group):
    """Hold /server limits."""

    def __init__(self) -> None:
        super().__init__(name="limits", description=descriptions.COMMANDS["server limits"])

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let server admins in only."""
        return require_admin(interaction)

    @app_commands.command(name="show", description=descriptions.COMMANDS["server limits show"])
    async def show(self, interaction: Interaction) -> None:
        """Show all that is set."""
        house = await house_of(interaction.client, server_of(interaction))
        gone = _of_deleted_roles(interaction, house.rules)
        kept = tuple(rule for rule in house.rules if rule not in gone)
        await answer(interaction, text.limits(replace(house, rules=kept), gone=len(gone)))

    @app_commands.command(name="set", description=descriptions.COMMANDS["server limits set"])
    @app_commands.describe(
        who=descriptions.OPTIONS["who is limited"],
        which=descriptions.OPTIONS["which is limited"],
        **{name: descriptions.OPTIONS[f"limit {name}"] for name in (*NUMBERS, "resolution")},
        models=descriptions.OPTIONS["limit models"],
    )
    @app_commands.choices(who=WHO)
    @app_commands.autocomplete(resolution=suggest_resolutions, models=suggest_models)
    async def set_(
        self,
        interaction: Interaction,
        who: str,
        which: Named | None = None,
        hour: str | None = None,
        day: str | None = None,
        week: str | None = None,
        month: str | None = None,
        at_once: str | None = None,
        waiting: str | None = None,
        longest: str | None = None,
        resolution: str | None = None,
        models: str | None = None,
    ) -> None:
        """Change the limits that are given, and no others."""
        holder, holder_id = holder_of(Whose(who), which)
        numbers = (hour, day, week, month, at_once, waiting, longest)
        typed = dict(zip(NUMBERS, numbers, strict=True))
        changes = read_changes(typed | {"highest_resolution": resolution, "models": models})
        bot, server_id = interaction.client, server_of(interaction)
        rule = await bot.treasury.set_limit(
            server_id, holder, holder_id, changes=changes, author_id=interaction.user.id
        )
        if rule is None:
            none = Rule(server_id=server_id, holder=holder, holder_id=holder_id)
            words = text.limit_cleared(none, await house_of(bot, server_id))
        else:
            words = text.limit_set(rule)
        await answer(interaction, words)

    @app_commands.command(name="clear", description=descriptions.COMMANDS["server limits clear"])
    @app_commands.describe(
        who=descriptions.OPTIONS["who is limited"], which=descriptions.OPTIONS["which is limited"]
    )
    @app_commands.choices(who=[*WHO, GONE])
    async def clear(self, interaction: Interaction, who: str, which: Named | None = None) -> None:
        """Take all limits of somebody away."""
        bot, server_id = interaction.client, server_of(interaction)
        if who == Whose.GONE and which is None:
            gone = _of_deleted_roles(interaction, await bot.treasury.rules(server_id))
            role_ids = tuple(rule.holder_id for rule in gone)
            await bot.treasury.clear_roles(server_id, role_ids, author_id=interaction.user.id)
            await answer(interaction, text.deleted_cleared(len(gone)))
            return
        holder, holder_id = holder_of(Whose(who), which)
        await bot.treasury.clear_limit(server_id, holder, holder_id, author_id=interaction.user.id)
        rule = Rule(server_id=server_id, holder=holder, holder_id=holder_id)
        await answer(interaction, text.limit_cleared(rule, await house_of(bot, server_id)))

    @app_commands.command(name="why", description=descriptions.COMMANDS["server limits why"])
    @app_commands.describe(member=descriptions.OPTIONS["member to look at"])
    async def why(self, interaction: Interaction, member: discord.User) -> None:
        """Say which limit binds a member now."""
        bot, server_id = interaction.client, server_of(interaction)
        role_ids = roles_held(member)
        allowance = await bot.admission.allowance(server_id, member.id, role_ids)
        server = await bot.treasury.server(server_id)
        if isinstance(member, discord.Member) and member.guild_permissions.manage_guild:
            # Admins pass, whether it is open and whatever role is asked for.
            server = replace(server, opened=True, role_ids=frozenset())
        obstacle = await bot.admission.obstacle(server_id, member.id, allowance.terms)
        await answer(interaction, text.why(member.id, allowance, server, role_ids, obstacle))


def _of_deleted_roles(interaction: Interaction, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    house = interaction.guild
    # A server that was not heard of yet has no roles.
    if house is None or house.unavailable:
        return ()
    of_roles = (rule for rule in rules if rule.holder is Holder.ROLE)
    return tuple(rule for rule in of_roles if not house.get_role(rule.holder_id))
