"""Measure how fast members are let in, beside plain sqlite3 that runs the same statements."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from render.admission import Admission
from storage.records import Server
from tests.figures.recorder import Statement, recorded, replay, transactions
from tests.render.gate import SERVER, opened, request

MEMBERS = 50
# Of each member, one after the other.
ADMISSIONS = 10
ROUNDS = 7
FILE = "paperboat.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Hold what one round took."""

    per_second: float
    # Of each admission, from the asking to the answer.
    seconds: Sequence[float]

    def __str__(self) -> str:
        cuts = statistics.quantiles(self.seconds, n=100)
        return (
            f"{self.per_second:.0f} admissions/s, p50 {1000 * cuts[49]:.1f} ms,"
            f" p99 {1000 * cuts[98]:.1f} ms"
        )


async def main() -> None:
    """Print both figures and their ratio, with all members in one server and in several."""
    for servers in (1, 5):
        with tempfile.TemporaryDirectory() as folder:
            await _compare(Path(folder), servers)


async def _compare(folder: Path, servers: int) -> None:
    start = await _start(folder, servers)
    with recorded() as told:
        await _ours(_copy(start), servers)
    script = transactions(told)[-MEMBERS * ADMISSIONS :]
    _say(
        f"{MEMBERS} members at once in {servers} server(s), {MEMBERS * ADMISSIONS} admissions"
        f" of {sum(map(len, script)) / len(script):.0f} statements, {ROUNDS} rounds:"
    )
    pairs = [
        (await _ours(_copy(start), servers), await asyncio.to_thread(_plain, _copy(start), script))
        for _ in range(ROUNDS)
    ]
    for name, figures in zip(("Paperboat", "plain sqlite3"), zip(*pairs, strict=True), strict=True):
        middle = sorted(figures, key=lambda figure: figure.per_second)[ROUNDS // 2]
        _say(f"  {name}: {middle}")
    ratios = [plain.per_second / ours.per_second for ours, plain in pairs]
    listed = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    _say(f"  plain sqlite3 is {statistics.median(ratios):.2f} times as fast ({listed})")


async def _start(folder: Path, servers: int) -> Path:
    """Make the database that every round begins with."""
    async with opened(folder) as gate:
        for number in range(servers):
            await gate.put(Server(server_id=SERVER + number, opened=True))
    return folder / FILE


def _copy(start: Path) -> Path:
    """Return the folder of a fresh copy, in place of the one before."""
    folder = start.parent / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(start, folder)
    return folder


async def _ours(folder: Path, servers: int) -> Figure:
    async with opened(folder) as gate:
        admission = gate.admission()
        begun = time.perf_counter()
        found = await asyncio.gather(
            *(_ask(admission, SERVER + member % servers, member) for member in range(MEMBERS))
        )
        taken = time.perf_counter() - begun
    seconds = [one for of_member in found for one in of_member]
    return Figure(per_second=len(seconds) / taken, seconds=seconds)


async def _ask(admission: Admission, server_id: int, member: int) -> list[float]:
    """Ask again and again, as soon as the answer is there."""
    seconds: list[float] = []
    for number in range(ADMISSIONS):
        wanted = request(
            server_id=server_id, member_id=1000 + member, prompt=f"A paper boat, {number}"
        )
        begun = time.perf_counter()
        await admission.admit(wanted)
        seconds.append(time.perf_counter() - begun)
    return seconds


def _plain(folder: Path, script: list[list[Statement]]) -> Figure:
    """Run the same transactions; whoever was answered asks again, and waits for all others."""
    ends = list(replay(folder / FILE, script))
    seconds = [end - before for end, before in zip(ends, [*[0.0] * MEMBERS, *ends], strict=False)]
    return Figure(per_second=len(ends) / ends[-1], seconds=seconds)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
