"""Let forty come at once to every ceiling, while others leave; also through the bot itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from render import lifecycle
from render.admission import Admission, Admitted
from render.errors import Refusal
from storage import Transaction
from storage.records import Cause
from tests.cogs.world import World
from tests.render.gate import Gate, opened, request

CROWD = 40
CEILINGS = [
    "host_daily_credits",
    "host_monthly_credits",
    "member_daily_credits",
    "renders_at_once",
    "queue_length",
]


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncGenerator[Gate]:
    async with opened(tmp_path) as made:
        yield made


def room_for(gate: Gate, limit: str, count: int) -> int:
    return count * gate.price() + 1 if "credits" in limit else count


async def most_used(tx: Transaction) -> dict[str, int]:
    """Return the most that was ever held and spent on each account, line by line of the ledger."""
    rows = await tx.fetch_all(
        """
        select span, subject, max(used) as most from (
            select account_id, sum(held + spent) over (
                partition by account_id order by ledger.id
            ) as used from ledger
        ) join accounts on accounts.id = account_id group by accounts.id
        """
    )
    return {f"{row['subject']} {row['span']}": row["most"] for row in rows}


async def most_at_once(tx: Transaction) -> int:
    """Return how many renders were under way at most, event by event."""
    rows = await tx.fetch_all("select from_state is null as came from events order by id")
    most = here = 0
    for row in rows:
        here += 1 if row["came"] else -1
        most = max(most, here)
    return most


async def come(admission: Admission, number: int) -> Admitted | None:
    try:
        return await admission.admit(request(prompt=f"boat {number}"))
    except Refusal:
        return None


async def come_and_go(gate: Gate, admission: Admission, number: int) -> None:
    """Come, and cancel what was accepted while others still come."""
    if admitted := await come(admission, number):
        await gate.database.transaction(
            lambda tx: lifecycle.cancelled(
                tx, admitted.render.id, at_ms=gate.clock.now_ms(), cause=Cause.CANCELLED_BY_MEMBER
            )
        )


@pytest.mark.parametrize("limit", CEILINGS)
async def test_forty_at_once_fill_a_ceiling_to_the_last_place_and_no_further(
    gate: Gate, limit: str
) -> None:
    admission = gate.admission(**{limit: room_for(gate, limit, 7)})
    ends = await asyncio.gather(*(come(admission, number) for number in range(CROWD)))
    assert sum(end is not None for end in ends) == len(await gate.kept()) == 7
    assert set((await gate.database.read(most_used)).values()) == {7 * gate.price()}
    assert await gate.balances()


@pytest.mark.parametrize("limit", CEILINGS)
async def test_no_ceiling_is_passed_at_any_moment_while_others_leave(
    gate: Gate, limit: str
) -> None:
    admission = gate.admission(**{limit: room_for(gate, limit, 3)})
    await asyncio.gather(*(come_and_go(gate, admission, number) for number in range(CROWD)))
    assert await gate.kept() == ()
    assert 1 <= await gate.database.read(most_at_once) <= 3
    assert max((await gate.database.read(most_used)).values()) <= 3 * gate.price()
    assert await gate.balances()


async def test_one_event_that_comes_forty_times_at_once_is_one_render(gate: Gate) -> None:
    admission, event = gate.admission(), request()
    ends = await asyncio.gather(*(admission.admit(event) for _ in range(CROWD)))
    assert len({end.render.id for end in ends}) == len(await gate.kept()) == 1
    assert [end.repeated for end in ends].count(False) == 1
    assert set((await gate.database.read(most_used)).values()) == {gate.price()}


@pytest.mark.parametrize(
    ("limit", "alone", "words"),
    [
        ("QUOTA_RENDERS_AT_ONCE", True, "under way, and that is the limit"),
        ("QUEUE_LENGTH", False, "wait in this server already"),
    ],
)
async def test_forty_commands_at_once_fill_a_ceiling_and_no_further(
    sleeping_world: World, limit: str, alone: bool, words: str
) -> None:
    world = sleeping_world
    world.environment |= {"UNDO_SECONDS": "30", "QUOTA_DAILY_CREDITS": "1000"}
    await world.start(**{"QUOTA_RENDERS_AT_ONCE": "40", "QUEUE_LENGTH": "40", limit: "3"})
    members = [
        world.mira if alone else world.server.add_member(f"Sailor {number}")
        for number in range(CROWD)
    ]
    replies = await asyncio.gather(
        *(world.video(member, prompt=f"Boat {number}") for number, member in enumerate(members))
    )
    assert sum("Accepted" in reply.text for reply in replies) == 3
    assert sum(words in reply.text for reply in replies) == CROWD - 3
    assert len(world.cards) == 3
    assert world.provider.create_calls == 0
