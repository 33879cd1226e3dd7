"""Windows over time: midnight, another zone, clock changes, grants that end, members who left."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from render.errors import OverCeiling
from storage import accounts
from storage.records import Holder, Span, Subject
from tests.render.gate import MEMBER, MEMBER_OWNER, SERVER, Gate, opened, request

DAY_SECONDS = 86_400
ZURICH, ROLE = "Europe/Zurich", 777


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncGenerator[Gate]:
    async with opened(tmp_path) as made:
        yield made
        assert await made.balances()


def move_to(gate: Gate, zone: str, *moment: int) -> None:
    """Let it be this moment on the calendar of a zone."""
    year, month, day, hour, minute = moment
    there = datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone))
    gate.clock.jump((int(there.timestamp()) * 1000 - gate.clock.now_ms()) / 1000)


async def left(gate: Gate, **limits: object) -> int:
    return (await gate.admission(**limits).allowance(SERVER, MEMBER, ())).left


async def test_what_was_held_a_minute_before_midnight_counts_in_its_own_day(gate: Gate) -> None:
    daily = 2 * gate.price()
    move_to(gate, "UTC", 2026, 11, 22, 23, 59)
    render = (await gate.admission(member_daily_credits=daily).admit(request())).render
    before = await gate.account(MEMBER_OWNER)
    gate.clock.advance(120)
    assert await left(gate, member_daily_credits=daily) == daily

    await gate.settle(render, render.cost - 1)

    assert await left(gate, member_daily_credits=daily) == daily
    yesterday = await gate.database.read(lambda tx: accounts.balance(tx, before.key, None))
    assert (before.held, yesterday.held, yesterday.spent) == (render.cost, 0, render.cost - 1)


async def test_what_is_released_after_midnight_gives_the_new_day_nothing(gate: Gate) -> None:
    daily = gate.price()
    move_to(gate, "UTC", 2026, 11, 22, 23, 59)
    render = (await gate.admission(member_daily_credits=daily).admit(request())).render
    gate.clock.advance(120)
    await gate.release(render)

    assert await left(gate, member_daily_credits=daily) == daily


async def test_another_time_zone_gives_nothing_back(gate: Gate) -> None:
    await gate.rule(Holder.EVERYONE, day_credits=gate.price())
    move_to(gate, "UTC", 2026, 11, 22, 12, 0)
    await gate.admission().admit(request())
    for zone in ("Asia/Kathmandu", "America/New_York", "Pacific/Kiritimati", ZURICH):
        await gate.set(time_zone=zone)
        assert await left(gate) == 0, zone

    with pytest.raises(OverCeiling):
        await gate.admission().admit(request(prompt="two"))


async def test_a_zone_in_which_it_is_another_day_shows_what_was_spent_in_that_day(
    gate: Gate,
) -> None:
    daily = gate.price()
    await gate.rule(Holder.EVERYONE, day_credits=daily)
    move_to(gate, "UTC", 2026, 11, 22, 9, 45)
    await gate.admission().admit(request())
    gate.clock.advance(1800)
    # In Kiritimati midnight was a quarter of an hour ago, after the hold.
    await gate.set(time_zone="Pacific/Kiritimati")
    assert await left(gate) == daily
    # Back again, the hold is in the day as it was.
    await gate.set(time_zone="UTC")
    assert await left(gate) == 0


@pytest.mark.parametrize(("date", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
async def test_a_day_of_23_or_25_hours_is_one_day(
    gate: Gate, date: tuple[int, int, int], hours: int
) -> None:
    await gate.set(time_zone=ZURICH)
    await gate.rule(Holder.EVERYONE, day_credits=gate.price())
    move_to(gate, ZURICH, *date, 0, 0)
    await gate.admission().admit(request())
    gate.clock.advance(hours * 3600 - 1)

    with pytest.raises(OverCeiling) as refusal:
        await gate.admission().admit(request(prompt="at its end"))

    assert refusal.value.account.key.ends_at_ms == gate.clock.now_ms() + 1000
    gate.clock.advance(1)
    assert await gate.admission().admit(request(prompt="in the next"))


async def test_in_the_hour_that_comes_twice_each_is_an_hour_of_its_own(gate: Gate) -> None:
    await gate.set(time_zone=ZURICH)
    await gate.rule(Holder.EVERYONE, hour_credits=gate.price())
    move_to(gate, "UTC", 2026, 10, 25, 0, 30)
    await gate.admission().admit(request())
    gate.clock.advance(1799)
    with pytest.raises(OverCeiling):
        await gate.admission().admit(request(prompt="the first time"))
    gate.clock.advance(1)

    assert await gate.admission().admit(request(prompt="the second time"))


async def test_the_host_keeps_the_own_zone_whatever_a_server_chooses(gate: Gate) -> None:
    move_to(gate, "UTC", 2026, 11, 22, 9, 45)
    admission = gate.admission(host_daily_credits=gate.price())
    await admission.admit(request())
    gate.clock.advance(1800)
    await gate.set(time_zone="Pacific/Kiritimati")

    with pytest.raises(OverCeiling) as refusal:
        await admission.admit(request(prompt="two"))

    assert refusal.value.account.key.subject is Subject.HOST


async def test_a_clock_that_goes_back_meets_what_was_held_before(gate: Gate) -> None:
    daily = gate.price()
    await gate.admission(member_daily_credits=daily).admit(request())
    gate.clock.jump(-3600)

    with pytest.raises(OverCeiling):
        await gate.admission(member_daily_credits=daily).admit(request(prompt="earlier"))


async def test_the_credits_of_a_member_who_left_come_back_and_wait(gate: Gate) -> None:
    render = (await gate.admission(member_daily_credits=100).admit(request())).render
    await gate.release(render)

    assert await left(gate, member_daily_credits=100) == 100


async def give(gate: Gate, credits: int, days: float) -> None:
    await gate.treasury().grant(
        SERVER,
        MEMBER,
        credits=credits,
        expires_at_ms=gate.clock.now_ms() + int(days * DAY_SECONDS * 1000),
        reason="thanks",
        author_id=1,
    )


async def test_a_grant_pays_when_the_allowance_does_not_suffice(gate: Gate) -> None:
    await give(gate, 100, days=7)
    admission = gate.admission(member_daily_credits=10)

    render = (await admission.admit(request())).render

    wallet = (await admission.allowance(SERVER, MEMBER, ())).wallet
    assert (wallet.own, wallet.granted) == (0, 110 - render.cost)
    await gate.settle(render)
    held = await gate.database.read(lambda tx: accounts.held_by(tx, render.id))
    assert held == ()
    wallet = (await admission.allowance(SERVER, MEMBER, ())).wallet
    assert (wallet.account.spent, wallet.granted) == (10, 110 - render.cost)


async def test_a_grant_that_ends_before_the_day_is_spent_first(gate: Gate) -> None:
    await give(gate, 5, days=0.1)
    admission = gate.admission(member_daily_credits=100)

    render = (await admission.admit(request())).render

    wallet = (await admission.allowance(SERVER, MEMBER, ())).wallet
    assert (wallet.own, wallet.granted) == (105 - render.cost, 0)


async def test_a_refusal_advises_what_fits_with_the_grants(gate: Gate) -> None:
    await give(gate, gate.price(6) - 10, days=7)
    admission = gate.admission(member_daily_credits=10)

    with pytest.raises(OverCeiling) as refusal:
        await admission.admit(request(duration_seconds=12))

    assert (refusal.value.account.left, refusal.value.granted) == (10, gate.price(6) - 10)
    assert refusal.value.fitting_seconds == 6
    assert await admission.admit(request(duration_seconds=6))


async def test_a_grant_lifts_neither_the_servers_nor_the_hosts_ceiling(gate: Gate) -> None:
    await give(gate, 1000, days=7)
    for limit, subject in (
        ("server_daily_credits", Subject.SERVER),
        ("host_daily_credits", Subject.HOST),
    ):
        admission = gate.admission(**{limit: gate.price(4), "member_daily_credits": 0})
        with pytest.raises(OverCeiling) as refusal:
            await admission.admit(request())
        assert refusal.value.account.key.subject is subject
        assert (refusal.value.granted, refusal.value.fitting_seconds) == (0, 4)


async def test_a_grant_that_has_ended_pays_nothing(gate: Gate) -> None:
    await give(gate, 1000, days=1)
    gate.clock.advance(DAY_SECONDS)

    with pytest.raises(OverCeiling) as refusal:
        await gate.admission(member_daily_credits=0).admit(request())

    assert refusal.value.granted == 0


async def test_each_holder_of_a_role_gets_its_grant_once(gate: Gate) -> None:
    await gate.treasury().grant_role(
        SERVER,
        ROLE,
        credits=50,
        expires_at_ms=gate.clock.now_ms() + DAY_SECONDS * 1000,
        reason="event",
        author_id=1,
    )
    admission = gate.admission(member_daily_credits=0)

    for _ in range(2):
        assert (await admission.allowance(SERVER, MEMBER, {ROLE})).left == 50
    assert (await admission.allowance(SERVER, MEMBER + 1, {ROLE})).left == 50
    assert (await admission.allowance(SERVER, MEMBER + 2, {ROLE + 1})).left == 0
    # It was given, and is the member's also without the role.
    assert await admission.admit(request())


async def test_a_window_of_another_span_sums_the_same_spend(gate: Gate) -> None:
    await gate.rule(Holder.EVERYONE, week_credits=500)
    render = (await gate.admission().admit(request())).render
    await gate.settle(render)
    for span in Span:
        account = await gate.account(MEMBER_OWNER, span)
        assert account.spent == render.cost
