"""A moderator sees at a glance what is under way, and only what is theirs to see."""

from __future__ import annotations

import pytest

from sandbox.discord import ClientRefused
from tests.cogs.ui.desk.moderation import LIST, opened, pressed, waiting
from tests.cogs.world import World

MANY = {"QUOTA_RENDERS_AT_ONCE": "50", "QUOTA_DAILY_CREDITS": "500", "QUEUE_LENGTH": "50"}


async def crowded(world: World, count: int) -> list[str]:
    await world.start(UNDO_SECONDS="60", **MANY)
    return [await waiting(world, prompt=f"boat {number}") for number in range(count)]


async def test_the_totals_say_what_runs_waits_and_costs(sleeping_world: World) -> None:
    await waiting(sleeping_world)
    await waiting(sleeping_world, sleeping_world.tom)
    words = (await opened(sleeping_world)).text
    assert words.startswith(
        "**0** render · **2** wait\nUsed: 20 of 500 credits today.\nVideo service: works."
    )


async def test_eight_stand_on_a_page_and_pages_turn_also_after_a_restart(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    ids = await crowded(world, 10)
    first = await opened(world)
    assert [one for one in ids if one in first.text] == ids[:8]
    assert "page 1 of 2" in first.text
    assert first.message.buttons == ["Next page", "Refresh"]
    await world.stop()
    await world.start(UNDO_SECONDS="60", **MANY)
    second = await pressed(world.moderator, first, "Next page")
    assert [one for one in ids if one in second.text] == ids[8:]
    assert second.message is first.message
    for render_id in ids[8:]:
        gone = await world.moderator.command(world.channel, "queue cancel", id=render_id)
        await gone.settled()
    # The page is gone meanwhile, so the last one that there is comes up.
    again = await pressed(world.moderator, second, "Refresh")
    assert ids[0] in again.text


async def test_filters_go_by_state_and_member(sleeping_world: World) -> None:
    world = sleeping_world
    miras, toms = await waiting(world), await waiting(world, world.tom)
    shown = await opened(world)
    theirs = await world.moderator.choose(shown, "Only videos of one member", world.tom)
    words = (await theirs.settled()).text
    assert toms in words
    assert miras not in words
    assert world.tom.mention in words
    none = await (await world.moderator.choose(theirs, LIST, "Late")).settled()
    assert "nothing like that" in none.text
    back = await (await world.moderator.choose(none, "Late", "Waiting their turn")).settled()
    assert toms in back.text
    everybody = await world.moderator.choose(back, "Only videos of one member")
    assert miras in (await everybody.settled()).text


async def test_what_is_over_is_found_by_its_state(sleeping_world: World) -> None:
    world = sleeping_world
    render_id = await waiting(world)
    await world.moderator.command(world.channel, "queue cancel", id=render_id)
    shown = await opened(world)
    over = await (await world.moderator.choose(shown, LIST, "Ended without a video")).settled()
    assert f"**Cancelled** · `{render_id}`" in over.text


async def test_a_hidden_channels_render_is_neither_listed_nor_counted(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    secret = world.server.add_channel("secret")
    await world.start(UNDO_SECONDS="60")
    await (await world.mira.command(secret, "video", prompt="boat", duration=4)).settled()
    secret.hide_from(world.moderator)
    words = (await opened(world)).text
    assert words.startswith("**0** render · **0** wait\n")
    assert "Nothing waits and nothing renders" in words


async def test_who_is_no_moderator_any_more_cannot_turn_pages(sleeping_world: World) -> None:
    world = sleeping_world
    await waiting(world)
    shown = await opened(world)
    world.moderator.take(world.moderator.roles[-1])
    again = await pressed(world.moderator, shown, "Refresh")
    assert again.text == "This is for moderators: it needs the permission Manage Messages."


async def test_the_list_is_private(sleeping_world: World) -> None:
    await waiting(sleeping_world)
    shown = await opened(sleeping_world)
    with pytest.raises(ClientRefused):
        await sleeping_world.tom.press(shown, "Refresh")


async def test_nothing_that_the_desk_says_breaks_a_rule_of_discord(sleeping_world: World) -> None:
    world = sleeping_world
    await waiting(world)
    shown = await opened(world)
    for _ in range(3):
        shown = await pressed(world.moderator, shown, "Refresh")
    assert world.discord.violations == []


async def test_a_rush_of_new_members_that_have_to_wait_stands_above(sleeping_world: World) -> None:
    world = sleeping_world
    await world.start(UNDO_SECONDS="60", **MANY)
    assert "New members wait" not in (await opened(world)).text
    for number in range(11):
        member = world.server.add_member(f"New {number}")
        member.joined_at = world.discord.clock.now() - 86_400
        await world.video(member)
    assert "**New members wait**: too many came at once" in (await opened(world)).text
