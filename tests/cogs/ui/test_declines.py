"""What is declined beside requests has plain words, and says that nothing was changed."""

from __future__ import annotations

import pytest

from cogs.ui.errors import (
    BotLacks,
    ChannelClosed,
    Declined,
    FirstMissing,
    HostOnly,
    LastPlace,
    LeftOpen,
    NoStaffChannel,
    NoSuchPreset,
    NoSuchRender,
    NoSuchServer,
    NotAModerator,
    NotAnAdmin,
    NotANumber,
    NotEverywhere,
    NothingGiven,
    NotTheHost,
    NotWaiting,
    NotYours,
    OneAtATime,
    WhoUnclear,
)
from cogs.ui.text import desk_acts, reports  # noqa: F401 - they say what they decline
from cogs.ui.text.declines import declined
from render.errors import (
    AboveHost,
    ActRefused,
    AmountInvalid,
    BotGranted,
    CreditsOnly,
    ExpiryInvalid,
    LimitEmpty,
    LimitInUse,
    MemberAboveServer,
    NoSuchLimit,
    NoSuchWord,
    NotSettled,
    RefundCapReached,
    RefundTooMuch,
    ValueUnknown,
    WordInvalid,
    ZoneUnknown,
)
from render.reports import AlreadyReported, NoVideo, TakenDown, TooManyReports
from storage.records import Span, State
from tests.cogs.examples import render
from tests.cogs.ui.desk.declined import every_decline_at_the_desk
from tests.cogs.ui.test_refusals import MODEL, leaves

NUMBERS = (
    "credits",
    "hour_credits",
    "day_credits",
    "week_credits",
    "month_credits",
    "daily_credits",
    "renders_at_once",
    "queue_length",
    "longest_seconds",
    "channel_ids",
    "words",
    "word_length",
    "account_days",
    "member_days",
)


def every_decline() -> list[Declined | ActRefused]:
    return [
        BotLacks(permissions=("attach_files", "embed_links")),
        NotAModerator(),
        NotEverywhere(),
        NotTheHost(),
        HostOnly(),
        NotAnAdmin(),
        NotYours(),
        NoSuchRender(typed="*boat*"),
        NoSuchServer(typed="*lake*"),
        NotWaiting(render=render(state=State.RENDERING)),
        NotWaiting(render=render(state=State.CANCELLED)),
        NotANumber(typed="5.5"),
        NoSuchPreset(typed="7", offered=("5", "20")),
        NoSuchPreset(typed="5", offered=()),
        *(WhoUnclear(named=named) for named in (True, False)),
        NothingGiven(),
        LastPlace(),
        LeftOpen(channels=True, roles=True),
        FirstMissing(),
        OneAtATime(),
        WordInvalid(typed="*"),
        NoSuchWord(typed="*boat*"),
        NoStaffChannel(),
        ChannelClosed(channel_id=7, permissions=("send_messages",)),
        *(AmountInvalid(name=name, value=-5, least=1, most=10_000) for name in NUMBERS),
        ValueUnknown(name="models", value="sora", known=(MODEL,)),
        ValueUnknown(name="highest_resolution", value="8k", known=("480p", "720p")),
        ExpiryInvalid(expires_at_ms=1, latest_at_ms=2),
        ZoneUnknown(name="Mars/Base"),
        BotGranted(),
        LimitEmpty(),
        CreditsOnly(),
        *(AboveHost(span=span, value=9_000, given=500) for span in Span),
        MemberAboveServer(member_credits=600, server_credits=500),
        NoSuchLimit(),
        *(LimitInUse(renders=count) for count in (1, 3)),
        *(NotSettled(state=state) for state in (None, *State)),
        RefundTooMuch(credits=30, left=27),
        RefundTooMuch(credits=30, left=0),
        RefundCapReached(credits=400, left=120),
        RefundCapReached(credits=400, left=0),
        AlreadyReported(),
        NoVideo(),
        TakenDown(),
        TooManyReports(next_at_ms=1),
        *every_decline_at_the_desk(),
    ]


def test_everything_declined_has_words() -> None:
    said = {type(error) for error in every_decline()}
    assert {*leaves(Declined), *leaves(ActRefused)} <= said
    for error in every_decline():
        words = declined(error)
        assert words.endswith(".")
        assert "{" not in words
        assert ".." not in words


def test_an_unknown_one_is_a_fault_of_ours() -> None:
    with pytest.raises(LookupError):
        declined(Declined())


def test_what_was_typed_cannot_act() -> None:
    assert declined(NotANumber(typed="@everyone **5**")).startswith(r"“\@everyone \*\*5\*\*” is no")


def test_above_the_host_says_how_far_it_goes() -> None:
    assert declined(AboveHost(span=Span.DAY, value=2_000, given=500)) == (
        "The bot's host gave this server at most 500 credits ($5) a day, and 2,000 are more."
        " Nothing was changed."
    )


@pytest.mark.parametrize("state", [State.DELIVERED, State.UNDELIVERED])
def test_a_late_video_that_was_free_is_not_waited_for(state: State) -> None:
    assert declined(NotSettled(state=state)).startswith("This video cost nothing")


@pytest.mark.parametrize(
    ("value", "bound"), [(-5, "least 1; -5 is less"), (9_000, "most 500; 9,000 is more")]
)
def test_a_number_out_of_bounds_names_the_bound(value: int, bound: str) -> None:
    error = AmountInvalid(name="credits", value=value, least=1, most=500)
    assert declined(error) == (f"An amount of credits must be at {bound}. Nothing was changed.")
