from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from render import delivery, fetcher, lifecycle
from render.messenger import Destination, PostingBroken
from render.pace import IDLE_SECONDS
from storage import messages
from storage.records import Cause, Purpose, Render, State, Subject
from tests.render.deliveries import cancelled, rendered, spooled, step
from tests.render.discord import CHANNEL, DIRECT
from tests.render.provider import VIDEO, Answer, error, redirect, status
from tests.render.world import COST, World, rest


async def test_a_video_is_posted_below_its_card_and_leaves_the_spool(world: World) -> None:
    render = await rendered(world)
    assert await step(world.deliverer()) == IDLE_SECONDS
    there = await world.find(render)
    assert (there.state, there.told_at_ms) == (State.DELIVERED, world.clock.now_ms())
    (result,) = world.discord.results
    card = await world.do(lambda tx: messages.latest(tx, render.id, Purpose.CARD))
    assert card
    assert (result.file, result.channel_id) == (VIDEO, CHANNEL)
    assert (result.below, result.link) == (card.message_id, render.video_url)
    assert spooled(world) == []
    assert await world.spent(Subject.MEMBER) == COST
    assert [moved.state for moved in world.moved] == [State.DELIVERED]


async def test_the_attempt_is_written_before_anything_is_sent(world: World) -> None:
    render = await rendered(world)
    world.discord.breaks_after.append(PostingBroken())
    await step(world.deliverer())
    (attempt,) = await world.do(lambda tx: messages.unposted(tx, render.id, Purpose.RESULT))
    assert attempt.nonce == world.discord.results[0].nonce
    assert attempt.attempted_at_ms == world.clock.now_ms()


async def test_a_post_that_broke_after_its_effect_is_not_posted_twice(world: World) -> None:
    render = await rendered(world)
    world.discord.breaks_after.append(PostingBroken())
    deliverer = world.deliverer()
    assert await step(deliverer) == 2.0
    assert (await world.find(render)).state is State.RENDERED
    world.clock.advance(2)
    await step(deliverer)
    assert (await world.find(render)).state is State.DELIVERED
    assert len(world.discord.results) == 1
    assert world.provider.downloads == 1


async def test_a_post_that_broke_before_its_effect_comes_a_little_later(world: World) -> None:
    render = await rendered(world)
    world.discord.breaks_before.extend([PostingBroken()] * 3)
    deliverer = world.deliverer()
    waits: list[float] = []
    for _ in range(3):
        waits.append(await step(deliverer))
        world.clock.advance(waits[-1])
    assert waits == [2, 4, 8]
    await step(deliverer)
    assert (await world.find(render)).state is State.DELIVERED
    assert world.discord.calls["find_result"] == 0
    assert {result.nonce for result in world.discord.results} == {f"{render.id}.2"}


async def test_after_a_crash_within_a_minute_the_same_nonce_goes_out(world: World) -> None:
    render = await rendered(world)
    world.discord.breaks_after.append(PostingBroken())
    await step(world.deliverer())
    world.clock.advance(59)
    await step(world.deliverer())
    assert (await world.find(render)).state is State.DELIVERED
    assert len(world.discord.results) == 1
    assert world.discord.calls["find_result"] == 0


async def test_a_result_that_was_deleted_after_a_crash_is_posted_nowhere_else(
    world: World,
) -> None:
    render = await rendered(world)
    world.discord.breaks_after.append(PostingBroken())
    await step(world.deliverer())
    world.discord.deleted.add(world.discord.results[0].id)
    await step(world.deliverer())
    there = await world.find(render)
    assert (there.state, there.told_at_ms) == (State.DELIVERED, world.clock.now_ms())
    assert [result.channel_id for result in world.discord.results] == [CHANNEL]
    assert (await world.whys(render))[-1] == "posted, and deleted since"
    assert await world.spent(Subject.MEMBER) == COST
    assert spooled(world) == []
    await world.check()


async def test_a_telling_that_was_deleted_after_a_crash_is_not_repeated(world: World) -> None:
    render = await cancelled(world)
    world.discord.breaks_after.append(PostingBroken())
    await step(world.deliverer())
    world.discord.deleted.add(world.discord.results[0].id)
    await step(world.deliverer())
    assert [result.channel_id for result in world.discord.results] == [CHANNEL]
    assert (await world.find(render)).told_at_ms


async def test_after_a_long_crash_the_result_is_looked_for_first(world: World) -> None:
    render = await rendered(world)
    world.discord.breaks_after.append(PostingBroken())
    await step(world.deliverer())
    world.clock.advance(7200)
    await step(world.deliverer())
    assert (await world.find(render)).state is State.DELIVERED
    assert len(world.discord.results) == 1
    noted = await world.do(lambda tx: messages.latest(tx, render.id, Purpose.RESULT))
    assert noted
    assert noted.message_id == world.discord.results[0].id


async def test_what_is_not_found_is_posted_after_all(world: World) -> None:
    render = await rendered(world)
    world.discord.breaks_before.append(PostingBroken())
    await step(world.deliverer())
    world.clock.advance(7200)
    await step(world.deliverer())
    assert (await world.find(render)).state is State.DELIVERED
    assert world.discord.calls["find_result"] == 1
    assert len(world.discord.results) == 1


async def test_a_place_that_closed_since_is_followed_by_the_next(world: World) -> None:
    render = await rendered(world)
    world.discord.breaks_before.append(PostingBroken())
    await step(world.deliverer())
    world.discord.closed.add(CHANNEL)
    world.clock.advance(7200)
    await step(world.deliverer())
    assert (await world.find(render)).state is State.DELIVERED
    (result,) = world.discord.results
    assert (result.channel_id, result.nonce) == (DIRECT, f"{render.id}.3")


async def test_a_closed_channel_sends_it_to_the_member(world: World) -> None:
    await rendered(world)
    world.discord.closed.add(CHANNEL)
    await step(world.deliverer())
    assert [result.channel_id for result in world.discord.results] == [DIRECT]


@pytest.mark.parametrize("places", ["none", "closed"])
async def test_without_any_place_the_video_is_kept(world: World, places: str) -> None:
    render = await rendered(world)
    if places == "none":
        world.discord.places = []
    world.discord.closed = {CHANNEL, DIRECT}
    deliverer = world.deliverer()
    await step(deliverer)
    assert (await world.find(render)).state is State.UNDELIVERED
    assert spooled(world) == [f"{render.id}.mp4"]
    await step(world.deliverer())
    assert spooled(world) == [f"{render.id}.mp4"]


async def test_a_file_that_is_too_large_for_the_place_goes_as_a_link(world: World) -> None:
    render = await rendered(world)
    world.discord.largest_file = 10
    await step(world.deliverer())
    (result,) = world.discord.results
    assert (result.file, result.link) == (None, render.video_url)


async def test_a_video_larger_than_the_spool_takes_goes_as_a_link(world: World) -> None:
    await rendered(world)
    world.provider.on_download.append(world.provider.endless)
    await step(world.deliverer())
    (result,) = world.discord.results
    assert result.file is None
    assert result.link


async def test_a_disk_that_takes_nothing_does_not_keep_the_link_back(world: World) -> None:
    await rendered(world)
    world.spool_folder.write_text("a file stands where the folder should be")
    await step(world.deliverer())
    assert world.discord.results[0].link


async def test_a_download_that_breaks_is_tried_again(world: World) -> None:
    await rendered(world)
    world.provider.on_download.append(status(503))
    deliverer = world.deliverer()
    world.clock.advance(await step(deliverer))
    await step(deliverer)
    assert world.discord.results[0].file == VIDEO


async def test_a_download_that_breaks_again_and_again_is_left_to_the_member(world: World) -> None:
    await rendered(world)
    world.provider.on_download.extend([status(503)] * (fetcher.DOWNLOADS + 1))
    deliverer = world.deliverer()
    for _ in range(fetcher.DOWNLOADS):
        world.clock.advance(await step(deliverer))
        assert world.discord.results == []
    await step(deliverer)
    assert world.discord.results[0].file is None
    assert world.discord.results[0].link


@pytest.mark.parametrize(
    "answer",
    [status(403), status(200), redirect("https://10.0.0.1/inside.mp4")],
    ids=["expired", "no video", "leads inside"],
)
async def test_a_link_that_gives_nothing_is_asked_for_anew(world: World, answer: Answer) -> None:
    render = await rendered(world)
    world.provider.on_download.append(answer)
    fresh = f"{world.provider.base_url}/films/fresh.mp4"
    world.provider.finish(content={"video_url": fresh})
    await step(world.deliverer())
    (result,) = world.discord.results
    assert (result.file, result.link) == (VIDEO, fresh)
    assert (await world.find(render)).video_url == fresh


async def test_a_link_that_stays_dead_costs_the_member_nothing(world: World) -> None:
    render = await rendered(world)
    world.provider.on_download.extend([status(403)] * 2)
    deliverer = world.deliverer()
    await step(deliverer)
    there = await world.find(render)
    assert (there.state, there.cause) == (State.FAILED, Cause.VIDEO_MISSING)
    assert await world.spent(Subject.MEMBER) == 0
    assert await world.spent(Subject.HOST) == COST
    await step(deliverer)
    assert [result.state for result in world.discord.results] == [State.FAILED]


async def test_a_provider_without_another_link_loses_the_video(world: World) -> None:
    render = await rendered(world)
    world.provider.on_download.append(status(404))
    world.provider.finish(content=None)
    await step(world.deliverer())
    assert (await world.find(render)).cause is Cause.VIDEO_MISSING


async def test_a_provider_that_is_down_is_asked_for_the_link_again_until_it_expires(
    world: World,
) -> None:
    render = await rendered(world)
    world.provider.on_download.extend([status(403)] * 2)
    world.provider.on_query.extend([status(500)] * 2)
    deliverer = world.deliverer()
    await step(deliverer)
    assert (await world.find(render)).state is State.RENDERED
    world.clock.advance(86_400)
    await step(deliverer)
    assert (await world.find(render)).cause is Cause.VIDEO_MISSING


async def test_a_restart_posts_what_the_spool_has(world: World) -> None:
    await rendered(world)
    world.discord.breaks_before.append(PostingBroken())
    await step(world.deliverer())
    (world.spool_folder / "70RN0000.part").write_bytes(VIDEO)
    await step(world.deliverer())
    assert world.provider.downloads == 1
    assert world.discord.results[0].file == VIDEO
    assert spooled(world) == []


@pytest.mark.parametrize("cause", [Cause.WAITED_TOO_LONG, Cause.CANCELLED_BY_MODERATOR])
async def test_an_end_without_a_video_is_told_once(world: World, cause: Cause) -> None:
    render = await cancelled(world, cause)
    deliverer = world.deliverer()
    await step(deliverer)
    await step(deliverer)
    (result,) = world.discord.results
    assert (result.state, result.file, result.render_id) == (State.CANCELLED, None, render.id)
    assert (await world.find(render)).told_at_ms == world.clock.now_ms()
    assert world.moved == []


async def test_a_member_who_cannot_be_told_is_not_told_for_ever(world: World) -> None:
    render = await cancelled(world)
    world.discord.closed = {CHANNEL, DIRECT}
    await step(world.deliverer())
    assert (await world.find(render)).told_at_ms is not None
    assert world.discord.results == []


async def test_a_telling_that_broke_is_repeated_with_its_nonce(world: World) -> None:
    await cancelled(world)
    world.discord.breaks_after.append(PostingBroken())
    deliverer = world.deliverer()
    world.clock.advance(await step(deliverer))
    await step(deliverer)
    assert len(world.discord.results) == 1
    assert world.discord.calls["post_result"] == 2


async def test_only_so_many_are_delivered_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "AT_ONCE", 1)
    for _ in range(2):
        await rendered(world)
    deliverer = world.deliverer()
    await step(deliverer)
    assert len(world.discord.results) == 1
    await rest(deliverer.crew)
    assert len(world.discord.results) == 2


async def test_a_bug_in_one_delivery_is_logged_and_comes_again_later(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    render = await rendered(world)
    deliverer = world.deliverer()

    async def broken(_: Render) -> tuple[Destination, ...]:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(world.discord, "destinations", broken)
        assert await step(deliverer) == 2.0
    assert f"The delivery of render {render.id} broke" in caplog.text
    world.clock.advance(2)
    await step(deliverer)
    assert (await world.find(render)).state is State.DELIVERED


async def test_a_delivery_cut_short_is_taken_up_by_the_next_start(world: World) -> None:
    render = await rendered(world)
    deliverer = world.deliverer()
    await deliverer.step()
    await deliverer.crew.finish(timedelta())
    assert (await world.find(render)).state is State.RENDERED
    await step(world.deliverer())
    assert (await world.find(render)).state is State.DELIVERED
    assert len(world.discord.results) == 1


async def test_a_render_that_left_meanwhile_stays_where_it_went(world: World) -> None:
    render = await rendered(world)
    now = world.clock.now_ms()
    deliverer = world.deliverer()
    await deliverer.step()
    await world.do(lambda tx: lifecycle.video_lost(tx, render, at_ms=now))
    await rest(deliverer.crew)
    assert (await world.find(render)).state is State.FAILED


async def test_a_nonce_that_is_forgotten_sooner_is_looked_behind_sooner(world: World) -> None:
    world.pace = replace(world.pace, nonce_life=timedelta(seconds=1))
    await rendered(world)
    world.discord.breaks_after.append(PostingBroken())
    deliverer = world.deliverer()
    world.clock.advance(await step(deliverer))
    await step(deliverer)
    assert world.discord.calls["find_result"] == 1
    assert len(world.discord.results) == 1


async def test_a_wrong_key_does_not_lose_a_video_whose_link_lives(world: World) -> None:
    render = await rendered(world)
    world.provider.on_download.append(status(403))
    world.provider.on_query.append(error(401, "", "Invalid token"))
    deliverer = world.deliverer()
    world.clock.advance(await step(deliverer))
    assert (await world.find(render)).state is State.RENDERED
    await step(deliverer)
    assert (await world.find(render)).state is State.DELIVERED
