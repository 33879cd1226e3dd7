"""Post cards, move their renders, and begin a new process that finds them."""

from __future__ import annotations

from render import lifecycle
from render.cards import Cards
from storage.records import Cause, Render
from tests.render.discord import Said
from tests.render.world import SERVER, World, rest


async def step(cards: Cards) -> float:
    seconds = await cards.step()
    await rest(cards.crew)
    return seconds


async def restarted(world: World) -> Cards:
    """Begin a new process, and let it look once."""
    cards = world.cards()
    await cards.look_back()
    await step(cards)
    return cards


async def announced(world: World, cards: Cards, *, server_id: int = SERVER) -> Render:
    render = await world.admit(card=False, server_id=server_id)
    assert await cards.announce(render)
    return render


async def claim(world: World, render: Render) -> None:
    now = world.clock.now_ms()
    assert await world.do(
        lambda tx: lifecycle.claim(tx, render, at_ms=now, body_digest="d", host=())
    )


async def cancel(world: World, render: Render, cause: Cause = Cause.CANCELLED_BY_MEMBER) -> None:
    now = world.clock.now_ms()
    await world.do(lambda tx: lifecycle.cancelled(tx, render.id, at_ms=now, cause=cause))


def card_of(world: World, render: Render) -> Said:
    (card,) = (card for card in world.discord.cards if card.render_id == render.id)
    return card
