"""What a server's admins read is short, exact, and names everything as Discord shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cogs.ui.house import Clip, House
from cogs.ui.text import limits, server, setup, usage
from cogs.ui.text.usage import By, Day, Period
from render.breaker import Trouble
from render.errors import Blocked, QueueFull, Refusal, ServicePaused, SubmitsStopped
from storage.records import (
    Grant,
    Holder,
    RoleGrant,
    Rule,
    Server,
    Span,
    State,
    StopReason,
    Subject,
    Total,
)
from tests.cogs.examples import BORN_MS, MEMBER_ID, SERVER_ID, render
from tests.cogs.wallets import HOUR_MS, allowance, grant, terms, window

CLIP = Clip(credits=61, seconds=5, resolution="720p")
OPEN = Server(server_id=SERVER_ID, opened=True)
LATER = f"<t:{(BORN_MS + HOUR_MS) // 1000}:R>"
WHO = f"<@{MEMBER_ID}>"


def rule(holder: Holder, holder_id: int = 0, /, **values: object) -> Rule:
    return replace(Rule(server_id=SERVER_ID, holder=holder, holder_id=holder_id), **values)


def house(*rules: Rule, given: int = 2_000, server: Server = OPEN) -> House:
    return House(server=server, rules=rules, given=given, usual=120)


DETAILED = replace(OPEN, channel_ids=frozenset({8, 7}), role_ids=frozenset({5}), staff_channel_id=9)
ROLE = rule(
    Holder.ROLE,
    5,
    day_credits=300,
    week_credits=1_200,
    renders_at_once=3,
    queue_length=10,
    longest_seconds=8,
    highest_resolution="720p",
    models=("doubao-seedance-1-5-pro-251215",),
)
GIVEN = RoleGrant(
    id=1,
    server_id=SERVER_ID,
    role_id=5,
    credits=100,
    at_ms=BORN_MS,
    expires_at_ms=BORN_MS + HOUR_MS,
    author="4",
    reason="film *night*",
)


def why(**changes: object) -> str:
    return limits.why(MEMBER_ID, allowance(**changes), OPEN, frozenset())


def everything_said_to_admins() -> Iterator[str]:
    yield setup.set_up(house(server=DETAILED), CLIP)
    yield setup.preset(500, 60, CLIP)
    yield setup.about_member_daily(CLIP)
    yield setup.about_server_daily(500)
    yield from (setup.welcome(opened=opened, allowed=True) for opened in (True, False))
    yield setup.welcome(opened=False, allowed=False)
    yield limits.limits(house(ROLE, server=DETAILED), gone=2)
    yield limits.limit_set(ROLE)
    yield from (limits.limit_cleared(rule(holder, 5), house()) for holder in Holder)
    yield why()
    yield server.granted(grant())
    yield server.granted(GIVEN)
    yield server.zone_set("Europe/Berlin", BORN_MS)
    yield server.audit(DETAILED)
    yield server.audit(OPEN)
    yield from (server.reset(MEMBER_ID, credits_back, allowance()) for credits_back in (0, 40))
    yield usage.table(period([total()]), attached=True)
    yield usage.table(period([]), attached=True)


def test_setting_up_is_answered_in_plain_words() -> None:
    assert setup.set_up(house(), CLIP).splitlines() == [
        "**Open.** `/video` works everywhere, for everybody.",
        "$20 a day, about 32 clips of 5 s 720p; the busiest member can cost $1.20.",
        "`/server setup` changes it, `/server limits set` goes finer.",
    ]


def test_setting_up_names_places_roles_and_the_staff_channel() -> None:
    lines = setup.set_up(house(server=DETAILED), CLIP).splitlines()
    assert lines[0] == "**Open.** `/video` works in <#7> or <#8>, for members with <@&5>."
    assert lines[2] == "Who changes a limit is noted in <#9>."


@pytest.mark.parametrize(
    ("rules", "busiest"),
    [
        ((), 120),
        ((rule(Holder.EVERYONE, day_credits=60),), 60),
        ((rule(Holder.EVERYONE, day_credits=60), rule(Holder.ROLE, 5, day_credits=300)), 300),
        ((rule(Holder.EVERYONE, hour_credits=10),), 240),
        ((rule(Holder.EVERYONE, week_credits=400),), 400),
        ((rule(Holder.EVERYONE, renders_at_once=1),), 120),
        ((rule(Holder.SERVER, day_credits=90),), 90),
    ],
)
def test_the_busiest_member_is_the_one_with_the_widest_limit(
    rules: tuple[Rule, ...], busiest: int
) -> None:
    assert house(*rules).busiest == busiest


def test_without_a_model_no_clips_are_promised() -> None:
    none = Clip(credits=0, seconds=0, resolution="")
    assert "$20 a day; the busiest" in setup.set_up(house(), none)
    assert setup.about_member_daily(none) == "100 credits are $1."


def test_limits_are_listed_from_the_whole_to_the_single() -> None:
    rules = rule(Holder.MEMBER, 4, day_credits=1), ROLE, rule(Holder.SERVER, day_credits=1_500)
    assert limits.limits(house(*rules), gone=1).splitlines() == [
        "Open everywhere, for everybody.",
        "**The whole server**: 1,500 credits a day. The host gave it 2,000 credits ($20) a day.",
        "**Everyone, each**: 120 credits a day, as the bot's host set it.",
        "**<@&5>**: 300 credits a day, 1,200 a week · 3 at once · 10 waiting · up to 8 s"
        " · up to 720p · only Seedance 1.5 pro",
        "**<@4>**: 1 credit a day",
        "Of several roles the one with the most credits counts.",
        "1 more for roles that were deleted, which apply to nobody;"
        " `/server limits clear` takes them away.",
    ]


def test_a_closed_server_is_told_how_to_open() -> None:
    words = limits.limits(house(server=Server(server_id=SERVER_ID)), gone=0)
    assert words.startswith("Not open yet: `/server setup` opens it to members.")


def test_the_longest_list_of_limits_fits_into_a_reply() -> None:
    many = [replace(ROLE, holder_id=10**18 + number) for number in range(300)]
    words = limits.limits(house(*many), gone=0)
    assert len(words) <= 4_000
    assert " more." in words.splitlines()[-1]


def test_why_names_the_limit_the_rest_and_the_end() -> None:
    assert why(holder=Holder.EVERYONE) == (
        f"{WHO} has 53 of 120 credits left for today by the limit for everyone"
        f" (about 1 clip of 5 s), and more {LATER}."
    )


def test_why_tells_of_a_role_and_of_what_was_given() -> None:
    words = why(holder=Holder.ROLE, terms=terms(holder=Holder.ROLE, role_id=5), grants=(grant(),))
    assert words == (
        f"{WHO} has 53 of 120 credits left for today by the limit for <@&5> and 88 given"
        f" (about 5 clips of 5 s), and more {LATER}."
    )


def test_why_tells_of_the_server_and_hides_the_host() -> None:
    spent = window(Subject.SERVER, Span.DAY, ceiling=500, left=0)
    assert why(server=(spent,)) == (
        f"{WHO} is limited by what the whole server has left for today, 0 of 500 credits (not"
        f" enough for a clip of 5 s), until more comes {LATER}."
    )
    hosts = window(Subject.HOST, Span.MONTH, ceiling=10_000, left=10)
    assert why(host=(hosts,)) == (
        f"{WHO} is limited by the bot's budget for this month, until more comes {LATER}."
    )


def test_why_tells_what_stands_before_all_money() -> None:
    closed = replace(OPEN, opened=False)
    assert "`/server setup`" in limits.why(MEMBER_ID, allowance(), closed, frozenset())
    words = limits.why(MEMBER_ID, allowance(), DETAILED, frozenset({6}))
    assert words == f"{WHO} makes no videos here without <@&5>."
    assert why(under_way=(render(), render())) == (
        f"{WHO} has 2 videos under way, which is the most at once by the bot's own limit, until"
        " one is done."
    )


def test_what_waits_for_a_person_or_the_service_is_not_counted_at_once() -> None:
    late = render(state=State.RENDERING, late_at_ms=BORN_MS)
    resting = (render(state=State.UNDELIVERED), render(state=State.UNKNOWN), late)
    assert "at once" not in why(under_way=resting)
    assert "has 2 videos under way" in why(under_way=(*resting, render(), render()))


def test_credits_that_are_given_say_until_when_and_what_still_binds() -> None:
    until = f"<t:{(BORN_MS + HOUR_MS) // 1000}:R>"
    assert server.granted(GIVEN) == (
        "Everybody with <@&5> gets 100 credits ($1) beside the allowance; what is left of it ends"
        rf" {until}. The reason: “film \*night\*”. The limit of the whole server still binds."
    )
    one: Grant = grant()
    assert server.granted(one).startswith(f"<@{MEMBER_ID}> gets 100 credits ($1) beside")


def test_a_reset_of_nothing_says_so() -> None:
    assert server.reset(MEMBER_ID, 0, allowance()).endswith("so nothing was changed.")
    assert server.reset(MEMBER_ID, 40, allowance()) == (
        f"What {WHO} spent counts no more: 40 credits are back, and 53 of 120 are left for today."
    )


def total(**changes: object) -> Total:
    made = Total(member_id=4, role_id=None, channel_id=7, model="m", renders=2, credits=54)
    return replace(made, **changes)


def period(*days: list[Total], by: By = By.MEMBER) -> Period:
    named = (
        Day(name=f"2026-08-0{at}", sums=usage.summed(one, by))
        for at, one in enumerate(days, start=1)
    )
    return Period(by=by, span=Span.WEEK, starts_at_ms=BORN_MS, days=tuple(named))


@pytest.mark.parametrize(
    ("obstacle", "words"),
    [
        (
            SubmitsStopped(reason=StopReason.HOST),
            "must wait, as everybody here: the bot's host has stopped new videos.",
        ),
        (
            SubmitsStopped(reason=StopReason.OLD_DATABASE),
            "must wait, as everybody here: the bot's host has to look after it first.",
        ),
        (
            ServicePaused(reason=Trouble.UNREACHABLE, since_ms=BORN_MS + HOUR_MS),
            "must wait, as everybody here: the video service cannot be reached, since " + LATER,
        ),
        (
            Blocked(until_ms=BORN_MS + HOUR_MS, reason="", automatic=True),
            "may send none: too many of their videos failed, until"
            f" <t:{(BORN_MS + HOUR_MS) // 1000}:f>;",
        ),
        (
            QueueFull(limit=9, holder=Holder.EVERYONE),
            "must wait until fewer than 9 videos wait in this server, which is the most by the"
            " limit for everyone.",
        ),
    ],
)
def test_why_says_what_else_a_request_meets(obstacle: Refusal, words: str) -> None:
    said = limits.why(MEMBER_ID, allowance(), OPEN, frozenset(), obstacle)
    assert said.startswith(f"{WHO} {words}")


def test_usage_adds_up_over_days_the_most_first() -> None:
    days = period([total()], [total(), total(member_id=9, renders=1, credits=300)])
    assert usage.table(days, attached=False).splitlines() == [
        f"**408 credits ($4.08)** and 5 videos this week, since <t:{BORN_MS // 1000}:f>",
        "1. <@9> · 300 · 1 video",
        "2. <@4> · 108 · 4 videos",
    ]


def test_usage_names_roles_channels_and_models() -> None:
    role = replace(total(), role_id=5, model="doubao-seedance-1-5-pro-251215")
    words = {by: usage.table(period([role, total(credits=1)], by=by), attached=False) for by in By}
    assert "1. <@&5> ·" in words[By.ROLE]
    assert "2. no role · 1 ·" in words[By.ROLE]
    assert "1. <#7> · 55 ·" in words[By.CHANNEL]
    assert "1. Seedance 1.5 pro ·" in words[By.MODEL]


def test_usage_of_many_fits_and_counts_the_rest() -> None:
    crowd = [total(member_id=10**18 + number, credits=number) for number in range(20_000)]
    words = usage.table(period(crowd), attached=True)
    assert len(words) < 2_000
    assert "… and 19,980 more with " in words


def test_nothing_used_is_said_in_a_sentence() -> None:
    words = usage.table(period([], []), attached=False)
    assert words == f"Nothing was spent this week, since <t:{BORN_MS // 1000}:f>."


def test_usage_of_a_window_that_is_over_says_from_when_to_when() -> None:
    over = replace(period([total()]), over_at_ms=BORN_MS + 1000)
    from_to = f"from <t:{BORN_MS // 1000}:f> to <t:{BORN_MS // 1000 + 1}:f>"
    head = usage.table(over, attached=False).splitlines()[0]
    assert head == f"**54 credits ($0.54)** and 2 videos {from_to}"
    assert usage.table(replace(over, days=()), attached=False) == f"Nothing was spent {from_to}."


def test_the_file_has_a_line_a_day_and_no_cell_that_reckons() -> None:
    days = [total()], [total(role_id=5)]
    assert usage.file(period(*days)).decode().splitlines() == [
        "day,member,videos,credits",
        "2026-08-01,member 4,2,54",
        "2026-08-02,member 4,2,54",
    ]
    for by in By:
        for line in usage.file(period(*days, by=by)).decode().splitlines():
            assert not any(cell[:1] in "=+-@\t" for cell in line.split(",") if cell)
