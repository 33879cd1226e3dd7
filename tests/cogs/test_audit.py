"""/queue audit tells moderators of a whole server who did what in it, the newest first."""

from __future__ import annotations

import csv
import io

from sandbox.discord import Member, Message
from sandbox.discord.permissions import Overwrite, Permission
from tests.cogs.test_queue import open_to_all
from tests.cogs.test_reports import id_of, reported, video
from tests.cogs.world import World


async def said(world: World, who: Member | None = None, /, **options: object) -> str:
    reply = await (who or world.moderator).command(world.channel, "queue audit", **options)
    assert reply.private
    return (await reply.settled()).text


async def rows(world: World, **options: object) -> list[dict[str, str]]:
    reply = await world.moderator.command(world.channel, "queue audit", csv=True, **options)
    (file,) = (await reply.settled()).message.attachments
    assert file.filename == "audit.csv"
    return list(csv.DictReader(io.StringIO(file.data.decode())))


async def do(world: World, who: Member, command: str, /, **options: object) -> None:
    await (await who.command(world.channel, command, **options)).settled()


async def some_acts(world: World) -> Message:
    await do(world, world.moderator, "queue pause", reason="film night")
    await do(world, world.moderator, "queue resume")
    await do(
        world, world.admin, "server grant", who=world.tom, credits=5, days=3, reason="=SUM(A1)"
    )
    result = await video(world)
    await do(world, world.moderator, "queue refund", id=id_of(result), reason="too dark")
    return result


async def test_the_newest_acts_come_first_with_who_what_and_why(world: World) -> None:
    await some_acts(world)
    lines = (await said(world)).splitlines()
    assert "refunded" in lines[0]
    assert "too dark" in lines[0]
    assert f"gave 5 credits to {world.tom.mention}" in lines[1]
    assert world.admin.mention in lines[1]
    assert world.moderator.mention in lines[2]
    assert "film night" in lines[3]
    assert all(line.startswith("<t:") for line in lines[:4])


async def test_acts_are_found_by_member_by_moderator_and_by_action(world: World) -> None:
    await some_acts(world)
    assert (await said(world, member=world.tom)).count("<t:") == 1
    assert "gave 5 credits" in await said(world, member=world.tom)
    assert (await said(world, moderator=world.admin)).count("<t:") == 1
    (choice,) = await world.moderator.autocomplete(
        world.channel, "queue audit", "action", "queue pau"
    )
    assert (choice.name, choice.value) == ("queue pause", "queue.pause")
    for typed in (choice.value, "Queue pause"):
        assert (await said(world, action=typed)).count("<t:") == 1
    assert "Nobody did anything like that" in await said(world, action="fly")


async def test_the_file_has_all_of_it_and_no_formula(world: World) -> None:
    await some_acts(world)
    found = await rows(world)
    assert [row["action"] for row in found[:4]] == [
        "refund",
        "grant",
        "queue.resume",
        "queue.pause",
    ]
    assert found[1]["reason"] == "'=SUM(A1)"
    assert found[1]["author"] == str(world.admin.id)
    assert found[1]["target"] == f"member:{world.tom.id}"
    assert found[0]["at"].endswith("+00:00")
    assert [row["action"] for row in await rows(world, member=world.tom)] == ["grant"]


async def test_moderators_read_who_reported_except_who_is_reported(world: World) -> None:
    ada = world.server.add_moderator("Ada")
    await (await ada.command(world.channel, "video", prompt="A lake.")).settled()
    result = await world.told(ada)
    await reported(world, world.tom, result, "my flat")
    words = await said(world, action="report")
    assert f"A member reported `{id_of(result)}` of {ada.mention}: my flat" in words
    assert f"(by {world.tom.mention})" in words
    for options in ({}, {"moderator": world.tom}, {"action": "report"}, {"member": ada}):
        assert "reported" not in await said(world, ada, **options)


async def test_it_is_for_those_who_moderate_the_whole_server(sleeping_world: World) -> None:
    world = sleeping_world
    world.channel.overwrites[world.tom.id] = Overwrite(
        for_member=True, allow=Permission.MANAGE_MESSAGES
    )
    await world.start()
    open_to_all(world)
    assert "for moderators" in await said(world, world.mira)
    assert "This is about the whole server" in await said(world, world.tom)
    assert await world.tom.autocomplete(world.channel, "queue audit", "action", "") == []
