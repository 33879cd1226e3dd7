"""Kill the bot at every edge: `python -m tests.chaos`, or at some with --from, --to and --at."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence

from tests.chaos.matrix import Ending, play
from tests.chaos.telling import TELLING, find

PARALLEL = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Play what was asked for; return 0 when every promise was kept, else 1."""
    options = _parser().parse_args(arguments)
    return asyncio.run(_run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument(
        "--from", dest="first", type=int, default=1, help="the first edge to die at"
    )
    parser.add_argument("--to", dest="last", type=int, help="the last edge (default: of the story)")
    parser.add_argument("--every", type=int, default=1, help="take every so-manieth edge only")
    parser.add_argument("--at", type=int, help="die at this one edge, and show the log")
    parser.add_argument(
        "--telling", choices=["", *TELLING], help="die at this edge only; '' is not to die at all"
    )
    parser.add_argument(
        "--parallel", type=int, default=PARALLEL, help="stories at once (default: %(default)s)"
    )
    return parser


async def _run(options: argparse.Namespace) -> int:
    if options.at:
        ending = await play(options.at)
        _say(_line(ending))
        _say(ending.log)
        return int(bool(ending.broken))
    started = time.monotonic()
    calm = await play()
    if options.telling is not None:
        ending = await play(find(calm.edges, options.telling)) if options.telling else calm
        _say(_line(ending))
        return int(bool(ending.broken))
    _say(f"undisturbed, the story passes {len(calm.edges)} edges in {calm.seconds:.0f} s")
    _report(calm)
    last = min(options.last or len(calm.edges), len(calm.edges))
    turns = asyncio.Semaphore(options.parallel)
    numbers = range(options.first, last + 1, options.every)
    endings = await asyncio.gather(*(_play(number, turns) for number in numbers))
    _say(_table(endings))
    _say(_summary(endings, time.monotonic() - started))
    return int(any(ending.broken for ending in (calm, *endings)))


async def _play(number: int, turns: asyncio.Semaphore) -> Ending:
    async with turns:
        ending = await play(number)
    _report(ending)
    return ending


def _report(ending: Ending) -> None:
    """Tell at once of what went wrong."""
    if ending.broken:
        _say(_line(ending))


def _line(ending: Ending) -> str:
    where = f"{ending.kill_at:4} {ending.edge}" if ending.killed else "   - never died"
    faults = "".join(f"\n       {one.promise}: {one.how}" for one in ending.broken)
    return f"{where}{faults or ': every promise kept'}"


def _table(endings: Iterable[Ending]) -> str:
    """Count deaths and survivals by the name of the edge."""
    deaths, bad = Counter[str](), Counter[str]()
    for ending in endings:
        if ending.killed:
            deaths[ending.edge] += 1
            bad[ending.edge] += bool(ending.broken)
    rows = [
        f"{count:7} {count - bad[edge]:9} {bad[edge] or '':7} {edge}"
        for edge, count in sorted(deaths.items(), key=lambda item: item[0].split(" ", 1)[::-1])
    ]
    return "\n".join(["", "  kills  survived  failed edge", *rows])


def _summary(endings: Sequence[Ending], seconds: float) -> str:
    killed = [ending for ending in endings if ending.killed]
    failed = [ending for ending in endings if ending.broken]
    promises = Counter(
        promise for ending in failed for promise in {b.promise for b in ending.broken}
    )
    lines = [
        "",
        f"{len(endings)} stories, {len(killed)} kills, {len(endings) - len(failed)} with every"
        f" promise kept, in {seconds / 60:.1f} min",
        *(f"{count:7} broke: {promise}" for promise, count in promises.most_common()),
    ]
    return "\n".join(lines)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
