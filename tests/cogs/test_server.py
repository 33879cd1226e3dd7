"""/server: what admins give, take back and choose."""

from __future__ import annotations

import pytest

from sandbox.discord import Member
from tests.cogs.test_limits import EVERYONE
from tests.cogs.world import World


async def said(world: World, command: str, by: Member | None = None, /, **options: object) -> str:
    name = f"server {command}"
    reply = await (by or world.admin).command(world.channel, name, **options)
    assert reply.private
    return (await reply.settled()).text


async def quota(world: World, who: Member) -> str:
    return (await (await who.command(world.channel, "quota")).settled()).text


async def test_what_is_given_stands_beside_the_allowance(world: World) -> None:
    words = await said(world, "grant", who=world.mira, credits=100, days=7, reason="film night")
    assert words.startswith(
        f"<@{world.mira.id}> gets 100 credits ($1) beside the allowance; what is left of it ends"
    )
    assert "220 credits" in await quota(world, world.mira)
    assert "120 credits" in await quota(world, world.tom)


async def test_what_a_role_is_given_each_of_its_members_gets(world: World) -> None:
    role = world.server.add_role("Artists")
    words = await said(world, "grant", who=role, credits=50, days=1, reason="contest")
    assert words.startswith(f"Everybody with <@&{role.id}> gets 50 credits ($0.50)")
    world.mira.give(role)
    assert "170 credits" in await quota(world, world.mira)
    assert "120 credits" in await quota(world, world.tom)


@pytest.mark.parametrize(
    ("credits", "days", "words"),
    [
        (0, 7, "must be at least 1; "),
        (-5, 7, "-5 is less. Nothing was changed."),
        (2**53 - 1, 7, "9,007,199,254,740,991 is more. Nothing was changed."),
        (10, 0, "Credits that are given last from 1 to 366 days. Nothing was changed."),
        (10, -3, "Credits that are given last from 1 to 366 days. Nothing was changed."),
        (10, 367, "Credits that are given last from 1 to 366 days. Nothing was changed."),
        (10, 2**53 - 1, "Credits that are given last from 1 to 366 days. Nothing was changed."),
    ],
)
async def test_gifts_that_do_not_fit_are_not_given(
    world: World, credits: int, days: int, words: str
) -> None:
    asked = {"who": world.mira, "credits": credits, "days": days, "reason": "x"}
    assert words in await said(world, "grant", **asked)
    assert "120 credits" in await quota(world, world.mira)


async def test_bots_are_given_nothing(world: World) -> None:
    bot = world.server.bot_member
    for who in (bot, bot.roles[1]):
        words = await said(world, "grant", who=who, credits=10, days=1, reason="x")
        assert words.startswith("That is a bot, and bots make no videos here.")


async def test_a_reset_lets_a_member_begin_anew(world: World) -> None:
    await world.video()
    await world.told(world.mira)
    assert "120 of 120" not in await quota(world, world.mira)
    words = await said(world, "reset", member=world.mira, reason="my fault")
    assert words.startswith(f"What <@{world.mira.id}> spent counts no more: ")
    assert words.endswith("are back, and 120 of 120 are left for today.")
    words = await said(world, "reset", member=world.mira)
    assert words.endswith("had spent nothing that counts, so nothing was changed.")


async def test_a_zone_is_searched_by_its_city(world: World) -> None:
    found = await world.admin.autocomplete(world.channel, "server zone", "name", "new y")
    assert found[0].name == "America/New_York"
    words = await said(world, "zone", name="america/new_york")
    assert "time zone" in words or words.startswith("Days, weeks and months begin by the clock")
    words = await said(world, "zone", name="America/New_York")
    assert words.startswith(
        r"Days, weeks and months begin by the clock of America/New\_York now, the next day at your"
    )


@pytest.mark.parametrize("name", ["Mars/Base", "../../etc/passwd", "Europe"])
async def test_a_zone_that_does_not_exist_changes_nothing(world: World, name: str) -> None:
    words = await said(world, "zone", name=name)
    assert words.startswith("There is no time zone “")
    assert words.endswith("Nothing was changed.")


async def test_changes_are_noted_where_admins_choose(world: World) -> None:
    log = world.server.add_channel("log")
    words = await said(world, "audit", channel=log)
    assert words == f"Who changes a limit or gives credits is noted in <#{log.id}>."
    await said(world, "limits set", who=EVERYONE, day="60")
    noted = await log.wait_for(lambda message: "60" in message.text)
    assert not noted.mentions
    assert await said(world, "audit") == "What admins change is noted in no channel now."


async def test_a_channel_that_is_closed_to_the_bot_notes_nothing(world: World) -> None:
    log = world.server.add_channel("log")
    log.deny_bot("send_messages")
    words = await said(world, "audit", channel=log)
    assert words.startswith(f"I may not write in <#{log.id}>: I am missing Send Messages.")


@pytest.mark.parametrize("command", ["setup", "audit"])
async def test_others_are_turned_away_also_where_discord_lets_them(
    world: World, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in world.discord.commands:
        monkeypatch.setitem(each, "default_member_permissions", None)
    assert await said(world, command, world.mira) == (
        "This is for this server's admins: it needs the permission Manage Server."
    )
