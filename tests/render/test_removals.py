"""What is taken down is gone wherever it stood, and its member is told once."""

from __future__ import annotations

import pytest
from aiohttp import web

from render import lifecycle
from render.desk import Moderator
from render.messenger import PostingBroken
from render.pace import IDLE_SECONDS
from render.removals import AGAIN_SECONDS, Remover
from storage import messages, takedowns
from storage.records import Purpose, Render, State
from tests.render.deliveries import rendered, spooled, step
from tests.render.discord import CHANNEL, DIRECT
from tests.render.provider import VIDEO
from tests.render.room import Room
from tests.render.world import World

NADIA = Moderator(id=11)


@pytest.fixture
def room(world: World) -> Room:
    return Room(world)


@pytest.fixture
def remover(world: World) -> Remover:
    return Remover(world.gear, messenger=world.discord, spool=world.spool)


async def taken_down(room: Room, state: State = State.DELIVERED) -> Render:
    render = await room.render(state)
    down, _ = await room.desk.take_down(render.id, NADIA, reason="no boats")
    room.world.clock.advance(1)
    return down


async def test_the_result_is_deleted_and_the_member_told(room: Room, remover: Remover) -> None:
    await taken_down(room)
    assert await remover.step() == IDLE_SECONDS
    result, notice = room.world.discord.results
    assert room.world.discord.deleted == {result.id}
    assert (notice.channel_id, notice.file) == (CHANNEL, None)
    assert await room.world.do(takedowns.standing) == ()


async def test_a_result_that_is_gone_already_is_no_trouble(room: Room, remover: Remover) -> None:
    await taken_down(room)
    room.world.discord.closed.add(CHANNEL)
    assert await remover.step() == IDLE_SECONDS
    assert [said.channel_id for said in room.world.discord.results][1:] == [DIRECT]
    assert await room.world.do(takedowns.standing) == ()


async def test_what_broke_is_done_again_and_told_once(room: Room, remover: Remover) -> None:
    await taken_down(room)
    room.world.discord.breaks_before.append(PostingBroken())
    assert await remover.step() == AGAIN_SECONDS
    room.world.discord.breaks_after.append(PostingBroken())
    assert await remover.step() == AGAIN_SECONDS
    assert await remover.step() == IDLE_SECONDS
    assert len(room.world.discord.results) == 2


async def test_kept_bytes_are_deleted(room: Room, remover: Remover) -> None:
    render = await room.render(State.UNDELIVERED)
    room.world.spool_folder.mkdir(parents=True, exist_ok=True)
    video = room.world.spool_folder / f"{render.id}.mp4"
    video.write_bytes(b"film")
    await room.desk.take_down(render.id, NADIA, reason="no boats")
    await remover.step()
    assert not video.exists()


async def test_what_a_delivery_under_way_posts_afterwards_is_deleted_too(
    room: Room, remover: Remover
) -> None:
    render = await taken_down(room, State.UNDELIVERED)
    await remover.step()
    world = room.world
    (destination, *_) = await world.discord.destinations(render)
    posted = await world.discord.post_result(
        render, destination, nonce=f"{render.id}.9", file=None, card=None
    )
    attempt = await world.do(
        lambda tx: messages.begin(
            tx,
            render_id=render.id,
            purpose=Purpose.RESULT,
            channel_id=CHANNEL,
            at_ms=world.clock.now_ms(),
            renew=True,
        )
    )
    world.clock.advance(1)
    await world.do(
        lambda tx: lifecycle.delivered(
            tx,
            render,
            at_ms=world.clock.now_ms(),
            posted=(attempt, posted.message_id),
            expected=State.UNDELIVERED,
        )
    )
    world.clock.advance(1)
    await remover.step()
    assert posted.message_id in world.discord.deleted
    assert sum(said.file is None for said in world.discord.results) == 2
    assert await world.do(takedowns.standing) == ()


async def test_what_is_taken_down_while_its_video_is_fetched_is_posted_nowhere(
    room: Room,
) -> None:
    world = room.world
    render = await rendered(world)
    world.discord.closed = {CHANNEL, DIRECT}
    deliverer = world.deliverer()
    await step(deliverer)
    world.spool.remove(render.id)
    world.discord.closed = set()
    remover = Remover(
        world.gear, messenger=world.discord, spool=world.spool, later=deliverer.wanted
    )

    async def fetched(_request: web.Request) -> web.Response:
        await room.desk.take_down(render.id, NADIA, reason="no boats")
        await remover.step()
        return web.Response(body=VIDEO, content_type="video/mp4")

    world.provider.on_download.append(fetched)
    now = await deliverer.post_again(render.id, channel_id=CHANNEL, author_id=NADIA.id)
    assert now
    assert now.taken_down_at_ms is not None
    assert world.discord.results == []
    await remover.step()
    assert spooled(world) == []
    assert [said.file for said in world.discord.results] == [None]


async def test_what_is_taken_down_while_it_is_posted_is_removed_once_that_is_over(
    room: Room,
) -> None:
    world = room.world
    render = await room.render(State.UNDELIVERED)
    being_posted = {render.id}
    remover = Remover(world.gear, messenger=world.discord, spool=world.spool, later=being_posted)
    await room.desk.take_down(render.id, NADIA, reason="no boats")
    await remover.step()
    assert world.discord.results == []
    being_posted.clear()
    await remover.step()
    assert len(world.discord.results) == 1
