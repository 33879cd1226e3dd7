"""The host reads dollars: what was spent, what is unsure, what the video service says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cogs.ui.text import spending
from cogs.ui.text.spending import (
    Period,
    Share,
    dollars,
    given,
    given_as_usual,
    sheet,
    stopped_already,
)
from render.readings import Taken
from storage.records import Span, StopReason, SubmitStop
from tests.cogs.examples import BORN_MS

DAY = Period(
    span=Span.DAY, starts_at_ms=BORN_MS, ceiling=2000, spent=342, unsure=27, held=54, taken=None
)
MONTH = Period(
    span=Span.MONTH, starts_at_ms=BORN_MS, ceiling=10**5, spent=342, unsure=0, held=54, taken=None
)


def figure(usd: str, *, grown: str = "0", spent: int = 342) -> str:
    taken = Taken(since_ms=BORN_MS, usd=Decimal(usd), grown=Decimal(grown))
    period = Period(
        span=Span.DAY, starts_at_ms=BORN_MS, ceiling=2000, spent=342, unsure=0, held=0,
        taken=taken, spent_since=spent,
    )  # fmt: skip
    return sheet([period], [])


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, "$0.00"), (5, "$0.05"), (123456, "$1,234.56"), (Decimal("-0.5"), "-$0.50")],
)
def test_dollars_have_cents(amount: int | Decimal, words: str) -> None:
    assert dollars(amount) == words


def test_today_and_this_month_say_spent_unsure_and_held() -> None:
    moment = f"<t:{BORN_MS // 1000}:f>"
    assert sheet([DAY, MONTH], []).splitlines() == [
        f"**Today**, since {moment}",
        "$3.42 of $20.00 spent, and $0.54 held for what is under way.",
        "Of the spent, $0.27 went into renders without a video: it may have been billed, or not.",
        "",
        f"**This month**, since {moment}",
        "$3.42 of $1,000.00 spent, and $0.54 held for what is under way.",
    ]


@pytest.mark.parametrize(
    ("usd", "words"), [("3.42", "the same"), ("3.15", "$0.27 more"), ("4", "$0.58 less")]
)
def test_the_services_figure_stands_beside_the_ledgers(usd: str, words: str) -> None:
    said = figure(usd)
    assert f"took ${Decimal(usd):.2f} since <t:{BORN_MS // 1000}:f>, the first reading" in said
    assert f"the ledger says $3.42 for that time, {words}." in said
    assert "top-up" not in said


def test_the_ledgers_figure_is_that_since_the_first_reading() -> None:
    assert "the ledger says $1.00 for that time" in figure("1", spent=100)


def test_money_that_came_in_is_named() -> None:
    assert "grew by $10.00 in between, which I count as a top-up" in figure("3.42", grown="10")


def test_why_the_services_figure_is_missing_is_said() -> None:
    assert "COMETAPI_BALANCE_KEY" in sheet([DAY], [], missing=spending.FIGURE_NOT_ASKED)


def test_servers_follow_with_their_names_as_they_are_written() -> None:
    words = sheet([DAY], [Share(name="*Lake* side", today=210, month=3100)])
    assert words.endswith("**By server**, today · this month\n\\*Lake\\* side: $2.10 · $31.00")


def test_of_many_servers_the_last_are_added_up_and_the_sheet_fits_a_reply() -> None:
    shares = [Share(name="*" * 100, today=10**12, month=10**12) for _ in range(100)]
    words = sheet([DAY, MONTH], shares)
    assert "… and 85 more: $850,000,000,000.00 this month." in words
    assert len(words) <= 4000


def test_a_stop_that_holds_already_says_which_it_is() -> None:
    own = SubmitStop(reason=StopReason.HOST, since_ms=BORN_MS, author="4", note="too much")
    assert "You noted: “too much”. `/host go`" in stopped_already(own)
    old = SubmitStop(reason=StopReason.OLD_DATABASE, since_ms=BORN_MS)
    assert "may be an old backup" in stopped_already(old)


def test_a_gift_above_the_hosts_own_ceiling_says_that_it_binds() -> None:
    assert given("Lakeside", 500, 500).endswith("nothing above it.")
    assert "Lakeside may spend up to 600 credits ($6.00) a day" in given("Lakeside", 600, 500)
    assert given("Lakeside", 600, 500).endswith("of $5.00 a day for all still binds.")


def test_a_server_that_may_as_every_one_reads_how_much_that_is() -> None:
    words = given_as_usual("Lakeside", 500, 500)
    assert words == (
        "Lakeside may spend what every server may: up to 500 credits ($5.00) a day, and what you"
        " set for all later."
    )
    assert given_as_usual("Lakeside", 600, 500).endswith("a day for all still binds.")
