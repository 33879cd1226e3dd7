"""Windows, accounts, defaults and what a model can do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.errors import OptionNotCarried, ValueNotOffered
from render.policy import (
    LARGEST_SEED,
    Choice,
    Limits,
    account_key,
    choose,
    default_resolution,
    default_seconds,
    host_accounts,
    longest_within,
    require,
    window,
)
from seedance import CATALOGUE, Option
from storage.records import Frame, FrameRole, Owner, Span, Subject
from tests.render.offering import TASKS, V1_0, V1_5, V2_0, V2_5, VIDEOS, offer

ALL = tuple(offer(model.name, path) for model in CATALOGUE for path in (TASKS, VIDEOS))
ZURICH = ZoneInfo("Europe/Zurich")
# Midnight is left out, comes twice, is a quarter of an hour off, and a whole day is left out.
ODD_ZONES = [
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Cairo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
]


def ms(zone: ZoneInfo, year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=zone).timestamp()) * 1000


def limits(zone: ZoneInfo = ZURICH) -> Limits:
    return Limits(
        host_hourly_credits=None,
        host_daily_credits=500,
        host_weekly_credits=2_000,
        host_monthly_credits=10_000,
        server_daily_credits=500,
        member_daily_credits=120,
        renders_at_once=2,
        queue_length=20,
        undo=timedelta(seconds=5),
        time_zone=zone,
        allowed_servers=frozenset(),
    )


def frame(width: int, height: int, role: FrameRole = FrameRole.FIRST) -> Frame:
    return Frame(role=role, media_type="image/png", width=width, height=height, data=b"")


def chosen(name: str, path: str = TASKS, *frames: Frame, **wanted: str) -> Choice:
    return choose(
        offer(name, path), {Option(key): value for key, value in wanted.items()}, frames, ALL
    )


def test_a_day_begins_and_ends_at_midnight() -> None:
    starts, ends = window(Span.DAY, ms(ZURICH, 2026, 11, 22, 13, 30), ZURICH)

    assert (starts, ends) == (ms(ZURICH, 2026, 11, 22), ms(ZURICH, 2026, 11, 23))


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_a_day_on_which_the_clock_changes_is_shorter_or_longer(
    day: tuple[int, int, int], hours: int
) -> None:
    starts, ends = window(Span.DAY, ms(ZURICH, *day, 12), ZURICH)

    assert ends - starts == hours * 3_600_000


@pytest.mark.parametrize(
    ("now", "following"), [((2026, 12, 31), (2027, 1, 1)), ((2028, 2, 29), (2028, 3, 1))]
)
def test_a_month_begins_and_ends_with_its_first_day(
    now: tuple[int, int, int], following: tuple[int, int, int]
) -> None:
    starts, ends = window(Span.MONTH, ms(ZURICH, *now, 23, 59), ZURICH)

    assert starts == ms(ZURICH, now[0], now[1], 1)
    assert ends == ms(ZURICH, *following)


def test_the_first_instant_belongs_to_the_new_day_and_the_last_to_the_old() -> None:
    midnight = ms(ZURICH, 2026, 11, 22)

    assert window(Span.DAY, midnight, ZURICH)[0] == midnight
    assert window(Span.DAY, midnight - 1, ZURICH)[1] == midnight


spans = st.sampled_from(list(Span))
moments = st.integers(0, 4_000_000_000_000)
zones = st.sampled_from(ODD_ZONES).map(ZoneInfo) | st.timezone_keys().map(ZoneInfo)


@given(spans, moments, zones)
def test_windows_hold_their_moment_and_tile_the_calendar(
    span: Span, now: int, zone: ZoneInfo
) -> None:
    starts, ends = window(span, now, zone)

    assert starts <= now < ends
    assert window(span, starts, zone) == window(span, ends - 1, zone) == (starts, ends)
    assert window(span, starts - 1, zone)[1] == starts
    assert window(span, ends, zone)[0] == ends


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("America/Sao_Paulo", (2018, 11, 4, 3)),
        ("America/Havana", (2026, 11, 1, 5)),
        ("America/St_Johns", (2009, 11, 1, 2)),
        ("America/St_Johns", (2009, 3, 8, 3)),
        ("Pacific/Apia", (2011, 12, 30, 10)),
        ("Asia/Beirut", (2026, 3, 28, 22)),
    ],
)
def test_a_change_of_the_clock_around_midnight_leaves_no_gap(
    zone: str, change: tuple[int, int, int, int]
) -> None:
    around = ms(ZoneInfo("UTC"), *change)
    for minutes in range(-180, 181):
        now = around + minutes * 60_000
        starts, ends = window(Span.DAY, now, ZoneInfo(zone))
        assert starts <= now < ends
        assert window(Span.DAY, starts - 1, ZoneInfo(zone))[1] == starts
        assert window(Span.DAY, ends, ZoneInfo(zone))[0] == ends


def test_a_week_begins_on_monday() -> None:
    starts, ends = window(Span.WEEK, ms(ZURICH, 2026, 11, 22, 23, 59), ZURICH)

    assert (starts, ends) == (ms(ZURICH, 2026, 11, 16), ms(ZURICH, 2026, 11, 23))


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 25), 167), ((2026, 10, 20), 169)])
def test_a_week_with_a_change_of_the_clock_is_an_hour_shorter_or_longer(
    day: tuple[int, int, int], hours: int
) -> None:
    starts, ends = window(Span.WEEK, ms(ZURICH, *day), ZURICH)

    assert ends - starts == hours * 3_600_000


def test_an_hour_begins_on_the_full_hour_of_its_zone() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")

    starts, ends = window(Span.HOUR, ms(kathmandu, 2026, 11, 22, 13, 59), kathmandu)

    assert (starts, ends) == (
        ms(kathmandu, 2026, 11, 22, 13),
        ms(kathmandu, 2026, 11, 22, 14),
    )


def test_the_last_hour_of_a_day_of_no_whole_hours_is_a_short_one() -> None:
    lord_howe = ZoneInfo("Australia/Lord_Howe")

    starts, ends = window(Span.HOUR, ms(lord_howe, 2026, 4, 5, 23, 45), lord_howe)

    assert ends - starts == 30 * 60_000
    assert ends == ms(lord_howe, 2026, 4, 6)


@given(spans, st.integers(1_600_000_000_000, 4_000_000_000_000), zones)
def test_every_window_is_made_of_quarters_of_an_hour(span: Span, now: int, zone: ZoneInfo) -> None:
    starts, ends = window(span, now, zone)

    assert starts % 900_000 == ends % 900_000 == 0


def test_the_hosts_accounts_are_those_with_a_ceiling() -> None:
    now = ms(ZURICH, 2026, 11, 22, 1)

    found = host_accounts(limits(), now)

    assert [(key.span, ceiling) for key, ceiling in found] == [
        (Span.DAY, 500),
        (Span.WEEK, 2_000),
        (Span.MONTH, 10_000),
    ]
    day = found[0][0]
    assert (day.subject, day.server_id, day.member_id) == (Subject.HOST, 0, 0)
    assert datetime.fromtimestamp(day.starts_at_ms / 1000, UTC).hour == 23


def test_a_window_of_a_member_names_the_member() -> None:
    owner = Owner(subject=Subject.MEMBER, server_id=1, member_id=2)

    key = account_key(owner, Span.HOUR, ms(ZURICH, 2026, 11, 22, 1, 30), ZURICH)

    assert key.owner == owner
    assert key.starts_at_ms == ms(ZURICH, 2026, 11, 22, 1)


@pytest.mark.parametrize("name", [V1_5, V2_5, V2_0, V1_0])
def test_what_is_left_to_us_is_five_seconds_at_720p_in_16_by_9(name: str) -> None:
    choice = chosen(name)

    assert (choice.duration_seconds, choice.resolution, choice.ratio) == (5, "720p", "16:9")
    assert (choice.seed, choice.audio, choice.crops) == (None, None, False)
    assert choice.cost == choice.offer.credits("720p", 5)


@pytest.mark.parametrize("path", [TASKS, VIDEOS])
@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.name)
def test_every_offer_has_valid_defaults(model: object, path: str) -> None:
    name = getattr(model, "name", "")
    choice = chosen(name, path)

    assert choice.duration_seconds == default_seconds(choice.offer)
    assert choice.duration_seconds in choice.offer.durations
    assert choice.resolution == default_resolution(choice.offer)
    assert choice.resolution in choice.offer.resolutions
    assert choice.ratio in choice.offer.ratios
    assert choice.cost > 0


def test_what_is_chosen_is_taken() -> None:
    choice = chosen(V1_5, duration="12", resolution="480p", ratio="9:16", seed="42")

    assert (choice.duration_seconds, choice.resolution, choice.ratio) == (12, "480p", "9:16")
    assert choice.seed == 42
    assert choice.cost == offer(V1_5).credits("480p", 12)


@pytest.mark.parametrize(
    ("option", "value", "valid"),
    [
        ("duration", "13", tuple(str(n) for n in range(4, 13))),
        ("duration", "-1", tuple(str(n) for n in range(4, 13))),
        ("resolution", "4k", ("480p", "720p", "1080p")),
        ("ratio", "5:4", (*offer(V1_5).ratios,)),
        ("seed", str(LARGEST_SEED + 1), ("0-4294967295",)),
        ("seed", "-2", ("0-4294967295",)),
    ],
)
def test_a_value_that_the_model_does_not_have_is_refused_with_the_valid_ones(
    option: str, value: str, valid: tuple[str, ...]
) -> None:
    with pytest.raises(ValueNotOffered) as refusal:
        chosen(V1_5, **{option: value})

    assert refusal.value.option is Option(option)
    assert (refusal.value.value, refusal.value.valid) == (value, valid)
    assert refusal.value.model == V1_5


def test_the_seed_that_stands_for_any_is_none() -> None:
    assert chosen(V1_5, seed="-1").seed is None
    assert chosen(V1_5, seed="0").seed == 0


def test_an_option_that_cannot_travel_is_refused_with_those_that_carry_it() -> None:
    current = (offer(V2_0, VIDEOS), offer(V1_5), offer(V1_0), offer(V2_5))

    with pytest.raises(OptionNotCarried) as refusal:
        choose(current[0], {Option.SEED: "42"}, (), current)

    assert (refusal.value.option, refusal.value.model) == (Option.SEED, V2_0)
    assert refusal.value.carriers == (V1_5, V1_0)


def test_a_choice_of_sound_travels_nowhere() -> None:
    with pytest.raises(OptionNotCarried) as refusal:
        chosen(V1_5, audio="false")

    assert refusal.value.carriers == ()


def test_frames_are_taken_where_they_travel_only() -> None:
    require(Option.LAST_FRAME, offer(V1_5), ALL)

    with pytest.raises(OptionNotCarried):
        require(Option.FIRST_FRAME, offer(V2_5, VIDEOS), ALL)


def test_with_a_frame_the_video_takes_its_shape() -> None:
    choice = chosen(V1_5, TASKS, frame(1000, 450), frame(2000, 900, FrameRole.LAST))

    assert (choice.ratio, choice.crops) == ("adaptive", False)


def test_a_last_frame_of_another_shape_than_the_first_is_told() -> None:
    choice = chosen(V1_5, TASKS, frame(1000, 450), frame(500, 1000, FrameRole.LAST))

    assert (choice.ratio, choice.crops) == ("adaptive", True)


def test_a_model_whose_frames_need_adaptive_takes_nothing_else_with_one() -> None:
    assert chosen(V2_5, TASKS, frame(1000, 450)).ratio == "adaptive"

    with pytest.raises(ValueNotOffered) as refusal:
        chosen(V2_5, TASKS, frame(1000, 450), ratio="16:9")
    assert refusal.value.valid == ("adaptive",)


def test_without_a_frame_some_models_have_nothing_to_adapt_to() -> None:
    assert chosen(V1_5, ratio="adaptive").ratio == "adaptive"

    with pytest.raises(ValueNotOffered) as refusal:
        chosen(V1_0, ratio="adaptive")
    assert "adaptive" not in refusal.value.valid


@pytest.mark.parametrize(
    ("size", "ratio", "crops"),
    [
        ((1600, 900), "16:9", False),
        ((1366, 768), "16:9", False),
        ((1000, 1000), "16:9", True),
        ((900, 1600), "9:16", False),
        ((1000, 420), "21:9", True),
    ],
)
def test_a_ratio_that_cuts_the_frame_is_told(
    size: tuple[int, int], ratio: str, crops: bool
) -> None:
    assert chosen(V1_5, TASKS, frame(*size), ratio=ratio).crops is crops


@pytest.mark.parametrize(
    ("size", "ratio"),
    [((1600, 900), "16:9"), ((1000, 990), "1:1"), ((900, 1600), "9:16"), ((990, 1400), "3:4")],
)
def test_without_adaptive_the_nearest_ratio_is_taken(size: tuple[int, int], ratio: str) -> None:
    assert chosen(V2_0, VIDEOS, frame(*size)).ratio == ratio


def test_the_longest_duration_that_fits_is_found() -> None:
    five = offer(V1_5).credits("720p", 5)

    assert longest_within(offer(V1_5), "720p", five) == 5
    assert longest_within(offer(V1_5), "720p", five - 1) == 4
    assert longest_within(offer(V1_5), "720p", 100_000) == 12
    assert longest_within(offer(V1_5), "720p", 0) is None


@given(st.sampled_from(ALL), st.integers(0, 3000), st.data())
def test_what_fits_costs_no_more_and_the_next_second_does(
    one: object, left: int, data: st.DataObject
) -> None:
    chosen_offer = next(found for found in ALL if found is one)
    resolution = data.draw(st.sampled_from(chosen_offer.resolutions))

    longest = longest_within(chosen_offer, resolution, left)

    costs = {n: chosen_offer.credits(resolution, n) for n in chosen_offer.durations}
    assert {n for n, cost in costs.items() if cost <= left} == {
        n for n in costs if longest is not None and n <= longest
    }
