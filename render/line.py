"""Look once at the whole line, and say of every queued render how it waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from render import outlook
from render.brakes import Brake, Parked
from render.breaker import Trouble, outage
from render.outlook import Lengths, Outlook
from storage import Transaction, queue
from storage.queue import Caps, Lineup, Turn
from storage.records import Render, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Say what a render waits for."""

    # How many are claimed before it; of no meaning under a brake.
    ahead: int = 0
    brake: Brake | None = None
    # When it starts, or is done; of one wait to the next, this alone is no news.
    outlook: Outlook | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class Line:
    """Hold how all queued renders wait, as of one moment."""

    at_ms: int
    lineup: Lineup
    caps: Caps
    # Parked, or paused with their server.
    passed_over: Mapping[str, Brake]
    # What stops them all.
    trouble: Trouble | None
    lengths: Lengths | None

    @cached_property
    def turns(self) -> Mapping[str, Turn]:
        """Foretell the turns when they are asked for: the database is with others again."""
        return self.lineup.turns(self.caps)

    def __contains__(self, render_id: str) -> bool:
        return render_id in self.turns or render_id in self.passed_over

    def __iter__(self) -> Iterator[str]:
        """Name all that wait, those that have a turn in its order."""
        yield from self.turns
        yield from self.passed_over

    def __len__(self) -> int:
        return len(self.turns) + len(self.passed_over)

    def wait(self, render_id: str) -> Wait:
        """Say how a queued render waits."""
        brake = self.passed_over.get(render_id, self.trouble)
        turn = self.turns.get(render_id)
        if brake or turn is None:
            return Wait(brake=brake)
        return Wait(ahead=turn.ahead, outlook=outlook.start(turn, self.lengths, self.at_ms))


async def line_of(tx: Transaction, caps: Caps, now_ms: int) -> Line:
    """Look at everything that waits."""
    found = await outage(tx)
    passed_over = await queue.passed_over(tx)
    return Line(
        at_ms=now_ms,
        lineup=await queue.lineup(tx),
        caps=caps,
        passed_over={key: pause or Parked.PARKED for key, pause in passed_over.items()},
        trouble=found and found.trouble,
        lengths=await outlook.lengths(tx, now_ms),
    )


async def wait_of(tx: Transaction, render: Render, caps: Caps, now_ms: int) -> Wait:
    """Say what a render waits for, in whatever state it is."""
    match render.state:
        case State.QUEUED:
            return (await line_of(tx, caps, now_ms)).wait(render.id)
        case State.RENDERING:
            return Wait(outlook=outlook.end(render, await outlook.lengths(tx, now_ms)))
        case _:
            return Wait()
