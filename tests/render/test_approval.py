"""A render that awaits a moderator's yes: what it holds, who ends the wait, and what follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from render import lifecycle
from storage import blocks, events, renders
from storage.records import Block, Cause, Render, Review, State
from tests.render.world import COST, MEMBER, PAYERS, SERVER, World, rest

HELD = dict.fromkeys(PAYERS, COST)
MODERATOR = "9"

Answer = Callable[[World, Render], Awaitable[Render | None]]


async def awaiting(world: World, *, card: bool = True, member_id: int = MEMBER) -> Render:
    return await world.admit(
        state=State.AWAITING_APPROVAL,
        review=Review.IMAGES,
        images=1,
        card=card,
        member_id=member_id,
    )


async def approve(world: World, render: Render) -> Render | None:
    now = world.clock.now_ms()
    return await world.moves.make(lifecycle.approve, render.id, at_ms=now, author=MODERATOR)


async def deny(world: World, render: Render) -> Render | None:
    now = world.clock.now_ms()
    return await world.moves.make(
        lifecycle.deny, render.id, at_ms=now, reason="no swords", author=MODERATOR
    )


async def test_what_awaits_a_yes_holds_its_price_and_is_not_claimed(world: World) -> None:
    render = await awaiting(world)
    scheduler = world.scheduler()
    await scheduler.step()
    await rest(scheduler.crew)
    assert await world.find(render) == render
    assert await world.held(render) == HELD


async def test_a_yes_puts_it_into_the_queue_at_once(world: World) -> None:
    render = await awaiting(world)
    world.clock.advance(3 * 3600)
    approved = await approve(world, render)
    assert approved
    assert (approved.state, approved.ready_at_ms) == (State.QUEUED, world.clock.now_ms())
    assert await world.held(render) == HELD
    [_, event] = await world.do(lambda tx: events.of_render(tx, render.id))
    assert (event.author, event.why) == (MODERATOR, "approved")
    scheduler = world.scheduler()
    await scheduler.step()
    await rest(scheduler.crew)
    assert (await world.find(render)).state is State.RENDERING


async def test_the_wait_for_a_yes_is_not_one_for_a_slot(world: World) -> None:
    render = await awaiting(world, card=False)
    world.clock.advance(11 * 3600)
    await approve(world, render)
    scheduler = world.scheduler()
    world.clock.advance(world.pace.queue_time.total_seconds() - 1)
    await scheduler.step()
    assert (await world.find(render)).state is State.QUEUED
    world.clock.advance(1)
    await scheduler.step()
    assert (await world.find(render)).cause is Cause.WAITED_TOO_LONG


async def test_a_no_gives_everything_back_and_says_why(world: World) -> None:
    render = await awaiting(world)
    denied = await deny(world, render)
    assert denied
    assert (denied.state, denied.cause, denied.detail) == (
        State.CANCELLED,
        Cause.DENIED,
        "no swords",
    )
    assert denied.told_at_ms is None
    assert not await world.held(render)
    await world.check()


async def test_nobodys_yes_ends_the_wait_after_twelve_hours(world: World) -> None:
    render = await awaiting(world)
    scheduler = world.scheduler()
    world.clock.advance(timedelta(hours=12).total_seconds() - 1)
    assert await scheduler.step() == 1.0
    assert (await world.find(render)).state is State.AWAITING_APPROVAL
    world.clock.advance(1)
    await scheduler.step()
    ended = await world.find(render)
    assert (ended.state, ended.cause) == (State.CANCELLED, Cause.NOT_APPROVED)
    # So that the deliverer tells the member, by a message that mentions them.
    assert [one.id for one in await world.do(renders.untold)] == [render.id]
    assert not await world.held(render)
    await world.check()


@pytest.mark.parametrize("first", [approve, deny])
@pytest.mark.parametrize("second", [approve, deny])
async def test_the_first_word_of_a_moderator_counts(
    world: World, first: Answer, second: Answer
) -> None:
    render = await awaiting(world)
    said = await first(world, render)
    assert await second(world, render) is None
    assert await world.find(render) == said


async def test_a_yes_after_the_member_cancelled_moves_nothing(world: World) -> None:
    render = await awaiting(world)
    now = world.clock.now_ms()
    cancelled = await world.moves.make(
        lifecycle.cancelled,
        render.id,
        at_ms=now,
        cause=Cause.CANCELLED_BY_MEMBER,
        author=str(MEMBER),
        told=True,
    )
    assert cancelled
    assert await approve(world, render) is None
    assert not await world.held(render)


async def test_a_yes_to_what_never_was_moves_nothing(world: World) -> None:
    now = world.clock.now_ms()
    assert await world.moves.make(lifecycle.approve, "0" * 8, at_ms=now, author="9") is None


async def test_a_missing_card_of_what_awaits_a_yes_is_made_up(world: World) -> None:
    await awaiting(world, card=False)
    world.clock.advance(16)
    cards = world.cards()
    await cards.step()
    await cards.step()
    await rest(cards.crew)
    assert len(world.discord.cards) == 1


async def test_a_stopped_member_loses_what_was_not_sent_and_nothing_else(world: World) -> None:
    held, queued = await awaiting(world), await world.admit()
    sent = await world.admit()
    now = world.clock.now_ms()
    await world.do(lambda tx: lifecycle.claim(tx, sent, at_ms=now, body_digest="d", host=()))
    neighbour = await awaiting(world, member_id=MEMBER + 1)
    elsewhere = await world.admit(server_id=SERVER + 1)

    gone = await world.engine().stop_member(
        SERVER, MEMBER, until_ms=None, reason="spam", author_id=9
    )

    assert {render.id for render in gone} == {held.id, queued.id}
    for render in gone:
        assert render.cause is Cause.CANCELLED_BY_MODERATOR
        assert render.detail == "spam"
        assert not await world.held(render)
    assert (await world.find(sent)).state is State.SUBMITTING
    for render in (neighbour, elsewhere):
        assert await world.find(render) == render
    assert await world.do(lambda tx: blocks.find(tx, SERVER, MEMBER)) == Block(
        server_id=SERVER, member_id=MEMBER, at_ms=now, until_ms=None, reason="spam", author="9"
    )
    await world.check()


async def test_a_stopped_member_may_go_on_when_a_moderator_says_so(world: World) -> None:
    engine = world.engine()
    assert not await engine.unstop_member(SERVER, MEMBER, author_id=9)
    await engine.stop_member(SERVER, MEMBER, until_ms=None, reason="", author_id=9)
    assert await engine.unstop_member(SERVER, MEMBER, author_id=8, reason="a mistake")
    assert not await engine.unstop_member(SERVER, MEMBER, author_id=8)
    acts = await world.do(lambda tx: events.acts(tx, server_id=SERVER, after_id=0, limit=9))
    assert [(act.action, act.author, act.target) for act in acts] == [
        ("block", "9", f"member:{MEMBER}"),
        ("unblock", "8", f"member:{MEMBER}"),
    ]
