"""Where, who and what a server's admins and its rules let a member render."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from render.errors import (
    NotAllowed,
    OptionNotCarried,
    OverCeiling,
    QueueFull,
    RoleNeeded,
    ServerClosed,
    SubmitsStopped,
    TooManyAtOnce,
    WrongPlace,
)
from seedance import Option
from storage import settings
from storage.records import Holder, Server, StopReason, Subject, SubmitStop
from tests.render.gate import CHANNEL, MEMBER, SERVER, Gate, opened, picture, request
from tests.render.offering import V1_5, V2_0
from tests.render.virtual_time import NOON_MS

CLOSED = SERVER + 5
ROLE = 777


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncGenerator[Gate]:
    async with opened(tmp_path) as made:
        yield made


async def test_a_server_starts_closed_and_its_admins_render(gate: Gate) -> None:
    with pytest.raises(ServerClosed):
        await gate.admission().admit(request(server_id=CLOSED))

    assert await gate.is_empty()
    assert await gate.admission().admit(request(server_id=CLOSED, admin=True))


async def test_a_server_renders_where_its_admins_chose(gate: Gate) -> None:
    await gate.set(channel_ids=frozenset({CHANNEL + 1}))

    with pytest.raises(WrongPlace) as refusal:
        await gate.admission().admit(request(admin=True))

    assert refusal.value.channel_ids == {CHANNEL + 1}
    assert await gate.admission().admit(request(channel_id=CHANNEL + 1))


async def test_a_thread_lies_under_its_channel_and_a_channel_under_its_category(
    gate: Gate,
) -> None:
    await gate.set(channel_ids=frozenset({1}))

    assert await gate.admission().admit(request(place_ids=(1, 2)))


async def test_a_server_renders_for_the_roles_that_its_admins_chose(gate: Gate) -> None:
    await gate.set(role_ids=frozenset({ROLE, ROLE + 1}))

    with pytest.raises(RoleNeeded) as refusal:
        await gate.admission().admit(request(role_ids=frozenset({5})))

    assert refusal.value.role_ids == {ROLE, ROLE + 1}
    assert await gate.admission().admit(request(role_ids=frozenset({5, ROLE})))
    assert await gate.admission().admit(request(member_id=MEMBER + 1, admin=True))


async def test_a_role_that_was_deleted_opens_nothing_and_limits_nobody(gate: Gate) -> None:
    # Discord names it no more, so nobody holds it.
    await gate.set(role_ids=frozenset({ROLE}))
    await gate.rule(Holder.ROLE, ROLE, day_credits=0)

    with pytest.raises(RoleNeeded):
        await gate.admission().admit(request())
    await gate.set(role_ids=frozenset())
    assert (await gate.admission().admit(request())).render.role_id is None


async def test_a_render_keeps_the_role_whose_rule_applied(gate: Gate) -> None:
    await gate.rule(Holder.ROLE, ROLE, day_credits=100)
    await gate.rule(Holder.ROLE, ROLE + 1, day_credits=200)

    render = (await gate.admission().admit(request(role_ids=frozenset({ROLE, ROLE + 1, 5})))).render

    assert render.role_id == ROLE + 1
    assert (await gate.kept()) == (render,)


@pytest.mark.parametrize(
    ("limit", "changes", "option", "allowed"),
    [
        ({"longest_seconds": 5}, {"duration_seconds": 6}, Option.DURATION, ("4", "5")),
        ({"longest_seconds": 5}, {"prompt": "boat --dur 6"}, Option.DURATION, ("4", "5")),
        (
            {"highest_resolution": "480p"},
            {"prompt": "boat --rs 720p"},
            Option.RESOLUTION,
            ("480p",),
        ),
        ({"models": (V2_0,)}, {"model": V1_5}, None, (V2_0,)),
        ({"models": ("gone",)}, {}, None, ()),
        ({"longest_seconds": 1}, {}, Option.DURATION, ()),
    ],
)
async def test_what_a_role_may_not_is_refused_also_in_the_prompt(
    gate: Gate,
    limit: dict[str, Any],
    changes: dict[str, Any],
    option: Option | None,
    allowed: tuple[str, ...],
) -> None:
    await gate.rule(Holder.ROLE, ROLE, **limit)

    with pytest.raises(NotAllowed) as refusal:
        await gate.admission().admit(request(role_ids=frozenset({ROLE}), **changes))

    assert (refusal.value.option, refusal.value.allowed) == (option, allowed)
    assert refusal.value.holder is Holder.ROLE
    assert await gate.is_empty()
    if "models" not in limit:
        assert await gate.admission().admit(request(**changes))


async def test_what_is_left_to_us_is_chosen_within_the_limits(gate: Gate) -> None:
    await gate.rule(Holder.EVERYONE, longest_seconds=4, highest_resolution="480p", models=(V2_0,))

    render = (await gate.admission().admit(request())).render
    allowance = await gate.admission().allowance(SERVER, MEMBER, ())

    assert (render.model, render.duration_seconds, render.resolution) == (V2_0, 4, "480p")
    assert (allowance.clip_credits, allowance.clip_seconds) == (render.cost, 4)


async def test_without_anything_within_the_limits_there_are_no_clips(gate: Gate) -> None:
    await gate.rule(Holder.EVERYONE, longest_seconds=1)

    allowance = await gate.admission().allowance(SERVER, MEMBER, ())

    assert (allowance.clip_credits, allowance.clip_seconds) == (0, 0)


async def test_a_frame_is_refused_where_the_only_model_left_takes_none(gate: Gate) -> None:
    await gate.rule(Holder.EVERYONE, models=(V2_0,))

    with pytest.raises(OptionNotCarried):
        await gate.admission().admit(request(first_frame=picture()))


async def test_a_rule_says_how_many_at_once_and_how_many_wait(gate: Gate) -> None:
    await gate.rule(Holder.ROLE, ROLE, renders_at_once=1)
    await gate.rule(Holder.EVERYONE, queue_length=2)
    rich = request(role_ids=frozenset({ROLE}))
    await gate.admission(renders_at_once=5).admit(rich)

    with pytest.raises(TooManyAtOnce) as at_once:
        await gate.admission().admit(request(prompt="two", role_ids=frozenset({ROLE})))
    await gate.admission().admit(request(prompt="three"))
    with pytest.raises(QueueFull) as queue:
        await gate.admission().admit(request(prompt="four"))

    assert (at_once.value.limit, at_once.value.holder) == (1, Holder.ROLE)
    assert (queue.value.limit, queue.value.holder) == (2, Holder.EVERYONE)


async def test_while_the_host_has_stopped_it_nothing_is_accepted(gate: Gate) -> None:
    stop = SubmitStop(reason=StopReason.HOST, since_ms=NOON_MS)
    await gate.database.transaction(lambda tx: settings.stop_submits(tx, stop))

    with pytest.raises(SubmitsStopped) as refusal:
        await gate.admission().admit(request())

    assert refusal.value.reason is StopReason.HOST
    assert await gate.is_empty()


@pytest.mark.parametrize(
    ("holder", "holder_id"),
    [(Holder.MEMBER, MEMBER), (Holder.ROLE, ROLE), (Holder.EVERYONE, 0), (Holder.SERVER, 0)],
)
async def test_a_refusal_names_whose_limit_it_was(
    gate: Gate, holder: Holder, holder_id: int
) -> None:
    await gate.rule(holder, holder_id, week_credits=gate.price() + 1)
    admission = gate.admission()
    await admission.admit(request(role_ids=frozenset({ROLE})))

    with pytest.raises(OverCeiling) as refusal:
        await admission.admit(request(prompt="two", role_ids=frozenset({ROLE})))
    allowance = await admission.allowance(SERVER, MEMBER, {ROLE})

    assert refusal.value.holder is allowance.holder is holder
    assert refusal.value.account == allowance.wallet.binding
    assert refusal.value.account.left == allowance.spendable == 1
    subject = Subject.SERVER if holder is Holder.SERVER else Subject.MEMBER
    assert refusal.value.account.key.subject is subject


async def test_a_lowered_ceiling_stops_new_holds_and_touches_no_old_one(gate: Gate) -> None:
    await gate.rule(Holder.EVERYONE, day_credits=2 * gate.price())
    render = (await gate.admission().admit(request())).render
    await gate.rule(Holder.EVERYONE, day_credits=1)

    with pytest.raises(OverCeiling) as refusal:
        await gate.admission().admit(request(prompt="two"))

    assert refusal.value.account.left == 0
    assert await gate.kept() == (render,)
    await gate.settle(render)
    allowance = await gate.admission().allowance(SERVER, MEMBER, ())
    assert (allowance.account.held, allowance.account.spent) == (0, render.cost)
    assert await gate.balances()


async def test_a_new_ceiling_counts_what_was_spent_before_it(gate: Gate) -> None:
    render = (await gate.admission().admit(request())).render
    await gate.settle(render)
    await gate.rule(Holder.MEMBER, MEMBER, month_credits=render.cost)

    with pytest.raises(OverCeiling):
        await gate.admission().admit(request(prompt="two"))


async def test_a_server_that_the_host_gave_nothing_renders_nothing(gate: Gate) -> None:
    await gate.put(Server(server_id=SERVER, opened=True, given_daily_credits=0))

    with pytest.raises(OverCeiling) as refusal:
        await gate.admission().admit(request())

    assert (refusal.value.account.key.subject, refusal.value.holder) == (Subject.SERVER, None)


async def test_two_servers_cannot_spend_one_hosts_credit_twice(gate: Gate) -> None:
    admission = gate.admission(host_daily_credits=gate.price())
    here, there = request(), replace(request(), server_id=SERVER + 1)
    await admission.admit(here)

    with pytest.raises(OverCeiling) as refusal:
        await admission.admit(there)

    assert refusal.value.account.key.subject is Subject.HOST
