"""Make transitions, and tell of each one that happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec

from storage import Database, Transaction
from storage.records import Render

P = ParamSpec("P")


class Moves:
    """Run functions of `render.lifecycle`, each in one transaction of its own."""

    def __init__(self, database: Database, tell: Callable[[Render], None]) -> None:
        self._database = database
        self._tell = tell

    async def make(
        self,
        transition: Callable[Concatenate[Transaction, P], Awaitable[Render | None]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Render | None:
        """Return the render as it now stands; None when somebody else moved it first."""
        moved = await self._database.transaction(lambda tx: transition(tx, *args, **kwargs))
        if moved:
            self._tell(moved)
        return moved

    async def make_all(
        self, transition: Callable[[Transaction], Awaitable[tuple[Render, ...]]]
    ) -> tuple[Render, ...]:
        """Make several moves in one transaction; return the renders as they now stand."""
        moved = await self._database.transaction(transition)
        for render in moved:
            self._tell(render)
        return moved
