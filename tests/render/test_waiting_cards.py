"""What cards say of a wait: the place, why there is none, and when it is over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

import pytest

from render import lifecycle, outlook
from render.brakes import Brake, Parked
from render.breaker import Trouble
from render.outlook import Lengths, Outlook
from seedance import OutOfFunds
from storage import Transaction, queue
from storage.queue import Lineup
from storage.records import Render
from tests.render.announcing import announced, cancel, card_of, claim, step
from tests.render.world import World

Act: TypeAlias = Callable[..., Awaitable[Render | None]]


async def test_a_parked_render_says_so_and_has_its_place_again(world: World) -> None:
    cards = world.cards()
    first = await announced(world, cards)
    world.clock.advance(1)
    second = await announced(world, cards)
    await step(cards)

    async def shown(act: Act) -> list[tuple[int, Brake | None]]:
        now = world.clock.now_ms()
        assert await world.do(lambda tx: act(tx, first.id, at_ms=now, author="1"))
        cards.look_through_queue()
        await step(cards)
        found = [card_of(world, render) for render in (first, second)]
        return [(card.edits[-1][1], card.brakes[-1]) for card in found]

    assert await shown(queue.park) == [(0, Parked.PARKED), (0, None)]
    assert await shown(queue.unpark) == [(0, None), (1, None)]


async def test_an_own_transition_is_shown_as_the_line_now_is(world: World) -> None:
    """Back in the queue for want of funds: not as it waited at the last look."""
    cards, breaker = world.cards(), world.breaker()
    render = await announced(world, cards)
    await claim(world, render)
    sent = replace(render, submitted_at_ms=world.clock.now_ms())
    await world.do(lambda tx: breaker.note(tx, sent, OutOfFunds()))
    now = world.clock.now_ms()
    assert await world.do(
        lambda tx: lifecycle.put_back(tx, render, at_ms=now, ready_at_ms=now, why="no funds")
    )
    cards.touch(render.id)
    await step(cards)
    assert card_of(world, render).brakes == [Trouble.OUT_OF_FUNDS]


async def test_many_edits_for_a_line_that_moved_take_one_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = world.cards()
    made: list[Render] = []
    for _ in range(5):
        made.append(await announced(world, cards))
        world.clock.advance(1)
    await step(cards)
    looks: list[None] = []
    lineup = queue.lineup

    async def counted(tx: Transaction) -> Lineup:
        looks.append(None)
        return await lineup(tx)

    monkeypatch.setattr(queue, "lineup", counted)
    await cancel(world, made[0])
    cards.look_through_queue()
    for _ in made:
        await step(cards)
    assert [card_of(world, render).edits[-1][1] for render in made[1:]] == [0, 1, 2, 3]
    assert len(looks) == 1


async def test_a_card_says_when_its_turn_comes_going_by_the_last_renders(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def known(*_: object) -> Lengths:
        return Lengths(median_ms=60_000, slow_ms=90_000)

    monkeypatch.setattr(outlook, "lengths", known)
    world.pace = replace(world.pace, concurrency=1)
    cards = world.cards()
    first = await announced(world, cards)
    world.clock.advance(1)
    second = await announced(world, cards)
    now = world.clock.now_ms()
    cards.touch(second.id)
    await step(cards)
    assert card_of(world, second).outlooks[-1] == Outlook(
        usual_ms=now + 60_000, slow_ms=now + 90_000
    )
    await claim(world, first)
    now = world.clock.now_ms()
    await world.do(lambda tx: lifecycle.submitted(tx, first, at_ms=now, task_id="t"))
    cards.touch(first.id)
    await step(cards)
    assert card_of(world, first).outlooks[-1] == Outlook(
        usual_ms=now + 60_000, slow_ms=now + 90_000
    )
