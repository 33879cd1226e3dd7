"""The host is told once of everything, also by the next process, and nothing waits for it."""

from __future__ import annotations

import pytest

from render.alerts import AGAIN_SECONDS, MOST_WAITING, Kind, last
from render.pace import IDLE_SECONDS
from storage import Transaction
from tests.render.world import DAY_MS, World


async def test_an_alert_is_told_once_with_its_facts(world: World) -> None:
    await world.alerts.report(Kind.STAGE_BREAKS, stage="poller", deaths=4)
    assert await world.alerts.step() == IDLE_SECONDS
    assert await world.alerts.step() == IDLE_SECONDS
    (alert,) = world.herald.told
    assert (alert.kind, alert.at_ms) == (Kind.STAGE_BREAKS, world.clock.now_ms())
    assert alert.facts == {"stage": "poller", "deaths": 4}


async def test_what_is_not_told_yet_outlives_the_process(world: World) -> None:
    await world.alerts.report(Kind.NO_MODEL)
    await world.open()
    await world.alerts.step()
    await world.open()
    await world.alerts.step()
    assert world.herald.kinds == [Kind.NO_MODEL]


async def test_no_two_alerts_have_the_same_nonce(world: World) -> None:
    for deaths in range(3):
        await world.alerts.report(Kind.STAGE_BREAKS, stage="poller", deaths=deaths)
        await world.alerts.step()
    nonces = [alert.nonce for alert in world.herald.told]
    assert len(set(nonces)) == 3
    assert all(len(nonce) <= 25 for nonce in nonces)


async def test_an_alert_belongs_to_its_transaction(world: World) -> None:
    async def work(tx: Transaction) -> None:
        await world.alerts.add(tx, Kind.NO_MODEL)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await world.do(work)
    await world.alerts.step()
    assert world.herald.told == []


async def test_a_name_is_told_once_in_its_time(world: World) -> None:
    for _ in range(3):
        await world.alerts.report_no_model()
        await world.alerts.step()
    assert world.herald.kinds == [Kind.NO_MODEL]
    world.clock.advance(DAY_MS / 1000)
    await world.alerts.report_no_model()
    await world.alerts.step()
    assert world.herald.kinds == [Kind.NO_MODEL, Kind.NO_MODEL]


@pytest.mark.parametrize("breaks", [None, ZeroDivisionError()])
async def test_what_nobody_hears_is_noted_and_tried_again(
    world: World, breaks: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    world.herald.open, world.herald.breaks = False, breaks
    await world.alerts.report(Kind.NO_MODEL)
    assert await world.alerts.step() == AGAIN_SECONDS
    tried = await world.do(last)
    assert tried
    assert (tried.alert.kind, tried.delivered) == (Kind.NO_MODEL, False)
    assert "could not be told" in caplog.text

    world.herald.open, world.herald.breaks = True, None
    world.clock.advance(AGAIN_SECONDS)
    await world.alerts.step()
    tried = await world.do(last)
    assert tried
    assert (tried.delivered, tried.tried_at_ms) == (True, world.clock.now_ms())
    assert world.herald.kinds == [Kind.NO_MODEL]


async def test_nobody_was_told_anything_at_first(world: World) -> None:
    await world.alerts.step()
    assert await world.do(last) is None


async def test_only_the_newest_wait(world: World) -> None:
    for deaths in range(MOST_WAITING + 5):
        await world.alerts.report(Kind.STAGE_BREAKS, stage="poller", deaths=deaths)
    await world.alerts.step()
    assert [alert.facts["deaths"] for alert in world.herald.told] == list(
        range(5, MOST_WAITING + 5)
    )


async def test_a_database_that_is_gone_stops_nobody(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.database.close()
    await world.alerts.report(Kind.NO_MODEL)
    assert "cannot be told yet" in caplog.text
    await world.open()
