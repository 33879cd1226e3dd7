"""How much may be held and how much may wait, also when many come at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from render.admission import Admitted
from render.alerts import Kind
from render.errors import OverCeiling, QueueFull, Refusal, TooManyAtOnce
from storage.records import Owner, Span, Subject
from tests.render.gate import (
    HOST_OWNER,
    MEMBER,
    SERVER,
    SERVER_OWNER,
    WIDE,
    Gate,
    opened,
    request,
)
from tests.render.virtual_time import NOON_MS


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncGenerator[Gate]:
    async with opened(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("limit", "subject", "span"),
    [
        ("host_hourly_credits", Subject.HOST, Span.HOUR),
        ("host_daily_credits", Subject.HOST, Span.DAY),
        ("host_weekly_credits", Subject.HOST, Span.WEEK),
        ("host_monthly_credits", Subject.HOST, Span.MONTH),
        ("server_daily_credits", Subject.SERVER, Span.DAY),
        ("member_daily_credits", Subject.MEMBER, Span.DAY),
    ],
)
async def test_a_ceiling_refuses_what_does_not_fit_and_says_what_would(
    gate: Gate, limit: str, subject: Subject, span: Span
) -> None:
    left = gate.price(seconds=7)

    with pytest.raises(OverCeiling) as refusal:
        await gate.admission(**{limit: left}).admit(request(duration_seconds=8))

    error = refusal.value
    assert (error.account.key.subject, error.account.key.span) == (subject, span)
    assert (error.account.ceiling, error.account.left) == (left, left)
    assert error.account.key.ends_at_ms > NOON_MS
    assert error.cost == gate.price(seconds=8)
    assert error.fitting_seconds == 7
    assert (error.clip_credits, error.clip_seconds) == (gate.price(), 5)
    assert await gate.is_empty()


async def test_the_host_is_told_of_the_own_ceiling_once_in_its_window(gate: Gate) -> None:
    admission = gate.admission(host_daily_credits=1)
    for _ in range(2):
        with pytest.raises(OverCeiling):
            await admission.admit(request())
        await gate.alerts.step()
    (alert,) = gate.herald.told
    assert alert.kind is Kind.CEILING_REACHED
    assert alert.facts["span"] == Span.DAY
    assert (alert.facts["ceiling"], alert.facts["left"], alert.facts["cost"]) == (
        1,
        1,
        gate.price(),
    )
    gate.clock.advance(86_400)
    with pytest.raises(OverCeiling):
        await admission.admit(request())
    await gate.alerts.step()
    assert len(gate.herald.told) == 2


async def test_the_host_is_told_at_half_four_fifths_and_all_of_a_ceiling(gate: Gate) -> None:
    cost = gate.price()
    admission = gate.admission(host_daily_credits=10 * cost)
    told: list[int] = []
    for number in range(10):
        await admission.admit(request(prompt=f"boat {number}"))
        await gate.alerts.step()
        told.append(len(gate.herald.told))

    assert told == [0, 0, 0, 0, 1, 1, 1, 2, 2, 3]
    assert [alert.facts for alert in gate.herald.told] == [
        {
            "span": Span.DAY,
            "percent": percent,
            "used": percent * cost // 10,
            "ceiling": 10 * cost,
            "ends_at_ms": NOON_MS + 43_200_000,
        }
        for percent in (50, 80, 100)
    ]


async def test_a_part_of_a_ceiling_is_told_once_in_its_window_and_no_lower_one_after_it(
    gate: Gate,
) -> None:
    admission = gate.admission(host_daily_credits=gate.price(12))
    for _ in range(2):
        render = (await admission.admit(request(duration_seconds=12))).render
        await gate.release(render)
    await admission.admit(request(duration_seconds=7))
    await gate.alerts.step()
    assert [alert.facts["percent"] for alert in gate.herald.told] == [100]

    gate.clock.advance(86_400)
    await admission.admit(request(duration_seconds=7))
    await gate.alerts.step()
    assert [alert.facts["percent"] for alert in gate.herald.told] == [100, 50]


async def test_what_is_refused_after_the_holds_tells_the_host_nothing(gate: Gate) -> None:
    with pytest.raises(QueueFull):
        await gate.admission(host_daily_credits=gate.price(), queue_length=0).admit(request())
    await gate.alerts.step()
    assert gate.herald.told == []


async def test_a_full_queue_is_the_obstacle_that_a_request_would_meet(gate: Gate) -> None:
    admission = gate.admission(queue_length=1)
    terms = (await admission.allowance(SERVER, MEMBER, ())).terms
    assert await admission.obstacle(SERVER, MEMBER, terms) is None
    await admission.admit(request())
    assert isinstance(await admission.obstacle(SERVER, MEMBER, terms), QueueFull)


async def test_a_members_ceiling_is_none_of_the_hosts_business(gate: Gate) -> None:
    with pytest.raises(OverCeiling):
        await gate.admission(member_daily_credits=1).admit(request())
    await gate.alerts.step()
    assert gate.herald.told == []


async def test_what_is_held_counts_against_a_ceiling(gate: Gate) -> None:
    admission = gate.admission(member_daily_credits=gate.price() + 1)
    await admission.admit(request())

    with pytest.raises(OverCeiling) as refusal:
        await admission.admit(request(prompt="another"))

    assert refusal.value.account.left == 1
    assert refusal.value.fitting_seconds is None


async def test_what_is_advised_fits_under_every_ceiling(gate: Gate) -> None:
    long, short = gate.price(seconds=12), gate.price(seconds=6)
    admission = gate.admission(host_daily_credits=long - 1, member_daily_credits=short)

    with pytest.raises(OverCeiling) as refusal:
        await admission.admit(request(duration_seconds=12))

    assert refusal.value.account.key.subject is Subject.HOST
    assert refusal.value.fitting_seconds == 6
    assert await admission.admit(request(duration_seconds=6))


async def test_a_new_day_is_a_new_allowance(gate: Gate) -> None:
    admission = gate.admission(member_daily_credits=gate.price())
    await admission.admit(request())
    gate.clock.advance(12 * 3600)

    assert await admission.admit(request())
    assert await gate.balances()


async def test_a_member_has_only_so_many_under_way(gate: Gate) -> None:
    admission = gate.admission(renders_at_once=1)
    await admission.admit(request())

    with pytest.raises(TooManyAtOnce) as refusal:
        await admission.admit(request(prompt="another"))

    assert refusal.value.limit == 1
    assert await admission.admit(request(member_id=MEMBER + 1))
    assert len(await gate.kept()) == 2
    assert await gate.balances()


async def test_a_server_has_only_so_many_waiting(gate: Gate) -> None:
    admission = gate.admission(queue_length=1)
    await admission.admit(request())

    with pytest.raises(QueueFull) as refusal:
        await admission.admit(request(member_id=MEMBER + 1))

    assert refusal.value.limit == 1
    assert await admission.admit(request(server_id=SERVER + 1))


async def outcomes(
    crowd: Iterable[Awaitable[Admitted]],
) -> tuple[list[Admitted], list[BaseException]]:
    ended = await asyncio.gather(*crowd, return_exceptions=True)
    passed = [one for one in ended if isinstance(one, Admitted)]
    return passed, [one for one in ended if isinstance(one, BaseException)]


@pytest.mark.parametrize(
    ("limit", "refusal"),
    [
        ("host_hourly_credits", OverCeiling),
        ("host_daily_credits", OverCeiling),
        ("host_weekly_credits", OverCeiling),
        ("host_monthly_credits", OverCeiling),
        ("server_daily_credits", OverCeiling),
        ("member_daily_credits", OverCeiling),
        ("renders_at_once", TooManyAtOnce),
        ("queue_length", QueueFull),
    ],
)
async def test_of_forty_at_once_exactly_three_fit(
    gate: Gate, limit: str, refusal: type[Refusal]
) -> None:
    room = 4 * gate.price() - 1 if "credits" in limit else 3
    admission = gate.admission(**{limit: room})

    passed, refused = await outcomes(
        admission.admit(request(prompt=f"boat {n}")) for n in range(40)
    )

    assert len(passed) == 3
    assert {type(error) for error in refused} == {refusal}
    assert {render.id for render in await gate.kept()} == {one.render.id for one in passed}
    assert await gate.balances()


async def test_of_twenty_equal_wishes_at_once_one_is_kept(gate: Gate) -> None:
    admission = gate.admission()

    passed, refused = await outcomes(admission.admit(request()) for _ in range(20))

    assert refused == []
    assert len({one.render.id for one in passed}) == 1
    assert [one.repeated for one in passed].count(False) == 1
    assert len(await gate.kept()) == 1
    assert await gate.balances()


@hypothesis_settings(max_examples=20, deadline=None)
@given(
    wishes=st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(3, 13), st.sampled_from(["480p", "720p", "1080p"])
        ),
        min_size=1,
        max_size=8,
    ),
    host=st.integers(0, 400),
    member=st.integers(0, 200),
)
def test_no_ceiling_is_ever_passed_and_the_ledger_balances(
    tmp_path_factory: pytest.TempPathFactory,
    wishes: list[tuple[int, int, str]],
    host: int,
    member: int,
) -> None:
    async def play(gate: Gate) -> None:
        admission = gate.admission(host_daily_credits=host, member_daily_credits=member)

        await outcomes(
            admission.admit(
                request(
                    prompt=f"boat {number}",
                    member_id=who,
                    duration_seconds=seconds,
                    resolution=resolution,
                )
            )
            for number, (who, seconds, resolution) in enumerate(wishes)
        )

        costs = Counter(dict.fromkeys(range(3), 0))
        for render in await gate.kept():
            costs[render.member_id] += render.cost
        assert (await gate.account(HOST_OWNER)).held == costs.total() <= host
        assert (await gate.account(SERVER_OWNER)).held == costs.total()
        for who, cost in costs.items():
            owner = Owner(subject=Subject.MEMBER, server_id=SERVER, member_id=who)
            assert (await gate.account(owner)).held == cost <= member
        assert await gate.balances()

    async def play_anew() -> None:
        async with opened(tmp_path_factory.mktemp("ledger")) as gate:
            await play(gate)

    asyncio.run(play_anew())


async def test_the_allowance_shows_what_is_left_and_what_is_under_way(gate: Gate) -> None:
    admission = gate.admission(member_daily_credits=200)
    mine = (await admission.admit(request())).render
    await admission.admit(request(member_id=MEMBER + 1))
    await admission.admit(request(server_id=SERVER + 1))

    allowance = await admission.allowance(SERVER, MEMBER, ())

    assert allowance.account.held == mine.cost
    assert allowance.account.left == 200 - mine.cost
    assert (allowance.clip_credits, allowance.clip_seconds) == (gate.price(), 5)
    assert allowance.under_way == (mine,)


async def test_the_allowance_without_a_model_knows_no_clips(gate: Gate) -> None:
    for offer in gate.offers.current:
        gate.offers.remove(offer)

    allowance = await gate.admission().allowance(SERVER, MEMBER, ())

    assert (allowance.clip_credits, allowance.clip_seconds) == (0, 0)
    assert allowance.account.left == WIDE.member_daily_credits
