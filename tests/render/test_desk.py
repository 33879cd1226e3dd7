"""What moderators do at the desk happens once, whole, and under their name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

import pytest

from render import lifecycle
from render.acts import HOSTS_ONLY, Act, NotPossible, Overtaken, TaskInvalid, TaskTaken, acts_on
from render.desk import Desk, Moderator
from render.errors import NotSettled, RefundCapReached
from storage import drains, events, settings, takedowns
from storage.records import Cause, Pause, Render, State
from tests.render.room import Room
from tests.render.world import MEMBER, SERVER, World

NADIA, GRETA = Moderator(id=11), Moderator(id=12)
HOST = Moderator(id=13, host=True)
TASK = "cgt-20260101000000-boat"

Do: TypeAlias = Callable[[Desk, str, Moderator], Awaitable[object]]
ACTS: dict[Act, Do] = {
    Act.APPROVE: Desk.approve,
    Act.DENY: lambda desk, render_id, by: desk.deny(render_id, by, reason="no boats"),
    Act.BUMP: Desk.bump,
    Act.PARK: Desk.park,
    Act.UNPARK: Desk.unpark,
    Act.CANCEL: lambda desk, render_id, by: desk.cancel(render_id, by, reason="no boats"),
    Act.ADOPT: lambda desk, render_id, by: desk.adopt(render_id, by, task_id=TASK),
    Act.SUBMIT_AGAIN: Desk.submit_again,
    Act.POST_AGAIN: Desk.post_again,
    Act.REFUND: lambda desk, render_id, by: desk.refund(render_id, by, reason="no boats"),
    Act.TAKE_DOWN: lambda desk, render_id, by: desk.take_down(render_id, by, reason="no boats"),
}
# A state in which each applies.
WHERE = {
    Act.APPROVE: State.AWAITING_APPROVAL,
    Act.DENY: State.AWAITING_APPROVAL,
    Act.BUMP: State.QUEUED,
    Act.PARK: State.QUEUED,
    Act.UNPARK: State.QUEUED,
    Act.CANCEL: State.QUEUED,
    Act.ADOPT: State.UNKNOWN,
    Act.SUBMIT_AGAIN: State.UNKNOWN,
    Act.POST_AGAIN: State.UNDELIVERED,
    Act.REFUND: State.DELIVERED,
    Act.TAKE_DOWN: State.DELIVERED,
}


@pytest.fixture
def room(world: World) -> Room:
    return Room(world)


async def ready_for(room: Room, act: Act) -> Render:
    render = await room.render(WHERE[act])
    return await room.desk.park(render.id, GRETA) if act is Act.UNPARK else render


def test_every_act_has_a_test_of_its_event() -> None:
    assert set(ACTS) == set(WHERE) == set(Act)


@pytest.mark.parametrize("act", Act)
async def test_every_act_is_an_event_with_its_author(room: Room, act: Act) -> None:
    render = await ready_for(room, act)
    before = await room.acts(render)
    await ACTS[act](room.desk, render.id, HOST)
    (noted,) = (await room.acts(render))[len(before) :]
    assert (noted.action, noted.author) == (act, str(HOST.id))
    assert (noted.server_id, noted.target) == (SERVER, f"member:{MEMBER}")


@pytest.mark.parametrize("act", sorted(set(Act) - {Act.REFUND, Act.POST_AGAIN} - HOSTS_ONLY))
async def test_of_two_at_once_one_acts_and_the_other_is_told_who_did(room: Room, act: Act) -> None:
    render = await ready_for(room, act)
    before = await room.acts(render)
    one, other = await asyncio.gather(
        ACTS[act](room.desk, render.id, NADIA),
        ACTS[act](room.desk, render.id, GRETA),
        return_exceptions=True,
    )
    assert not isinstance(one, BaseException)
    assert isinstance(other, Overtaken)
    assert (other.first.author, other.first.action) == (str(NADIA.id), act)
    assert len(await room.acts(render)) == len(before) + 1


@pytest.mark.parametrize("state", State)
async def test_what_does_not_apply_changes_nothing(room: Room, state: State) -> None:
    if state not in {*WHERE.values(), State.RENDERING}:
        return
    render = await room.render(state)
    for act in set(Act) - set(acts_on(render, host=True)):
        with pytest.raises(NotSettled if act is Act.REFUND else NotPossible):
            await ACTS[act](room.desk, render.id, HOST)
    assert await room.world.find(render) == render
    assert await room.acts(render) == []


async def test_an_approval_after_a_cancellation_is_told_of_it(room: Room) -> None:
    render = await room.render(State.AWAITING_APPROVAL)
    await room.engine.cancel(render.id, author_id=MEMBER)
    with pytest.raises(Overtaken) as caught:
        await room.desk.approve(render.id, NADIA)
    assert caught.value.first.author == str(MEMBER)
    assert caught.value.render.state is State.CANCELLED


async def test_what_the_engine_moved_is_not_said_to_be_anybodys_doing(room: Room) -> None:
    render = await room.render(State.QUEUED)
    await room.desk.bump(render.id, GRETA)
    await room.world.do(
        lambda tx: lifecycle.claim(
            tx, render, at_ms=room.world.clock.now_ms(), body_digest="", host=()
        )
    )
    with pytest.raises(NotPossible) as caught:
        await room.desk.cancel(render.id, NADIA)
    assert not isinstance(caught.value, Overtaken)


async def test_only_the_host_sends_once_more(room: Room) -> None:
    render = await room.render(State.UNKNOWN)
    assert Act.SUBMIT_AGAIN not in acts_on(render, host=False)
    with pytest.raises(NotPossible):
        await room.desk.submit_again(render.id, NADIA)
    again = await room.desk.submit_again(render.id, HOST)
    assert again.state is State.QUEUED
    assert await room.world.held(again)


async def test_a_cancellation_costs_nothing_and_its_reason_is_kept_for_the_member(
    room: Room,
) -> None:
    render = await room.render(State.QUEUED)
    gone = await room.desk.cancel(render.id, NADIA, reason="no boats")
    assert (gone.cause, gone.detail, gone.told_at_ms) == (
        Cause.CANCELLED_BY_MODERATOR,
        "no boats",
        None,
    )
    assert not await room.world.held(gone)


async def test_a_task_is_adopted_with_its_hold_and_by_one_render_alone(room: Room) -> None:
    first, second = await room.render(State.UNKNOWN), await room.render(State.UNKNOWN)
    adopted = await room.desk.adopt(first.id, NADIA, task_id=f" {TASK} ")
    assert (adopted.state, adopted.task_id) == (State.RENDERING, TASK)
    assert await room.world.held(adopted)
    with pytest.raises(TaskTaken) as caught:
        await room.desk.adopt(second.id, NADIA, task_id=TASK)
    assert caught.value.render_id == first.id
    assert (await room.world.find(second)).state is State.UNKNOWN


async def test_the_number_of_a_render_of_another_server_is_not_told(room: Room) -> None:
    other = await room.world.admit(server_id=SERVER + 1, member_id=MEMBER + 1)
    now = room.world.clock.now_ms()
    await room.world.do(lambda tx: lifecycle.claim(tx, other, at_ms=now, body_digest="", host=()))
    await room.world.do(lambda tx: lifecycle.submitted(tx, other, at_ms=now, task_id=TASK))
    render = await room.render(State.UNKNOWN)
    with pytest.raises(TaskTaken) as caught:
        await room.desk.adopt(render.id, NADIA, task_id=TASK)
    assert caught.value.render_id is None


@pytest.mark.parametrize("typed", ["", "..", "a/b", "a b", "?x=1", "-x", "x" * 129])
async def test_what_cannot_stand_in_an_address_is_no_task(room: Room, typed: str) -> None:
    render = await room.render(State.UNKNOWN)
    with pytest.raises(TaskInvalid):
        await room.desk.adopt(render.id, NADIA, task_id=typed)


async def test_taking_down_cancels_the_same_wish_and_leaves_others(room: Room) -> None:
    render = await room.render(State.DELIVERED)
    same = await room.render(State.QUEUED)
    asked = await room.render(State.AWAITING_APPROVAL)
    theirs = await room.world.admit(member_id=MEMBER + 1)
    down, cancelled = await room.desk.take_down(render.id, NADIA, reason="no boats")
    assert set(cancelled) == {same.id, asked.id}
    assert (down.taken_down_by, down.taken_down_why) == (NADIA.id, "no boats")
    assert (await room.world.find(theirs)).state is State.QUEUED
    assert [event.action for event in await room.acts(same)] == [Act.CANCEL]


async def test_a_refund_that_is_refused_takes_nothing_down(world: World) -> None:
    world.limits = replace(world.limits, host_daily_credits=1000, member_daily_credits=1000)
    room = Room(world)
    first, second = [await room.render(State.DELIVERED, cost=300) for _ in range(2)]
    await room.desk.take_down(first.id, NADIA, reason="no boats", refund=True)
    with pytest.raises(RefundCapReached):
        await room.desk.take_down(second.id, NADIA, reason="no boats", refund=True)
    assert (await world.find(second)).taken_down_at_ms is None


async def test_what_is_taken_down_is_posted_no_more(room: Room) -> None:
    render = await room.render(State.UNDELIVERED)
    await room.desk.take_down(render.id, NADIA, reason="no boats")
    with pytest.raises(Overtaken):
        await room.desk.post_again(render.id, GRETA)
    assert await room.engine.post_again(render.id, channel_id=1, author_id=MEMBER) is not None
    assert room.world.discord.results == []
    assert await room.engine.link(await room.world.find(render)) is None


async def test_who_posted_in_vain_before_is_not_said_to_be_faster(room: Room) -> None:
    render = await room.render(State.UNDELIVERED)
    # The provider knows nothing of its task.
    assert await room.desk.post_again(render.id, NADIA) is None
    assert await room.desk.post_again(render.id, GRETA) is None


async def test_a_server_is_drained_and_paused_and_opened_again(room: Room) -> None:
    brake = Pause(server_id=SERVER, author_id=NADIA.id, reason="film night", at_ms=1)

    async def closed() -> tuple[bool, bool]:
        drain = await room.world.do(lambda tx: drains.of_server(tx, SERVER))
        pause = await room.world.do(lambda tx: settings.paused(tx, SERVER))
        return drain == brake, pause == brake

    await room.desk.drain(brake)
    assert await closed() == (True, False)
    await room.desk.pause(brake)
    assert await closed() == (False, True)
    await room.desk.drain(brake)
    assert await closed() == (True, False)
    assert await room.desk.resume(SERVER, NADIA)
    assert await closed() == (False, False)
    assert not await room.desk.resume(SERVER, NADIA)
    acts = await room.world.do(lambda tx: events.acts(tx, server_id=SERVER, after_id=0, limit=9))
    assert [one.action.removeprefix("queue.") for one in acts] == [
        "drain",
        "pause",
        "drain",
        "resume",
    ]


async def test_a_taken_down_render_waits_for_its_removal(room: Room) -> None:
    render = await room.render(State.DELIVERED)
    await room.desk.take_down(render.id, NADIA, reason="no boats")
    (found,) = await room.world.do(takedowns.standing)
    assert found.id == render.id
