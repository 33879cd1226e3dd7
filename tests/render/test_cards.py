from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from render import lifecycle
from render.brakes import Brake
from render.breaker import Trouble
from render.cards import MOST_EDITS, Cards
from render.messenger import Obstacle, PlaceClosed, Posted, PostingBroken
from render.outlook import Outlook
from render.pace import IDLE_SECONDS
from seedance import OutOfFunds, SeedanceError
from storage import StorageError, messages, settings
from storage.records import Cause, Message, Pause, Purpose, Render, State
from tests.render.announcing import announced, cancel, card_of, claim, restarted, step
from tests.render.discord import CHANNEL
from tests.render.world import SERVER, World, rest


async def test_a_new_render_gets_its_card_and_may_be_claimed(world: World) -> None:
    rung: list[None] = []
    cards = world.cards(announced=lambda: rung.append(None))
    render = await announced(world, cards)
    assert (card_of(world, render).channel_id, card_of(world, render).ahead) == (CHANNEL, 0)
    noted = await world.do(lambda tx: messages.latest(tx, render.id, Purpose.CARD))
    assert noted
    assert noted.message_id == card_of(world, render).id
    assert rung == [None]


async def test_a_render_is_announced_once(world: World) -> None:
    cards = world.cards()
    render = await announced(world, cards)
    assert await cards.announce(render)
    assert len(world.discord.cards) == 1
    assert world.discord.calls["post_card"] == 1


async def announce_in_time(world: World, cards: Cards, render: Render) -> object:
    task = asyncio.create_task(cards.announce(render))
    while not task.done():
        await asyncio.sleep(0.001)
        world.clock.advance(0.5)
    return await task


async def test_a_card_that_broke_after_its_effect_is_posted_once(world: World) -> None:
    render = await world.admit(card=False)
    world.discord.breaks_after.append(PostingBroken())
    assert await announce_in_time(world, world.cards(), render)
    assert len(world.discord.cards) == 1


@pytest.mark.parametrize("error", [PlaceClosed(), PostingBroken()])
async def test_a_card_that_cannot_be_posted_cancels_its_render(
    world: World, error: Exception
) -> None:
    render = await world.admit(card=False)
    world.discord.breaks_before.extend([error] * 3)
    assert await announce_in_time(world, world.cards(), render) is None
    there = await world.find(render)
    assert (there.state, there.cause) == (State.CANCELLED, Cause.CARD_IMPOSSIBLE)
    assert there.told_at_ms is not None
    assert await world.held(render) == {}


async def test_a_transition_is_shown(world: World) -> None:
    cards = world.cards()
    render = await announced(world, cards)
    await claim(world, render)
    cards.touch(render.id)
    await step(cards)
    assert card_of(world, render).edits == [(State.SUBMITTING, 0)]


async def test_nothing_new_means_no_edit(world: World) -> None:
    cards = world.cards()
    render = await announced(world, cards)
    await step(cards)
    for _ in range(10):
        world.clock.advance(20)
        await step(cards)
    assert card_of(world, render).edits == []


async def test_edits_of_one_card_come_one_after_the_other_and_the_last_state_wins(
    world: World,
) -> None:
    cards = world.cards()
    render = await announced(world, cards)
    world.discord.gate.clear()
    cards.touch(render.id)
    await cards.step()

    async def editing() -> bool:
        return world.discord.calls["edit_card"] > 0

    await world.until(editing, step=0)
    await claim(world, render)
    cards.touch(render.id)
    await cards.step()
    await asyncio.sleep(0.01)
    world.discord.gate.set()
    await rest(cards.crew)
    await step(cards)
    assert world.discord.most_edits_at_once == 1
    assert [state for state, _ in card_of(world, render).edits] == [State.QUEUED, State.SUBMITTING]


async def test_a_new_position_is_shown_after_a_while(world: World) -> None:
    cards = world.cards()
    first = await announced(world, cards)
    world.clock.advance(1)
    second = await announced(world, cards)
    assert card_of(world, second).ahead == 1
    await step(cards)
    edits = len(card_of(world, second).edits)
    await cancel(world, first)
    world.clock.advance(14)
    await step(cards)
    assert len(card_of(world, second).edits) == edits
    world.clock.advance(1)
    await step(cards)
    assert card_of(world, second).edits[edits:] == [(State.QUEUED, 0)]


async def test_every_waiting_card_says_why_nothing_starts_and_when_it_is_over(
    world: World,
) -> None:
    cards, breaker = world.cards(), world.breaker()
    first, second = await announced(world, cards), await announced(world, cards)
    await step(cards)

    async def answer(error: SeedanceError | None) -> list[Brake | None]:
        sent = replace(first, submitted_at_ms=world.clock.now_ms())
        await world.do(lambda tx: breaker.note(tx, sent, error))
        world.clock.advance(15)
        await step(cards)
        return [card_of(world, render).brakes[-1] for render in (first, second)]

    assert await answer(OutOfFunds()) == [Trouble.OUT_OF_FUNDS] * 2
    assert await answer(None) == [None, None]


async def test_a_pause_is_shown_at_once_and_so_is_its_end(world: World) -> None:
    cards = world.cards()
    made: list[Render] = []
    for _ in range(3):
        made.append(await announced(world, cards))
        world.clock.advance(1)
    await step(cards)
    pause = Pause(server_id=SERVER, author_id=1, reason="film night", at_ms=0)

    async def shown() -> list[tuple[int, Brake | None]]:
        cards.look_through_queue()
        await step(cards)
        found = [card_of(world, render) for render in made]
        return [(card.edits[-1][1], card.brakes[-1]) for card in found]

    await world.do(lambda tx: settings.pause(tx, pause))
    assert await shown() == [(0, pause)] * 3
    edits = world.discord.calls["edit_card"]
    await cancel(world, made[0])
    await shown()
    assert world.discord.calls["edit_card"] == edits
    now = world.clock.now_ms()
    await world.do(lambda tx: settings.resume(tx, SERVER, at_ms=now))
    assert (await shown())[1:] == [(0, None), (1, None)]


async def test_a_queue_that_moves_keeps_no_transition_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("render.cards.AT_ONCE", 1)
    cards = world.cards()
    # The first in line, before the pause and in it, so that its card needs no edit for that.
    elsewhere = await announced(world, cards, server_id=SERVER + 1)
    waiting = [await announced(world, cards) for _ in range(5)]
    pause = Pause(server_id=SERVER, author_id=1, reason="", at_ms=0)
    await world.do(lambda tx: settings.pause(tx, pause))
    cards.look_through_queue()
    await step(cards)
    await claim(world, elsewhere)
    cards.touch(elsewhere.id)
    await step(cards)
    assert card_of(world, elsewhere).edits == [(State.SUBMITTING, 0)]
    assert sum(bool(card_of(world, render).brakes) for render in waiting) == 1


async def test_an_edit_that_broke_is_repeated_a_few_times(world: World) -> None:
    cards = world.cards()
    render = await announced(world, cards)
    world.discord.breaks_edit.extend([PostingBroken()] * 2)
    cards.touch(render.id)
    await step(cards)
    for _ in range(2):
        assert await step(cards) <= 10.0
        world.clock.advance(10)
        await step(cards)
    assert card_of(world, render).edits == [(State.QUEUED, 0)]
    assert world.discord.calls["edit_card"] == 3


async def test_an_edit_that_stays_broken_is_given_up(world: World) -> None:
    cards = world.cards()
    render = await announced(world, cards)
    world.discord.breaks_edit.extend([PostingBroken()] * 99)
    cards.touch(render.id)
    for _ in range(20):
        await step(cards)
        world.clock.advance(10)
    assert world.discord.calls["edit_card"] == 1 + MOST_EDITS
    assert (await world.find(render)).state is State.QUEUED


async def test_a_card_that_was_deleted_is_left_alone(world: World) -> None:
    cards = world.cards()
    render = await announced(world, cards)
    world.discord.breaks_edit.append(PlaceClosed())
    cards.touch(render.id)
    await step(cards)
    world.clock.advance(10)
    await step(cards)
    assert world.discord.calls["edit_card"] == 1


async def test_a_restart_brings_every_unfinished_card_up_to_date(world: World) -> None:
    render = await announced(world, world.cards())
    await claim(world, render)
    await restarted(world)
    assert card_of(world, render).edits == [(State.SUBMITTING, 0)]


async def test_a_restart_shows_the_ends_of_the_hour_before_the_last_beat(world: World) -> None:
    old, young = [await announced(world, world.cards()) for _ in range(2)]
    for render in (old, young):
        await cancel(world, render)
        now = world.clock.now_ms()
        await world.do(lambda tx, r=render, n=now: lifecycle.told(tx, r, at_ms=n, posted=None))
        world.clock.advance(1)
    world.clock.advance(3599)
    last = world.clock.now_ms()
    await world.do(lambda tx: settings.beat(tx, last))
    world.clock.advance(7 * 86_400)
    await restarted(world)
    assert card_of(world, old).edits == []
    assert card_of(world, young).edits == [(State.CANCELLED, 0)]


async def test_a_restart_shows_an_end_that_nobody_was_told_of(world: World) -> None:
    render = await announced(world, world.cards())
    await cancel(world, render)
    await restarted(world)
    assert card_of(world, render).edits == [(State.CANCELLED, 0)]


async def test_a_card_that_a_crash_kept_back_is_posted(world: World) -> None:
    render = await world.admit(card=False)
    cards = world.cards()
    await step(cards)
    assert world.discord.cards == []  # somebody may just be announcing it
    world.clock.advance(15)
    await step(cards)
    assert card_of(world, render)


async def test_a_card_that_is_being_announced_is_not_posted_beside_it(world: World) -> None:
    render = await world.admit(card=False)
    cards = world.cards()
    world.discord.breaks_before.append(PostingBroken())
    task = asyncio.create_task(cards.announce(render))

    async def tried() -> bool:
        return world.discord.calls["post_card"] == 1

    await world.until(tried, step=0)
    world.clock.jump(20)
    await step(cards)
    assert world.discord.calls["post_card"] == 1
    world.clock.advance(1)
    assert await task


async def test_a_card_that_was_deleted_after_a_crash_ends_its_render_as_at_the_claim(
    world: World,
) -> None:
    render = await world.admit(card=False)
    world.discord.breaks_after.append(PostingBroken())
    world.clock.advance(15)
    await step(world.cards())
    world.discord.deleted.add(world.discord.cards[0].id)
    await step(world.cards())
    there = await world.find(render)
    assert (there.cause, there.detail) == (Cause.CARD_IMPOSSIBLE, Obstacle.CARD_DELETED)
    assert len(world.discord.cards) == 1
    await world.check()


async def test_a_missing_card_that_cannot_be_posted_is_told(world: World) -> None:
    render = await world.admit(card=False)
    world.discord.closed.add(CHANNEL)
    world.clock.advance(15)
    await step(world.cards())
    there = await world.find(render)
    assert (there.state, there.cause) == (State.CANCELLED, Cause.CARD_IMPOSSIBLE)
    assert there.told_at_ms is None


async def test_a_render_that_moved_while_its_card_was_posted_is_shown_as_it_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = world.cards()
    render = await world.admit(card=False)
    post_card = world.discord.post_card

    async def slow(
        render: Render,
        *,
        ahead: int,
        nonce: str,
        brake: Brake | None = None,
        outlook: Outlook | None = None,
    ) -> Posted:
        await cancel(world, render)
        return await post_card(render, ahead=ahead, nonce=nonce, brake=brake, outlook=outlook)

    monkeypatch.setattr(world.discord, "post_card", slow)
    assert await cards.announce(render)
    await step(cards)
    assert card_of(world, render).edits == [(State.CANCELLED, 0)]


async def test_a_card_of_no_render_is_nothing_to_do(world: World) -> None:
    cards = world.cards()
    cards.touch("NOTTHERE")
    assert await step(cards) == IDLE_SECONDS
    assert world.discord.calls["edit_card"] == 0


async def test_a_render_that_left_without_a_card_needs_none(world: World) -> None:
    render = await world.admit(card=False)
    await cancel(world, render)
    cards = world.cards()
    cards.touch(render.id)
    await step(cards)
    assert world.discord.cards == []
    assert world.discord.calls["find_card"] == 0


async def test_a_database_that_fails_keeps_the_wish(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = world.cards()
    render = await announced(world, cards)
    await step(cards)

    async def fail(*_: object) -> Message | None:
        raise StorageError("disk I/O error")

    cards.touch(render.id)
    with monkeypatch.context() as patch:
        patch.setattr(messages, "latest", fail)
        await step(cards)
    world.clock.advance(10)
    edits = len(card_of(world, render).edits)
    await step(cards)
    assert len(card_of(world, render).edits) == edits + 1


async def test_only_so_many_cards_are_edited_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("render.cards.AT_ONCE", 1)
    cards = world.cards()
    made = [await announced(world, cards) for _ in range(3)]
    for render in made:
        cards.touch(render.id)
    for asked in (1, 2, 3):
        await step(cards)
        assert world.discord.calls["edit_card"] == asked
