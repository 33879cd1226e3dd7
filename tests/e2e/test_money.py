"""What servers set and what the host pays, over two servers, restarts and an upgrade."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from contextlib import closing

from sandbox.discord import Member, NoAnswer, Reply, Server
from sandbox.world import World
from tests.e2e import old_database
from tests.e2e.conftest import PROMPT, ask_for_a_video, running_bot

CLIP_CREDITS = 10
CROWD = 20


def asked(world: World, question: str) -> list[tuple[object, ...]]:
    """Read in the database beside the living bot."""
    address = f"{(world.folder / 'paperboat.db').as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        return connection.execute(question).fetchall()


async def set_up(world: World, admin: Member, **values: object) -> Reply:
    """Let an admin fill the form in and send it."""
    form = await admin.command(world.channel, "server setup")
    reply = await admin.submit(form, **values)
    return await reply.settled()


async def is_accepted(world: World, member: Member, prompt: str = PROMPT) -> bool:
    return "Accepted" in (await ask_for_a_video(world, member, prompt)).text


async def second_server(world: World) -> Server:
    """Open a server whose admin takes the form as it is."""
    server = world.discord.add_server("Paper Harbor")
    admin, docks = server.add_admin("Ole"), server.add_channel("docks")
    reply = await admin.submit(await admin.command(docks, "server setup"))
    assert "**Open.**" in (await reply.settled()).text
    return server


async def test_forty_at_once_in_two_servers_do_not_spend_the_hosts_credit_twice() -> None:
    async with running_bot(SPEND_DAILY_CREDITS=str(3 * CLIP_CREDITS)) as world:
        other = await second_server(world)
        places = [(world.server, world.channel), (other, other.channels[0])]
        replies = await asyncio.gather(
            *(
                server.add_member(f"Sailor {number}").command(
                    channel, "video", prompt=f"{PROMPT} --dur 4 --rs 480p"
                )
                for number in range(CROWD)
                for server, channel in places
            )
        )
        await asyncio.gather(*(reply.settled(20) for reply in replies))
        accepted = [reply for reply in replies if "Accepted" in reply.text]
        assert len(accepted) == 3
        assert all(PROMPT in reply.text for reply in replies if reply not in accepted)
        await world.provider.until(lambda: len(world.provider.billed) == 3)
        (used,) = asked(world, "select sum(held + spent) from accounts where subject = 'host'")
        assert used == (3 * CLIP_CREDITS,)
        assert world.provider.create_calls == 3


async def test_a_form_that_discord_sends_twice_is_one_setup_and_one_note() -> None:
    async with running_bot(opened=False) as world:
        staff = world.server.add_channel("staff")
        reply = await set_up(world, world.admin, **{"Staff channel": staff})
        await world.admin.repeat(reply)
        acts = asked(world, "select id from events where action <> ''")
        await world.discord.until(lambda: len(staff.messages) == len(acts))
        await world.kill_bot()
        await world.start_bot()
        await world.admin.repeat(reply)
        assert await is_accepted(world, world.mira)
        await world.told(world.mira)
        assert asked(world, "select id from events where action <> ''") == acts
        assert asked(world, "select opened from servers") == [(1,)]
        assert len(staff.messages) == len(acts)
        assert [message.text for message in reply.messages if "**Open.**" in message.text]


async def test_what_was_set_survives_a_restart() -> None:
    async with running_bot(opened=False) as world:
        artists = world.server.add_role("Artists")
        world.tom.give(artists)
        lobby = world.server.add_channel("lobby")
        await set_up(
            world,
            world.admin,
            Where=[world.channel],
            Who=[artists],
            **{"Credits a day for each member": "15"},
        )
        before = await world.admin.command(world.channel, "server limits show")
        await before.settled()
        await world.kill_bot()
        await world.start_bot()
        after = await world.admin.command(world.channel, "server limits show")
        assert (await after.settled()).text == before.text

        assert not await is_accepted(world, world.mira)
        elsewhere = await world.tom.command(lobby, "video", prompt=PROMPT)
        assert f"<#{world.channel.id}>" in (await elsewhere.settled()).text
        assert await is_accepted(world, world.tom)
        assert not await is_accepted(world, world.tom, "Once more.")
        form = await world.admin.command(world.channel, "server setup")
        assert [field.value for field in form.fields][:3] == [
            (str(world.channel.id),),
            (str(artists.id),),
            "15",
        ]
        await world.told(world.tom)


async def test_a_closed_server_stays_closed_after_a_restart() -> None:
    async with running_bot(opened=False) as world:
        assert not await is_accepted(world, world.mira)
        await world.kill_bot()
        await world.start_bot()
        assert not await is_accepted(world, world.mira)
        assert not await is_accepted(world, world.moderator)
        assert await is_accepted(world, world.admin)
        await world.told(world.admin)
        assert world.provider.create_calls == 1


async def test_a_form_that_was_open_during_a_restart_changes_nothing() -> None:
    async with running_bot(opened=False) as world:
        form = await world.admin.command(world.channel, "server setup")
        await world.kill_bot()
        await world.start_bot()
        world.discord.clock.advance(1)
        with contextlib.suppress(NoAnswer):
            await world.admin.submit(form)
        assert asked(world, "select server_id from servers") == []
        assert not await is_accepted(world, world.mira)


async def test_a_server_that_rendered_before_the_upgrade_goes_on_and_keeps_every_credit() -> None:
    async with World.open({"UNDO_SECONDS": "0"}) as world:
        spent = old_database.OldRender(
            id="7KQ2M9XA", member_id=world.mira.id, prompt="Before.", cost=105, delivered=True
        )
        waits = old_database.OldRender(
            id="7KQ2M9XB", member_id=world.tom.id, prompt="Waits.", cost=10, delivered=False
        )
        old_database.make(world, spent, waits)
        await world.start_bot()
        await world.told(world.tom)
        assert [task.asked.prompt for task in world.provider.tasks] == [waits.prompt]
        assert await is_accepted(world, world.mira)
        assert not await is_accepted(world, world.mira, "Over what was left before.")
        await world.told(world.mira)
        quota = await world.mira.command(world.channel, "quota")
        assert "5 of 120" in (await quota.settled()).text
        audit = world.another_bot()
        await audit.start("--audit")
        assert await audit.ended() == 0, audit.log
        assert await world.bot.stop() == 0
        used = asked(
            world,
            "select subject, sum(held), sum(spent) from accounts"
            " where span <> 'month' group by subject",
        )
        assert used == [("host", 0, 125), ("member", 0, 125), ("server", 0, 125)]
        assert world.discord.violations == []
