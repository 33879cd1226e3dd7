"""Buttons work for whom they should, also after a restart, and answer in private."""

from __future__ import annotations

from tests.cogs.world import World


async def test_the_requester_deletes_the_result(world: World) -> None:
    await world.video()
    result = await world.told(world.mira)
    reply = await world.mira.press(result, "Delete")
    assert (await reply.settled()).text == "Deleted."
    assert reply.private
    assert result.deleted


async def test_a_moderator_deletes_a_result_even_after_a_restart(world: World) -> None:
    await world.video()
    result = await world.told(world.mira)
    await world.discord.until(lambda: "**Done**" in world.cards[0].text)
    await world.stop()
    await world.start()
    await (await world.moderator.press(result, "Delete")).settled()
    assert result.deleted


async def test_others_may_not_delete(world: World) -> None:
    await world.video()
    result = await world.told(world.mira)
    reply = await world.tom.press(result, "Delete")
    assert "Only the member who asked" in (await reply.settled()).text
    assert not result.deleted


async def test_cancel_works_on_the_private_reply_and_on_the_card(sleeping_world: World) -> None:
    world = sleeping_world
    await world.start(UNDO_SECONDS="60")
    first = await world.video()
    pressed = await world.mira.press(first, "Cancel")
    assert "is cancelled. Your" in (await pressed.settled()).text

    await world.video(prompt="another boat")
    card = world.cards[-1]
    refused = await world.tom.press(card, "Cancel")
    assert "Only the member who asked" in (await refused.settled()).text
    pressed = await world.moderator.press(card, "Cancel")
    assert "and is told" in (await pressed.settled()).text
    await world.discord.until(lambda: card.buttons == [])


async def test_cancel_too_late_says_how_it_stands(world: World) -> None:
    world.provider.hold()
    reply = await world.video()
    await world.discord.until(lambda: "**Rendering**" in world.cards[0].text)
    pressed = await world.mira.press(reply, "Cancel")
    assert "can no longer be cancelled: rendering." in (await pressed.settled()).text
