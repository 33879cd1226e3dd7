"""The provider's figure is what the balance lost since the first look, and says since when."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from render.readings import Readings, Taken
from seedance import ProviderBroken, SeedanceError
from storage.records import Span
from tests.render.world import World

DAY_SECONDS = 86_400.0


class Balance:
    """Be what is left on the account, until it is told to fail."""

    def __init__(self, usd: str) -> None:
        self.usd = Decimal(usd)
        self.trouble: SeedanceError | None = None

    async def ask(self) -> Decimal:
        if self.trouble:
            raise self.trouble
        return self.usd


def readings(world: World, balance: Balance) -> Readings:
    return Readings(
        database=world.database, ask=balance.ask, time_zone=ZoneInfo("UTC"), clock=world.clock
    )


@pytest.fixture
def balance() -> Balance:
    return Balance("20.00")


async def test_the_first_reading_knows_of_nothing_taken(world: World, balance: Balance) -> None:
    nothing = Taken(since_ms=world.clock.now_ms(), usd=Decimal(), grown=Decimal())
    taken = await readings(world, balance).take()
    assert taken == {Span.DAY: nothing, Span.MONTH: nothing}


async def test_what_is_gone_since_was_taken_also_across_a_restart(
    world: World, balance: Balance
) -> None:
    since = world.clock.now_ms()
    await readings(world, balance).take()
    world.clock.jump(60)
    balance.usd = Decimal("18.75")
    taken = await readings(world, balance).take()
    assert taken[Span.DAY] == Taken(since_ms=since, usd=Decimal("1.25"), grown=Decimal())


async def test_a_new_day_begins_with_its_own_reading_and_the_month_goes_on(
    world: World, balance: Balance
) -> None:
    reading = readings(world, balance)
    first = world.clock.now_ms()
    await reading.take()
    world.clock.jump(DAY_SECONDS)
    balance.usd = Decimal("15")
    second = world.clock.now_ms()
    taken = await reading.take()
    assert taken[Span.DAY] == Taken(since_ms=second, usd=Decimal(), grown=Decimal())
    assert taken[Span.MONTH] == Taken(since_ms=first, usd=Decimal(5), grown=Decimal())


async def test_money_that_came_in_is_added_to_what_was_taken_and_named(
    world: World, balance: Balance
) -> None:
    reading = readings(world, balance)
    for usd in ("20", "18", "28", "27"):
        balance.usd = Decimal(usd)
        taken = await reading.take()
    assert (taken[Span.DAY].usd, taken[Span.DAY].grown) == (Decimal(3), Decimal(10))


async def test_it_reads_again_in_an_hour_or_when_the_day_begins(
    world: World, balance: Balance
) -> None:
    reading = readings(world, balance)
    assert await reading.step() == 3600
    world.clock.jump(11.5 * 3600)
    assert await reading.step() == 1800


async def test_a_balance_that_cannot_be_read_is_asked_for_again_soon(
    world: World, balance: Balance
) -> None:
    reading = readings(world, balance)
    balance.trouble = ProviderBroken(status=500)
    assert await reading.step() == 600
    with pytest.raises(ProviderBroken):
        await reading.take()
    balance.trouble = None
    since = world.clock.now_ms()
    assert (await reading.take())[Span.DAY].since_ms == since
