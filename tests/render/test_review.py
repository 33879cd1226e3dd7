"""Whom a server lets in, and what a moderator says yes to first."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.errors import (
    AccountTooNew,
    Blocked,
    MemberTooNew,
    NewcomersPaused,
    Refusal,
    WordRefused,
)
from render.review import BURST, SETBACKS, asked_for, paused_until
from render.rulebook import Rulebook
from storage import blocks, events, renders
from storage.records import (
    ENGINE,
    Approval,
    ApprovalKind,
    ApprovalRule,
    Block,
    Cause,
    Consequence,
    Event,
    Render,
    Review,
    State,
)
from tests.render.gate import CHANNEL, MEMBER, SERVER, Gate, opened, picture, request
from tests.render.virtual_time import NOON_MS

DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000
ROLE, OTHER = 777, 778
CATEGORY = 900
LATELY = {"joined_at_ms": NOON_MS - 6 * DAY_MS}


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncGenerator[Gate]:
    async with opened(tmp_path) as made:
        yield made


def rulebook(gate: Gate) -> Rulebook:
    return Rulebook(gate.database, gate.clock)


async def acts(gate: Gate) -> tuple[Event, ...]:
    """Return what was changed besides the setup."""
    found = await gate.database.read(
        lambda tx: events.acts(tx, server_id=SERVER, after_id=0, limit=99)
    )
    return tuple(act for act in found if act.action != "setup")


def place(holder_id: int, approval: Approval) -> ApprovalRule:
    kind = ApprovalKind.PLACE
    return ApprovalRule(server_id=SERVER, kind=kind, holder_id=holder_id, approval=approval)


def of_role(holder_id: int, approval: Approval) -> ApprovalRule:
    kind = ApprovalKind.ROLE
    return ApprovalRule(server_id=SERVER, kind=kind, holder_id=holder_id, approval=approval)


def asked(
    *rules: ApprovalRule,
    roles: set[int] | None = None,
    newcomer: bool = False,
    images: bool = False,
) -> Review | None:
    return asked_for(
        rules,
        places=(CHANNEL, CATEGORY, SERVER),
        role_ids=roles or set(),
        newcomer=newcomer,
        images=images,
    )


@pytest.mark.parametrize(
    ("approval", "newcomer", "images", "review"),
    [
        (None, False, False, None),
        (None, True, False, None),
        (None, False, True, None),
        (None, True, True, Review.NEWCOMERS_IMAGES),
        (Approval.NEVER, True, True, None),
        (Approval.ALWAYS, False, False, Review.ALWAYS),
        (Approval.IMAGES, True, False, None),
        (Approval.IMAGES, False, True, Review.IMAGES),
        (Approval.NEWCOMERS, False, True, None),
        (Approval.NEWCOMERS, True, False, Review.NEWCOMERS),
    ],
)
def test_a_place_asks_for_what_its_rule_says(
    approval: Approval | None, newcomer: bool, images: bool, review: Review | None
) -> None:
    rules = [place(SERVER, approval)] if approval else []
    assert asked(*rules, newcomer=newcomer, images=images) is review


def test_the_nearest_place_with_a_rule_counts() -> None:
    server, category = place(SERVER, Approval.ALWAYS), place(CATEGORY, Approval.NEVER)
    assert asked(server) is Review.ALWAYS
    assert asked(server, category) is None
    assert asked(server, category, place(CHANNEL, Approval.IMAGES), images=True) is Review.IMAGES
    assert asked(server, place(CATEGORY + 1, Approval.NEVER)) is Review.ALWAYS


def test_a_role_adds_to_what_its_place_asks() -> None:
    watched = of_role(ROLE, Approval.ALWAYS)
    assert asked(watched) is None
    assert asked(watched, roles={ROLE}) is Review.ALWAYS
    assert asked(watched, place(CHANNEL, Approval.NEVER), roles={ROLE}) is Review.ALWAYS


def test_never_frees_the_holders_of_a_role_from_their_place_only() -> None:
    trusted, watched = of_role(ROLE, Approval.NEVER), of_role(OTHER, Approval.IMAGES)
    everywhere = place(SERVER, Approval.ALWAYS)
    assert asked(everywhere, trusted, roles={ROLE}) is None
    assert asked(trusted, roles={ROLE}, newcomer=True, images=True) is None
    assert asked(everywhere, trusted, watched, roles={ROLE, OTHER}, images=True) is Review.IMAGES
    assert asked(everywhere, trusted, watched, roles={ROLE, OTHER}) is None


@given(
    st.lists(st.tuples(st.sampled_from([CHANNEL, CATEGORY, SERVER]), st.sampled_from(Approval))),
    st.lists(st.tuples(st.sampled_from([ROLE, OTHER]), st.sampled_from(Approval))),
    st.booleans(),
    st.booleans(),
)
def test_a_role_that_asks_never_makes_it_easier(
    places: list[tuple[int, Approval]],
    roles: list[tuple[int, Approval]],
    newcomer: bool,
    images: bool,
) -> None:
    held = {holder for holder, _ in roles}
    rules = [place(*one) for one in places] + [of_role(*one) for one in roles]
    more = [*rules, of_role(1, Approval.ALWAYS)]
    assert asked(*more, roles={1, *held}, newcomer=newcomer, images=images) is Review.ALWAYS
    fewer = asked(*rules, roles=held, newcomer=newcomer, images=False)
    if fewer:
        assert asked(*rules, roles=held, newcomer=newcomer, images=True)


async def test_what_a_moderator_must_see_is_held_and_waits(gate: Gate) -> None:
    await rulebook(gate).set_approval(
        SERVER, ApprovalKind.PLACE, CATEGORY, Approval.ALWAYS, author_id=9
    )
    admitted = await gate.admission().admit(request(place_ids=(CATEGORY,)))
    assert admitted.render.state is State.AWAITING_APPROVAL
    assert admitted.render.review is Review.ALWAYS
    assert await gate.kept() == (admitted.render,)
    assert await gate.balances()
    free = await gate.admission().admit(request(prompt="another one"))
    assert (free.render.state, free.render.review) == (State.QUEUED, None)


async def test_pictures_of_newcomers_wait_by_default_and_words_alone_do_not(gate: Gate) -> None:
    framed = {"first_frame": picture()}
    lately = await gate.admission().admit(request(**LATELY, **framed))
    assert lately.render.review is Review.NEWCOMERS_IMAGES
    for changes in (LATELY, {**framed, "joined_at_ms": NOON_MS - 7 * DAY_MS}):
        gate.clock.advance(6)
        assert (await gate.admission().admit(request(**changes))).render.review is None
    gate.clock.advance(6)
    admins = await gate.admission().admit(request(**LATELY, **framed, admin=True))
    assert admins.render.review is None


async def test_a_word_of_the_list_is_refused_for_everybody(gate: Gate) -> None:
    await rulebook(gate).add_words(SERVER, "gor*", Consequence.REFUSE, author_id=9)
    for admin in (False, True):
        with pytest.raises(WordRefused):
            await gate.admission().admit(request(prompt="A GÓRY scene", admin=admin))
    assert await gate.kept() == ()
    assert await gate.admission().admit(request(server_id=SERVER + 1, prompt="a gory scene"))


async def test_a_word_is_looked_for_in_what_is_sent_and_in_nothing_else(gate: Gate) -> None:
    await rulebook(gate).add_words(SERVER, "ratio, 5, boat", Consequence.REFUSE, author_id=9)
    assert await gate.admission().admit(request(prompt="A lake --ratio 16:9 --duration 5"))
    with pytest.raises(WordRefused):
        await gate.admission().admit(request(prompt="A bo--seed 5 at on a boat"))


async def test_a_word_may_ask_a_moderator_whatever_the_roles(gate: Gate) -> None:
    await rulebook(gate).add_words(SERVER, "sword", Consequence.APPROVE, author_id=9)
    await rulebook(gate).set_approval(SERVER, ApprovalKind.ROLE, ROLE, Approval.NEVER, author_id=9)
    asking = request(prompt="a sword", role_ids=frozenset({ROLE}))
    assert (await gate.admission().admit(asking)).render.review is Review.WORDS
    own = await gate.admission().admit(request(prompt="my sword", admin=True))
    assert own.render.review is None


async def test_accounts_and_memberships_must_be_old_enough(gate: Gate) -> None:
    await rulebook(gate).set_newcomers(SERVER, account_days=30, member_days=3, author_id=9)
    young = NOON_MS - 30 * DAY_MS + 1
    with pytest.raises(AccountTooNew) as too_young:
        await gate.admission().admit(request(account_made_at_ms=young))
    assert (too_young.value.days, too_young.value.until_ms) == (30, NOON_MS + 1)
    joined = NOON_MS - 3 * DAY_MS + 1
    with pytest.raises(MemberTooNew) as too_new:
        await gate.admission().admit(request(joined_at_ms=joined))
    assert (too_new.value.days, too_new.value.until_ms) == (3, NOON_MS + 1)
    assert await gate.admission().admit(request(joined_at_ms=joined, admin=True))
    gate.clock.advance(0.001)
    assert await gate.admission().admit(request(joined_at_ms=joined, prompt="later"))


async def come(gate: Gate, number: int, **changes: object) -> None:
    await gate.admission().admit(request(member_id=MEMBER + number, **{**LATELY, **changes}))


async def test_a_burst_of_first_time_users_has_newcomers_wait_for_an_hour(gate: Gate) -> None:
    for number in range(BURST):
        await come(gate, number)
    # Who came before is no first-time user.
    await come(gate, 0, prompt="once more")

    with pytest.raises(NewcomersPaused) as refusal:
        await come(gate, BURST)

    until_ms = NOON_MS + HOUR_MS
    assert refusal.value.until_ms == until_ms
    [act] = await acts(gate)
    assert (act.author, act.action) == (ENGINE, "newcomers.pause")
    assert act.new_value == f"paused_until_ms={until_ms}"
    with pytest.raises(NewcomersPaused):
        await come(gate, 0, prompt="a third one")
    # Others, and admins, go on.
    await come(gate, 50, joined_at_ms=0)
    await come(gate, 51, admin=True)
    gate.clock.advance(3600)
    for number in range(60, 60 + BURST):
        await come(gate, number)
    assert len(await acts(gate)) == 1


async def test_newcomers_one_after_the_other_are_no_burst(gate: Gate) -> None:
    for number in range(3 * BURST):
        await come(gate, number)
        gate.clock.advance(61)
    assert await acts(gate) == ()


async def test_a_moderator_lets_newcomers_in_and_counts_anew(gate: Gate) -> None:
    for number in range(BURST):
        await come(gate, number)
    with pytest.raises(NewcomersPaused):
        await come(gate, BURST)
    gate.clock.advance(60)
    assert await rulebook(gate).let_newcomers_in(SERVER, author_id=9)
    assert not await rulebook(gate).let_newcomers_in(SERVER, author_id=9)
    for number in range(20, 20 + BURST):
        await come(gate, number)
    with pytest.raises(NewcomersPaused):
        await come(gate, 40)


async def fail(gate: Gate, cause: Cause = Cause.TEXT_REFUSED, member_id: int = MEMBER) -> Render:
    """Have a render of a member fail now."""
    admitted = await gate.admission().admit(
        request(member_id=member_id, prompt=f"try {gate.clock.now_ms()}")
    )
    now, render_id = gate.clock.now_ms(), admitted.render.id
    await gate.release(admitted.render)
    failed = await gate.database.transaction(
        lambda tx: renders.move(
            tx,
            render_id,
            expected=State.QUEUED,
            to=State.FAILED,
            at_ms=now,
            author=ENGINE,
            why=cause,
            cause=cause,
        )
    )
    assert failed
    return failed


async def set_back(gate: Gate, times: int = SETBACKS) -> None:
    for _ in range(times):
        gate.clock.advance(60)
        await fail(gate)


async def refused(gate: Gate, **changes: object) -> Refusal | None:
    try:
        await gate.admission().admit(request(prompt=f"now {gate.clock.now_ms()}", **changes))
    except Refusal as refusal:
        return refusal
    return None


async def test_five_refusals_within_an_hour_pause_the_member_for_an_hour(gate: Gate) -> None:
    await set_back(gate)
    last_ms = gate.clock.now_ms()
    gate.clock.advance(60)

    refusal = await refused(gate)

    assert isinstance(refusal, Blocked)
    assert (refusal.until_ms, refusal.automatic) == (last_ms + HOUR_MS, True)
    [act] = await acts(gate)
    assert (act.author, act.action, act.target) == (ENGINE, "block", f"member:{MEMBER}")
    assert await refused(gate, member_id=MEMBER + 1) is None
    assert await refused(gate, server_id=SERVER + 1) is None
    assert isinstance(await refused(gate), Blocked)
    assert len(await acts(gate)) == 1
    gate.clock.advance(3600 - 60)
    assert await refused(gate) is None


async def test_again_on_the_same_day_it_is_until_the_next_day(gate: Gate) -> None:
    await set_back(gate)
    assert isinstance(await refused(gate), Blocked)
    gate.clock.advance(3600)
    await set_back(gate, SETBACKS - 1)
    assert await refused(gate) is None
    await set_back(gate, 1)
    refusal = await refused(gate)
    assert isinstance(refusal, Blocked)
    assert refusal.until_ms == NOON_MS + 12 * HOUR_MS
    gate.clock.advance((refusal.until_ms - gate.clock.now_ms()) / 1000)
    await set_back(gate)
    tomorrow = await refused(gate)
    assert isinstance(tomorrow, Blocked)
    assert tomorrow.until_ms == gate.clock.now_ms() + HOUR_MS


async def test_what_the_bot_is_to_blame_for_is_no_setback(gate: Gate) -> None:
    for _ in range(SETBACKS):
        for cause in (Cause.OUT_OF_FUNDS, Cause.BAD_KEY, Cause.MODEL_GONE):
            gate.clock.advance(6)
            await fail(gate, cause)
    assert await refused(gate) is None


async def test_setbacks_before_a_lifted_pause_count_no_more(gate: Gate) -> None:
    await set_back(gate)
    assert isinstance(await refused(gate), Blocked)
    await gate.database.transaction(
        lambda tx: blocks.lift(
            tx, server_id=SERVER, member_id=MEMBER, at_ms=gate.clock.now_ms(), author="9", reason=""
        )
    )
    assert await refused(gate) is None
    await set_back(gate, SETBACKS - 1)
    assert await refused(gate) is None


@pytest.mark.parametrize("until_ms", [None, NOON_MS + 5])
async def test_a_stopped_member_reads_why_and_until_when(gate: Gate, until_ms: int | None) -> None:
    block = Block(
        server_id=SERVER,
        member_id=MEMBER,
        at_ms=NOON_MS,
        until_ms=until_ms,
        reason="spam",
        author="9",
    )
    await gate.database.transaction(lambda tx: blocks.put(tx, block))
    assert await rulebook(gate).block_of(SERVER, MEMBER) == block
    assert await rulebook(gate).blocks(SERVER) == (block,)
    refusal = await refused(gate, admin=True)
    assert isinstance(refusal, Blocked)
    assert (refusal.until_ms, refusal.reason, refusal.automatic) == (until_ms, "spam", False)
    gate.clock.advance(0.005)
    assert (await refused(gate) is None) == (until_ms is not None)
    assert (await rulebook(gate).block_of(SERVER, MEMBER) is None) == (until_ms is not None)
    assert (await rulebook(gate).blocks(SERVER) == ()) == (until_ms is not None)


@given(st.lists(st.integers(0, 3 * HOUR_MS), max_size=9), st.integers(0, 5 * HOUR_MS))
def test_a_pause_follows_from_the_last_five_alone(moments: list[int], now: int) -> None:
    setbacks = sorted(one for one in moments if one <= now)
    until = paused_until(setbacks, now)
    if until is not None:
        assert now < until == setbacks[-1] + HOUR_MS
        assert until == paused_until(setbacks[-SETBACKS:], now)
    if len(setbacks) < SETBACKS:
        assert until is None
