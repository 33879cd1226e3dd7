"""/server limits: what is set, what changes, what is taken away, and why somebody cannot go on."""

from __future__ import annotations

import re

import pytest

from sandbox.discord import Member
from tests.cogs.world import World

NAMED = "A role or a member: name it in which"
EVERYONE = "Everyone: what each member may do"
WHOLE = "The whole server together"
DELETED = "All roles that were deleted"


async def said(world: World, command: str, by: Member | None = None, /, **options: object) -> str:
    name = f"server limits {command}"
    reply = await (by or world.admin).command(world.channel, name, **options)
    assert reply.private
    words = (await reply.settled()).text
    assert len(words) <= 4_000
    return words


async def test_only_what_is_given_changes(world: World) -> None:
    role = world.server.add_role("Artists")
    words = await said(world, "set", who=NAMED, which=role, day="300", at_once="3")
    assert words == (
        f"For <@&{role.id}> this applies now: 300 credits a day · 3 at once."
        " Videos under way go on as they are."
    )
    words = await said(world, "set", who=NAMED, which=role, week="1000", resolution="720p")
    assert "300 credits a day, 1,000 a week · 3 at once · up to 720p." in words
    assert words in await said(world, "set", who=NAMED, which=role, week="1000")


async def test_none_takes_one_away_and_the_last_takes_all(world: World) -> None:
    words = await said(world, "set", who=NAMED, which=world.mira, day="50", longest="5")
    assert "50 credits a day · up to 5 s" in words
    words = await said(world, "set", who=NAMED, which=world.mira, longest="None")
    assert "up to 5 s" not in words
    words = await said(world, "set", who=NAMED, which=world.mira, day="none")
    assert words.startswith(f"The limits for <@{world.mira.id}> are gone.")


async def test_models_are_read_by_their_names_for_people(world: World) -> None:
    found = await world.admin.autocomplete(world.channel, "server limits set", "models", "")
    assert found[0].name == "none"
    first = found[1].value
    assert isinstance(first, str)
    more = await world.admin.autocomplete(
        world.channel, "server limits set", "models", f"{first}, "
    )
    assert more[0].name.startswith(f"{first}, ")
    assert all(one.name.count(first) == 1 for one in more)
    words = await said(world, "set", who=EVERYONE, models=str(more[0].value))
    assert f"only {more[0].name}." in words


async def test_resolutions_are_suggested_the_lowest_first(world: World) -> None:
    found = await world.admin.autocomplete(world.channel, "server limits set", "resolution", "")
    names = [one.name for one in found]
    assert names[:2] == ["480p", "720p"]
    assert names[-1] == "none"


async def test_a_limit_holds_at_once_and_says_whose_it_is(world: World) -> None:
    await said(world, "set", who=NAMED, which=world.mira, longest="5", resolution="480p")
    words = (await world.video(duration=10)).text
    assert words.startswith(
        "The duration “10” is not open to you, by a limit for you alone. You can choose: 4, 5."
    )
    assert "Accepted" in (await world.video(world.tom, duration=6)).text


async def test_everyone_may_also_be_chosen_as_a_role(world: World) -> None:
    words = await said(world, "set", who=NAMED, which=world.server.everyone, day="40")
    assert words.startswith("For everyone this applies now: 40 credits a day.")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"who": EVERYONE}, "There is nothing to change yet."),
        ({"who": NAMED, "day": "5"}, "Please name the role or the member in `which`."),
        ({"who": EVERYONE, "day": "5.5"}, r"“5\.5” is no whole number."),
        ({"who": EVERYONE, "day": "-5"}, "-5 is less."),
        ({"who": EVERYONE, "day": "0"}, "0 is less."),
        ({"who": EVERYONE, "day": "9" * 30}, "must be at most 1,000,000,000,000; 999,"),
        ({"who": EVERYONE, "day": "9" * 18}, "Nothing was changed."),
        ({"who": EVERYONE, "at_once": "0"}, "The videos at once must be at least 1; 0 is less."),
        ({"who": EVERYONE, "resolution": "8k"}, "I know no “8k”. You can choose: 480p,"),
        ({"who": EVERYONE, "models": "sora"}, "I know no “sora”."),
        ({"who": WHOLE, "day": "501"}, "at most 500 credits ($5) a day, and 501 are more."),
        ({"who": WHOLE, "week": "99999"}, "($35) a week, and 99,999 are more."),
        ({"who": WHOLE, "at_once": "2"}, "The whole server is limited in credits only."),
    ],
)
async def test_what_does_not_fit_changes_nothing(
    world: World, options: dict[str, str], words: str
) -> None:
    before = await said(world, "show")
    assert words in await said(world, "set", **options)
    assert await said(world, "show") == before


async def test_somebody_named_beside_everyone_is_asked_about(world: World) -> None:
    words = await said(world, "set", who=EVERYONE, which=world.mira, day="5")
    assert words.startswith("You named somebody in `which`, so please choose")


async def test_all_that_is_set_is_shown(world: World) -> None:
    role, gone = world.server.add_role("Artists"), world.server.add_role("Gone")
    for which in (role, gone):
        await said(world, "set", who=NAMED, which=which, day="300")
    await said(world, "set", who=WHOLE, day="400")
    world.server.delete_role(gone)
    lines = (await said(world, "show")).splitlines()
    assert lines[0] == "Open everywhere, for everybody."
    assert "**The whole server**: 400 credits a day. The host gave it 500 credits ($5) a day." in (
        lines
    )
    assert f"**<@&{role.id}>**: 300 credits a day" in lines
    assert lines[-1] == (
        "1 more for roles that were deleted, which apply to nobody;"
        " `/server limits clear` takes them away."
    )


async def test_limits_of_deleted_roles_are_cleared_together(world: World) -> None:
    kept, *gone = (world.server.add_role(name) for name in ("Artists", "Gone", "Lost"))
    for which in (kept, *gone):
        await said(world, "set", who=NAMED, which=which, day="300")
    words = await said(world, "clear", who=DELETED)
    assert words.startswith("There is no such limit")
    for role in gone:
        world.server.delete_role(role)
    assert await said(world, "clear", who=DELETED) == (
        "The limits for 2 roles that were deleted are gone; they applied to nobody."
    )
    lines = (await said(world, "show")).splitlines()
    assert f"**<@&{kept.id}>**: 300 credits a day" in lines
    assert not any("deleted" in line for line in lines)
    words = await said(world, "clear", who=DELETED, which=kept)
    assert words.startswith("You named somebody in `which`")


async def test_a_cleared_limit_says_what_applies_instead(world: World) -> None:
    await said(world, "set", who=EVERYONE, day="40")
    words = await said(world, "clear", who=EVERYONE)
    assert words == (
        "The limits for everyone are gone. The bot's own apply: 120 credits a day for each member."
    )
    words = await said(world, "clear", who=EVERYONE)
    assert words.startswith("There is no such limit")


async def test_a_limit_in_use_is_changed_and_not_cleared(sleeping_world: World) -> None:
    world = sleeping_world
    await world.start(UNDO_SECONDS="60")
    await said(world, "set", who=NAMED, which=world.mira, day="100")
    assert "Accepted" in (await world.video()).text
    words = await said(world, "clear", who=NAMED, which=world.mira)
    assert words.startswith("1 video is under way that this limit let in")
    assert "60 credits" in await said(world, "set", who=NAMED, which=world.mira, day="60")


async def test_why_is_one_sentence(world: World) -> None:
    role = world.server.add_role("Artists")
    world.mira.give(role)
    await said(world, "set", who=NAMED, which=role, day="90")
    words = await said(world, "why", member=world.mira)
    assert re.fullmatch(
        rf"<@{world.mira.id}> has 90 of 90 credits left for today by the limit for <@&{role.id}>"
        rf" \(about 3 clips of 5 s\), and more <t:\d+:R>\.",
        words,
    )
    words = await said(world, "why", member=world.tom)
    assert "120 of 120 credits" in words
    assert "by the bot's own limit" in words


async def test_why_names_the_first_that_a_request_would_meet(world: World) -> None:
    async def moderated(command: str, **options: object) -> None:
        await (await world.moderator.command(world.channel, command, **options)).settled()

    await moderated("queue stop", member=world.mira, reason="spam")
    await moderated("queue drain")
    words = await said(world, "why", member=world.mira)
    assert words.startswith(
        f"{world.mira.mention} must wait, as everybody here: {world.moderator.mention} closed the"
        " server to new videos <t:"
    )
    await moderated("queue resume")
    assert await said(world, "why", member=world.mira) == (
        f"{world.mira.mention} may send none: a moderator stopped them; `/queue unstop` lets them"
        " go on."
    )
    await moderated("queue unstop", member=world.mira)
    assert "left for today" in await said(world, "why", member=world.mira)


async def test_why_knows_an_admin_of_a_closed_server(sleeping_world: World) -> None:
    world = sleeping_world
    world.is_open = False
    await world.start()
    assert "`/server setup`" in await said(world, "why", member=world.mira)
    assert "left for today" in await said(world, "why", member=world.admin)


@pytest.mark.parametrize("command", ["show", "clear", "why"])
async def test_others_are_turned_away_also_where_discord_lets_them(
    world: World, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in world.discord.commands:
        monkeypatch.setitem(each, "default_member_permissions", None)
    options = {"clear": {"who": EVERYONE}, "why": {"member": world.mira}}.get(command, {})
    words = await said(world, command, world.moderator, **options)
    assert words == ("This is for this server's admins: it needs the permission Manage Server.")
