"""Play the crash matrix at its most telling edges; `python -m tests.chaos` plays all of it."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio

from tests.chaos.matrix import Ending, play
from tests.chaos.telling import TELLING, find

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT_ONCE = 3


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def calm() -> Ending:
    """Play the story once without a death."""
    return await play()


async def test_without_a_death_every_promise_is_kept_and_every_end_is_met(calm: Ending) -> None:
    assert calm.broken == [], calm.log
    assert calm.states == {
        "Ada": "delivered",
        "Ben": "cancelled",
        "Cleo": "cancelled",
        "Dora": "delivered",
        "Emil": "failed",
        "Fay": "failed",
        "Gus": "delivered",
        "Hal": "delivered",
        "Ivy": "failed",
    }


async def test_every_door_has_its_edges(calm: Ending) -> None:
    effects = {edge.split(" ", 1)[1] for edge in calm.edges}
    assert effects >= {
        "commit",
        "POST /volc/v3/contents/generations/tasks",
        "GET /volc/v3/contents/generations/tasks/*",
        "GET /files/*.mp4",
        "POST /api/v10/interactions/*/*/callback",
        "POST /api/v10/channels/*/messages",
        "PATCH /api/v10/channels/*/messages/*",
        "fsync *.part",
        "rename *.part",
        "unlink *.mp4",
    }


async def test_a_death_at_any_telling_edge_breaks_no_promise(calm: Ending) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def die(name: str) -> Ending:
        async with turns:
            return await play(find(calm.edges, name))

    endings = await asyncio.gather(*(die(name) for name in TELLING))
    assert all(ending.killed for ending in endings)
    named = zip(TELLING, endings, strict=True)
    assert {name: ending.broken for name, ending in named if ending.broken} == {}
