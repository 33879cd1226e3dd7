"""/quota says what is left, when more comes and where it went, and never what the host has."""

from __future__ import annotations

import pytest

from cogs.ui.text.quota import quota
from storage.records import Cause, Entry, Span, State, Subject
from tests.cogs.examples import BORN_MS, render
from tests.cogs.wallets import HOUR_MS, allowance, grant, movement, window

MORE = f"more <t:{(BORN_MS + HOUR_MS) // 1000}:R>"
NOW = f"<t:{BORN_MS // 1000}:R>"


def test_what_is_left_is_told_in_credits_and_clips_and_when_more_comes() -> None:
    assert quota(allowance()).splitlines() == [
        "**53 credits, about 1 clip of 5 s**",
        f"Today: 53 of 120 left · {MORE}",
    ]


def test_of_several_windows_the_one_that_binds_is_named() -> None:
    day = window(Subject.MEMBER, Span.DAY, ceiling=120, left=53)
    week = window(Subject.MEMBER, Span.WEEK, ceiling=1200, left=20)
    assert quota(allowance(member=(day, week))).splitlines() == [
        "**20 credits, not enough for a clip of 5 s**",
        f"Today: 53 of 120 left · {MORE}",
        f"This week: 20 of 1,200 left · {MORE} · this limit binds",
    ]


def test_gifts_are_told_with_their_end_and_reason() -> None:
    words = quota(allowance(grants=(grant(),)))
    ends = (BORN_MS + 2 * HOUR_MS) // 1000
    assert words.startswith("**141 credits, about 5 clips of 5 s**")
    assert f"Gift: 88 left · ends <t:{ends}:R> · “film \\*night\\*”" in words


def test_what_the_bot_gave_back_by_itself_has_a_reason_in_words() -> None:
    lost = str(Cause.VIDEO_MISSING)
    back = movement(Entry.GRANT, 27, reason=lost)
    words = quota(allowance(grants=(grant(reason=lost),), movements=(back,)))
    assert words.count("“the video was lost”") == 2
    assert lost not in words


def test_of_many_gifts_the_last_are_counted() -> None:
    gifts = tuple(grant(id=number) for number in range(8))
    assert "… and 3 more gifts." in quota(allowance(grants=gifts))


def test_a_server_with_less_than_the_member_is_named() -> None:
    server = window(Subject.SERVER, Span.DAY, ceiling=500, left=12)
    assert f"This server has 12 left today · {MORE}" in quota(allowance(server=(server,)))


@pytest.mark.parametrize(("left", "named"), [(12, True), (40, False)])
def test_the_hosts_budget_is_named_when_no_clip_fits_and_never_counted(
    left: int, named: bool
) -> None:
    host = window(Subject.HOST, Span.DAY, ceiling=9876, left=left)
    words = quota(allowance(host=(host,)))
    assert ("The bot's own budget is nearly used up today" in words) is named
    assert "9,876" not in words
    assert f"{left} " not in words


def test_what_is_under_way_is_listed_with_what_it_holds() -> None:
    words = quota(allowance(under_way=(render(), render(id="A1B2C3D4", cost=61))))
    assert "Under way, 88 set aside:\n`7KQ2M9XA` Waits its turn" in words
    assert "`A1B2C3D4`" in words


def test_what_is_given_back_or_paid_is_no_longer_set_aside() -> None:
    late = render(id="A1B2C3D4", state=State.RENDERING, late_at_ms=BORN_MS)
    kept = render(id="B1B2C3D4", state=State.UNDELIVERED, settled=27)
    words = quota(allowance(under_way=(late, kept)))
    assert "set aside" not in words
    assert "Under way:\n`A1B2C3D4`" in words
    assert "`B1B2C3D4`" in words


def test_each_movement_is_a_line_of_what_where_and_when() -> None:
    words = quota(
        allowance(
            movements=(
                movement(Entry.HOLD, 27, render_id="A1B2C3D4"),
                movement(Entry.SETTLE, 61),
                movement(Entry.RELEASE, 1200, render_id="B1B2C3D4"),
                movement(Entry.GRANT, 61, reason="broken"),
                movement(Entry.RESET, 12, render_id=None, reason="sorry"),
            )
        )
    )
    assert words.split("Latest:\n")[1].splitlines() == [
        f"27 set aside · `A1B2C3D4` · {NOW}",
        f"−61 · `7KQ2M9XA` · {NOW}",
        f"1,200 given back · `B1B2C3D4` · {NOW}",
        f"+61 · `7KQ2M9XA` · {NOW} · “broken”",
        f"+12 · {NOW} · “sorry”",
    ]


@pytest.mark.parametrize("entry", Entry)
def test_every_kind_of_movement_has_words(entry: Entry) -> None:
    assert "61" in quota(allowance(movements=(movement(entry, 61),))).split("Latest:")[1]


def test_the_longest_sheet_fits_a_reply() -> None:
    spans = tuple(window(Subject.MEMBER, span, ceiling=10**12, left=10**11) for span in Span)
    gifts = tuple(grant(id=number, left=10**12, reason="*" * 300) for number in range(30))
    latest = tuple(
        movement(Entry.GRANT, 10**12, render_id=f"A1B2C3D{number:X}", reason="*" * 300)
        for number in range(10)
    )
    under_way = tuple(render(prompt="*" * 400) for _ in range(20))
    words = quota(allowance(member=spans, grants=gifts, movements=latest, under_way=under_way))
    assert len(words) <= 4000
