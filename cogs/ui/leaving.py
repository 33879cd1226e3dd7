"""End the process within its time, whatever it is doing and whatever hangs."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from queue import SimpleQueue
from typing import Any, Final, TypeAlias, TypeVar

from cogs.ui.endings import STOPPED

T = TypeVar("T")
# To be called with the exit code when the process begins to end.
Deadline: TypeAlias = Callable[[int], None]

# What was promised is 8 s.
STOP_TIMEOUT: Final = timedelta(seconds=7.5)
# How discord.py names the tasks in which it calls what hears commands, buttons and forms.
HANDLERS: Final = ("CommandTree-invoker", "discord-ui-")

log = logging.getLogger(__name__)


def last_deadline() -> Deadline:
    """Make what ends the process a while after it was called for the first time."""
    # A signal may interrupt the holder of any lock; to put something into this queue takes none.
    codes: SimpleQueue[int] = SimpleQueue()

    def wait() -> None:
        code = codes.get()
        time.sleep(STOP_TIMEOUT.total_seconds())
        os._exit(code)

    threading.Thread(target=wait, name="last deadline", daemon=True).start()
    return codes.put


def stop_on_signals(deadline: Deadline) -> asyncio.Event:
    """Return what is set when the system or the keyboard wants the process to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def leave() -> None:
        if not stop.is_set():
            log.info("Stopping; renders under way go on at the next start")
            stop.set()

    def hear(*_: object) -> None:
        # Not left to the loop, which may be too busy to ever hear of it.
        deadline(STOPPED)
        if not loop.is_closed():
            loop.call_soon_threadsafe(leave)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, hear)
    return stop


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Return what the work returns, or None when a stop is asked for before."""
    working = asyncio.create_task(work, name="start")
    asked = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait((working, asked), return_when=asyncio.FIRST_COMPLETED)
    finally:
        working.cancel()
        asked.cancel()
        await asyncio.wait((working, asked))
    return None if working.cancelled() else working.result()


async def finish_handlers(grace: timedelta) -> None:
    """Let members get the answers that are under way, for so long."""
    handlers = [task for task in asyncio.all_tasks() if task.get_name().startswith(HANDLERS)]
    if handlers:
        await asyncio.wait(handlers, timeout=grace.total_seconds())
    for handler in handlers:
        handler.cancel()
    await asyncio.gather(*handlers, return_exceptions=True)
