from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import Database, identifies
from storage.identifies import wait_before
from tests.storage.examples import DAY_MS, NOW_MS

NONE = timedelta(0)
SECOND_MS = 1000
HOUR_MS = 3_600_000


def crash_loop(*, every_ms: int, until_ms: int) -> list[int]:
    """Start a bot that dies after so long, again and again; return when it identified itself."""
    times: list[int] = []
    now_ms = 0
    while now_ms < until_ms:
        now_ms += wait_before(times, now_ms) // timedelta(milliseconds=1)
        times.append(now_ms)
        now_ms += every_ms
    return times


def test_twenty_identifies_are_free() -> None:
    assert wait_before([], NOW_MS) == NONE
    assert wait_before([NOW_MS] * 19, NOW_MS) == NONE


def test_the_one_after_twenty_waits_for_90_seconds() -> None:
    assert wait_before([NOW_MS] * 20, NOW_MS) == timedelta(seconds=90)
    assert wait_before([NOW_MS] * 20, NOW_MS + 89_000) == timedelta(seconds=1)
    assert wait_before([NOW_MS] * 20, NOW_MS + 90_000) == NONE


def test_every_90_seconds_one_more_is_free() -> None:
    assert wait_before([NOW_MS] * 20, NOW_MS + 5 * 90_000) == NONE
    assert wait_before([NOW_MS] * 20 + [NOW_MS + 5 * 90_000] * 5, NOW_MS + 5 * 90_000) == timedelta(
        seconds=90
    )


def test_after_half_an_hour_of_quiet_twenty_are_free_again() -> None:
    later = NOW_MS + 20 * 90_000
    assert wait_before([NOW_MS] * 20 + [later] * 19, later) == NONE
    assert wait_before([NOW_MS] * 20 + [later] * 20, later) == timedelta(seconds=90)


def test_the_order_of_times_does_not_matter() -> None:
    times = [NOW_MS - number * 1000 for number in range(25)]
    assert wait_before(times, NOW_MS) == wait_before(sorted(times), NOW_MS)


def test_five_hundred_a_day_is_the_most() -> None:
    times = [NOW_MS + number * 100_000 for number in range(500)]
    last = times[-1] + 100_000
    assert wait_before(times[1:], last) == NONE
    assert wait_before(times, last) == timedelta(milliseconds=NOW_MS + DAY_MS - last)
    assert wait_before(times, NOW_MS + DAY_MS) == NONE


@pytest.mark.parametrize("every_ms", [0, 5 * SECOND_MS, 91 * SECOND_MS])
def test_a_crash_loop_stays_below_the_limit_of_discord(every_ms: int) -> None:
    times = crash_loop(every_ms=every_ms, until_ms=2 * DAY_MS)
    for start in times:
        assert sum(start <= at < start + DAY_MS for at in times) <= 500


def test_after_the_clock_was_put_back_what_lies_ahead_has_just_been() -> None:
    ahead = [NOW_MS + HOUR_MS] * 20
    assert wait_before(ahead, NOW_MS) == timedelta(seconds=90)
    assert wait_before(ahead[1:], NOW_MS) == NONE


@given(st.lists(st.integers(NOW_MS - DAY_MS, NOW_MS + HOUR_MS), max_size=60))
def test_after_the_wait_there_is_no_further_wait(ahead: list[int]) -> None:
    times = [min(at_ms, NOW_MS) for at_ms in ahead]
    wait = wait_before(times, NOW_MS)
    assert wait >= NONE
    assert wait_before(times, NOW_MS + wait // timedelta(milliseconds=1)) == NONE


async def test_times_outlive_the_process(url: str) -> None:
    for number in range(3):
        async with Database.open(url) as database:
            await database.transaction(lambda tx, n=number: identifies.note(tx, NOW_MS + n))
    async with Database.open(url) as database:
        assert await database.read(identifies.times) == (NOW_MS, NOW_MS + 1, NOW_MS + 2)


async def test_what_is_further_than_a_day_away_is_forgotten(database: Database) -> None:
    for at_ms in (NOW_MS - DAY_MS - 1, NOW_MS - DAY_MS, NOW_MS + DAY_MS, NOW_MS):
        await database.transaction(lambda tx, at=at_ms: identifies.note(tx, at))
    await database.transaction(lambda tx: identifies.note(tx, NOW_MS + 1))
    assert await database.read(identifies.times) == (NOW_MS + DAY_MS, NOW_MS, NOW_MS + 1)
