"""Watch whole processes end in the ways that processes end."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from datetime import timedelta
from pathlib import Path

import pytest

from storage import Database, DatabaseInUse, Transaction

ROOT = Path(__file__).parents[2]

# A process that was started in the background may have been told to ignore interrupts.
BEGIN = """
import asyncio, signal, sys
from storage import Database, settings

signal.signal(signal.SIGINT, signal.default_int_handler)

async def put(database, name):
    await database.transaction(lambda tx: settings.put(tx, name, ""))

async def main():
    async with Database.open(sys.argv[1]) as database:
"""

HOLDS = """
        print("open", flush=True)
        await asyncio.Event().wait()
"""

FAILS = """
        asyncio.create_task(put(database, "pending"))
        await asyncio.sleep(0)
        raise RuntimeError("unexpected")
"""

# Each name is acknowledged after its transaction, and never before.
WRITES = """
        for number in range(1_000_000):
            await put(database, f"{number} a")
            print(number, flush=True)
"""

END = """
asyncio.run(main())
"""


async def start(body: str, url: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", BEGIN + body + END, url, stdout=PIPE, stderr=PIPE, cwd=ROOT
    )


async def names(tx: Transaction) -> set[str]:
    return {row["name"] for row in await tx.fetch_all("select name from settings")}


async def test_an_unexpected_fault_ends_the_process_and_loses_nothing_pending(url: str) -> None:
    child = await start(FAILS, url)
    _, complaint = await asyncio.wait_for(child.communicate(), timeout=20)
    assert child.returncode == 1
    assert complaint.endswith(b"RuntimeError: unexpected\n")
    async with Database.open(url, lock_wait=timedelta(0)) as database:
        assert await database.read(names) == {"pending"}


async def test_an_interrupt_in_the_middle_of_a_write_ends_the_process(url: str) -> None:
    child = await start(WRITES, url)
    assert child.stdout is not None
    await child.stdout.readline()
    child.send_signal(signal.SIGINT)
    _, complaint = await asyncio.wait_for(child.communicate(), timeout=20)
    assert child.returncode == -signal.SIGINT
    assert complaint.endswith(b"KeyboardInterrupt\n")
    async with Database.open(url, lock_wait=timedelta(0)) as database:
        assert "0 a" in await database.read(names)


async def test_a_process_that_is_killed_leaves_no_lock(url: str) -> None:
    child = await start(HOLDS, url)
    assert child.stdout is not None
    assert await child.stdout.readline() == b"open\n"
    with pytest.raises(DatabaseInUse) as refusal:
        async with Database.open(url, lock_wait=timedelta(0)):
            pass
    assert refusal.value.holder.startswith(f"process {child.pid} on ")
    child.kill()
    await child.communicate()
    async with Database.open(url, lock_wait=timedelta(0)):
        pass


@pytest.mark.parametrize("acknowledged", [1, 40, 130])
async def test_a_kill_loses_nothing_that_was_acknowledged(url: str, acknowledged: int) -> None:
    child = await start(WRITES, url)
    assert child.stdout is not None
    for _ in range(acknowledged):
        await child.stdout.readline()
    child.kill()
    rest, _ = await child.communicate()
    last = acknowledged + rest.count(b"\n")
    async with Database.open(url, lock_wait=timedelta(0)) as database:
        kept = await database.read(names)
    # The one after the last may have been committed without a word.
    assert kept in [{f"{n} a" for n in range(end)} for end in (last, last + 1)]
