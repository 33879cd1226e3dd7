from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from render import lifecycle
from render.policy import host_accounts
from render.transitions import TRANSITIONS
from storage import Transaction, events, frames, messages, renders
from storage.records import Cause, Entry, Message, Purpose, Render, State, Subject
from tests.render.world import COST, DAY_MS, PAYERS, World

HELD = dict.fromkeys(PAYERS, COST)

# Design §3: "leaves by".
LEAVES_BY = {
    "awaiting_approval": "queued cancelled",
    "queued": "submitting cancelled",
    "submitting": "rendering queued failed unknown",
    "unknown": "rendering queued failed",
    "rendering": "rendered failed cancelled",
    "rendered": "delivered undelivered",
    "undelivered": "delivered failed",
    "delivered": "",
    "failed": "",
    "cancelled": "",
}

Step = Callable[[World, Render], Awaitable[Render | None]]


def test_the_transitions_are_those_of_the_design() -> None:
    assert {state.value: {to.value for to in leaves} for state, leaves in TRANSITIONS.items()} == {
        state: set(words.split()) for state, words in LEAVES_BY.items()
    }


def step(name: str, **details: object) -> Step:
    async def take(world: World, render: Render) -> Render | None:
        transition = getattr(lifecycle, name)
        target = render.id if name == "cancelled" else render
        now = world.clock.now_ms()
        return await world.do(lambda tx: transition(tx, target, at_ms=now, **details))

    return take


async def note_delivery(world: World, render: Render) -> Render | None:
    now = world.clock.now_ms()

    async def deliver(tx: Transaction) -> Render | None:
        message = await begin_result(tx, render, now)
        return await lifecycle.delivered(tx, render, at_ms=now, posted=(message, 99))

    return await world.do(deliver)


async def begin_result(tx: Transaction, render: Render, at_ms: int) -> Message:
    return await messages.begin(
        tx,
        render_id=render.id,
        purpose=Purpose.RESULT,
        channel_id=render.channel_id,
        at_ms=at_ms,
        renew=False,
    )


CLAIM = step("claim", body_digest="digest of the body", host=())
SUBMITTED = step("submitted", task_id="task-1")
LOST = step("lost", why="reset")
LATE = step("late")
SUCCEEDED = step(
    "succeeded", video_url="https://v.example/a.mp4", video_expires_at_ms=5, price=COST
)
FAILED = step("ended", cause=Cause.PROVIDER_FAILED, detail="InternalServiceError")

# Each transition, after what it comes, and where it leads.
WAYS: dict[str, tuple[tuple[Step, ...], Step, State]] = {
    "claim": ((), CLAIM, State.SUBMITTING),
    "submitted": ((CLAIM,), SUBMITTED, State.RENDERING),
    "put back": ((CLAIM,), step("put_back", ready_at_ms=7, why="refused"), State.QUEUED),
    "refused": ((CLAIM,), step("refused", cause=Cause.TEXT_REFUSED, detail="x"), State.FAILED),
    "lost": ((CLAIM,), LOST, State.UNKNOWN),
    "written off": ((CLAIM, LOST), step("written_off"), State.FAILED),
    "succeeded": ((CLAIM, SUBMITTED), SUCCEEDED, State.RENDERED),
    "failed": ((CLAIM, SUBMITTED), FAILED, State.FAILED),
    "cancelled there": (
        (CLAIM, SUBMITTED),
        step("ended", cause=Cause.CANCELLED_BY_PROVIDER),
        State.CANCELLED,
    ),
    "delivered": ((CLAIM, SUBMITTED, SUCCEEDED), note_delivery, State.DELIVERED),
    "undelivered": ((CLAIM, SUBMITTED, SUCCEEDED), step("undelivered"), State.UNDELIVERED),
    "video lost": ((CLAIM, SUBMITTED, SUCCEEDED), step("video_lost"), State.FAILED),
    "cancelled": ((), step("cancelled", cause=Cause.CANCELLED_BY_MEMBER), State.CANCELLED),
}


async def arrive(world: World, *steps: Step) -> Render:
    """Admit a render and take it through the steps."""
    render = await world.admit(images=2)
    for take in steps:
        moved = await take(world, render)
        assert moved
        render = moved
    return render


@pytest.mark.parametrize("way", WAYS)
async def test_a_transition_moves_and_writes_its_event(world: World, way: str) -> None:
    before, take, to = WAYS[way]
    render = await arrive(world, *before)
    known = len(await world.whys(render))
    world.clock.advance(3)
    moved = await take(world, render)
    assert moved
    assert (moved.state, moved.state_at_ms) == (to, world.clock.now_ms())
    assert moved == await world.find(render)
    assert len(await world.whys(render)) > known


@pytest.mark.parametrize("way", WAYS)
async def test_what_somebody_else_moved_is_left_alone(world: World, way: str) -> None:
    before, take, _ = WAYS[way]
    render = await arrive(world, *before)
    await take(world, render)
    world.clock.advance(1)
    lines, whys = await world.lines(render), await world.whys(render)
    there = await world.find(render)
    assert await take(world, render) is None
    assert await world.find(render) == there
    assert await world.lines(render) == lines
    assert await world.whys(render) == whys


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_is_in_the_table(world: World, way: str) -> None:
    before, take, _ = WAYS[way]
    render = await arrive(world, *before, take)

    async def path(tx: Transaction) -> list[tuple[State | None, State | None]]:
        return [(one.from_state, one.to_state) for one in await events.of_render(tx, render.id)]

    for origin, to in await world.do(path):
        if origin is not None:
            assert to in TRANSITIONS[origin]


async def test_a_claim_is_the_journal_of_the_attempt(world: World) -> None:
    render = await arrive(world, CLAIM)
    assert render.attempts == 1
    assert render.body_digest == "digest of the body"
    assert render.submitted_at_ms == world.clock.now_ms()
    assert await world.held(render) == HELD


async def test_a_claim_in_the_window_of_the_hold_counts_the_hold_once(world: World) -> None:
    world.limits = replace(world.limits, host_daily_credits=COST)
    render = await world.admit()
    now = world.clock.now_ms()
    assert await step("claim", body_digest="d", host=host_accounts(world.limits, now))(
        world, render
    )


async def test_a_claim_in_the_next_window_finds_its_ceiling_full(world: World) -> None:
    world.limits = replace(world.limits, host_daily_credits=2 * COST - 1)
    yesterday = await world.admit()
    world.clock.advance(DAY_MS / 1000)
    await world.admit()
    now = world.clock.now_ms()
    claim = step("claim", body_digest="d", host=host_accounts(world.limits, now))
    assert await claim(world, yesterday) is None
    there = await world.find(yesterday)
    assert there.state is State.QUEUED
    assert there.ready_at_ms == now + lifecycle.ROOM_AGAIN_MS
    assert await world.held(yesterday) == HELD


async def test_a_claim_in_the_next_window_finds_room(world: World) -> None:
    yesterday = await world.admit()
    world.clock.advance(DAY_MS / 1000)
    host = host_accounts(world.limits, world.clock.now_ms())
    assert await step("claim", body_digest="d", host=host)(world, yesterday)


async def test_each_claim_in_the_next_window_takes_of_its_room(world: World) -> None:
    yesterday = [await world.admit() for _ in range(3)]
    world.clock.advance(DAY_MS / 1000)
    world.limits = replace(world.limits, host_daily_credits=3 * COST - 1)
    host = host_accounts(world.limits, world.clock.now_ms())
    claim = step("claim", body_digest="d", host=host)
    claimed = [bool(await claim(world, render)) for render in yesterday]
    assert claimed == [True, True, False]
    sent = await world.find(yesterday[0])
    await step("refused", cause=Cause.TEXT_REFUSED, detail="x")(world, sent)
    assert await claim(world, yesterday[2])


async def test_what_found_no_room_is_looked_at_again_when_the_next_window_begins(
    world: World,
) -> None:
    yesterday = await world.admit()
    world.clock.advance(DAY_MS / 1000)
    world.limits = replace(world.limits, host_daily_credits=COST - 1)
    (day, ceiling), *_ = host_accounts(world.limits, world.clock.now_ms())
    late = day.ends_at_ms - 1000
    await world.do(
        lambda tx: lifecycle.claim(
            tx, yesterday, at_ms=late, body_digest="d", host=((day, ceiling),)
        )
    )
    assert (await world.find(yesterday)).ready_at_ms == day.ends_at_ms


async def test_a_window_without_a_ceiling_has_room(world: World) -> None:
    yesterday = await world.admit()
    world.clock.advance(DAY_MS / 1000)
    (day, _), _ = host_accounts(world.limits, world.clock.now_ms())
    assert await step("claim", body_digest="d", host=((day, None),))(world, yesterday)


async def kept_frames(world: World, render: Render) -> int:
    return len(await world.do(lambda tx: frames.of_render(tx, render.id)))


@pytest.mark.parametrize(
    ("way", "kept"),
    [
        ("claim", 2),
        ("submitted", 0),
        ("put back", 2),
        ("lost", 2),
        ("refused", 0),
        ("written off", 0),
        ("cancelled", 0),
    ],
)
async def test_frames_are_kept_as_long_as_they_may_be_sent(
    world: World, way: str, kept: int
) -> None:
    before, take, _ = WAYS[way]
    assert await kept_frames(world, await arrive(world, *before, take)) == kept


@pytest.mark.parametrize("way", ["put back", "lost"])
async def test_what_may_still_be_rendered_stays_held(world: World, way: str) -> None:
    before, take, _ = WAYS[way]
    assert await world.held(await arrive(world, *before, take)) == HELD


async def test_what_was_not_sent_is_no_turn_of_its_member(world: World) -> None:
    render = await arrive(world, CLAIM, step("put_back", ready_at_ms=7, why="refused"))
    assert (render.attempts, render.submitted_at_ms, render.ready_at_ms) == (1, None, 7)


@pytest.mark.parametrize("way", ["refused", "cancelled"])
async def test_what_the_provider_never_took_costs_nobody_anything(world: World, way: str) -> None:
    before, take, _ = WAYS[way]
    render = await arrive(world, *before, take)
    assert await world.held(render) == {}
    assert await world.spent(Subject.HOST) == await world.spent(Subject.MEMBER) == 0
    assert {line.entry for line in await world.lines(render)} == {Entry.HOLD, Entry.RELEASE}


@pytest.mark.parametrize("way", ["written off", "failed", "cancelled there", "video lost"])
async def test_what_may_have_been_billed_stays_with_the_host(world: World, way: str) -> None:
    before, take, _ = WAYS[way]
    render = await arrive(world, *before, take)
    assert await world.held(render) == {}
    assert await world.spent(Subject.HOST) == COST
    assert await world.spent(Subject.MEMBER) == 0


@pytest.mark.parametrize("way", ["delivered", "undelivered"])
async def test_a_video_is_paid_for_once_it_is_there(world: World, way: str) -> None:
    before, take, _ = WAYS[way]
    render = await arrive(world, *before)
    assert await world.held(render) == {Subject.SERVER: COST, Subject.MEMBER: COST}
    assert await world.spent(Subject.HOST) == COST
    assert await take(world, render)
    assert await world.spent(Subject.MEMBER) == COST


@pytest.mark.parametrize(("price", "owed"), [(COST + 30, COST), (COST - 3, COST - 3), (0, 0)])
async def test_the_member_never_pays_more_than_the_hold(
    world: World, price: int, owed: int
) -> None:
    done = step("succeeded", video_url="u", video_expires_at_ms=5, price=price)
    render = await arrive(world, CLAIM, SUBMITTED, done, note_delivery)
    assert render.settled == owed
    assert await world.spent(Subject.MEMBER) == owed
    assert await world.spent(Subject.HOST) == price


async def test_late_returns_the_members_credits_and_keeps_the_hosts(world: World) -> None:
    render = await arrive(world, CLAIM, SUBMITTED)
    assert await LATE(world, render)
    assert await world.held(render) == {Subject.HOST: COST}
    assert (await world.find(render)).late_at_ms == world.clock.now_ms()
    assert (await world.whys(render))[-1] == "late"


async def test_late_happens_once(world: World) -> None:
    render = await arrive(world, CLAIM, SUBMITTED, LATE)
    lines = await world.lines(render)
    world.clock.advance(60)
    assert await LATE(world, render) is None
    assert await world.lines(render) == lines


async def test_only_what_is_rendering_becomes_late(world: World) -> None:
    assert await LATE(world, await arrive(world, CLAIM)) is None


async def test_a_render_that_is_not_there_goes_nowhere(world: World) -> None:
    render = replace(await world.admit(), id="NOTTHERE")
    assert await LATE(world, render) is None
    assert await SUCCEEDED(world, render) is None


async def test_a_late_video_is_free_for_the_member(world: World) -> None:
    render = await arrive(world, CLAIM, SUBMITTED, LATE, SUCCEEDED, note_delivery)
    assert render.settled == 0
    assert await world.spent(Subject.MEMBER) == 0
    assert await world.spent(Subject.HOST) == COST


async def test_a_late_task_that_fails_costs_only_the_host(world: World) -> None:
    await arrive(world, CLAIM, SUBMITTED, LATE, FAILED)
    assert await world.spent(Subject.MEMBER) == 0
    assert await world.spent(Subject.HOST) == COST


async def test_an_end_keeps_its_cause_and_the_providers_code(world: World) -> None:
    render = await arrive(world, CLAIM, SUBMITTED, FAILED)
    assert (render.cause, render.detail) == (Cause.PROVIDER_FAILED, "InternalServiceError")
    assert render.told_at_ms is None


async def test_a_delivery_notes_the_message_and_that_the_member_knows(world: World) -> None:
    render = await arrive(world, CLAIM, SUBMITTED, SUCCEEDED, note_delivery)
    assert render.told_at_ms == world.clock.now_ms()
    noted = await world.do(lambda tx: messages.latest(tx, render.id, Purpose.RESULT))
    assert noted
    assert noted.message_id == 99


@pytest.mark.parametrize("told", [True, False])
async def test_a_member_who_cancelled_need_not_be_told(world: World, told: bool) -> None:
    cancel = step("cancelled", cause=Cause.CANCELLED_BY_MEMBER, author="222", told=told)
    render = await arrive(world, cancel)
    assert (render.told_at_ms is not None) is told
    assert (await world.lines(render))[-1].author == "222"


@pytest.mark.parametrize("place", [True, False])
async def test_telling_is_noted_with_its_message_if_there_was_a_place(
    world: World, place: bool
) -> None:
    render = await arrive(world, CLAIM, SUBMITTED, FAILED)
    now = world.clock.now_ms()

    async def tell(tx: Transaction) -> Render | None:
        posted = (await begin_result(tx, render, now), 98) if place else None
        return await lifecycle.told(tx, render, at_ms=now, posted=posted)

    assert await world.do(tell)
    assert await world.do(renders.untold) == ()
    noted = await world.do(lambda tx: messages.latest(tx, render.id, Purpose.RESULT))
    assert (noted and noted.message_id) == (98 if place else None)
