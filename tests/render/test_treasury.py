"""What people may set, give and take back, and that what is refused changes nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

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
    NotSettled,
    ValueUnknown,
    ZoneUnknown,
)
from render.treasury import Treasury
from storage import events
from storage.records import (
    LARGEST_AMOUNT,
    Event,
    Holder,
    Rule,
    Server,
    Span,
)
from tests.render.gate import CHANNEL, MEMBER, MEMBER_OWNER, SERVER, Gate, opened, request
from tests.render.offering import V1_5, V2_0
from tests.render.paid import delivered

ADMIN, ROLE, DAY_MS = 55, 777, 86_400_000
NEW = SERVER + 9


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncGenerator[Gate]:
    async with opened(tmp_path) as made:
        yield made
        assert await made.balances()


async def acts(gate: Gate, server_id: int = SERVER) -> tuple[Event, ...]:
    """Return what was written down, without the opening of the usual server."""
    found = await gate.database.read(
        lambda tx: events.acts(tx, server_id=server_id, after_id=0, limit=100)
    )
    return tuple(act for act in found if act.author != "1")


def set_up(treasury: Treasury, **changes: object) -> Awaitable[Server]:
    usual: dict[str, Any] = {
        "channel_ids": frozenset({CHANNEL}),
        "role_ids": frozenset[int](),
        "member_daily": 60,
        "server_daily": 500,
        "staff_channel_id": 9,
        "author_id": ADMIN,
    }
    return treasury.set_up(NEW, **{**usual, **changes})


async def test_setting_up_opens_a_server(gate: Gate) -> None:
    treasury = gate.treasury()

    server = await set_up(treasury)

    assert server == await treasury.server(NEW)
    assert server == Server(
        server_id=NEW, opened=True, channel_ids=frozenset({CHANNEL}), staff_channel_id=9
    )
    assert await treasury.rules(NEW) == (
        Rule(server_id=NEW, holder=Holder.SERVER, day_credits=500),
        Rule(server_id=NEW, holder=Holder.EVERYONE, day_credits=60),
    )
    assert [act.action for act in await acts(gate, NEW)] == ["limits.set", "limits.set", "setup"]
    assert {act.author for act in await acts(gate, NEW)} == {str(ADMIN)}
    assert await gate.admission().admit(request(server_id=NEW))


async def test_setting_up_again_keeps_what_it_does_not_ask_for(gate: Gate) -> None:
    treasury = gate.treasury()
    await set_up(treasury)
    await treasury.set_zone(NEW, "Europe/Zurich", author_id=ADMIN)
    await treasury.set_limit(NEW, Holder.EVERYONE, changes={"renders_at_once": 3}, author_id=ADMIN)

    server = await set_up(treasury, member_daily=70, channel_ids=frozenset[int]())

    assert (server.time_zone, server.channel_ids) == ("Europe/Zurich", frozenset())
    everyone = (await treasury.rules(NEW))[1]
    assert (everyone.day_credits, everyone.renders_at_once) == (70, 3)


async def test_limits_change_one_by_one_and_go_one_by_one(gate: Gate) -> None:
    treasury = gate.treasury()

    async def change(**changes: Any) -> Rule | None:  # noqa: ANN401 - of any limit
        return await treasury.set_limit(SERVER, Holder.ROLE, ROLE, changes=changes, author_id=ADMIN)

    await change(day_credits=100, models=(V2_0.upper(), V1_5))
    rule = await change(highest_resolution="480p", models=None)
    assert rule == Rule(
        server_id=SERVER,
        holder=Holder.ROLE,
        holder_id=ROLE,
        day_credits=100,
        highest_resolution="480p",
    )
    assert await treasury.rules(SERVER) == (rule,)
    assert await change(day_credits=None, highest_resolution=None) is None
    assert await treasury.rules(SERVER) == ()
    assert [act.action for act in await acts(gate)] == ["limits.set"] * 2 + ["limits.clear"]


async def test_models_are_kept_by_the_names_that_records_know(gate: Gate) -> None:
    rule = await gate.treasury().set_limit(
        SERVER, Holder.EVERYONE, changes={"models": (V2_0.upper(),)}, author_id=ADMIN
    )
    assert rule
    assert rule.models == (V2_0,)


async def test_why_is_read_from_the_terms(gate: Gate) -> None:
    await gate.rule(Holder.ROLE, ROLE, day_credits=7)

    terms = await gate.treasury().terms(SERVER, MEMBER, {ROLE})

    assert (terms.holder, terms.role_id, terms.ceilings) == (
        Holder.ROLE,
        ROLE,
        ((Span.DAY, 7),),
    )


def limit(holder: Holder, holder_id: int = 0, **changes: Any) -> Any:  # noqa: ANN401
    return lambda treasury: treasury.set_limit(
        SERVER, holder, holder_id, changes=changes, author_id=ADMIN
    )


def gift(**changes: object) -> Any:  # noqa: ANN401
    usual: dict[str, Any] = {"credits": 5, "expires_at_ms": None, "reason": "", "author_id": ADMIN}

    def give(treasury: Treasury) -> Awaitable[object]:
        values = {**usual, **changes}
        if values["expires_at_ms"] is None:
            values["expires_at_ms"] = NOW + DAY_MS
        return treasury.grant(SERVER, MEMBER, **values)

    return give


NOW = 1_790_000_000_000 // DAY_MS * DAY_MS + DAY_MS // 2

BAD = {
    "a negative limit": (limit(Holder.EVERYONE, day_credits=-1), AmountInvalid),
    "a limit beyond 64 bits": (limit(Holder.EVERYONE, month_credits=2**64), AmountInvalid),
    "no render at once": (limit(Holder.ROLE, ROLE, renders_at_once=0), AmountInvalid),
    "too long a queue": (limit(Holder.ROLE, ROLE, queue_length=10_001), AmountInvalid),
    "no second": (limit(Holder.ROLE, ROLE, longest_seconds=0), AmountInvalid),
    "a resolution of no model": (limit(Holder.ROLE, ROLE, highest_resolution="8k"), ValueUnknown),
    "a model that nobody knows": (limit(Holder.ROLE, ROLE, models=("sora",)), ValueUnknown),
    "a kind for the server": (limit(Holder.SERVER, queue_length=5), CreditsOnly),
    "a limit that says nothing": (limit(Holder.ROLE, ROLE, day_credits=None), LimitEmpty),
    "a day above the host": (limit(Holder.SERVER, day_credits=501), AboveHost),
    "an hour above the host": (limit(Holder.MEMBER, MEMBER, hour_credits=501), AboveHost),
    "a week above the host": (limit(Holder.ROLE, ROLE, week_credits=3501), AboveHost),
    "a month above the host": (limit(Holder.EVERYONE, month_credits=15_501), AboveHost),
    "setting up above the host": (
        lambda treasury: set_up(treasury, server_daily=501),
        AboveHost,
    ),
    "setting up with less than nothing": (
        lambda treasury: set_up(treasury, member_daily=-1),
        AmountInvalid,
    ),
    "more for each than for all": (
        lambda treasury: set_up(treasury, member_daily=300, server_daily=299),
        MemberAboveServer,
    ),
    "giving less than nothing": (
        lambda treasury: treasury.give(SERVER, -1, author_id=ADMIN),
        AmountInvalid,
    ),
    "giving beyond 64 bits": (
        lambda treasury: treasury.give(SERVER, 2**63, author_id=ADMIN),
        AmountInvalid,
    ),
    "clearing nothing": (
        lambda treasury: treasury.clear_limit(SERVER, Holder.ROLE, 5, author_id=ADMIN),
        NoSuchLimit,
    ),
    "a grant of nothing": (gift(credits=0), AmountInvalid),
    "a negative grant": (gift(credits=-5), AmountInvalid),
    "a grant beyond 64 bits": (gift(credits=2**63), AmountInvalid),
    "a grant to a bot": (gift(is_bot=True), BotGranted),
    "a grant that has ended": (gift(expires_at_ms=NOW), ExpiryInvalid),
    "a grant for ever": (gift(expires_at_ms=NOW + 367 * DAY_MS), ExpiryInvalid),
    "a grant to a role that has ended": (
        lambda treasury: treasury.grant_role(
            SERVER, ROLE, credits=5, expires_at_ms=NOW, reason="", author_id=ADMIN
        ),
        ExpiryInvalid,
    ),
    "a zone that does not exist": (
        lambda treasury: treasury.set_zone(SERVER, "Mars/Base", author_id=ADMIN),
        ZoneUnknown,
    ),
    "a zone outside of its folder": (
        lambda treasury: treasury.set_zone(SERVER, "../../etc/passwd", author_id=ADMIN),
        ZoneUnknown,
    ),
    "the zone of the machine, which another one may not have": (
        lambda treasury: treasury.set_zone(SERVER, "localtime", author_id=ADMIN),
        ZoneUnknown,
    ),
    "a zone with leap seconds": (
        lambda treasury: treasury.set_zone(SERVER, "right/UTC", author_id=ADMIN),
        ZoneUnknown,
    ),
    "a refund of no render": (
        lambda treasury: treasury.refund(
            SERVER, "NONE2345", credits=1, reason="", author_id=ADMIN, by_host=False
        ),
        NotSettled,
    ),
}


@pytest.mark.parametrize(("act", "refusal"), BAD.values(), ids=BAD)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    gate: Gate, act: Callable[[Treasury], Awaitable[object]], refusal: type[ActRefused]
) -> None:
    assert gate.clock.now_ms() == NOW

    with pytest.raises(refusal):
        await act(gate.treasury(server_daily_credits=500))

    assert await acts(gate) == await acts(gate, NEW) == ()
    assert await gate.treasury().rules(SERVER) == await gate.treasury().rules(NEW) == ()
    assert not (await gate.treasury().server(NEW)).opened
    assert await gate.is_empty()


async def test_a_refused_amount_says_what_may_be(gate: Gate) -> None:
    with pytest.raises(AmountInvalid) as amount:
        await gift(credits=2**63)(gate.treasury())
    with pytest.raises(AboveHost) as above:
        await limit(Holder.SERVER, week_credits=4000)(gate.treasury(server_daily_credits=500))

    error = amount.value
    assert (error.name, error.value, error.least, error.most) == (
        "credits",
        2**63,
        1,
        LARGEST_AMOUNT,
    )
    assert (above.value.span, above.value.value, above.value.given) == (Span.WEEK, 4000, 3500)


async def test_what_the_host_gives_is_what_admins_may_set(gate: Gate) -> None:
    treasury = gate.treasury(server_daily_credits=500)

    await treasury.give(SERVER, 2000, author_id=9)
    await limit(Holder.SERVER, day_credits=2000)(treasury)
    await treasury.give(SERVER, None, author_id=9)

    with pytest.raises(AboveHost):
        await limit(Holder.SERVER, day_credits=2000)(treasury)
    assert [act.action for act in await acts(gate)] == ["host.give", "limits.set", "host.give"]


async def test_a_limit_in_use_may_be_changed_not_cleared(gate: Gate) -> None:
    await gate.rule(Holder.ROLE, ROLE, day_credits=200)
    await gate.rule(Holder.EVERYONE, day_credits=100)
    await gate.rule(Holder.SERVER, day_credits=500)
    await gate.rule(Holder.MEMBER, 4, day_credits=1)
    render = (await gate.admission().admit(request(role_ids=frozenset({ROLE})))).render
    treasury = gate.treasury()

    for holder, holder_id in ((Holder.ROLE, ROLE), (Holder.SERVER, 0)):
        with pytest.raises(LimitInUse) as refusal:
            await treasury.clear_limit(SERVER, holder, holder_id, author_id=ADMIN)
        assert refusal.value.renders == 1
    await treasury.clear_limit(SERVER, Holder.EVERYONE, author_id=ADMIN)
    await treasury.clear_limit(SERVER, Holder.MEMBER, 4, author_id=ADMIN)
    assert await limit(Holder.ROLE, ROLE, day_credits=0)(treasury)
    assert await gate.kept() == (render,)


async def test_a_grant_is_written_down_with_who_and_why(gate: Gate) -> None:
    given = await gift(credits=40, reason="a good story")(gate.treasury())

    (act,) = await acts(gate)
    assert (given.credits, given.left, given.author) == (40, 40, str(ADMIN))
    assert (act.action, act.target, act.new_value) == ("grant", f"member:{MEMBER}", "40")
    assert (act.author, act.why) == (str(ADMIN), "a good story")


async def test_a_reset_gives_the_window_back_and_nothing_that_is_held(gate: Gate) -> None:
    spent, held = await delivered(gate), (await gate.admission().admit(request())).render
    treasury = gate.treasury()

    async def reset() -> int:
        return await treasury.reset(SERVER, MEMBER, span=Span.DAY, reason="a slip", author_id=ADMIN)

    assert await reset() == spent.cost
    assert await reset() == 0
    account = await gate.account(MEMBER_OWNER)
    assert (account.spent, account.held) == (0, held.cost)
    assert [act.action for act in await acts(gate)] == ["reset"]


async def test_an_audit_channel_is_set_and_taken_away(gate: Gate) -> None:
    treasury = gate.treasury()

    assert (await treasury.set_audit_channel(SERVER, 8, author_id=ADMIN)).audit_channel_id == 8
    await treasury.set_audit_channel(SERVER, None, author_id=ADMIN)
    assert (await treasury.server(SERVER)).audit_channel_id is None
    assert [act.action for act in await acts(gate)] == ["audit.set"] * 2
