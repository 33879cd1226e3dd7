"""Let forty come at once to every ceiling, while others leave; also through the bot itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from render import lifecycle
from render.admission import Admission, Admitted
from render.errors import Refusal
from storage import Transaction, grants
from storage.records import Cause, Holder
from tests.cogs.world import World
from tests.render.gate import MEMBER, SERVER, Gate, opened, request

CROWD = 40
DAY_MS = 86_400_000
ROLE = 777
CREDITS = ("hour_credits", "day_credits", "week_credits", "month_credits")
NUMBERS = ("renders_at_once", "queue_length")
OF_THE_BOT = (
    "host_hourly_credits",
    "host_daily_credits",
    "host_weekly_credits",
    "host_monthly_credits",
    "server_daily_credits",
    "member_daily_credits",
    *NUMBERS,
)
# Whose rule sets it (None: the bot's settings), and its name there.
CEILINGS: list[tuple[Holder | None, str]] = [
    *((None, name) for name in OF_THE_BOT),
    *((Holder.SERVER, name) for name in CREDITS),
    *((Holder.EVERYONE, name) for name in (*CREDITS, *NUMBERS)),
    *(
        (holder, name)
        for holder in (Holder.ROLE, Holder.MEMBER)
        for name in ("day_credits", *NUMBERS)
    ),
]
HOLDER_IDS = {Holder.ROLE: ROLE, Holder.MEMBER: MEMBER}


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncGenerator[Gate]:
    async with opened(tmp_path) as made:
        yield made


async def admission_for(gate: Gate, holder: Holder | None, name: str, count: int) -> Admission:
    """Leave room for so many renders under one ceiling, and no bound but that."""
    room = {name: count * gate.price() + 1 if "credits" in name else count}
    if holder is None:
        return gate.admission(**room)
    await gate.rule(holder, HOLDER_IDS.get(holder, 0), **room)
    return gate.admission()


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
    rows = await tx.fetch_all(
        "select from_state is null as came from events where action = '' order by id"
    )
    most = here = 0
    for row in rows:
        here += 1 if row["came"] else -1
        most = max(most, here)
    return most


async def come(admission: Admission, number: int) -> Admitted | None:
    try:
        return await admission.admit(
            request(prompt=f"boat {number}", role_ids=frozenset({SERVER, ROLE}))
        )
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


@pytest.mark.parametrize(("holder", "name"), CEILINGS)
async def test_forty_at_once_fill_a_ceiling_to_the_last_place_and_no_further(
    gate: Gate, holder: Holder | None, name: str
) -> None:
    admission = await admission_for(gate, holder, name, 7)
    ends = await asyncio.gather(*(come(admission, number) for number in range(CROWD)))
    assert sum(end is not None for end in ends) == len(await gate.kept()) == 7
    assert set((await gate.database.read(most_used)).values()) == {7 * gate.price()}
    assert await gate.balances()


@pytest.mark.parametrize(("holder", "name"), CEILINGS)
async def test_no_ceiling_is_passed_at_any_moment_while_others_leave(
    gate: Gate, holder: Holder | None, name: str
) -> None:
    admission = await admission_for(gate, holder, name, 3)
    await asyncio.gather(*(come_and_go(gate, admission, number) for number in range(CROWD)))
    assert await gate.kept() == ()
    assert 1 <= await gate.database.read(most_at_once) <= 3
    assert max((await gate.database.read(most_used)).values()) <= 3 * gate.price()
    assert await gate.balances()


async def test_forty_at_once_use_a_grant_up_and_go_no_further(gate: Gate) -> None:
    await gate.rule(Holder.EVERYONE, day_credits=0)
    now_ms = gate.clock.now_ms()
    await gate.treasury().grant(
        SERVER,
        MEMBER,
        credits=3 * gate.price() + 1,
        expires_at_ms=now_ms + DAY_MS,
        reason="regatta",
        author_id=1,
    )
    ends = await asyncio.gather(*(come(gate.admission(), number) for number in range(CROWD)))
    assert sum(end is not None for end in ends) == 3
    (grant,) = await gate.database.read(
        lambda tx: grants.open_to(tx, server_id=SERVER, member_id=MEMBER, at_ms=now_ms)
    )
    assert grant.left == 1
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
