"""Every refusal of a render says what was hit, what is left and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cogs.ui.text.refusals import refusal
from render.breaker import Trouble
from render.errors import (
    AccountTooNew,
    Blocked,
    FrameFault,
    FrameRefused,
    LastFrameAlone,
    LedgerUnavailable,
    MemberTooNew,
    ModelUnknown,
    NewcomersPaused,
    NoModelOffered,
    NotAllowed,
    OptionNotCarried,
    OverCeiling,
    Paused,
    PromptEmpty,
    PromptTooLong,
    QueueFull,
    Refusal,
    RoleNeeded,
    ServerClosed,
    ServerNotAllowed,
    ServicePaused,
    SettingTwice,
    SettingUnreadable,
    SubmitsStopped,
    TooManyAtOnce,
    ValueNotOffered,
    WordRefused,
    WrongPlace,
)
from seedance import Option
from storage.records import FrameRole, Holder, Pause, Span, StopReason, Subject
from tests.cogs.examples import BORN_MS, SERVER_ID
from tests.cogs.wallets import HOUR_MS, window

MODEL = "doubao-seedance-1-5-pro-251215"
PAUSE = Pause(server_id=SERVER_ID, author_id=4, reason="spam *wave*", at_ms=BORN_MS)
LATER = f"<t:{(BORN_MS + HOUR_MS) // 1000}:R>"


def over(subject: Subject, span: Span, **changes: object) -> OverCeiling:
    values: dict[str, Any] = {
        "account": window(subject, span, ceiling=1_200, left=53),
        "cost": 61,
        "holder": None,
        "granted": 0,
        "fitting_seconds": 7,
        "clip_credits": 27,
        "clip_seconds": 5,
    }
    values.update(changes)
    return OverCeiling(**values)


def every_refusal() -> list[Refusal]:
    return [
        PromptEmpty(),
        PromptTooLong(length=2001, limit=2000),
        SettingTwice(option=Option.DURATION, values=("5", "8")),
        SettingUnreadable(written="--duration five"),
        ValueNotOffered(option=Option.RATIO, value="2:1", valid=("16:9", "1:1"), model=MODEL),
        OptionNotCarried(option=Option.FIRST_FRAME, model="seedance-2-5", carriers=(MODEL,)),
        OptionNotCarried(option=Option.AUDIO, model=MODEL, carriers=()),
        ModelUnknown(name="sora", offered=(MODEL,)),
        NoModelOffered(),
        *(
            FrameRefused(role=role, fault=fault, width=200, height=5000)
            for role in FrameRole
            for fault in FrameFault
        ),
        FrameRefused(role=FrameRole.FIRST, fault=FrameFault.TOO_HEAVY, size_bytes=31_000_000),
        LastFrameAlone(),
        Paused(pause=PAUSE),
        ServerNotAllowed(),
        *every_refusal_of_money(),
        LedgerUnavailable(),
        *(SubmitsStopped(reason=reason) for reason in StopReason),
        *(ServicePaused(reason=trouble, since_ms=BORN_MS) for trouble in Trouble),
    ]


def every_refusal_of_money() -> list[Refusal]:
    return [
        ServerClosed(),
        WrongPlace(channel_ids=frozenset({7, 8, 9})),
        RoleNeeded(role_ids=frozenset({7})),
        *(
            NotAllowed(option=option, value=value, allowed=allowed, holder=holder)
            for option, value, allowed in (
                (Option.DURATION, "12", ("4", "5")),
                (Option.RESOLUTION, "1080p", ("480p",)),
                (None, "seedance-2-5", (MODEL,)),
                (None, "seedance-2-5", ()),
            )
            for holder in (None, Holder.EVERYONE, Holder.ROLE, Holder.MEMBER)
        ),
        *(
            over(subject, span)
            for subject in (Subject.HOST, Subject.SERVER, Subject.MEMBER)
            for span in Span
        ),
        over(Subject.HOST, Span.MONTH, fitting_seconds=None),
        over(Subject.MEMBER, Span.DAY, granted=20),
        *(
            TooManyAtOnce(limit=limit, holder=holder)
            for limit in (1, 2)
            for holder in (None, Holder.ROLE, Holder.MEMBER)
        ),
        QueueFull(limit=20, holder=None),
        QueueFull(limit=20, holder=Holder.ROLE),
        *(
            Blocked(until_ms=until_ms, reason=reason, automatic=False)
            for until_ms in (None, BORN_MS)
            for reason in ("", "spam")
        ),
        Blocked(until_ms=BORN_MS, reason="", automatic=True),
        AccountTooNew(days=1, until_ms=BORN_MS),
        MemberTooNew(days=30, until_ms=BORN_MS),
        NewcomersPaused(until_ms=BORN_MS),
        WordRefused(),
    ]


def leaves(root: type[BaseException]) -> Iterator[type[BaseException]]:
    for kind in root.__subclasses__():
        yield from leaves(kind) if kind.__subclasses__() else [kind]


def test_every_refusal_has_words() -> None:
    assert set(leaves(Refusal)) <= {type(error) for error in every_refusal()}
    for error in every_refusal():
        words = refusal(error)
        assert words.endswith((".", ")"))
        assert words[0].isupper() or words[0] in "<“0123456789"
        assert "{" not in words
        assert ".." not in words


def test_an_unknown_refusal_is_a_fault_of_ours() -> None:
    with pytest.raises(LookupError):
        refusal(Refusal())


def test_a_refusal_for_money_names_limit_rest_and_reset() -> None:
    assert refusal(over(Subject.MEMBER, Span.DAY)) == (
        "This video costs 61 credits, and you have 53 of 1,200 left for today (about 1 clip of"
        f" 5 s). With `duration:7` it fits. There is more {LATER}."
    )


def test_what_was_given_counts_beside_the_allowance() -> None:
    spent = window(Subject.MEMBER, Span.WEEK, ceiling=120, left=0)
    error = over(Subject.MEMBER, Span.WEEK, account=spent, granted=30, fitting_seconds=None)
    assert refusal(error) == (
        "This video costs 61 credits, and you have 30 given to you, and none of 120 left for this"
        f" week (about 1 clip of 5 s). There is more {LATER}."
    )


def test_a_servers_refusal_names_what_the_server_has() -> None:
    assert refusal(over(Subject.SERVER, Span.MONTH, fitting_seconds=None)) == (
        "This video costs 61 credits, and this server has 53 of 1,200 left for this month."
        f" There is more {LATER}."
    )


def test_nobody_reads_the_hosts_figures() -> None:
    spent = refusal(over(Subject.HOST, Span.DAY, fitting_seconds=None))
    assert spent == f"The bot's budget is used up for today. There is more {LATER}."
    nearly = refusal(over(Subject.HOST, Span.DAY))
    assert nearly == (
        "The bot's budget is nearly used up for today. With `duration:7` it fits."
        f" There is more {LATER}."
    )
    for words in (spent, nearly):
        for figure in ("53", "1,200", "61", "$", "USD", "credit"):
            assert figure not in words


def test_a_wrong_place_names_the_right_ones() -> None:
    assert refusal(WrongPlace(channel_ids=frozenset({9, 7}))) == (
        "Videos are not made in this channel. Please send it in <#7> or <#9>."
    )


def test_a_limit_in_kind_says_what_would_do() -> None:
    error = NotAllowed(option=Option.DURATION, value="12", allowed=("4", "5"), holder=Holder.ROLE)
    assert refusal(error) == (
        "The duration “12” is not open to you with your role. You can choose: 4, 5."
    )
    error = NotAllowed(option=None, value="seedance-2-5", allowed=(MODEL,), holder=None)
    assert refusal(error).endswith(
        "is not open to you in this server. You can choose: Seedance 1.5 pro."
    )


def test_a_pause_says_who_and_why() -> None:
    words = refusal(Paused(pause=PAUSE))
    assert "<@4>" in words
    assert r"The reason: “spam \*wave\*”. What" in words


def test_the_longest_refusal_leaves_room_for_the_prompt() -> None:
    places = frozenset(range(10**19, 10**19 + 25))
    assert len(refusal(WrongPlace(channel_ids=places))) < 1_000
