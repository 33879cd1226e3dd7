"""Whose rule applies, what a server may, which credits go first, what a role may choose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.allowance import (
    Allowance,
    Wallet,
    ceilings_of,
    holder_of,
    most_of,
    offers_within,
    resolutions_within,
    seconds_within,
    server_ceilings,
    terms_of,
    within,
)
from render.errors import NotAllowed
from seedance import Option
from storage.records import (
    Account,
    AccountKey,
    Grant,
    Holder,
    Rule,
    Server,
    Span,
    Subject,
)
from tests.render.gate import MEMBER, SERVER, limits
from tests.render.offering import TASKS, V1_0, V1_5, V2_0, offer

LIMITS = limits(member_daily_credits=120, server_daily_credits=500)
DEFAULT = ((Span.DAY, 120),)


def rule(holder: Holder, holder_id: int = 0, **values: object) -> Rule:
    wanted: dict[str, Any] = values
    return Rule(server_id=SERVER, holder=holder, holder_id=holder_id, **wanted)


def account(
    subject: Subject, left: int, span: Span = Span.DAY, *, ends_at_ms: int = 100
) -> Account:
    key = AccountKey(subject=subject, span=span, starts_at_ms=0, ends_at_ms=ends_at_ms)
    return Account(key=key, ceiling=left + 10, held=4, spent=6)


def grant(left: int, expires_at_ms: int, number: int = 1) -> Grant:
    return Grant(
        id=number,
        server_id=SERVER,
        member_id=MEMBER,
        credits=left,
        left=left,
        at_ms=0,
        expires_at_ms=expires_at_ms,
        author="1",
        reason="thanks",
    )


def wallet(*, host: int = 1000, server: int = 1000, own: int = 100, **changes: object) -> Wallet:
    values: dict[str, Any] = changes
    usual: dict[str, Any] = {
        "host": (account(Subject.HOST, host),),
        "server": (account(Subject.SERVER, server),),
        "member": (account(Subject.MEMBER, own),),
        "grants": (),
    }
    return Wallet(**{**usual, **values})


def test_without_rules_the_default_applies() -> None:
    terms = terms_of(LIMITS, ())

    assert (terms.holder, terms.role_id, terms.ceilings) == (None, None, DEFAULT)
    assert (terms.renders_at_once, terms.queue_length) == (1000, 1000)
    assert (terms.longest_seconds, terms.highest_resolution, terms.models) == (None, None, ())
    assert terms.holders == {}


def test_the_own_rule_comes_before_the_roles_and_that_before_everyones() -> None:
    own = rule(Holder.MEMBER, MEMBER, day_credits=1)
    role = rule(Holder.ROLE, 5, day_credits=1000)
    everyone = rule(Holder.EVERYONE, day_credits=50)

    assert terms_of(LIMITS, (everyone, role, own)).holder is Holder.MEMBER
    assert terms_of(LIMITS, (everyone, role, own)).ceilings == ((Span.DAY, 1),)
    assert terms_of(LIMITS, (everyone, role)).holder is Holder.ROLE
    assert terms_of(LIMITS, (everyone,)).ceilings == ((Span.DAY, 50),)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"day_credits": 10}, {"month_credits": 299}),
        ({"week_credits": 71}, {"day_credits": 10}),
        ({"hour_credits": 1}, {"month_credits": 700}),
        ({"day_credits": 11}, {"day_credits": 1000, "month_credits": 300}),
        # It sets no credits, so everyone's are its.
        ({"renders_at_once": 1}, {"day_credits": 19}),
    ],
)
def test_the_best_role_is_the_one_with_the_most_in_a_month(
    better: dict[str, int], worse: dict[str, int]
) -> None:
    everyone = rule(Holder.EVERYONE, day_credits=20)
    for best, other in ((5, 6), (6, 5)):
        rules = (everyone, rule(Holder.ROLE, best, **better), rule(Holder.ROLE, other, **worse))
        assert terms_of(LIMITS, rules).role_id == best


def test_of_equal_roles_it_is_always_the_same() -> None:
    rules = [rule(Holder.ROLE, number, day_credits=7) for number in (9, 3, 5)]

    assert terms_of(LIMITS, rules).role_id == 3


def test_the_best_roles_whole_rule_set_applies_and_no_other_roles() -> None:
    best = rule(Holder.ROLE, 5, day_credits=100, longest_seconds=5)
    other = rule(Holder.ROLE, 6, day_credits=10, renders_at_once=7, models=(V1_0,))

    terms = terms_of(LIMITS, (best, other))

    assert (terms.longest_seconds, terms.renders_at_once, terms.models) == (5, 1000, ())
    assert terms.holders == {"longest_seconds": Holder.ROLE}


def test_credits_are_one_group() -> None:
    everyone = rule(Holder.EVERYONE, day_credits=50, month_credits=500)
    role = rule(Holder.ROLE, 5, week_credits=200)

    assert terms_of(LIMITS, (everyone, role)).ceilings == ((Span.WEEK, 200),)


def test_a_rule_without_credits_takes_those_of_the_next() -> None:
    everyone = rule(Holder.EVERYONE, hour_credits=5, day_credits=50)
    own = rule(Holder.MEMBER, MEMBER, renders_at_once=1)

    terms = terms_of(LIMITS, (everyone, own))

    assert (terms.holder, terms.ceilings) == (Holder.EVERYONE, ((Span.HOUR, 5), (Span.DAY, 50)))
    assert terms_of(LIMITS, (own,)).ceilings == DEFAULT


def test_each_other_kind_falls_back_by_itself() -> None:
    own = rule(Holder.MEMBER, MEMBER, day_credits=0, queue_length=3)
    role = rule(Holder.ROLE, 5, highest_resolution="480p", queue_length=9)
    everyone = rule(Holder.EVERYONE, renders_at_once=4, highest_resolution="720p")

    terms = terms_of(LIMITS, (everyone, role, own))

    assert terms.ceilings == ((Span.DAY, 0),)
    assert (terms.queue_length, terms.renders_at_once) == (3, 4)
    assert terms.highest_resolution == "480p"
    assert terms.holders == {
        "queue_length": Holder.MEMBER,
        "highest_resolution": Holder.ROLE,
        "renders_at_once": Holder.EVERYONE,
    }


def test_the_servers_own_rule_is_no_members() -> None:
    assert terms_of(LIMITS, (rule(Holder.SERVER, day_credits=1),)).ceilings == DEFAULT


def test_a_server_may_what_the_host_gave() -> None:
    server = Server(server_id=SERVER)
    given = Server(server_id=SERVER, given_daily_credits=0)

    assert server_ceilings(LIMITS, server, ()) == ((Span.DAY, 500),)
    assert server_ceilings(LIMITS, given, ()) == ((Span.DAY, 0),)


def test_a_server_never_has_more_than_the_host_gave() -> None:
    own = rule(Holder.SERVER, hour_credits=50, day_credits=800, month_credits=2000)

    assert server_ceilings(LIMITS, Server(server_id=SERVER), (own,)) == (
        (Span.HOUR, 50),
        (Span.DAY, 500),
        (Span.MONTH, 2000),
    )
    less = rule(Holder.SERVER, day_credits=100)
    assert server_ceilings(LIMITS, Server(server_id=SERVER), (less,)) == ((Span.DAY, 100),)


@pytest.mark.parametrize(
    ("span", "most"), [(Span.HOUR, 500), (Span.DAY, 500), (Span.WEEK, 3500), (Span.MONTH, 15_500)]
)
def test_a_longer_span_may_hold_as_many_days(span: Span, most: int) -> None:
    assert most_of(span, 500) == most


def test_nothing_set_is_no_ceiling() -> None:
    assert ceilings_of(None) == ()
    assert ceilings_of(rule(Holder.ROLE, 5, models=(V1_5,))) == ()


def test_it_is_known_whose_rule_set_a_ceiling() -> None:
    terms = terms_of(LIMITS, (rule(Holder.ROLE, 5, day_credits=9),))
    server = rule(Holder.SERVER, day_credits=30)

    assert holder_of(account(Subject.MEMBER, 1), terms, ()) is Holder.ROLE
    assert holder_of(account(Subject.SERVER, 20), terms, (server,)) is Holder.SERVER
    assert holder_of(account(Subject.SERVER, 40), terms, (server,)) is None
    assert holder_of(account(Subject.HOST, 1), terms, (server,)) is None


def windows(subject: Subject, *lefts: int) -> tuple[Account, ...]:
    """Return an hour, a day and a week with so much left."""
    spans = zip(lefts, (Span.HOUR, Span.DAY, Span.WEEK), (60, 100, 700), strict=True)
    return tuple(account(subject, left, span, ends_at_ms=ends) for left, span, ends in spans)


def test_a_members_account_is_the_window_with_the_least_left_of_equals_the_last_to_end() -> None:
    hour, day, week = windows(Subject.MEMBER, 20, 30, 20)

    assert wallet(member=(hour, day, week)).account == week
    assert wallet(member=(hour, day)).own == 20


@pytest.mark.parametrize(
    ("owner", "subject"),
    [("host", Subject.HOST), ("server", Subject.SERVER), ("member", Subject.MEMBER)],
)
def test_short_is_the_window_after_whose_end_a_price_fits(owner: str, subject: Subject) -> None:
    hour, day, week = windows(subject, 3, 5, 40)
    changes: dict[str, Any] = {owner: (hour, day, week)}
    found = replace(wallet(), **changes)

    assert [found.short_of(cost) for cost in (3, 4, 6, 41)] == [None, hour, day, week]
    assert found.binding == hour
    used_up: dict[str, Any] = {owner: windows(subject, 0, 0, 30)}
    assert replace(wallet(), **used_up).binding.key.span is Span.DAY


def test_what_is_left_counts_the_grants() -> None:
    found = wallet(own=30, grants=(grant(5, 50), grant(7, 500)))

    assert (found.granted, found.left, found.spendable) == (12, 42, 42)
    assert found.binding == found.account


@pytest.mark.parametrize(
    ("left", "subject"),
    [
        ({"host": 10}, Subject.HOST),
        ({"server": 10}, Subject.SERVER),
        ({"host": 9, "server": 9}, Subject.HOST),
        ({"host": 100}, Subject.MEMBER),
    ],
)
def test_grants_lift_the_members_limit_only(left: dict[str, int], subject: Subject) -> None:
    found = wallet(own=50, grants=(grant(50, 500),), **left)

    assert found.binding.key.subject is subject
    assert found.spendable == min(*left.values(), 100)


def test_the_first_that_is_short_is_named_in_the_order_of_the_holds() -> None:
    short = wallet(host=60, server=10, own=0).short_of
    host, server, member = (short(cost) for cost in (61, 11, 1))

    assert host
    assert server
    assert member
    assert [one.key.subject for one in (host, server, member)] == [
        Subject.HOST,
        Subject.SERVER,
        Subject.MEMBER,
    ]
    assert wallet(own=0, grants=(grant(1, 5),)).short_of(1) is None


def test_what_ends_soonest_is_spent_first() -> None:
    sooner, later = grant(5, 99, 1), grant(50, 101, 2)
    found = wallet(own=10, grants=(sooner, later))

    assert found.split(4) == ((sooner, 4),)
    assert found.split(12) == ((sooner, 5), (None, 7))
    assert found.split(20) == ((sooner, 5), (None, 10), (later, 5))


def test_the_allowance_ends_with_the_window_that_binds() -> None:
    day = account(Subject.MEMBER, 30, ends_at_ms=100)
    month = account(Subject.MEMBER, 20, Span.MONTH, ends_at_ms=3000)
    given = grant(5, 500)

    assert wallet(member=(day, month), grants=(given,)).split(6) == ((given, 5), (None, 1))


@given(
    own=st.integers(0, 50),
    lefts=st.lists(st.tuples(st.integers(1, 30), st.integers(1, 200)), max_size=5),
    data=st.data(),
)
def test_every_split_adds_up_and_takes_no_more_than_there_is(
    own: int, lefts: list[tuple[int, int]], data: st.DataObject
) -> None:
    ordered = sorted(lefts, key=lambda pair: pair[1])
    grants = tuple(grant(left, ends, n) for n, (left, ends) in enumerate(ordered))
    found = wallet(own=own, grants=grants)
    cost = data.draw(st.integers(0, found.left))

    parts = found.split(cost)

    assert sum(part for _, part in parts) == cost
    assert all(0 < part <= (own if one is None else one.left) for one, part in parts)
    ends = [100 if one is None else one.expires_at_ms for one, _ in parts]
    assert ends == sorted(ends)
    for one, part in parts[:-1]:
        assert part == (own if one is None else one.left)


def test_an_allowance_shows_what_its_wallet_holds() -> None:
    found = wallet(host=20, own=30, grants=(grant(5, 50),))
    allowance = Allowance(
        wallet=found,
        terms=terms_of(LIMITS, ()),
        holder=None,
        clip_credits=0,
        clip_seconds=0,
        under_way=(),
        movements=(),
    )

    assert (allowance.account, allowance.left, allowance.spendable) == (found.account, 35, 20)


def test_a_role_may_choose_from_its_models() -> None:
    offers = (offer(V1_5), offer(V1_0), offer(V2_0, TASKS))
    few = terms_of(LIMITS, (rule(Holder.ROLE, 5, models=(V2_0, V1_0)),))

    assert offers_within(few, offers) == offers[1:]
    assert offers_within(terms_of(LIMITS, ()), offers) == offers


def test_a_role_may_choose_what_is_within_its_limits() -> None:
    terms = terms_of(LIMITS, (rule(Holder.ROLE, 5, longest_seconds=6, highest_resolution="720p"),))

    assert seconds_within(terms, offer(V1_5)) == (4, 5, 6)
    assert resolutions_within(terms, offer(V1_5)) == ("480p", "720p")
    assert resolutions_within(terms_of(LIMITS, ()), offer(V1_5)) == ("480p", "720p", "1080p")


def test_what_is_within_stays_as_it_was_chosen() -> None:
    terms = terms_of(LIMITS, (rule(Holder.EVERYONE, longest_seconds=6),))
    wanted = {Option.DURATION: "6", Option.SEED: "7"}

    assert within(terms, offer(V1_5), wanted) == wanted
    assert within(terms, offer(V1_5), {}) == {}


@pytest.mark.parametrize(
    ("limit", "option", "value", "allowed"),
    [
        ({"longest_seconds": 6}, Option.DURATION, "7", ("4", "5", "6")),
        ({"highest_resolution": "480p"}, Option.RESOLUTION, "720p", ("480p",)),
        ({"longest_seconds": 3}, Option.DURATION, "5", ()),
    ],
)
def test_what_is_over_a_limit_is_refused_with_what_is_not(
    limit: dict[str, object], option: Option, value: str, allowed: tuple[str, ...]
) -> None:
    terms = terms_of(LIMITS, (rule(Holder.ROLE, 5, **limit),))

    with pytest.raises(NotAllowed) as refusal:
        within(terms, offer(V1_5), {option: value})

    assert (refusal.value.option, refusal.value.value) == (option, value)
    assert (refusal.value.allowed, refusal.value.holder) == (allowed, Holder.ROLE)


def test_the_usual_value_gives_way_to_a_limit() -> None:
    terms = terms_of(LIMITS, (rule(Holder.EVERYONE, longest_seconds=4, highest_resolution="480p"),))

    assert within(terms, offer(V1_5), {}) == {Option.DURATION: "4", Option.RESOLUTION: "480p"}


def test_where_nothing_is_within_a_limit_the_usual_value_is_refused() -> None:
    terms = terms_of(LIMITS, (rule(Holder.EVERYONE, longest_seconds=3),))

    with pytest.raises(NotAllowed) as refusal:
        within(terms, offer(V1_5), {})

    assert (refusal.value.value, refusal.value.allowed) == ("5", ())


def test_what_the_model_does_not_have_is_left_to_be_refused_as_that() -> None:
    terms = terms_of(LIMITS, (rule(Holder.EVERYONE, longest_seconds=6),))

    assert within(terms, offer(V1_5), {Option.DURATION: "60"}) == {Option.DURATION: "60"}
