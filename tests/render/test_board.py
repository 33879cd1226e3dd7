"""A board is one message that is up to date, is never edited when old, and is found again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from render.board import AGAIN_SECONDS, LOOK_SECONDS, MOST_NEEDS, RENEW_AFTER, Boards
from render.messenger import PlaceClosed, PostingBroken
from render.pace import Pace
from storage import Transaction, boards, events, reports
from storage.boards import Board
from storage.records import Render, State
from storage.reports import Report
from tests.render.staff import Staff
from tests.render.world import LIMITS, SERVER, World, opened

CHANNEL, OTHER, NADIA = 77, 78, 55
PLENTY = 1_000_000


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with opened(tmp_path) as made:
        made.limits = replace(
            LIMITS,
            host_daily_credits=PLENTY,
            host_monthly_credits=PLENTY,
            member_daily_credits=PLENTY,
        )
        yield made


@pytest.fixture
def staff(world: World) -> Iterator[Staff]:
    made = Staff(world.clock)
    yield made
    assert made.wrongs == []


@pytest.fixture
def stage(world: World, staff: Staff) -> Boards:
    return process(world, staff)


def process(world: World, staff: Staff) -> Boards:
    """Return the stage as a process begins with it."""
    return Boards(database=world.database, publisher=staff, pace=Pace(), clock=world.clock)


async def ask(world: World, channel_id: int = CHANNEL, server_id: int = SERVER) -> None:
    now = world.clock.now_ms()
    await world.do(lambda tx: boards.show(tx, server_id, channel_id, at_ms=now, author_id=NADIA))


async def end(world: World) -> bool:
    now = world.clock.now_ms()
    return await world.do(lambda tx: boards.end(tx, SERVER, at_ms=now, author_id=NADIA))


async def steps(world: World, stage: Boards, number: int = 1) -> None:
    for _ in range(number):
        world.clock.advance(await stage.step())


async def board_of(world: World) -> Board:
    found = await world.do(lambda tx: boards.find(tx, SERVER))
    assert found
    return found


async def test_a_board_comes_up_and_follows_what_changes_in_the_same_message(
    world: World, staff: Staff, stage: Boards
) -> None:
    await stage.step()
    assert staff.messages == []
    await ask(world)
    await steps(world, stage, 3)
    assert "waiting=0" in staff.only.words
    await world.admit()
    await steps(world, stage)
    assert "waiting=1" in staff.only.words
    assert staff.only.channel_id == CHANNEL


async def test_what_has_not_changed_is_not_edited(
    world: World, staff: Staff, stage: Boards
) -> None:
    await ask(world)
    await world.admit()
    await steps(world, stage, 100)
    assert staff.edits == 0


async def test_under_two_hundred_transitions_a_minute_it_is_edited_twelve_times_a_minute(
    world: World, staff: Staff, stage: Boards
) -> None:
    await ask(world)

    async def loop() -> None:
        while True:
            await world.clock.sleep(await stage.step())

    running = asyncio.create_task(loop())
    minutes = 3
    for number in range(200 * minutes):
        await world.admit(state=list(State)[number % 4], card=False)
        world.clock.advance(60 / 200)
        await asyncio.sleep(0.002)
    running.cancel()
    moments = staff.only.edited_at_ms
    assert len(moments) > 10 * minutes, "it keeps up"
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert min(pauses) >= 5000
    busiest = max(sum(start <= one < start + 60_000 for one in moments) for start in moments)
    assert busiest <= 12
    await steps(world, stage)
    assert staff.seen
    assert str(staff.seen.totals) in staff.only.words


async def test_what_is_older_than_fifty_minutes_is_posted_anew_and_the_old_one_deleted(
    world: World, staff: Staff, stage: Boards
) -> None:
    await ask(world)
    await steps(world, stage)
    first = staff.only
    for _ in range(3 * 60):
        world.clock.advance(60)
        await world.admit()
        await stage.step()
    assert first in staff.deleted
    assert len(staff.deleted) == 3
    assert world.clock.now_ms() - staff.only.at_ms <= RENEW_AFTER.total_seconds() * 1000
    assert "waiting=180" in staff.only.words


async def test_a_quiet_board_is_left_alone_however_old_it_is(
    world: World, staff: Staff, stage: Boards
) -> None:
    await ask(world)
    await steps(world, stage, 2)
    message = staff.only
    world.clock.advance(5 * 3600)
    await steps(world, stage, 2)
    assert staff.only is message


async def test_after_a_restart_it_goes_on_in_the_same_message(
    world: World, staff: Staff, stage: Boards
) -> None:
    await ask(world)
    await steps(world, stage)
    await world.open()
    await world.admit()
    await process(world, staff).step()
    assert "waiting=1" in staff.only.words


@pytest.mark.parametrize("seconds_down", [1, 200, 3000])
async def test_a_crash_between_the_post_and_its_note_makes_no_second_board(
    world: World, staff: Staff, stage: Boards, seconds_down: int
) -> None:
    await ask(world)
    staff.answers_get_lost = True
    await stage.step()
    staff.answers_get_lost = False
    world.clock.advance(seconds_down)
    await world.open()
    await world.admit()
    await steps(world, process(world, staff), 3)
    assert "waiting=1" in staff.only.words


async def test_what_never_arrived_is_posted_later(
    world: World, staff: Staff, stage: Boards
) -> None:
    await ask(world)
    staff.breaks[CHANNEL] = PostingBroken()
    await stage.step()
    staff.breaks.clear()
    await stage.step()
    assert staff.messages == []
    for _ in range(3):
        world.clock.advance(AGAIN_SECONDS)
        await stage.step()
    assert staff.only


async def test_a_board_that_somebody_deleted_is_made_again(
    world: World, staff: Staff, stage: Boards
) -> None:
    await ask(world)
    await steps(world, stage, 2)
    staff.deleted.append(staff.messages.pop())
    await world.admit()
    await steps(world, stage, 2)
    assert "waiting=1" in staff.only.words


async def test_a_board_that_was_deleted_before_it_was_noted_is_made_again(
    world: World, staff: Staff, stage: Boards
) -> None:
    await ask(world)
    staff.answers_get_lost = True
    await stage.step()
    staff.answers_get_lost = False
    staff.deleted.append(staff.messages.pop())
    world.clock.advance(AGAIN_SECONDS)
    await steps(world, stage, 2)
    assert staff.only


async def test_to_ask_again_posts_it_anew_at_the_end_of_the_channel(
    world: World, staff: Staff, stage: Boards
) -> None:
    await ask(world)
    await steps(world, stage)
    first = staff.only
    await ask(world)
    await steps(world, stage, 3)
    assert staff.only is not first
    assert staff.edits == 0


async def test_an_attempt_that_came_to_nothing_takes_the_next_one_not_along(
    world: World, staff: Staff, stage: Boards
) -> None:
    await ask(world)
    staff.breaks[CHANNEL] = PostingBroken()
    await stage.step()
    staff.breaks.clear()
    world.clock.advance(AGAIN_SECONDS)
    await ask(world)
    await steps(world, stage, 2)
    assert staff.only
    assert staff.deleted == []


async def test_it_moves_to_another_channel(world: World, staff: Staff, stage: Boards) -> None:
    await ask(world)
    await steps(world, stage)
    await ask(world, OTHER)
    await steps(world, stage)
    assert staff.only.channel_id == OTHER


@pytest.mark.parametrize("posted", [True, False])
async def test_an_ended_board_is_deleted_also_one_that_was_never_noted(
    world: World, staff: Staff, stage: Boards, *, posted: bool
) -> None:
    await ask(world)
    staff.answers_get_lost = not posted
    await stage.step()
    staff.answers_get_lost = False
    assert len(staff.messages) == 1
    assert await end(world)
    assert not await end(world)
    world.clock.advance(AGAIN_SECONDS)
    await steps(world, stage, 2)
    assert staff.messages == []
    await ask(world)
    await steps(world, stage)
    assert staff.only


async def test_a_closed_channel_ends_the_tries_until_somebody_asks_again(
    world: World, staff: Staff, stage: Boards, caplog: pytest.LogCaptureFixture
) -> None:
    await ask(world)
    await steps(world, stage)
    staff.breaks[CHANNEL] = PlaceClosed()
    for _ in range(5):
        await world.admit()
        await steps(world, stage)
    assert (await board_of(world)).closed_at_ms
    assert len([one for one in caplog.records if "shows no board" in one.message]) == 1
    staff.breaks.clear()
    await world.admit()
    await steps(world, stage)
    assert "waiting=0" in staff.only.words

    await ask(world)
    await steps(world, stage, 2)
    assert (await board_of(world)).closed_at_ms is None
    assert "waiting=6" in staff.only.words


async def test_a_closed_channel_is_left_for_another_one(
    world: World, staff: Staff, stage: Boards
) -> None:
    await ask(world)
    await steps(world, stage)
    staff.breaks[CHANNEL] = PlaceClosed()
    await ask(world, OTHER)
    await steps(world, stage)
    assert [one.channel_id for one in staff.messages] == [CHANNEL, OTHER]
    assert len(await world.do(lambda tx: boards.posts(tx, SERVER))) == 1


async def test_a_server_that_cannot_be_reached_holds_no_other_up(
    world: World, staff: Staff, stage: Boards
) -> None:
    await ask(world)
    await ask(world, OTHER, SERVER + 1)
    staff.breaks[CHANNEL] = ZeroDivisionError()
    assert await stage.step() == LOOK_SECONDS
    assert staff.only.channel_id == OTHER


async def test_it_names_first_what_needs_a_person(
    world: World, staff: Staff, stage: Boards
) -> None:
    for state in (State.QUEUED, State.RENDERING, State.UNDELIVERED, State.AWAITING_APPROVAL):
        await world.admit(state=state)
    unknown = await world.admit(state=State.UNKNOWN)
    await ask(world)
    await steps(world, stage)
    assert staff.seen
    states = [one.state for one in staff.seen.needs]
    assert states == [State.UNKNOWN, State.AWAITING_APPROVAL, State.UNDELIVERED]
    assert unknown.id in staff.only.words
    for _ in range(2 * MOST_NEEDS):
        await world.admit(state=State.UNKNOWN)
    await steps(world, stage)
    assert len(staff.seen.needs) == MOST_NEEDS


async def test_it_names_what_was_reported_in_the_last_day(
    world: World, staff: Staff, stage: Boards
) -> None:
    render = await world.admit(state=State.DELIVERED)
    elsewhere = await world.admit(state=State.DELIVERED, server_id=SERVER + 1)
    await report(world, render, 1)
    await report(world, render, 2)
    await report(world, elsewhere, 1)
    await ask(world)
    await steps(world, stage)
    assert staff.seen
    assert staff.seen.reported == {render.id: 2}
    world.clock.advance(24 * 3600)
    await steps(world, stage)
    assert staff.seen.reported == {}


async def report(world: World, render: Render, member_id: int) -> None:
    made = Report(
        render_id=render.id, member_id=member_id, at_ms=world.clock.now_ms(), reason="blood"
    )
    assert await world.do(lambda tx: reports.insert(tx, made))


async def test_who_puts_it_up_and_takes_it_away_is_written_down(world: World) -> None:
    await ask(world)
    await end(world)

    async def read(tx: Transaction) -> list[tuple[str, str, str]]:
        found = await events.acts(tx, server_id=SERVER, after_id=0, limit=9)
        return [(one.action, one.author, one.new_value) for one in found]

    assert await world.do(read) == [
        ("board.set", str(NADIA), f"channel_id={CHANNEL}"),
        ("board.end", str(NADIA), ""),
    ]
