"""Measure what looks at a million ledger lines take, and what admissions wait meanwhile."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp

from cogs.server import Server as ServerCommands
from cogs.ui.spend import figures as spending
from cogs.ui.text.usage import By
from render.admission import Admission
from render.offers import Offers
from seedance import Client
from storage import Transaction
from storage.backup import backup
from storage.records import Server, Span
from tests.figures import books
from tests.figures.watch import Watched
from tests.render.gate import Gate, limits, request
from tests.render.offering import V1_5, V2_0
from tests.render.virtual_time import VirtualClock

# The last evening of a month of 31 days, so that a month is as long as it gets.
SECONDS_TO_MONTHS_END = 40 * 86_400 + 41_400
# One admission begins after the other, whether that one is over or not: 72,000 an hour.
EVERY_SECONDS = 0.05
QUIET_SECONDS = 3.0
ROUNDS = 3
ROOM = 10**9
BUSIEST_MEMBER = 1000
AUDIT = """
import asyncio, sys
from pathlib import Path
from cogs.ui.terminal import audit
path = Path(sys.argv[1])
sys.exit(asyncio.run(audit(f"sqlite:///{path}", path)))
"""

Act = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Hold a bot's inner half over the books, without Discord and without its engine."""

    database: Watched
    admission: Admission
    # What the commands need of the bot.
    bot: Any


class Stream:
    """Let members in all the time, and note what each of them waits for the answer."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._asking: set[asyncio.Task[None]] = set()
        self._number = 0
        self.seconds: list[float] = []

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            self._number += 1
            task = asyncio.create_task(self._ask(self._number))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
            await asyncio.sleep(EVERY_SECONDS)

    async def _ask(self, number: int) -> None:
        member_id = BUSIEST_MEMBER + number % books.MEMBERS
        begun = time.perf_counter()
        await self._admission.admit(
            request(server_id=books.SERVER, member_id=member_id, prompt=f"A paper boat, {number}")
        )
        self.seconds.append(time.perf_counter() - begun)


class Reply:
    """Stand where a command finds its interaction."""

    guild_id = books.SERVER

    async def edit_original_response(self, **_: object) -> None:
        """Take the answer."""


async def main() -> None:
    """Print how long each look takes, how long it keeps the database, and what others wait."""
    with tempfile.TemporaryDirectory() as folder:
        clock = VirtualClock()
        clock.jump(SECONDS_TO_MONTHS_END)
        path = Path(folder) / "paperboat.db"
        await books.write(path, ends_at_ms=clock.now_ms())
        _say(f"{6 * books.RENDERS:,} ledger lines, {path.stat().st_size / 2**20:.0f} MiB")
        async with _opened(path, clock) as house:
            await _measure(house, _looks(house, path))


async def _measure(house: House, looks: Mapping[str, Act]) -> None:
    for name, look in looks.items():
        alone = [await _timed(house, look) for _ in range(ROUNDS)]
        house.database.forget()
        await look()
        kept = max(house.database.holds, default=0.0)
        _say(f"{name}: {_median(alone)} alone, at most {1000 * kept:.1f} ms in one piece")
    stream = Stream(house.admission)
    running = asyncio.create_task(stream.run())
    _say(f"with an admission every {1000 * EVERY_SECONDS:.0f} ms:")
    for name, look in {"nothing else": _nothing, **looks}.items():
        seconds: list[float] = []
        waits: list[float] = []
        answers: list[float] = []
        for _ in range(ROUNDS):
            stream.seconds = []
            seconds.append(await _timed(house, look))
            waits.append(max(house.database.waits, default=0.0))
            answers.append(max(stream.seconds, default=0.0))
        _say(
            f"{name}: {_median(seconds)}; longest wait for a turn {_each(waits)},"
            f" longest admission {_each(answers)}"
        )
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await asyncio.sleep(1)


async def _timed(house: House, look: Act) -> float:
    await house.database.transaction(_serve)
    house.database.forget()
    begun = time.perf_counter()
    await look()
    return time.perf_counter() - begun


async def _serve(tx: Transaction) -> None:
    """Let nobody wait any more, since no queue is as long as that of a whole measurement."""
    await tx.execute("update renders set state = 'cancelled' where state = 'queued'")


async def _nothing() -> None:
    await asyncio.sleep(QUIET_SECONDS)


def _looks(house: House, path: Path) -> Mapping[str, Act]:
    """Name everything that somebody may look at while members ask for videos."""
    cog, command = ServerCommands(house.bot), cast("Any", ServerCommands.usage)

    def usage(by: By, *, csv: bool) -> Act:
        return lambda: command.callback(cog, Reply(), by.value, Span.MONTH.value, csv)

    async def back_up() -> None:
        copy = path.with_name("copy.db")
        copy.unlink(missing_ok=True)
        await backup(house.database, copy)

    async def audit() -> None:
        auditor = await asyncio.create_subprocess_exec(
            sys.executable, "-c", AUDIT, str(path), stdout=asyncio.subprocess.DEVNULL
        )
        if await auditor.wait():
            raise RuntimeError("the books do not balance")

    return {
        "/server usage by member": usage(By.MEMBER, csv=False),
        "/server usage by member, CSV": usage(By.MEMBER, csv=True),
        "/server usage by model, CSV": usage(By.MODEL, csv=True),
        "/quota of the busiest member": lambda: house.admission.allowance(
            books.SERVER, BUSIEST_MEMBER, ()
        ),
        "/host spend": lambda: spending(house.bot),
        "the day's backup": back_up,
        "bot.py --audit": audit,
    }


@asynccontextmanager
async def _opened(path: Path, clock: VirtualClock) -> AsyncGenerator[House]:
    async with (
        Watched.open(f"sqlite:///{path}") as database,
        aiohttp.ClientSession() as session,
    ):
        client = Client(session, base_url="http://127.0.0.1:9", key="sk-key")
        gate = Gate(database, Offers(client, (V1_5, V2_0), clock), clock)
        await gate.put(Server(server_id=books.SERVER, opened=True))
        wide = {
            "host_daily_credits": ROOM,
            "host_monthly_credits": ROOM,
            "server_daily_credits": ROOM,
            "member_daily_credits": ROOM,
            "renders_at_once": ROOM,
            "queue_length": ROOM,
        }
        admission = gate.admission(**wide)
        bot = SimpleNamespace(
            database=database,
            clock=clock,
            limits=limits(**wide),
            treasury=gate.treasury(),
            readings=None,
            get_guild=lambda _: None,
        )
        yield House(database=database, admission=admission, bot=bot)


def _median(seconds: list[float]) -> str:
    return f"median {1000 * statistics.median(seconds):.0f} ms of {len(seconds)}"


def _each(seconds: list[float]) -> str:
    listed = " ".join(f"{1000 * one:.0f}" for one in sorted(seconds))
    return f"{1000 * statistics.median(seconds):.0f} ms ({listed})"


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
