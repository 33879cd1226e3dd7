"""What was posted is found again when its note was lost: nothing comes twice, no card is stale."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from render import lifecycle
from render.messenger import PostingBroken
from storage import messages, settings
from storage.records import Cause, Purpose, Render, State
from tests.render.announcing import announced, cancel, card_of, claim, restarted, step
from tests.render.discord import CHANNEL
from tests.render.world import World, rest


async def crashed_after_posting(world: World) -> Render:
    """Post a card and die before its id is noted."""
    render = await world.admit(card=False)
    world.discord.breaks_after.append(RuntimeError("the process died"))
    with pytest.raises(RuntimeError, match="the process died"):
        await world.cards().announce(render)
    assert card_of(world, render)
    return render


@pytest.mark.parametrize("later", [20, 7200])
async def test_a_card_whose_note_a_crash_lost_is_posted_once_and_brought_up_to_date(
    world: World, later: float
) -> None:
    render = await crashed_after_posting(world)
    world.clock.advance(later)
    cards = await restarted(world)
    assert await world.do(lambda tx: messages.latest(tx, render.id, Purpose.CARD))
    await claim(world, render)
    cards.touch(render.id)
    await step(cards)
    assert card_of(world, render).edits[-1] == (State.SUBMITTING, 0)


async def test_a_card_that_is_found_shows_how_the_render_waits_now(world: World) -> None:
    first = await announced(world, world.cards())
    world.clock.advance(1)
    render = await crashed_after_posting(world)
    assert card_of(world, render).ahead == 1
    await cancel(world, first)
    world.clock.advance(7200)
    cards = await restarted(world)
    await step(cards)
    assert card_of(world, render).edits == [(State.QUEUED, 0)]


async def test_a_card_that_is_not_found_is_posted_and_looked_for_from_then_on(
    world: World,
) -> None:
    render = await world.admit(card=False)
    world.discord.breaks_before.append(PostingBroken())
    world.clock.advance(15)
    await restarted(world)
    world.clock.advance(7200)
    world.discord.breaks_after.append(PostingBroken())
    await restarted(world)
    assert world.discord.calls["find_card"] == 1
    world.clock.advance(7200)
    await restarted(world)
    assert world.discord.calls["find_card"] == 2
    assert card_of(world, render)
    assert await world.do(lambda tx: messages.latest(tx, render.id, Purpose.CARD))


async def test_a_lost_card_of_a_render_that_left_the_queue_shows_its_end(world: World) -> None:
    render = await crashed_after_posting(world)
    await cancel(world, render)
    world.clock.advance(7200)
    await restarted(world)
    assert card_of(world, render).edits == [(State.CANCELLED, 0)]


async def test_a_lost_card_in_a_channel_that_closed_is_told(world: World) -> None:
    render = await crashed_after_posting(world)
    world.discord.closed.add(CHANNEL)
    world.clock.advance(7200)
    await restarted(world)
    there = await world.find(render)
    assert (there.state, there.cause) == (State.CANCELLED, Cause.CARD_IMPOSSIBLE)


async def test_an_end_is_told_below_the_card_whose_note_was_lost(world: World) -> None:
    render = await crashed_after_posting(world)
    await cancel(world, render, Cause.WAITED_TOO_LONG)
    world.clock.advance(7200)
    deliverer = world.deliverer()
    await deliverer.step()
    await rest(deliverer.crew)
    assert world.discord.results[0].below == card_of(world, render).id
    assert (await world.find(render)).told_at_ms is not None


async def test_an_end_before_a_long_outage_is_shown_at_the_next_start(world: World) -> None:
    render = await announced(world, world.cards())
    await cancel(world, render)
    last = world.clock.now_ms()
    await world.do(lambda tx: lifecycle.told(tx, render, at_ms=last, posted=None))
    await world.do(lambda tx: settings.beat(tx, last))
    world.clock.advance(7 * 86_400)

    async def shown() -> bool:
        return card_of(world, render).edits == [(State.CANCELLED, 0)]

    engine = world.engine()
    running = asyncio.create_task(engine.run())
    await world.until(shown)
    await engine.stop(timedelta(seconds=1))
    await running
