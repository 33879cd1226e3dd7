"""Which windows a price is held in, whatever the clock and a server's admins do meanwhile."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import pytest

from render.errors import OverCeiling
from render.policy import account_key
from storage import accounts
from storage.records import Span, Subject
from tests.render.gate import (
    HOST_OWNER,
    MEMBER_OWNER,
    SERVER,
    SERVER_OWNER,
    WIDE,
    Gate,
    opened,
    request,
)
from tests.render.virtual_time import VirtualClock

ADMIN = 4


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncGenerator[Gate]:
    async with opened(tmp_path) as made:
        yield made


async def test_another_time_zone_is_no_way_round_what_the_host_gave(gate: Gate) -> None:
    # Days begin at ten in UTC in Kiritimati, and at eleven in Apia.
    limits = {"server_daily_credits": gate.price()}
    gate.clock.jump(-3 * 3600)
    await gate.admission(**limits).admit(request())
    gate.clock.jump(3 * 3600)

    for name in ("Pacific/Kiritimati", "Pacific/Apia"):
        await gate.treasury(**limits).set_zone(SERVER, name, author_id=ADMIN)
        with pytest.raises(OverCeiling) as refusal:
            await gate.admission(**limits).admit(request(prompt=name))
        account = refusal.value.account
        assert (account.key.subject, account.left, refusal.value.holder) == (
            Subject.SERVER,
            0,
            None,
        )
    assert (await gate.account(SERVER_OWNER, Span.DAY)).held == gate.price()
    used = await gate.database.read(partial(gate.treasury(**limits).used, server_id=SERVER))
    assert [account.left for account in used] == [gate.price(), 0]


class Ticking(VirtualClock):
    """Go on by a millisecond with each look."""

    def now_ms(self) -> int:
        self._ms += 1
        return self._ms


@pytest.mark.parametrize("looks", range(1, 6))
async def test_a_window_may_end_in_the_middle_of_an_admission(gate: Gate, looks: int) -> None:
    gate.clock = Ticking()
    gate.clock.jump(12 * 3600 - looks / 1000)

    render = (await gate.admission(host_hourly_credits=1000).admit(request())).render

    spans = [Span.HOUR, Span.DAY]
    at_ms, zone = render.created_at_ms, WIDE.time_zone
    for owner in (HOST_OWNER, SERVER_OWNER, MEMBER_OWNER):
        for key in (account_key(owner, span, at_ms, zone) for span in spans):
            found = await gate.database.read(partial(accounts.balance, key=key, ceiling=None))
            assert found.held == render.cost
