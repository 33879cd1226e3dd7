"""Whatever the bot is doing and whoever hangs, SIGTERM and SIGINT end it within 8 s."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.discord import Fault as DiscordFault
from sandbox.provider import Fault, Where
from sandbox.world import World
from storage import Database, identifies
from tests.cogs.ui.line import silent
from tests.e2e.conftest import ask_for_a_video, assert_one_video_paid_once
from tests.opening import open_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONGEST = 8.0
FOREVER = 60.0
AT_ONCE = 4
POST_A_MESSAGE = "POST /channels/*/messages"


@dataclass
class Stop:
    """What is seen of one stop; the exit stack ends with the world."""

    world: World
    stack: AsyncExitStack

    async def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(800):
            if holds():
                return
            await asyncio.sleep(0.025)
        raise AssertionError(f"it never came to that:\n{self.world.bot.log}")

    async def hang(self, pattern: str, begin: Callable[[], Awaitable[object]]) -> None:
        """Begin something, and wait until Discord hangs in the middle of it."""
        self.world.discord.fail(DiscordFault(pattern, delay_seconds=FOREVER))
        await begin()
        await self.until(lambda: not self.world.discord._listener.faults._waiting)

    async def hang_provider(self, where: Where, begin: Callable[[], Awaitable[object]]) -> None:
        fault = Fault.VIDEO_STALLS if where is Where.FILE else Fault.SLOW
        self.world.provider.fail(fault, where=where, delay_seconds=FOREVER)
        await begin()
        await self.until(lambda: not self.world.provider.faults._planned)

    async def ask(self) -> None:
        await self.world.start_bot()
        await ask_for_a_video(self.world, self.world.mira)

    async def click(self) -> None:
        """Send a /video whose answer nobody waits for."""
        await self.world.start_bot()
        clicking = asyncio.create_task(ask_for_a_video(self.world, self.world.mira))
        self.stack.push_async_callback(asyncio.gather, clicking, return_exceptions=True)
        self.stack.callback(clicking.cancel)


async def loading(stop: Stop) -> None:
    await stop.world.bot.start()
    while not stop.world.bot.has_begun:  # noqa: ASYNC110 - a process tells nobody
        await asyncio.sleep(0)
    assert not stop.world.bot.log


async def waiting_for_the_lock(stop: Stop) -> None:
    first, second = stop.world.bot, stop.world.another_bot()
    await stop.world.start_bot()
    stop.world.bot = second
    await second.start()
    await stop.until(lambda: any(name.endswith(".lock") for name in open_files(second.pid)))
    stop.stack.push_async_callback(first.stop)


async def logging_in(stop: Stop) -> None:
    await stop.hang("GET /users/@me", stop.world.bot.start)


async def asking_for_the_gateway(stop: Stop) -> None:
    await stop.hang("GET /gateway", stop.world.bot.start)


async def asking_for_the_models(stop: Stop) -> None:
    await stop.hang_provider(Where.MODELS, stop.world.bot.start)


async def waiting_for_the_budget(stop: Stop) -> None:
    world = stop.world
    async with Database.open(world.settings["DATABASE_URL"]) as database:
        now_ms = time.time_ns() // 1_000_000
        for _ in range(identifies.AT_ONCE):
            await database.transaction(lambda tx: identifies.note(tx, now_ms))
    # At this address nobody takes it for the stand-in, where sessions are not counted.
    api_url = world.discord.api_url.replace("127.0.0.1", "localhost")
    world.bot = world.another_bot(DISCORD_API_URL=api_url)
    await world.bot.start()
    await stop.until(lambda: "the next one waits for 0:01:" in world.bot.log)
    assert world.discord.identifies == 0


async def connecting(stop: Stop) -> None:
    taken = asyncio.Event()

    async def say_nothing(*_: object) -> None:
        taken.set()
        await asyncio.sleep(FOREVER)

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    stop.stack.callback(server.close)
    port = server.sockets[0].getsockname()[1]
    stop.world.discord._world.gateway.url = f"ws://127.0.0.1:{port}/gateway"
    await stop.world.bot.start()
    await stop.until(taken.is_set)


async def waiting_for_the_beginning(stop: Stop) -> None:
    url, taken = await stop.stack.enter_async_context(silent(hello=True))
    stop.world.discord._world.gateway.url = str(url)
    await stop.world.bot.start()
    await stop.until(taken.is_set)


async def sending_the_commands(stop: Stop) -> None:
    await stop.hang("PUT /applications/*/commands", stop.world.bot.start)
    await stop.until(lambda: stop.world.discord.identifies == 1)


async def acknowledging(stop: Stop) -> None:
    await stop.hang("POST /interactions/*/*/callback", stop.click)


async def posting_the_card(stop: Stop) -> None:
    await stop.hang(POST_A_MESSAGE, stop.click)


async def creating(stop: Stop) -> None:
    await stop.hang_provider(Where.CREATE, stop.ask)


async def polling(stop: Stop) -> None:
    await stop.hang_provider(Where.QUERY, stop.ask)


async def downloading(stop: Stop) -> None:
    await stop.hang_provider(Where.FILE, stop.ask)


async def uploading(stop: Stop) -> None:
    stop.world.provider.hold()
    await stop.ask()
    await stop.world.provider.created()

    async def finish() -> None:
        stop.world.provider.release()

    await stop.hang(POST_A_MESSAGE, finish)


async def doing_nothing(stop: Stop) -> None:
    await stop.world.start_bot()


async def ending(stop: Stop) -> None:
    await stop.world.start_bot()
    assert stop.world.bot.pid
    os.kill(stop.world.bot.pid, signal.SIGTERM)


PHASES = (
    loading,
    waiting_for_the_lock,
    logging_in,
    asking_for_the_gateway,
    asking_for_the_models,
    waiting_for_the_budget,
    connecting,
    waiting_for_the_beginning,
    sending_the_commands,
    acknowledging,
    posting_the_card,
    creating,
    polling,
    downloading,
    uploading,
    doing_nothing,
    ending,
)
# A render is under way, whose video the next start brings by itself.
GO_ON = {polling, downloading, uploading}


def open_files(pid: int | None) -> list[str]:
    folder = Path(f"/proc/{pid}/fd")
    return [os.readlink(file) for file in folder.iterdir() if file.is_symlink()]


async def stopped(
    phase: Callable[[Stop], Awaitable[None]], how: signal.Signals, few: asyncio.Semaphore
) -> float:
    """Bring a bot into a phase and end it; return how many seconds that took."""
    async with few, World.open({"UNDO_SECONDS": "0"}) as world, AsyncExitStack() as stack:
        await open_server(world.settings["DATABASE_URL"], world.server.id)
        await phase(Stop(world, stack))
        assert world.bot.pid
        begun = time.monotonic()
        os.kill(world.bot.pid, how)
        code = await world.bot.ended(within_seconds=LONGEST + 2)
        seconds = time.monotonic() - begun
        assert code == 0, world.bot.log
        assert "Traceback" not in world.bot.log, world.bot.log
        if phase in GO_ON:
            world.provider.heal()
            await world.start_bot()
            await assert_one_video_paid_once(world)
            assert await world.bot.stop() == 0
        return seconds


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stops() -> AsyncGenerator[dict[str, asyncio.Task[float]]]:
    """Let the phases pass side by side: most of their time is waiting."""
    few = asyncio.Semaphore(AT_ONCE)
    signals = cycle((signal.SIGTERM, signal.SIGINT))
    tasks = {
        phase.__name__: asyncio.create_task(stopped(phase, how, few))
        for phase, how in zip(PHASES, signals, strict=False)
    }
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.mark.parametrize("phase", [phase.__name__ for phase in PHASES])
async def test_a_signal_ends_the_bot_in_time_while_it_is(
    stops: dict[str, asyncio.Task[float]], phase: str
) -> None:
    assert await stops[phase] < LONGEST
