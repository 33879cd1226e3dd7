"""/doctor tells the host how the bot fares, and a server admin how it fares in that server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from discord.http import HTTPClient, Route

from sandbox.discord import Fault, Member
from storage import Database, renders, settings
from storage.records import StopReason, SubmitStop
from tests.cogs.world import PROMPT, World
from tests.storage.examples import render

COMMANDS = "PUT /applications/*/commands"


def admin_of(world: World) -> Member:
    return world.server.add_admin("Ada")


def host_of(world: World) -> Member:
    """Let the application's owner join, without any right in the server."""
    return world.server.add_member(world.discord.host)


async def said(world: World, who: Member) -> str:
    reply = await who.command(world.channel, "doctor")
    assert reply.private
    words = (await reply.settled()).text
    assert len(words) <= 4000
    assert reply.message.is_v2
    return words


def line(words: str, topic: str) -> str:
    (found,) = (one for one in words.splitlines() if f" · {topic}: " in one)
    return found


async def test_the_host_reads_a_line_about_everything(world: World) -> None:
    host = host_of(world)
    await world.video()
    await world.told(world.mira)
    words = await said(world, host)
    for expected in (
        "Fine · Settings: all of them can be read.",
        "Fine · Commands: Discord has those of this program.",
        "Fine · Database: whole, and every account is the sum of its lines;",
        "Fine · Disk: ",
        "Fine · Spool: ",
        "Fine · Video service: it answers, and accepts the key.",
        "Fine · Models: offered are Seedance 1.5 pro,",
        "Fine · Balance: not asked.",
        "Fine · Submits: what has its turn is sent.",
        "Fine · Alerts: nothing has needed a person yet.",
        "Fine · Clock: less than 5 s from Discord's.",
        f"Fine · Channels: I have what I need in <#{world.channel.id}>.",
        "Fine · Renders: nothing is under way.",
    ):
        assert f"\n{expected}" in words


async def test_it_changes_nothing_and_spends_nothing(world: World) -> None:
    host = host_of(world)
    sent = len(world.discord.requests)
    await said(world, host)
    changing = {
        (one.method, one.path.split("/")[1])
        for one in world.discord.requests[sent:]
        if one.method != "GET"
    }
    assert changing == {("POST", "interactions"), ("PATCH", "webhooks")}
    assert world.provider.create_calls == 0


async def test_an_admin_reads_of_the_own_server_only(world: World) -> None:
    admin = admin_of(world)
    words = await said(world, admin)
    topics = [one.split(" · ")[1].split(":")[0] for one in words.splitlines() if " · " in one]
    assert topics == ["Channels", "Renders"]
    assert words.endswith("What concerns the whole bot is shown to its host.")
    assert "Fine · Channels: nobody has made a video in this server yet." in words
    for secret in ("USD", "SQLite", "Balance"):
        assert secret not in words


async def test_an_admin_sees_no_other_servers_numbers_and_the_host_sees_them(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    other = world.discord.add_server("Elsewhere")
    # An admin renders in a server that nobody has set up.
    far, member = other.add_channel("far"), other.add_admin("Far")
    await world.start(UNDO_SECONDS="60", ALLOWED_GUILDS=f"{world.server.id} {other.id}")
    reply = await member.command(far, "video", prompt=PROMPT)
    assert "Accepted" in (await reply.settled()).text
    assert "nothing is under way" in await said(world, admin_of(world))
    assert "Renders: 1 queued." in await said(world, host_of(world))


@pytest.mark.parametrize("who", ["member", "moderator"])
async def test_others_are_declined(world: World, who: str) -> None:
    member = world.mira if who == "member" else world.moderator
    assert await said(world, member) == (
        "This is for the bot's host, and for members of this server who have Manage Server."
    )


async def test_hosts_that_the_settings_name_take_the_owners_place(sleeping_world: World) -> None:
    world = sleeping_world
    owner = host_of(world)
    await world.start(HOST_IDS=str(world.tom.id))
    assert "Database" in await said(world, world.tom)
    assert "This is for the bot's host" in await said(world, owner)


def team(world: World, members: Mapping[int, tuple[int, str]]) -> dict[str, Any]:
    people = {member.id: member.person for member in world.server.members}
    return {
        "id": "1",
        "name": "Lakeside",
        "icon": None,
        "owner_user_id": str(world.tom.id),
        "members": [
            {
                "team_id": "1",
                "membership_state": state,
                "permissions": ["*"],
                "role": role,
                "user": people[member_id].payload(),
            }
            for member_id, (state, role) in members.items()
        ],
    }


async def test_a_team_hosts_by_its_owner_and_who_may_change_the_application(
    sleeping_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sleeping_world
    invited, reader = world.server.add_member("Iva"), world.server.add_member("Rea")
    members = {
        world.mira.id: (2, "developer"),
        invited.id: (1, "admin"),
        reader.id: (2, "read_only"),
    }
    answer = team(world, members)

    async def application_info(http: HTTPClient) -> dict[str, Any]:
        found = await http.request(Route("GET", "/oauth2/applications/@me"))
        return found | {"team": answer}

    monkeypatch.setattr(HTTPClient, "application_info", application_info)
    await world.start()
    for host in (world.tom, world.mira):
        assert "Database" in await said(world, host)
    for other in (invited, reader, host_of(world)):
        assert "This is for the bot's host" in await said(world, other)


async def test_what_is_missing_in_a_channel_is_named(world: World) -> None:
    await world.video()
    await world.told(world.mira)
    world.channel.deny_bot("attach_files", "read_message_history")
    admin = admin_of(world)
    words = await said(world, admin)
    assert words.startswith("**1 thing to do.**\n**To do** · Channels: ")
    assert f"I lack Attach Files, Read Message History in <#{world.channel.id}>." in words
    assert "Allow that for my role" in words


async def test_threads_are_looked_at_by_their_own_permission(world: World) -> None:
    thread = world.channel.add_thread("boats")
    reply = await world.mira.command(thread, "video", prompt=PROMPT)
    assert "Accepted" in (await reply.settled()).text
    world.channel.deny_bot("send_messages_in_threads")
    words = line(await said(world, admin_of(world)), "Channels")
    assert f"in <#{thread.id}>." in words
    assert "Send Messages in Threads" in words


async def test_a_channel_that_is_gone_is_counted(world: World) -> None:
    lobby = world.server.add_channel("lobby")
    await world.video()
    await world.told(world.mira)
    world.channel.delete()
    reply = await admin_of(world).command(lobby, "doctor")
    words = (await reply.settled()).text
    assert "Fine · Channels: 1 other used lately cannot be seen any more." in words


async def test_commands_that_discord_did_not_take_are_something_to_do(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    await world.start()
    await world.stop()
    # Another list of commands, which Discord refuses.
    world.discord.fail(Fault(COMMANDS, status=503, times=None))
    await world.start(SEEDANCE_MODELS="seedance-2-5")
    assert "**To do** · Commands: Discord has not taken" in await said(world, host_of(world))


async def test_more_servers_than_meant_are_something_to_do(world: World) -> None:
    world.discord.add_server("Elsewhere")
    words = line(await said(world, host_of(world)), "Settings")
    assert words.startswith("**To do** · Settings: the bot is in 2 servers")
    assert "ALLOWED_GUILDS" in words


async def test_a_sheet_that_is_too_long_says_how_much_it_leaves_out(
    world: World,
) -> None:
    database_url = world.settings().database_url
    await world.stop()
    places = [world.server.add_channel(f"clips-{number}") for number in range(20)]
    async with Database.open(database_url) as database:
        for place in places:
            one = render(server_id=world.server.id, channel_id=place.id, state="failed")
            await database.transaction(lambda tx, one=one: renders.insert(tx, one))
    for place in places:
        place.deny_bot("attach_files", "embed_links", "read_message_history")
    await world.start()
    words = await said(world, host_of(world))
    assert "things to do.**" in words
    assert words.splitlines()[-1].startswith("… and ")


@pytest.fixture
async def stopped_world(sleeping_world: World) -> World:
    """Start on a database that may be an old copy."""
    stop = SubmitStop(reason=StopReason.OLD_DATABASE, since_ms=3_600_000, last_beat_ms=0)
    async with Database.open(sleeping_world.settings().database_url) as database:
        await database.transaction(lambda tx: settings.stop_submits(tx, stop))
    await sleeping_world.start()
    return sleeping_world


async def test_nothing_is_accepted_until_the_host_says_go(stopped_world: World) -> None:
    world = stopped_world
    host = host_of(world)
    refused = await (await world.video()).settled()
    assert "the bot's host has to look after it first" in refused.text
    assert PROMPT in refused.text
    assert "/host go" in line(await said(world, host), "Submits")

    went = await (await host.command(world.channel, "host go")).settled()
    assert "Videos start again." in went.text
    await world.video()
    await world.told(world.mira)


async def test_to_start_again_what_was_not_stopped_does_nothing(world: World) -> None:
    went = await (await host_of(world).command(world.channel, "host go")).settled()
    assert "Nothing was stopped" in went.text


async def test_only_the_host_says_go(stopped_world: World) -> None:
    world = stopped_world
    declined = await (await admin_of(world).command(world.channel, "host go")).settled()
    assert "Videos start again." not in declined.text
    refused = await (await world.video()).settled()
    assert "Accepted" not in refused.text
