"""What moderators and the host may give back for a render, and what nobody may."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from render.errors import NotSettled, RefundCapReached, RefundTooMuch
from render.treasury import MODERATORS_CREDITS
from storage import events, grants
from storage.records import Render, Span, State
from tests.render.gate import MEMBER, SERVER, Gate, opened, request
from tests.render.paid import delivered

ADMIN, DAY_MS = 55, 86_400_000


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncGenerator[Gate]:
    async with opened(tmp_path) as made:
        yield made
        assert await made.balances()


async def refund(
    gate: Gate, render: Render, credits: int | None = None, *, by_host: bool = False
) -> int:
    given = await gate.treasury().refund(
        SERVER, render.id, credits=credits, reason="blurred", author_id=ADMIN, by_host=by_host
    )
    assert given.render_id == render.id
    assert given.expires_at_ms == gate.clock.now_ms() + 7 * DAY_MS
    return given.credits


async def test_a_refund_never_passes_what_was_paid(gate: Gate) -> None:
    render = await delivered(gate)

    assert await refund(gate, render, 10) == 10
    with pytest.raises(RefundTooMuch) as refusal:
        await refund(gate, render, render.cost - 9)
    assert refusal.value.left == render.cost - 10
    assert await refund(gate, render) == render.cost - 10
    with pytest.raises(RefundTooMuch):
        await refund(gate, render)
    (grant, _) = await gate.database.read(
        lambda tx: grants.open_to(tx, server_id=SERVER, member_id=MEMBER, at_ms=gate.clock.now_ms())
    )
    assert grant.reason == "blurred"
    acts = await gate.database.read(
        lambda tx: events.acts(tx, server_id=SERVER, after_id=0, limit=100)
    )
    assert [act.action for act in acts if act.author == str(ADMIN)] == ["refund"] * 2


async def test_what_a_reset_gave_back_is_not_refunded_again(gate: Gate) -> None:
    render, other = await delivered(gate), await delivered(gate, 5)
    await refund(gate, render, 10)

    treasury = gate.treasury()
    back = await treasury.reset(SERVER, MEMBER, span=Span.DAY, reason="", author_id=ADMIN)
    assert back == render.cost - 10 + 5
    for one in (render, other):
        with pytest.raises(RefundTooMuch) as refusal:
            await refund(gate, one)
        assert refusal.value.left == 0


async def test_only_what_was_paid_for_good_is_refunded(gate: Gate) -> None:
    waiting = (await gate.admission().admit(request())).render
    free = await delivered(gate, 0)
    for render, state in ((waiting, State.QUEUED), (free, State.DELIVERED)):
        with pytest.raises(NotSettled) as refusal:
            await refund(gate, render, 1)
        assert refusal.value.state is state
    with pytest.raises(NotSettled) as refusal:
        await gate.treasury().refund(
            SERVER + 1, free.id, credits=1, reason="", author_id=ADMIN, by_host=True
        )
    assert refusal.value.state is None


async def give_back(gate: Gate, render: Render, credits: int) -> None:
    """Give back as the moderator did before, whatever the price was."""
    await gate.database.transaction(
        lambda tx: grants.give(
            tx,
            server_id=SERVER,
            member_id=MEMBER,
            credits=credits,
            at_ms=gate.clock.now_ms(),
            expires_at_ms=gate.clock.now_ms() + DAY_MS,
            author=str(ADMIN),
            reason="",
            render_id=render.id,
        )
    )


async def test_a_moderator_refunds_only_so_much_a_day_and_the_host_more(gate: Gate) -> None:
    await give_back(gate, await delivered(gate, 20), MODERATORS_CREDITS - 5)
    render = await delivered(gate)

    assert await refund(gate, render, 4) == 4
    with pytest.raises(RefundCapReached) as refusal:
        await refund(gate, render, 2)
    assert (refusal.value.credits, refusal.value.left) == (2, 1)
    assert await refund(gate, render, 2, by_host=True) == 2


async def test_a_moderators_day_is_the_servers(gate: Gate) -> None:
    # There noon, UTC, is two in the morning.
    await gate.set(time_zone="Pacific/Kiritimati")
    await give_back(gate, await delivered(gate, 20), MODERATORS_CREDITS)
    render = await delivered(gate)

    gate.clock.advance(22 * 3600 - 1)
    with pytest.raises(RefundCapReached):
        await refund(gate, render, 1)
    gate.clock.advance(1)
    assert await refund(gate, render, 1) == 1


async def test_another_time_zone_is_no_new_day_for_a_moderator(gate: Gate) -> None:
    gate.clock.advance(-3 * 3600)
    await give_back(gate, await delivered(gate, 20), MODERATORS_CREDITS)
    render = await delivered(gate)
    gate.clock.advance(3 * 3600)
    await gate.treasury().set_zone(SERVER, "Pacific/Kiritimati", author_id=ADMIN)

    with pytest.raises(RefundCapReached):
        await refund(gate, render, 1)
