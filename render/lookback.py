"""Find what was posted although the answer, or our note of it, was lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

from render.gear import Gear
from render.messenger import Destination, Messenger, Place, PlaceClosed, Posted, standing
from render.pace import milliseconds
from storage import Transaction, messages
from storage.records import Message, Purpose, Render

# Looks for a message that is not older than a moment, in milliseconds.
_Look: TypeAlias = Callable[[int], Awaitable[Posted | None]]


class Lookback:
    """Look through what stands in a channel before anything is posted there again."""

    def __init__(self, gear: Gear, *, messenger: Messenger) -> None:
        self._database = gear.database
        self._clock = gear.clock
        self._messenger = messenger
        self._nonce_life_ms = milliseconds(gear.pace.nonce_life)

    async def card_before_repeat(self, render: Render, attempt: Message) -> Posted | None:
        """Find the card that a pending attempt posted, once its nonce no longer protects it."""
        return await self._before_repeat(attempt, self._card(render))

    async def result_before_repeat(
        self, render: Render, destination: Destination, attempt: Message
    ) -> Posted | None:
        """Find the result that a pending attempt posted, once its nonce no longer protects it."""
        return await self._before_repeat(attempt, self._result(render, destination))

    async def card(self, render: Render) -> Posted | None:
        """Return where the card stands, also one that was never noted, which now is."""
        noted, attempts = await self._database.read(lambda tx: _cards(tx, render.id))
        if posted := standing(noted):
            return posted
        for attempt in attempts:
            with suppress(PlaceClosed):
                if posted := await self._look(attempt, self._card(render)):
                    await self._note(attempt, posted)
                    return posted
        return None

    async def result(self, render: Render) -> tuple[Message, int] | None:
        """Find what one of the attempts so far may have posted, before nothing or more is."""
        attempts = await self._database.read(
            lambda tx: messages.unposted(tx, render.id, Purpose.RESULT)
        )
        for attempt in attempts:
            direct = attempt.channel_id == render.member_id
            place = Place.DIRECT if direct else Place.CHANNEL
            there = Destination(place=place, channel_id=attempt.channel_id)
            with suppress(PlaceClosed):
                if posted := await self._look(attempt, self._result(render, there)):
                    return attempt, posted.message_id
        return None

    async def _before_repeat(self, attempt: Message, look: _Look) -> Posted | None:
        """Look when Discord has forgotten the nonce; what is not found is attempted from now on."""
        now = self._clock.now_ms()
        if now - attempt.attempted_at_ms < self._nonce_life_ms:
            return None
        posted = await self._look(attempt, look)
        if posted is None:
            await self._database.transaction(lambda tx: messages.repeat(tx, attempt, now))
        return posted

    async def _look(self, attempt: Message, look: _Look) -> Posted | None:
        # Discord's clock and ours may differ, so the look begins a little earlier.
        return await look(attempt.attempted_at_ms - self._nonce_life_ms)

    async def _note(self, attempt: Message, posted: Posted) -> None:
        await self._database.transaction(lambda tx: messages.posted(tx, attempt, posted.message_id))

    def _card(self, render: Render) -> _Look:
        return lambda since_ms: self._messenger.find_card(render, since_ms=since_ms)

    def _result(self, render: Render, destination: Destination) -> _Look:
        return lambda since_ms: self._messenger.find_result(render, destination, since_ms=since_ms)


async def _cards(tx: Transaction, render_id: str) -> tuple[Message | None, tuple[Message, ...]]:
    noted = await messages.latest(tx, render_id, Purpose.CARD)
    return noted, await messages.unposted(tx, render_id, Purpose.CARD)
