"""Make renders that their members paid for."""

from __future__ import annotations

from dataclasses import replace

from storage import renders
from storage.records import Render, State
from tests.render.gate import Gate, request


async def delivered(gate: Gate, settled: int | None = None) -> Render:
    """Return a render that its member paid for."""
    render = (await gate.admission().admit(request(prompt=f"boat {settled}"))).render
    settled = render.cost if settled is None else settled
    await gate.settle(render, settled)
    path = [State.SUBMITTING, State.RENDERING, State.RENDERED, State.DELIVERED]
    for before, after in zip([State.QUEUED, *path[:-1]], path, strict=True):
        await gate.database.transaction(
            lambda tx, before=before, after=after: renders.move(
                tx,
                render.id,
                expected=before,
                to=after,
                at_ms=gate.clock.now_ms(),
                author="engine",
                why="",
                settled=settled,
            )
        )
    return replace(render, settled=settled)
