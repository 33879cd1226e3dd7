from __future__ import annotations

import asyncio
import time

from render.clock import Bell, SystemClock
from tests.render.virtual_time import VirtualClock


async def test_the_machines_clock_tells_the_machines_time() -> None:
    clock = SystemClock()
    assert abs(clock.now_ms() - time.time() * 1000) < 1000
    before = clock.monotonic()
    await clock.sleep(0.001)
    assert clock.monotonic() - before >= 0.001


async def test_a_bell_wakes_who_waits() -> None:
    bell = Bell(VirtualClock())
    waiting = asyncio.create_task(bell.wait(9999))
    await asyncio.sleep(0)
    bell.ring()
    await waiting


async def test_a_bell_that_rang_before_wakes_at_once_and_only_once() -> None:
    clock = VirtualClock()
    bell = Bell(clock)
    bell.ring()
    await bell.wait(9999)
    waiting = asyncio.create_task(bell.wait(10))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    clock.advance(10)
    await waiting


async def test_time_wakes_as_well() -> None:
    clock = VirtualClock()
    waiting = asyncio.create_task(Bell(clock).wait(10))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.advance(9.9)
    await asyncio.sleep(0.005)
    assert not waiting.done()
    clock.advance(0.1)
    await waiting
