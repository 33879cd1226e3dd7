"""Whatever waits, is bumped, parked and capped: turns come as foretold, and fairly."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Database, Transaction, queue, renders
from storage.queue import Caps
from storage.records import Render, State
from storage.turns import NEVER_MS, Slot, Turn, Waiting, foretell
from tests.storage.examples import NOW_MS, render, with_card

SHARED = [HealthCheck.function_scoped_fixture]
# Server, member, when: few of each, so that ties are frequent.
ACTS = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 6))
# When it was bumped, and whether it is parked.
STEERED = st.tuples(st.none() | st.integers(0, 2), st.sampled_from((False, False, False, True)))
CAPS = st.builds(
    Caps,
    in_all=st.none() | st.integers(1, 4),
    per_server=st.none() | st.integers(1, 3),
    per_member=st.none() | st.integers(1, 2),
)


def asked(server: int, member: int, at: int, **changes: object) -> Render:
    return render(server_id=server, member_id=member, created_at_ms=NOW_MS - 1000 + at, **changes)


def served(server: int, member: int, at: int, state: State) -> Render:
    return asked(server, member, 0, state=state, submitted_at_ms=NOW_MS - 1000 + at)


class Undone(Exception):
    """End a transaction, so that the next example begins anew."""


@dataclass
class House:
    """Claim whenever a slot is free, and let what began first end first."""

    tx: Transaction
    caps: Caps
    busy: deque[Render]
    now_ms: int = NOW_MS
    claimed: list[Render] = field(default_factory=list)
    # Of each claim: how many each member then had with the provider.
    loads: list[Counter[tuple[int, int]]] = field(default_factory=list)

    async def run(self) -> None:
        while True:
            self.now_ms += 1
            found = await queue.next_claimable(self.tx, now_ms=self.now_ms, caps=self.caps)
            if found is not None:
                self.loads.append(Counter((one.server_id, one.member_id) for one in self.busy))
                self.claimed.append(found)
                self.busy.append(await self._move(found, State.QUEUED, State.RENDERING))
            elif self.busy:
                await self._move(self.busy.popleft(), State.RENDERING, State.RENDERED)
            else:
                return

    async def _move(self, one: Render, expected: State, to: State) -> Render:
        submitted_at_ms = self.now_ms if to is State.RENDERING else one.submitted_at_ms
        moved = await renders.move(
            self.tx,
            one.id,
            expected=expected,
            to=to,
            at_ms=self.now_ms,
            author="engine",
            why="",
            submitted_at_ms=submitted_at_ms,
        )
        assert moved
        return moved


async def claims(
    database: Database, queued: list[Render], past: list[Render], caps: Caps
) -> tuple[list[str], House]:
    """Return in which order claims are foretold, and how they come."""
    result: list[tuple[list[str], House]] = []

    async def work(tx: Transaction) -> None:
        for made in (*queued, *past):
            await with_card(tx, made)
        foretold = list(await queue.waiting_order(tx, caps))
        busy = sorted(
            (one for one in past if one.state is State.RENDERING),
            key=lambda one: (one.submitted_at_ms or 0, one.id),
        )
        house = House(tx, caps, deque(busy))
        await house.run()
        result.append((foretold, house))
        raise Undone

    with pytest.raises(Undone):
        await database.transaction(work)
    return result[0]


def require_turns(house: House, queued: list[Render]) -> None:
    """Demand that nobody waits while another of the same server gets two in a row."""
    left = Counter((one.server_id, one.member_id) for one in queued if one.parked_at_ms is None)
    last: dict[int, int] = {}
    most = house.caps.per_member or len(queued) + 99
    for one, load in zip(house.claimed, house.loads, strict=True):
        key = (one.server_id, one.member_id)
        if last.get(one.server_id) == one.member_id and one.bumped_at_ms is None:
            passed = [
                other
                for other, count in left.items()
                if count and other[0] == one.server_id and other != key and load[other] < most
            ]
            assert passed == []
        last[one.server_id] = one.member_id
        left[key] -= 1


@settings(max_examples=80, deadline=None, suppress_health_check=SHARED)
@given(
    st.lists(st.tuples(ACTS, STEERED), max_size=12),
    st.lists(st.tuples(ACTS, st.sampled_from((State.DELIVERED, State.RENDERING))), max_size=8),
    CAPS,
)
async def test_every_turn_comes_as_it_was_foretold_and_nobody_is_left_out(
    database: Database,
    waiting: list[tuple[tuple[int, int, int], tuple[int | None, bool]]],
    history: list[tuple[tuple[int, int, int], State]],
    caps: Caps,
) -> None:
    queued = [
        asked(*act, bumped_at_ms=bumped, parked_at_ms=NOW_MS if parked else None)
        for act, (bumped, parked) in waiting
    ]
    past = [served(*act, state) for act, state in history]
    foretold, house = await claims(database, queued, past, caps)
    assert foretold == [one.id for one in house.claimed]
    assert set(foretold) == {one.id for one in queued if one.parked_at_ms is None}
    require_turns(house, queued)


def line(acts: list[tuple[int, int, int]]) -> list[Waiting]:
    return [
        Waiting(NEVER_MS, NOW_MS + at, f"{number:08}", server, member)
        for number, (server, member, at) in enumerate(acts)
    ]


def turns(
    waiting: list[Waiting], slots: list[Slot] | None = None, caps: Caps | None = None
) -> dict[str, Turn]:
    return foretell(waiting, slots or [], served={}, caps=caps or Caps())


LONG = st.lists(ACTS, min_size=1, max_size=60).map(line)


@given(LONG, st.builds(Caps, in_all=st.integers(1, 4), per_server=st.none() | st.integers(1, 2)))
async def test_nobody_starves(waiting: list[Waiting], caps: Caps) -> None:
    found = turns(waiting, caps=caps)
    members: defaultdict[int, set[int]] = defaultdict(set)
    for one in waiting:
        members[one.server_id].add(one.member_id)
    most_between = len(members) if caps.per_server is None else len(members) + (caps.in_all or 0)
    before: Counter[tuple[int, int]] = Counter()
    for one in sorted(waiting):
        own = (one.server_id, one.member_id)
        before[own] += 1
        assert found[one.id].ahead < before[own] * len(members[one.server_id]) * most_between


@given(LONG, st.sets(st.integers(0, 59), max_size=8))
async def test_what_is_bumped_is_first_of_its_server_and_costs_others_nothing(
    waiting: list[Waiting], numbers: set[int]
) -> None:
    steered = [
        one._replace(bumped_at_ms=number) if number in numbers else one
        for number, one in enumerate(waiting)
    ]
    server_of = {one.id: one.server_id for one in waiting}
    order = list(turns(steered))
    for server in set(server_of.values()):
        bumped = [one.id for one in steered if one.bumped_at_ms < NEVER_MS]
        here = [key for key in bumped if server_of[key] == server]
        assert [key for key in order if server_of[key] == server][: len(here)] == here


@given(LONG, CAPS)
async def test_starts_come_in_the_order_of_turns(waiting: list[Waiting], caps: Caps) -> None:
    slots = [Slot(1, 1, NOW_MS - 50, 1), Slot(2, 1, NOW_MS - 10, 1)]
    found = turns(waiting, slots, caps)
    starts = [turn.starts_at_ms(NOW_MS, 100) for turn in found.values()]
    assert starts == sorted(starts)
    assert [turn.ahead for turn in found.values()] == list(range(len(waiting)))


def test_a_free_slot_is_had_at_once_and_the_next_when_the_first_ends() -> None:
    waiting = line([(1, 1, 0), (1, 2, 1), (1, 3, 2), (1, 4, 3)])
    slots = [Slot(1, 9, NOW_MS - 60, 1)]
    found = turns(waiting, slots, Caps(in_all=2)).values()
    # One free slot; then 40 ms until the other is; then each after 100 ms.
    assert [turn.starts_at_ms(NOW_MS, 100) - NOW_MS for turn in found] == [0, 40, 100, 140]


def test_what_takes_longer_than_usual_is_expected_at_any_moment() -> None:
    waiting = line([(1, 1, 0), (1, 2, 1)])
    found = turns(waiting, [Slot(1, 9, NOW_MS - 500, 1)], Caps(in_all=1)).values()
    assert [turn.starts_at_ms(NOW_MS, 100) - NOW_MS for turn in found] == [0, 100]


def test_who_is_capped_waits_for_the_own_renders_only() -> None:
    waiting = line([(1, 1, 0), (1, 2, 1)])
    slots = [Slot(1, 1, NOW_MS - 20, 1)]
    found = turns(waiting, slots, Caps(in_all=3, per_member=1))
    assert {key: turn.starts_at_ms(NOW_MS, 100) - NOW_MS for key, turn in found.items()} == {
        "00000001": 0,
        "00000000": 80,
    }
