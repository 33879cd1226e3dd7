"""/server channels, approval, words and newcomers, as admins, members and moderators see them."""

from __future__ import annotations

import re

import pytest

from sandbox.discord import Member, Upload
from tests.cogs.test_video import picture
from tests.cogs.world import PROMPT, World

ALWAYS, NONE, AROUND = "Every video", "None", "What holds around it, or else the usual"
ASK = "Ask a moderator first"


async def said(world: World, command: str, by: Member | None = None, /, **options: object) -> str:
    reply = await (by or world.admin).command(world.channel, f"server {command}", **options)
    assert reply.private
    words = (await reply.settled()).text
    assert len(words) <= 4_000
    return words


async def test_videos_are_made_where_admins_say(world: World) -> None:
    staff = world.server.add_channel("staff")
    words = await said(world, "channels", add=staff)
    assert words.startswith(f"`/video` works in <#{staff.id}>, and in all threads")
    assert f"Please send it in <#{staff.id}>." in (await world.video()).text
    await said(world, "channels", add=world.channel)
    assert "Accepted" in (await world.video()).text
    assert f"<#{staff.id}>" not in await said(world, "channels", remove=staff)
    assert (await said(world, "channels", remove=world.channel)).startswith(
        "Without this one no channel would be left"
    )
    assert await said(world, "channels", everywhere=True) == "`/video` works everywhere."
    assert "Nothing was changed." in await said(world, "channels", everywhere=True)


async def test_a_category_counts_for_its_channels_and_their_threads(world: World) -> None:
    category = world.server.add_category("Studio")
    inside = world.server.add_channel("inside", category=category)
    await said(world, "channels", add=category)
    reply = await world.mira.command(inside, "video", prompt=PROMPT, duration=4, resolution="480p")
    assert "Accepted" in (await reply.settled()).text
    assert "Videos are not made in this channel." in (await world.video()).text


async def test_a_member_sees_that_a_moderator_must_say_yes(world: World) -> None:
    words = await said(world, "approval", first=ALWAYS)
    assert words.startswith("Moderators say yes first, in the whole server, to: every video.")
    reply = await world.video()
    assert "It waits for a moderator. Moderators look at every video here" in reply.text
    assert "Cancel within" not in reply.text
    [card] = world.cards
    assert card.text.startswith("**Waits for a moderator**")
    assert "If none has said yes by <t:" in card.text
    render_id = re.findall("`([0-9A-Z]{8})`", reply.text)[0]
    shown = await (await world.mira.command(world.channel, "renders show", id=render_id)).settled()
    assert "Waits for a moderator" in shown.text
    cancelled = await (await world.mira.press(card, "Cancel")).settled()
    assert "are back" in cancelled.text


async def test_a_role_frees_and_the_nearest_place_counts(world: World) -> None:
    role = world.server.add_role("Trusted")
    world.mira.give(role)
    await said(world, "approval", first=ALWAYS)
    await said(world, "approval", first=NONE, role=role)
    assert "It waits for a moderator." not in (await world.video()).text
    assert "It waits for a moderator." in (await world.video(world.tom)).text
    await said(world, "approval", first=NONE, where=world.channel)
    assert "It waits for a moderator." not in (await world.video(world.tom, seed=5)).text
    shown = await said(world, "approval")
    assert "**The whole server**: every video" in shown
    assert f"**<#{world.channel.id}>**: none" in shown
    assert f"**<@&{role.id}>**: none" in shown
    words = await said(world, "approval", first=AROUND, where=world.channel)
    assert words.startswith("Nothing of its own holds in ")
    assert await said(world, "approval", first=AROUND, where=world.channel) == (
        "That is so already. Nothing was changed."
    )


async def test_a_word_is_refused_with_the_prompt_given_back(world: World) -> None:
    words = await said(world, "words", add="Bóat, sword*")
    assert words.startswith(r"On the list now: boat, sword\*. Where a prompt has one of them")
    refused = (await world.video(prompt="A BOAT on a lake")).text
    assert "makes no videos with certain words" in refused
    assert "A BOAT on a lake" in refused
    assert "sword" not in refused
    assert "Nothing was charged." in refused
    assert "Accepted" in (await world.video(prompt="Boats on a lake")).text
    assert await said(world, "words") == r"**Refuse the video**: boat, sword\*"
    await said(world, "words", add="boat", then=ASK)
    assert "at this one" in (await world.video(prompt="a boat")).text
    assert await said(world, "words", remove="BOAT") == "No longer on the list: boat."
    assert "is not on the list" in await said(world, "words", remove="boat")


async def test_who_is_too_new_is_told_from_when_on(world: World) -> None:
    words = await said(world, "newcomers", member_days=40)
    assert words == "Members who joined at least 40 days ago may send videos."
    refused = (await world.video()).text
    assert "members who joined at least 40 days ago. You may send yours <t:" in refused
    assert "Accepted" in (await world.video(world.admin)).text
    await said(world, "newcomers", member_days=0, account_days=2)
    assert "Discord accounts that are at least 2 days old." in (await world.video()).text


async def test_pictures_of_who_joined_lately_wait_for_a_moderator(world: World) -> None:
    frame = Upload("f.png", picture())
    assert "It waits for a moderator." not in (await world.video(first_frame=frame)).text
    world.tom.joined_at = world.discord.clock.now() - 86_400
    assert "It waits for a moderator." not in (await world.video(world.tom)).text
    words = (await world.video(world.tom, first_frame=frame)).text
    assert "It waits for a moderator. Moderators look at pictures of new members here" in words


async def test_newcomers_are_let_in_only_when_they_wait(world: World) -> None:
    words = await said(world, "newcomers", let_in=True)
    assert words == "New members do not have to wait at this moment. Nothing was changed."


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        ("words", {"add": "*"}, "has no letter"),
        ("words", {"add": "a", "remove": "b"}, "Please give only one of the two"),
        ("words", {"add": "x" * 61}, "The characters of a word must be at most 60; 61 is more."),
        ("newcomers", {"account_days": -1}, "The days of an account must be at least 0"),
        ("newcomers", {"member_days": 9999}, "The days in this server must be at most 3,650"),
    ],
)
async def test_what_does_not_fit_changes_nothing(
    world: World, command: str, options: dict[str, object], words: str
) -> None:
    before = await said(world, command)
    assert words in await said(world, command, **options)
    assert await said(world, command) == before


async def test_a_place_without_what_waits_is_asked_about(world: World) -> None:
    assert (await said(world, "approval", where=world.channel)).startswith(
        "Please choose in `first`"
    )
    role = world.server.add_role("Artists")
    words = await said(world, "approval", first=ALWAYS, where=world.channel, role=role)
    assert words.startswith("Please give only one of the two")


@pytest.mark.parametrize("command", ["channels", "approval", "words", "newcomers"])
async def test_others_are_turned_away_also_where_discord_lets_them(
    world: World, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in world.discord.commands:
        monkeypatch.setitem(each, "default_member_permissions", None)
    assert await said(world, command, world.moderator) == (
        "This is for this server's admins: it needs the permission Manage Server."
    )
