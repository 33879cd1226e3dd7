"""Total what renders cost, by member, role, channel and model."""

from __future__ import annotations

from typing import Any

from storage import Database, Transaction, usage
from storage.records import Render, Subject, Total
from tests.storage import examples
from tests.storage.examples import CHANNEL, DAY_MS, MEMBER, NOW_MS, SERVER, render, window


async def spend(tx: Transaction, made: Render, amount: int = 61, at_ms: int = NOW_MS) -> Render:
    await examples.admit(tx, made, at_ms=at_ms)
    await examples.settle(tx, made, amount, at_ms=at_ms + DAY_MS)
    return made


async def of_day(database: Database, at_ms: int = NOW_MS) -> tuple[Total, ...]:
    starts_at_ms, ends_at_ms = window(at_ms=at_ms)
    return await database.read(
        lambda tx: usage.between(
            tx, server_id=SERVER, starts_at_ms=starts_at_ms, ends_at_ms=ends_at_ms
        )
    )


def total(renders: int, credits: int, **changes: object) -> Total:
    values: dict[str, Any] = {
        "member_id": MEMBER,
        "role_id": None,
        "channel_id": CHANNEL,
        "model": "model",
    }
    return Total(renders=renders, credits=credits, **{**values, **changes})


async def test_renders_are_added_up_by_all_that_they_share(database: Database) -> None:
    kinds: list[dict[str, object]] = [
        {},
        {},
        {"role_id": 45},
        {"channel_id": 7},
        {"model": "other"},
        {"member_id": 8},
        {"server_id": 9},
    ]

    async def work(tx: Transaction) -> None:
        for number, changes in enumerate(kinds):
            await spend(tx, render(**changes), 10 + number)

    await database.transaction(work)
    assert await of_day(database) == (
        total(2, 21),
        total(1, 15, member_id=8),
        total(1, 14, model="other"),
        total(1, 13, channel_id=7),
        total(1, 12, role_id=45),
    )


async def test_a_render_counts_when_it_was_accepted(database: Database) -> None:
    starts_at_ms, ends_at_ms = window()

    async def work(tx: Transaction) -> None:
        for at_ms in (starts_at_ms - 1, starts_at_ms, ends_at_ms - 1, ends_at_ms):
            await spend(tx, render(), at_ms=at_ms)

    await database.transaction(work)
    assert await of_day(database) == (total(2, 122),)


async def test_what_is_held_released_or_the_hosts_alone_is_no_usage(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        held, released, lost = render(), render(), render()
        for made in (held, released, lost):
            await examples.admit(tx, made)
        await examples.release(tx, released)
        await examples.settle(tx, lost, 61, {Subject.HOST})
        await examples.release(tx, lost)

    await database.transaction(work)
    assert await of_day(database) == ()


async def test_a_refund_is_taken_from_its_own_total(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        kept, lost, other = render(), render(), render(role_id=45)
        for made, amount in ((kept, 10), (lost, 11), (other, 12)):
            await spend(tx, made, amount)
        await examples.refund(tx, lost)

    await database.transaction(work)
    assert await of_day(database) == (total(1, 12, role_id=45), total(1, 10))
