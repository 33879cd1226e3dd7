"""A change of the key, or of the address, loses no task and fails none."""

from __future__ import annotations

import pytest

from seedance import Client
from storage.records import Cause, State, Subject
from tests.render.deliveries import rendered, step
from tests.render.provider import VIDEO, status
from tests.render.test_poller import HOUR, rendering
from tests.render.world import Wish, World

OLD_KEY = "sk-the-one-before"


def change_key(world: World, *, keep_old: bool) -> str:
    """Let the world have had another key until now; return its fingerprint."""
    old = Client(world.session, base_url=world.provider.base_url, key=OLD_KEY)
    world.previous = old if keep_old else None
    return old.fingerprint


async def test_a_task_of_the_key_before_is_asked_after_with_that_key(world: World) -> None:
    render = await rendering(world, key_fingerprint=change_key(world, keep_old=True))
    world.provider.finish()
    poller = world.poller()
    world.clock.advance(20)
    await poller.step()
    assert (await world.find(render)).state is State.RENDERED
    assert world.provider.keys == [OLD_KEY]


async def test_a_new_task_is_made_and_asked_after_with_the_key_of_now(world: World) -> None:
    render = await world.admit(key_fingerprint=change_key(world, keep_old=True))
    scheduler, poller = world.scheduler(), world.poller()
    await scheduler.step()
    await world.until_state(render, State.RENDERING)
    world.provider.finish()
    await poller.step()
    world.clock.advance(20)
    await poller.step()
    assert (await world.find(render)).state is State.RENDERED
    assert OLD_KEY not in world.provider.keys


@pytest.mark.parametrize(
    "other", [{"key_fingerprint": "another"}, {"base_url": "https://other.example"}]
)
async def test_a_task_of_another_key_or_provider_is_not_asked_after_but_late(
    world: World, other: Wish, caplog: pytest.LogCaptureFixture
) -> None:
    change_key(world, keep_old="base_url" in other)
    render = await rendering(world, **other)
    poller = world.poller()
    await poller.step()
    assert "1 tasks were made with a key or an address that is not in the settings" in caplog.text
    world.clock.advance(HOUR)
    await poller.step()
    there = await world.find(render)
    assert (there.state, there.late_at_ms) == (State.RENDERING, world.clock.now_ms())
    assert world.provider.queries == 0


async def test_a_key_that_comes_back_in_time_still_brings_the_video(world: World) -> None:
    render = await rendering(world, key_fingerprint=change_key(world, keep_old=False))
    poller = world.poller()
    for hours in (1, 48):
        world.clock.advance(hours * HOUR)
        await poller.step()
    assert (await world.find(render)).state is State.RENDERING
    change_key(world, keep_old=True)
    world.provider.finish()
    await world.poller().step()
    there = await world.find(render)
    # It came late, so it is free.
    assert (there.state, there.settled) == (State.RENDERED, 0)


async def test_what_nobody_could_ask_after_ends_when_no_video_can_be_left(world: World) -> None:
    render = await rendering(world, key_fingerprint=change_key(world, keep_old=False))
    poller = world.poller()
    world.clock.advance(HOUR)
    await poller.step()
    world.clock.advance(71 * HOUR)
    await poller.step()
    there = await world.find(render)
    assert (there.state, there.cause) == (State.FAILED, Cause.OUTCOME_UNKNOWN)
    assert await world.spent(Subject.MEMBER) == 0
    await world.check()


async def test_a_link_is_renewed_with_the_key_of_its_task(world: World) -> None:
    await rendered(world, key_fingerprint=change_key(world, keep_old=True))
    world.provider.on_download.append(status(403))
    world.provider.finish(content={"video_url": f"{world.provider.base_url}/films/fresh.mp4"})
    await step(world.deliverer())
    assert world.discord.results[0].file == VIDEO
    assert world.provider.keys == [OLD_KEY]


async def test_without_its_key_a_video_waits_for_its_link_to_heal_until_that_is_dead(
    world: World,
) -> None:
    render = await rendered(world, key_fingerprint=change_key(world, keep_old=False))
    world.provider.on_download.extend([status(403)] * 2)
    deliverer = world.deliverer()
    await step(deliverer)
    assert (await world.find(render)).state is State.RENDERED
    world.clock.advance(24 * HOUR)
    await step(deliverer)
    assert (await world.find(render)).cause is Cause.VIDEO_MISSING
    assert await world.spent(Subject.MEMBER) == 0
