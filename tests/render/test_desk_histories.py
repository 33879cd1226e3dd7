"""After any sequence of acts and steps the desk's view is what the database holds."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render import lifecycle
from render.acts import Act, acts_on
from render.desk import Moderator
from render.errors import ActRefused
from render.policy import host_accounts
from render.removals import Remover
from storage import Transaction, accounts, desk, events, renders
from storage.desk import Sought, Totals
from storage.records import FINAL_STATES, Render, State
from tests.render.room import Room
from tests.render.test_desk import ACTS, WHERE
from tests.render.world import COST, SERVER, World, opened

HOST = Moderator(id=13, host=True)
OPEN = frozenset(State) - FINAL_STATES
LONGEST = 25
CEILING = LONGEST * COST

steps = st.one_of(
    st.tuples(st.just("begin"), st.sampled_from(sorted({*WHERE.values(), State.RENDERING}))),
    st.tuples(st.just("act"), st.sampled_from(list(Act)), st.integers(0, 9)),
    st.tuples(st.just("act"), st.sampled_from(list(Act)), st.integers(0, 9)),
    st.tuples(st.just("late"), st.integers(0, 9)),
    st.tuples(st.just("remove")),
)


class Story:
    """Play steps, each of which may be refused."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.renders: list[str] = []

    async def begin(self, state: State) -> None:
        self.renders.append((await self.room.render(state)).id)

    async def act(self, act: Act, number: int) -> None:
        if self.renders:
            with suppress(ActRefused):
                await ACTS[act](self.room.desk, self.renders[number % len(self.renders)], HOST)

    async def late(self, number: int) -> None:
        if self.renders:
            render_id = self.renders[number % len(self.renders)]

            async def mark(tx: Transaction) -> None:
                render = await renders.find(tx, render_id)
                assert render
                await lifecycle.late(tx, render, at_ms=self.room.world.clock.now_ms())

            await self.room.world.do(mark)

    async def remove(self) -> None:
        world = self.room.world
        await Remover(world.gear, messenger=world.discord, spool=world.spool).step()


def counted(found: Collection[Render]) -> Totals:
    """Count as plainly as can be."""

    def of(*states: State, late: bool = False) -> int:
        return sum(one.state in states and (one.late_at_ms is not None) is late for one in found)

    kept = [one for one in found if one.state is State.UNDELIVERED and not one.taken_down_at_ms]
    return Totals(
        running=of(State.SUBMITTING, State.RENDERING, State.RENDERED),
        waiting=of(State.QUEUED),
        awaiting_approval=of(State.AWAITING_APPROVAL),
        unknown=of(State.UNKNOWN),
        late=of(State.RENDERING, State.RENDERED, late=True),
        undelivered=len(kept),
    )


async def demand_the_same(room: Room) -> None:
    """Compare what the desk shows with all that there is."""

    async def look(tx: Transaction) -> None:
        found = await renders.in_states(tx, *State)
        assert await desk.totals(tx, server_id=SERVER, channel_ids=None) == counted(found)
        for states in (OPEN, *(frozenset({state}) for state in State)):
            sought = Sought(server_id=SERVER, channel_ids=None, states=states)
            shown = await desk.page(tx, sought, offset=0, limit=1000)
            meant = {
                one.id
                for one in found
                if one.state in states
                and not (one.state is State.UNDELIVERED and one.taken_down_at_ms)
            }
            assert {one.id for one in shown} == meant
            assert await desk.count(tx, sought) == len(meant)
            assert [one for one in found if one.id in meant and one not in shown] == []
        for one in found:
            told = [each for each in await events.of_render(tx, one.id) if each.to_state]
            assert told[-1].to_state is one.state
            if one.taken_down_at_ms:
                assert set(acts_on(one, host=True)) <= {Act.REFUND}

    await room.world.do(look)


async def used_by_host(world: World) -> int:
    """Return what the host holds and has spent today."""
    (day, _), *_ = host_accounts(world.limits, world.clock.now_ms())
    account = await world.do(lambda tx: accounts.balance(tx, day, None))
    return account.held + account.spent


@settings(max_examples=25, deadline=None)
@given(history=st.lists(steps, min_size=5, max_size=LONGEST))
def test_in_any_history_the_desk_shows_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[Any, ...]]
) -> None:
    async def play() -> None:
        async with opened(tmp_path_factory.mktemp("desk")) as world:
            # Room for every render of a history, and not for sending each of them twice.
            world.limits = replace(
                world.limits, host_daily_credits=CEILING, member_daily_credits=CEILING
            )
            story = Story(Room(world))
            for name, *values in history:
                await getattr(story, name)(*values)
                world.clock.advance(1)
                await demand_the_same(story.room)
                await world.check()
                assert await used_by_host(world) <= CEILING

    asyncio.run(play())
