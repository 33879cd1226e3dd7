"""Which windows a price is held in, whatever the clock and a server's admins do meanwhile."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from render.errors import OverCeiling
from storage.records import Span, Subject
from tests.render.gate import SERVER, SERVER_OWNER, Gate, opened, request

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
