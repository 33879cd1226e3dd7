from __future__ import annotations

import pytest

from sandbox.discord import Fault as DiscordFault
from sandbox.discord import When
from sandbox.provider import Fault
from tests.e2e.conftest import ask_for_a_video, assert_one_video_paid_once, running_bot

POST_A_MESSAGE = "POST /channels/*/messages"


async def test_a_queued_render_survives() -> None:
    async with running_bot(UNDO_SECONDS="2") as world:
        await ask_for_a_video(world, world.mira)
        await world.kill_bot()
        assert world.provider.create_calls == 0
        await world.start_bot()
        await assert_one_video_paid_once(world)


async def test_a_submit_that_was_cut_off_is_never_repeated() -> None:
    async with running_bot() as world:
        world.provider.fail(Fault.SLOW, delay_seconds=30)
        await ask_for_a_video(world, world.mira)
        await world.provider.created()
        await world.kill_bot()
        await world.start_bot()
        await world.channel.wait_for(lambda message: "no answer came" in message.text)
        assert world.provider.create_calls == 1
        assert world.videos == []


async def test_a_rendering_task_is_polled_on() -> None:
    async with running_bot() as world:
        world.provider.hold()
        await ask_for_a_video(world, world.mira)
        task = await world.provider.created()
        await world.provider.until(lambda: task.queries > 0)
        await world.kill_bot()
        await world.start_bot()
        queries = task.queries
        await world.provider.until(lambda: task.queries > queries)
        world.provider.release()
        await assert_one_video_paid_once(world)


@pytest.mark.parametrize("when", When)
async def test_a_rendered_video_is_posted_once(when: When) -> None:
    async with running_bot() as world:
        world.provider.hold()
        await ask_for_a_video(world, world.mira)
        await world.provider.created()
        posts = len(await world.discord.requested(POST_A_MESSAGE))
        world.discord.fail(DiscordFault(POST_A_MESSAGE, reset=True, when=when, times=None))
        world.provider.release()
        await world.discord.requested(POST_A_MESSAGE, times=posts + 1)
        await world.kill_bot()
        world.discord.heal()
        await world.start_bot()
        await assert_one_video_paid_once(world)


async def test_a_delivered_video_is_not_posted_again() -> None:
    async with running_bot() as world:
        await ask_for_a_video(world, world.mira)
        await assert_one_video_paid_once(world)
        await world.kill_bot()
        await world.start_bot()
        quota = await world.mira.command(world.channel, "quota")
        await quota.settled()
        await assert_one_video_paid_once(world)
