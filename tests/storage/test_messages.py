from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from storage import Database, messages, renders
from storage.records import Message, Purpose, Render
from tests.storage.examples import CHANNEL, NOW_MS, render

Begin = Callable[..., Awaitable[Message]]


@pytest.fixture
async def made(database: Database) -> Render:
    return await database.transaction(lambda tx: renders.insert(tx, render()))


@pytest.fixture
def begin(database: Database, made: Render) -> Begin:
    async def begin(
        purpose: Purpose = Purpose.RESULT,
        *,
        channel_id: int = CHANNEL,
        at_ms: int = NOW_MS,
        renew: bool = False,
    ) -> Message:
        return await database.transaction(
            lambda tx: messages.begin(
                tx,
                render_id=made.id,
                purpose=purpose,
                channel_id=channel_id,
                at_ms=at_ms,
                renew=renew,
            )
        )

    return begin


async def test_the_first_attempt_is_number_one_with_a_nonce(begin: Begin, made: Render) -> None:
    message = await begin()
    assert message == Message(
        render_id=made.id,
        number=1,
        purpose=Purpose.RESULT,
        channel_id=CHANNEL,
        attempted_at_ms=NOW_MS,
    )
    assert message.nonce == f"{made.id}.1"


async def test_an_attempt_at_the_same_place_stands_with_its_time(begin: Begin) -> None:
    first = await begin()
    assert await begin(at_ms=NOW_MS + 50_000) == first


async def test_an_attempt_that_is_repeated_counts_from_then_on(
    database: Database, begin: Begin
) -> None:
    first = await begin()
    await database.transaction(lambda tx: messages.repeat(tx, first, NOW_MS + 60_000))
    assert await begin(at_ms=NOW_MS + 70_000) == replace(first, attempted_at_ms=NOW_MS + 60_000)


async def test_every_other_attempt_has_a_number_of_its_own(begin: Begin) -> None:
    card = await begin(Purpose.CARD)
    result = await begin()
    elsewhere = await begin(channel_id=CHANNEL + 1)
    renewed = await begin(renew=True)
    assert [m.number for m in (card, result, elsewhere, renewed)] == [1, 2, 3, 4]
    assert await begin() == renewed


async def test_an_attempt_is_unposted_until_it_is_posted(
    database: Database, begin: Begin, made: Render
) -> None:
    async def unposted(purpose: Purpose) -> tuple[Message, ...]:
        return await database.read(lambda tx: messages.unposted(tx, made.id, purpose))

    message = await begin()
    assert await database.read(lambda tx: messages.latest(tx, made.id, Purpose.RESULT)) is None
    assert await unposted(Purpose.RESULT) == (message,)
    assert await unposted(Purpose.CARD) == ()

    posted = await database.transaction(lambda tx: messages.posted(tx, message, 999))
    assert posted.message_id == 999
    assert await database.read(lambda tx: messages.latest(tx, made.id, Purpose.RESULT)) == posted
    assert await unposted(Purpose.RESULT) == ()
    assert await database.read(lambda tx: messages.latest(tx, made.id, Purpose.CARD)) is None


async def test_of_each_attempt_it_is_known_whether_it_was_posted(
    database: Database, begin: Begin, made: Render
) -> None:
    first = await begin()
    elsewhere = await begin(channel_id=CHANNEL + 1)
    last = await begin(renew=True)
    posted = await database.transaction(lambda tx: messages.posted(tx, elsewhere, 999))
    left = await database.read(lambda tx: messages.unposted(tx, made.id, Purpose.RESULT))
    assert left == (last, first)
    assert await database.read(lambda tx: messages.latest(tx, made.id, Purpose.RESULT)) == posted


async def test_a_message_of_ours_is_found_by_its_id(database: Database, begin: Begin) -> None:
    message = await begin()
    posted = await database.transaction(lambda tx: messages.posted(tx, message, 999))
    assert await database.read(lambda tx: messages.by_message_id(tx, 999)) == posted
    assert await database.read(lambda tx: messages.by_message_id(tx, 998)) is None
