"""The process ends within its time."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue

import pytest

from cogs.ui import leaving
from cogs.ui.endings import STOPPED, TEMPORARY


@pytest.fixture
def kept_signals() -> Iterator[None]:
    kept = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    yield
    for number, handler in kept:
        signal.signal(number, handler)


def test_the_last_deadline_takes_the_first_code_and_the_process_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exits: SimpleQueue[int] = SimpleQueue()
    monkeypatch.setattr(leaving, "STOP_TIMEOUT", timedelta(seconds=0.01))
    monkeypatch.setattr(os, "_exit", exits.put)
    deadline = leaving.last_deadline()
    deadline(TEMPORARY)
    deadline(STOPPED)
    assert exits.get(timeout=1) == TEMPORARY
    assert exits.empty()


@pytest.mark.usefixtures("kept_signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_sets_the_deadline_also_when_the_loop_hears_nothing(
    number: signal.Signals,
) -> None:
    codes: list[int] = []
    stop = leaving.stop_on_signals(codes.append)
    signal.raise_signal(number)
    signal.raise_signal(number)
    assert codes == [STOPPED, STOPPED]
    assert not stop.is_set()
    await asyncio.wait_for(stop.wait(), 1)


@pytest.mark.usefixtures("kept_signals")
def test_a_signal_after_the_end_of_the_loop_is_only_a_deadline() -> None:
    codes: list[int] = []

    async def listen() -> None:
        leaving.stop_on_signals(codes.append)

    asyncio.run(listen())
    signal.raise_signal(signal.SIGINT)
    assert codes == [STOPPED]


BUSY = """
import asyncio
from datetime import timedelta
from cogs.ui import leaving

async def work():
    leaving.stop_on_signals(leaving.last_deadline())
    print("busy", flush=True)
    while True:
        pass

leaving.STOP_TIMEOUT = timedelta(seconds=0.05)
asyncio.run(work())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_loop_that_never_hears_of_it_keeps_no_process_alive(number: signal.Signals) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BUSY, stdout=PIPE, stderr=PIPE, cwd=Path(__file__).parents[3]
    )
    assert child.stdout
    assert await child.stdout.readline() == b"busy\n"
    child.send_signal(number)
    _, said = await asyncio.wait_for(child.communicate(), 8)
    assert (child.returncode, said) == (STOPPED, b"")


async def test_work_is_left_when_a_stop_is_asked_for() -> None:
    stop = asyncio.Event()
    left = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    working = asyncio.create_task(leaving.unless(stop, work()))
    await asyncio.sleep(0)
    stop.set()
    assert await working is None
    assert left.is_set()


async def test_work_that_ends_before_a_stop_gives_what_it_made() -> None:
    async def work() -> str:
        return "made"

    assert await leaving.unless(asyncio.Event(), work()) == "made"


async def test_work_that_breaks_before_a_stop_says_so() -> None:
    async def work() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await leaving.unless(asyncio.Event(), work())


@pytest.mark.parametrize("name", ["CommandTree-invoker", "discord-ui-view-dispatch-1"])
async def test_a_handler_may_end_but_not_for_ever(name: str) -> None:
    async def hear(event: asyncio.Event) -> str:
        await event.wait()
        return "answered"

    quick, never = asyncio.Event(), asyncio.Event()
    answering = asyncio.create_task(hear(quick), name=name)
    hanging = asyncio.create_task(hear(never), name=name)
    other = asyncio.create_task(hear(never), name="engine")
    finishing = asyncio.create_task(leaving.finish_handlers(timedelta(seconds=0.02)))
    await asyncio.sleep(0)
    quick.set()
    await finishing
    assert await answering == "answered"
    assert hanging.cancelled()
    assert not other.done()
    other.cancel()
