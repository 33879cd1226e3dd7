"""/server setup opens a server with one form, and says in plain words what that costs."""

from __future__ import annotations

import pytest

from sandbox.discord import Fault, Member, Reply
from storage import Database, limits, servers
from storage.records import Holder, Rule, Server
from tests.cogs.world import World

MEMBER, HOUSE = "Credits a day for each member", "Credits a day for the whole server"
CALLBACK = "POST /interactions/*/*/callback"


@pytest.fixture
async def closed(sleeping_world: World) -> World:
    sleeping_world.is_open = False
    await sleeping_world.start(SERVER_DAILY_CREDITS="2000", SPEND_DAILY_CREDITS="5000")
    return sleeping_world


async def form(world: World, who: Member | None = None, **options: object) -> Reply:
    return await (who or world.admin).command(world.channel, "server setup", **options)


async def submitted(world: World, opened: Reply, **values: object) -> str:
    reply = await (await world.admin.submit(opened, **values)).settled()
    assert reply.private
    return reply.text


async def kept(world: World) -> tuple[Server, tuple[Rule, ...]]:
    """Stop the bot, and read what it wrote."""
    await world.stop()
    async with Database.open(world.settings().database_url) as database:
        server = await database.read(lambda tx: servers.find(tx, world.server.id))
        return server, await database.read(lambda tx: limits.of_server(tx, world.server.id))


async def test_one_form_opens_the_server(closed: World) -> None:
    assert "has not opened the bot" in (await closed.video()).text
    words = await submitted(closed, await form(closed))
    assert words.splitlines() == [
        "**Open.** `/video` works everywhere, for everybody.",
        "$20 a day, about 74 clips of 5 s 720p; the busiest member can cost $1.20.",
        "`/server setup` changes it, `/server limits set` goes finer.",
    ]
    assert "Accepted" in (await closed.video()).text


async def test_until_then_only_admins_render(closed: World) -> None:
    assert "Accepted" in (await closed.video(closed.admin)).text
    assert (await closed.video(closed.moderator)).text.startswith(
        "This server has not opened the bot to its members yet. Somebody with Manage Server can,"
        " with `/server setup`; it takes a minute. Nothing was charged."
    )


async def test_where_who_and_how_much_are_kept_and_come_up_again(closed: World) -> None:
    artists, staff = closed.server.add_role("Artists"), closed.server.add_channel("staff")
    values = {
        "Where": [closed.channel],
        "Who": [artists],
        MEMBER: " 60 ",
        HOUSE: "600",
        "Staff channel": [staff],
    }
    words = await submitted(closed, await form(closed), **values)
    assert words.splitlines()[:3] == [
        f"**Open.** `/video` works in <#{closed.channel.id}>, for members with <@&{artists.id}>.",
        "$6 a day, about 22 clips of 5 s 720p; the busiest member can cost $0.60.",
        f"Who changes a limit is noted in <#{staff.id}>.",
    ]
    again = await form(closed)
    assert [field.value for field in again.fields] == [
        (str(closed.channel.id),),
        (str(artists.id),),
        "60",
        "600",
        (str(staff.id),),
    ]
    server, rules = await kept(closed)
    assert server.opened
    assert (server.channel_ids, server.role_ids) == ({closed.channel.id}, {artists.id})
    assert {rule.holder: rule.day_credits for rule in rules} == {
        Holder.SERVER: 600,
        Holder.EVERYONE: 60,
    }


async def test_members_elsewhere_or_without_the_role_read_what_is_missing(closed: World) -> None:
    artists, lobby = closed.server.add_role("Artists"), closed.server.add_channel("lobby")
    await submitted(closed, await form(closed), Where=[lobby], Who=[artists])
    elsewhere = (await closed.video()).text
    assert f"Please send it in <#{lobby.id}>. Nothing was charged." in elsewhere
    reply = await (await closed.mira.command(lobby, "video", prompt="a boat")).settled()
    assert f"members with the role <@&{artists.id}>" in reply.text
    closed.mira.give(artists)
    reply = await (await closed.mira.command(lobby, "video", prompt="a boat")).settled()
    assert "Accepted" in reply.text


async def test_a_category_stands_for_all_that_is_in_it(closed: World) -> None:
    studio = closed.server.add_category("Studio")
    await submitted(closed, await form(closed), Where=[studio])
    inside = closed.server.add_channel("inside", category=studio)
    thread = inside.add_thread("boats")
    for place in (inside, thread):
        reply = await closed.mira.command(place, "video", prompt=f"a boat in {place.name}")
        assert "Accepted" in (await reply.settled()).text
    assert "Videos are not made in this channel" in (await closed.video()).text


async def test_a_preset_fills_the_form_in(closed: World) -> None:
    choices = await closed.admin.autocomplete(closed.channel, "server setup", "preset", "")
    assert [(one.name, one.value) for one in choices] == [
        ("$5 a day, about 18 clips of 5 s 720p; each member up to $0.60", "5"),
        ("$20 a day, about 74 clips of 5 s 720p; each member up to $1.20", "20"),
    ]
    opened = await form(closed, preset="5")
    assert [field.value for field in opened.fields[2:4]] == ["60", "500"]


async def test_a_preset_above_what_the_host_gave_is_not_there(closed: World) -> None:
    reply = await form(closed, preset="50")
    assert reply.form is None
    assert reply.private
    assert reply.text == "There is no preset “50” here. You can choose: $5, $20."


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({MEMBER: "a lot"}, "“a lot” is no whole number."),
        ({MEMBER: "1.5"}, "is no whole number."),
        ({MEMBER: "-5"}, "must be at least 1; "),
        ({HOUSE: "0", MEMBER: "0"}, "must be at least 1; "),
        ({HOUSE: "99999999999"}, "gave this server at most 2,000 credits ($20) a day"),
        ({HOUSE: "2001"}, "and 2,001 are more."),
        ({MEMBER: "600", HOUSE: "500"}, "more than the 500 of the whole server"),
    ],
)
async def test_what_does_not_fit_changes_nothing_and_can_be_typed_again(
    closed: World, values: dict[str, str], words: str
) -> None:
    reply = await closed.admin.submit(await form(closed), Where=[closed.channel], **values)
    await reply.settled()
    assert words in reply.text
    assert "Nothing was changed." in reply.text
    assert "has not opened the bot" in (await closed.video()).text
    again = await closed.admin.press(reply, "Change it")
    typed = {field.label: field.value for field in again.fields}
    assert {name: typed[name] for name in values} == values
    assert typed["Where"] == (str(closed.channel.id),)
    await submitted(closed, again, **{MEMBER: "60", HOUSE: "500"})
    assert "Accepted" in (await closed.video()).text


async def test_a_staff_channel_must_be_one_to_write_in(closed: World) -> None:
    staff = closed.server.add_channel("staff")
    staff.deny_bot("send_messages")
    words = await submitted(closed, await form(closed), **{"Staff channel": [staff]})
    assert f"I may not write in <#{staff.id}>: I am missing Send Messages." in words


async def test_what_is_proposed_is_always_acceptable(sleeping_world: World) -> None:
    world = sleeping_world
    world.is_open = False
    await world.start(SERVER_DAILY_CREDITS="50")
    assert (await submitted(world, await form(world))).splitlines()[1] == (
        "$0.50 a day, about 1 clip of 5 s 720p; the busiest member can cost $0.50."
    )


async def test_an_open_form_survives_a_deleted_channel(closed: World) -> None:
    lobby = closed.server.add_channel("lobby")
    await submitted(closed, await form(closed), Where=[lobby])
    lobby.delete()
    again = await form(closed)
    assert again.fields[0].value == ()


async def test_what_is_left_of_deleted_channels_and_roles_opens_nothing_by_itself(
    closed: World,
) -> None:
    lobby, artists = closed.server.add_channel("lobby"), closed.server.add_role("Artists")
    await submitted(closed, await form(closed), Where=[lobby], Who=[artists])
    lobby.delete()
    closed.server.delete_role(artists)
    reply = await closed.admin.submit(await form(closed), **{MEMBER: "50"})
    assert (await reply.settled()).text == (
        "All channels and roles that were chosen here before are deleted. Please choose others now;"
        " left empty once more, it means everywhere and everybody. Nothing was changed."
    )
    assert "Accepted" not in (await closed.video()).text
    again = await closed.admin.press(reply, "Change it")
    words = await submitted(closed, again, Where=[closed.channel])
    assert f"works in <#{closed.channel.id}>, for everybody." in words


async def test_what_remains_of_the_chosen_roles_is_proposed(closed: World) -> None:
    artists, gone = closed.server.add_role("Artists"), closed.server.add_role("Gone")
    await submitted(closed, await form(closed), Who=[artists, gone])
    closed.server.delete_role(gone)
    words = await submitted(closed, await form(closed), **{MEMBER: "50"})
    assert f"for members with <@&{artists.id}>." in words


async def test_a_form_that_discord_does_not_take_changes_nothing(closed: World) -> None:
    closed.discord.fail(Fault(CALLBACK, status=503, times=None))
    with pytest.raises(AssertionError):
        await form(closed)
    server, rules = await kept(closed)
    assert not server.opened
    assert not rules


async def test_the_same_form_twice_is_one_setup(closed: World) -> None:
    reply = await closed.admin.submit(await form(closed), **{HOUSE: "500", MEMBER: "60"})
    await closed.admin.repeat(reply)
    await reply.settled()
    assert "Open." in reply.text
