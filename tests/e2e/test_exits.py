from __future__ import annotations

from sandbox.discord import Fault as DiscordFault
from sandbox.provider import Fault, Where
from sandbox.world import World
from tests.e2e.conftest import ask_for_a_video, assert_one_video_paid_once, running_bot


async def test_a_wrong_token_exits_78() -> None:
    async with World.open() as world:
        bot = world.another_bot(DISCORD_TOKEN="not.the.token")
        await bot.start()
        assert await bot.ended() == 78
        assert "DISCORD_TOKEN" in bot.log


async def test_every_faulty_setting_is_named_at_once() -> None:
    async with World.open() as world:
        bot = world.another_bot(
            UNDO_SECONDS="soon", QUEUE_LENGTH="0", COMETAPI_KEY="", SEEDANCE_MODELS="sora-2"
        )
        await bot.start()
        assert await bot.ended() == 78
        for name in ("UNDO_SECONDS", "QUEUE_LENGTH", "COMETAPI_KEY", "SEEDANCE_MODELS"):
            assert name in bot.log
        assert "Traceback" not in bot.log


async def test_a_database_that_cannot_be_served_yet_exits_78() -> None:
    async with World.open() as world:
        bot = world.another_bot(DATABASE_URL="postgresql://localhost/paperboat")
        await bot.start()
        assert await bot.ended() == 78
        assert "DATABASE_URL" in bot.log or "PostgreSQL" in bot.log


async def test_check_ends_with_the_models_that_can_render_now() -> None:
    async with World.open() as world:
        await world.bot.start("--check")
        assert await world.bot.ended() == 0, world.bot.log
        last = world.bot.log.strip().splitlines()[-1]
        for words in ("Seedance 1.5 pro", "Seedance 2.5", "with a first and a last frame", "USD"):
            assert words in last
        assert world.discord.identifies == 0
        assert world.provider.create_calls == 0


async def test_check_says_when_the_key_is_wrong() -> None:
    async with World.open() as world:
        bot = world.another_bot(COMETAPI_KEY="sk-wrong")
        await bot.start("--check")
        assert await bot.ended() == 78, bot.log
        assert "COMETAPI_KEY" in bot.log
        assert "sk-wrong" not in bot.log


async def test_a_list_of_models_that_cannot_be_had_does_not_stop_the_bot() -> None:
    async with World.open() as world:
        world.provider.fail(Fault.SERVER_ERROR, where=Where.MODELS, times=0)
        await world.start_bot()
        assert await world.bot.stop() == 0


async def test_a_stop_while_a_task_renders_loses_nothing() -> None:
    async with running_bot() as world:
        world.provider.hold()
        await ask_for_a_video(world, world.mira)
        await world.provider.created()
        assert await world.bot.stop() == 0
        world.provider.release()
        await world.start_bot()
        await assert_one_video_paid_once(world)


async def test_a_stop_during_the_submit_pays_once() -> None:
    async with running_bot() as world:
        world.provider.fail(Fault.SLOW, delay_seconds=1)
        await ask_for_a_video(world, world.mira)
        await world.provider.created()
        assert await world.bot.stop() == 0
        await world.start_bot()
        await assert_one_video_paid_once(world)


async def test_a_token_that_is_reset_meanwhile_exits_78() -> None:
    async with World.open() as world:
        await world.start_bot()
        await world.discord.disconnect_gateway(4004)
        assert await world.bot.ended() == 78
        assert "DISCORD_TOKEN" in world.bot.log
        assert "Traceback" not in world.bot.log


async def test_a_discord_that_is_down_at_the_start_exits_75() -> None:
    async with World.open() as world:
        world.discord.fail(DiscordFault("GET /users/@me", status=503, times=None))
        await world.bot.start()
        assert await world.bot.ended() == 75
        assert "Start the bot again in a minute" in world.bot.log


async def test_a_second_bot_on_the_same_database_exits_75_and_names_the_first() -> None:
    # It waits half a minute, in case the first is about to leave.
    async with running_bot() as world:
        second = world.another_bot()
        await second.start()
        assert await second.ended(within_seconds=60) == 75
        assert str(world.bot.pid) in second.log
        await ask_for_a_video(world, world.mira)
        await assert_one_video_paid_once(world)
