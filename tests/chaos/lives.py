"""Keep a bot alive that dies at an edge: notice, start it again, and skip time for both sides."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from sandbox.discord import NoAnswer, Reply
from sandbox.world import World

T = TypeVar("T")

CHILD = Path(__file__).parent / "child"
# Discord gives up on an acknowledgement after 3 s.
NOBODY_ANSWERS_SECONDS = 3.1
# Longer than anything takes that needs no patience.
STUCK_SECONDS = 12.0
LOOK_SECONDS = 0.01
QUIET_SECONDS = 0.06


class Stuck(AssertionError):
    """Something did not come that needed no more than a living bot."""


class Lives:
    """The lives of the bot of one world; the first edge number `kill_at` ends one of them."""

    def __init__(self, world: World, *, kill_at: int = 0, **settings: str) -> None:
        self._world = world
        self._kill_at = kill_at
        self._settings = settings
        self._file = world.folder / "edges"
        self._ahead_seconds = 0.0
        self._death: asyncio.Task[int] | None = None
        self.killed = False
        self.logs: list[str] = []

    @property
    def edges(self) -> list[str]:
        """Return the names of the edges that were passed, in all lives."""
        return self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []

    async def start(self) -> None:
        """Start the bot, again where it dies of it, and wait until it is connected."""
        while True:
            self._world.bot = self._world.another_bot(**self._settings, **self._environment())
            await self._world.bot.start()
            self._death = asyncio.create_task(self._world.bot.ended(within_seconds=3600))
            ready = asyncio.create_task(self._world.discord.ready(timeout=20))
            await asyncio.wait({self._death, ready}, return_when=asyncio.FIRST_COMPLETED)
            if not self._death.done():
                await ready
                return
            ready.cancel()
            await self._bury()

    async def stop(self) -> None:
        """Ask the bot to stop, which may be when it dies."""
        code = await self._world.bot.stop()
        if code != 0:
            await self._bury()
        else:
            self._keep_log()
            await self._world.discord.offline()

    async def end(self) -> None:
        """Stop the bot for good."""
        await self.stop()

    async def skip(self, seconds: float) -> None:
        """Let time pass while the bot is away."""
        await self.stop()
        self._pass(seconds)
        await self.start()

    async def send(self, command: Callable[[], Coroutine[Any, Any, Reply]]) -> tuple[Reply, bool]:
        """Send a command, and again as long as nobody acknowledges it.

        Return the reply, and whether it says anything yet: who was heard does not repeat it.
        """
        while True:
            sent = asyncio.create_task(command())
            lived = await self._outlast(sent)
            try:
                reply = await sent
            except NoAnswer:
                continue
            if lived:
                settled = asyncio.create_task(reply.settled(STUCK_SECONDS))
                await self._outlast(settled)
                settled.cancel()
            return reply, not reply.thinking

    async def until(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait for something that only needs a living bot; raise Stuck when it does not come."""
        for _ in range(round(STUCK_SECONDS / LOOK_SECONDS)):
            if holds():
                return
            await self._outlast(asyncio.create_task(asyncio.sleep(LOOK_SECONDS)))
        raise Stuck(what)

    async def quiet(self) -> None:
        """Wait until nothing happens any more."""
        passed = -1
        while passed != (passed := len(self.edges)):
            await self._outlast(asyncio.create_task(asyncio.sleep(QUIET_SECONDS)))

    async def _outlast(self, waited_for: asyncio.Task[Any]) -> bool:
        """Wait for something or for the bot's death; then start it again and return False."""
        if self._death is None:
            raise RuntimeError("the bot was never started")
        await asyncio.wait({waited_for, self._death}, return_when=asyncio.FIRST_COMPLETED)
        if not self._death.done():
            return True
        await self._bury()
        self._pass(NOBODY_ANSWERS_SECONDS)
        await self.start()
        return False

    async def _bury(self) -> None:
        code = await self._world.bot.ended()
        self._keep_log()
        if self.killed or not self._foreseen(code):
            raise Stuck(f"the bot ended by itself with {code}:\n{self.logs[-1]}")
        self.killed = True
        await self._world.discord.offline()

    def _foreseen(self, code: int) -> bool:
        """Say whether a death with this exit code is the one that was planned."""
        return bool(self._kill_at) and code == -signal.SIGKILL

    def _keep_log(self) -> None:
        self.logs.append(self._world.bot.log)

    def _pass(self, seconds: float) -> None:
        self._ahead_seconds += seconds
        self._world.discord.clock.advance(seconds)

    def _environment(self) -> dict[str, str]:
        return {
            "PYTHONPATH": str(CHILD),
            "CHAOS_EDGES": str(self._file),
            "CHAOS_KILL_AT": "" if self.killed else str(self._kill_at or ""),
            "CHAOS_AHEAD_SECONDS": str(self._ahead_seconds),
        }
