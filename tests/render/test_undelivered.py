"""What may not be posted is kept, and comes where its member asks for it."""

from __future__ import annotations

import asyncio

import pytest

from render.messenger import Obstacle, PostingBroken
from storage import events, messages
from storage.records import Cause, Entry, Purpose, Render, State, Subject
from tests.render.deliveries import cancelled, rendered, spooled, step
from tests.render.discord import CHANNEL, DIRECT
from tests.render.provider import VIDEO, status
from tests.render.world import COST, MEMBER, World

HERE, MODERATOR = 444_444_444_444_444_444, 777_777_777_777_777_777
HUSHED = tuple(set(Obstacle) - {Obstacle.CHANNEL_CLOSED})
DAY = 86_400


async def undelivered(world: World) -> Render:
    """Take a render to where its video is here, and there was no place to post it."""
    render = await rendered(world)
    world.discord.closed = {CHANNEL, DIRECT}
    await step(world.deliverer())
    there = await world.find(render)
    assert there.state is State.UNDELIVERED
    return there


async def wish(world: World, render: Render, author_id: int = MEMBER) -> Render | None:
    return await world.deliverer().post_again(render.id, channel_id=HERE, author_id=author_id)


async def state_of(world: World, render: Render) -> State:
    return (await world.find(render)).state


# Kept


@pytest.mark.parametrize("obstacle", sorted(HUSHED))
async def test_a_video_that_may_not_be_shown_is_kept_and_nothing_is_posted(
    world: World, obstacle: Obstacle
) -> None:
    render = await rendered(world)
    world.discord.obstacle_now = obstacle
    await step(world.deliverer())
    assert await state_of(world, render) is State.UNDELIVERED
    assert world.discord.results == []
    assert spooled(world) == [f"{render.id}.mp4"]
    assert (await world.whys(render))[-1] == obstacle
    assert await world.spent(Subject.MEMBER) == COST
    await world.check()


async def test_a_closed_channel_is_no_reason_to_keep_it(world: World) -> None:
    render = await rendered(world)
    world.discord.closed.add(CHANNEL)
    world.discord.obstacle_now = Obstacle.CHANNEL_CLOSED
    await step(world.deliverer())
    assert await state_of(world, render) is State.DELIVERED


async def test_a_server_that_is_unavailable_delays_a_delivery(world: World) -> None:
    render = await rendered(world)
    world.discord.breaks_look.append(PostingBroken())
    deliverer = world.deliverer()
    world.clock.advance(await step(deliverer))
    assert await state_of(world, render) is State.RENDERED
    await step(deliverer)
    assert await state_of(world, render) is State.DELIVERED
    assert world.provider.downloads == 1


async def test_a_result_that_stands_already_is_known_although_it_may_not_be_shown_now(
    world: World,
) -> None:
    render = await rendered(world)
    world.discord.breaks_after.append(PostingBroken())
    await step(world.deliverer())
    world.discord.obstacle_now = Obstacle.MEMBER_LEFT
    await step(world.deliverer())
    assert await state_of(world, render) is State.DELIVERED
    assert len(world.discord.results) == 1


async def test_an_end_without_a_video_is_told_in_private_where_it_may_not_be_shown(
    world: World,
) -> None:
    await cancelled(world)
    world.discord.obstacle_now = Obstacle.CARD_DELETED
    await step(world.deliverer())
    assert [result.channel_id for result in world.discord.results] == [DIRECT]


async def test_an_end_that_was_told_in_public_is_not_told_in_private_too(world: World) -> None:
    render = await cancelled(world)
    world.discord.breaks_after.append(PostingBroken())
    await step(world.deliverer())
    world.discord.obstacle_now = Obstacle.CARD_DELETED
    await step(world.deliverer())
    assert [result.channel_id for result in world.discord.results] == [CHANNEL]
    assert (await world.find(render)).told_at_ms


# Posted on request


@pytest.mark.parametrize("author_id", [MEMBER, MODERATOR])
async def test_it_is_posted_where_somebody_asks_for_it(world: World, author_id: int) -> None:
    render = await undelivered(world)
    now = await wish(world, render, author_id)
    assert now
    assert (now.state, now.told_at_ms) == (State.DELIVERED, world.clock.now_ms())
    (result,) = world.discord.results
    assert (result.channel_id, result.file) == (HERE, VIDEO)
    assert spooled(world) == []
    assert await world.spent(Subject.MEMBER) == COST
    last = (await world.do(lambda tx: events.of_render(tx, render.id)))[-1]
    assert (last.from_state, last.to_state) == (State.UNDELIVERED, State.DELIVERED)
    assert last.author == str(author_id)
    await world.check()


async def test_a_wish_has_a_number_of_its_own(world: World) -> None:
    render = await undelivered(world)
    world.discord.places = []
    world.discord.closed = {HERE}
    assert await wish(world, render) == render
    world.discord.closed = set()
    await wish(world, render)
    # Card 1, the first two places 2 and 3, and each wish its own.
    assert [result.nonce for result in world.discord.results] == [f"{render.id}.5"]


async def test_where_it_may_not_be_posted_it_goes_to_the_member(world: World) -> None:
    render = await undelivered(world)
    world.discord.closed = {HERE}
    await wish(world, render)
    assert [result.channel_id for result in world.discord.results] == [DIRECT]


async def test_a_wish_that_broke_after_its_effect_is_not_fulfilled_twice(world: World) -> None:
    render = await undelivered(world)
    world.discord.breaks_after.append(PostingBroken())
    assert await wish(world, render) is None
    assert await state_of(world, render) is State.UNDELIVERED
    now = await wish(world, render)
    assert now
    assert now.state is State.DELIVERED
    assert len(world.discord.results) == 1
    noted = await world.do(lambda tx: messages.latest(tx, render.id, Purpose.RESULT))
    assert noted
    assert noted.message_id == world.discord.results[0].id


async def test_two_wishes_at_once_are_one(world: World) -> None:
    render = await undelivered(world)
    deliverer = world.deliverer()
    both = await asyncio.gather(
        *(deliverer.post_again(render.id, channel_id=HERE, author_id=MEMBER) for _ in range(2))
    )
    assert [one and one.state for one in both] == [State.DELIVERED, None]
    assert len(world.discord.results) == 1


async def test_what_is_posted_already_is_not_posted_again(world: World) -> None:
    render = await rendered(world)
    await step(world.deliverer())
    now = await wish(world, render)
    assert now
    assert now.state is State.DELIVERED
    assert len(world.discord.results) == 1


async def test_a_file_outlives_the_providers_link_and_no_dead_link_stands_beside_it(
    world: World,
) -> None:
    render = await undelivered(world)
    world.clock.advance(DAY)
    await wish(world, render)
    (result,) = world.discord.results
    assert (result.file, result.link) == (VIDEO, None)


async def test_a_file_that_fits_nowhere_waits_when_there_is_no_link_to_it(world: World) -> None:
    render = await undelivered(world)
    world.clock.advance(DAY)
    world.discord.largest_file = 10
    now = await wish(world, render)
    assert now
    assert now.state is State.UNDELIVERED
    assert world.discord.results == []
    assert spooled(world) == [f"{render.id}.mp4"]


async def test_a_file_that_fits_nowhere_goes_as_a_new_link(world: World) -> None:
    render = await undelivered(world)
    world.clock.advance(DAY)
    world.discord.largest_file = 10
    fresh = f"{world.provider.base_url}/films/fresh.mp4"
    world.provider.finish(content={"video_url": fresh})
    await wish(world, render)
    (result,) = world.discord.results
    assert (result.file, result.link) == (None, fresh)


async def test_a_video_that_never_came_and_cannot_be_had_costs_the_member_nothing(
    world: World,
) -> None:
    render = await undelivered(world)
    world.spool.remove(render.id)
    world.clock.advance(DAY)
    world.provider.on_download.append(status(403))
    now = await wish(world, render)
    assert now
    assert (now.state, now.cause) == (State.FAILED, Cause.VIDEO_MISSING)
    # The member reads it in the answer to the wish.
    assert now.told_at_ms == world.clock.now_ms()
    refunds = [line for line in await world.lines(render) if line.spent < 0]
    # The server's credits come back to its account, the member's as a grant.
    assert [(line.entry, line.spent) for line in refunds] == [
        (Entry.REFUND, -COST),
        (Entry.GRANT, -COST),
    ]
    assert world.discord.results == []
    await world.check()


async def test_a_member_hears_of_a_video_that_a_moderator_could_not_have(world: World) -> None:
    render = await undelivered(world)
    world.spool.remove(render.id)
    world.clock.advance(DAY)
    world.provider.on_download.append(status(403))
    now = await wish(world, render, MODERATOR)
    assert now
    assert (now.state, now.told_at_ms) == (State.FAILED, None)
    world.discord.closed = set()
    await step(world.deliverer())
    assert [result.state for result in world.discord.results] == [State.FAILED]


async def test_a_provider_that_is_down_loses_nothing(world: World) -> None:
    render = await undelivered(world)
    world.spool.remove(render.id)
    world.provider.on_download.append(status(503))
    assert await wish(world, render) is None
    assert await state_of(world, render) is State.UNDELIVERED
    await wish(world, render)
    assert world.discord.results[0].file == VIDEO


# Links


async def test_the_providers_link_is_given_while_it_lives(world: World) -> None:
    render = await rendered(world)
    await step(world.deliverer())
    found = await world.deliverer().link(await world.find(render))
    assert found
    assert (found.url, found.expires_at_ms) == (render.video_url, render.video_expires_at_ms)
    assert world.discord.calls["attachment"] == 0


async def test_a_dead_link_is_followed_by_the_results_own(world: World) -> None:
    render = await rendered(world)
    await step(world.deliverer())
    world.clock.advance(DAY)
    found = await world.deliverer().link(await world.find(render))
    assert found
    assert found.url.endswith("/signed")
    assert found.expires_at_ms is None


async def test_without_its_result_the_provider_is_asked_for_another_link(world: World) -> None:
    render = await rendered(world)
    await step(world.deliverer())
    world.discord.deleted.add(world.discord.results[0].id)
    world.clock.advance(DAY)
    fresh = f"{world.provider.base_url}/films/fresh.mp4"
    world.provider.finish(content={"video_url": fresh})
    found = await world.deliverer().link(await world.find(render))
    assert found
    assert found.url == fresh
    assert (await world.find(render)).video_url == fresh


async def test_a_video_that_is_nowhere_any_more_has_no_link(world: World) -> None:
    render = await rendered(world)
    await step(world.deliverer())
    world.discord.deleted.add(world.discord.results[0].id)
    world.clock.advance(DAY)
    assert await world.deliverer().link(await world.find(render)) is None
