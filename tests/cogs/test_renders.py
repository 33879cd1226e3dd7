"""/renders and /quota show members their own, and nothing of others."""

from __future__ import annotations

import asyncio
import re

import pytest

from render.clock import SystemClock
from sandbox.discord import Fault
from sandbox.provider import Fault as ProviderFault
from tests.cogs.world import PROMPT, World


def id_in(text: str) -> str:
    found = re.search(r"`([0-9A-Z]{8})`", text)
    assert found
    return found[1]


async def said(world: World, command: str, /, **options: object) -> str:
    reply = await world.mira.command(world.channel, command, **options)
    return (await reply.settled()).text


async def test_quota_counts_what_is_set_aside_and_under_way(world: World) -> None:
    world.provider.hold()
    assert "Under way" not in await said(world, "quota")
    reply = await world.video()
    words = await said(world, "quota")
    assert id_in(reply.text) in words
    assert re.search(r"Under way, [1-9]\d* set aside:", words)
    assert re.search(r"about \d clips? of 5 s", words)
    assert "<t:" in words


async def test_the_list_shows_state_price_and_place(world: World) -> None:
    assert "no videos in this server yet" in await said(world, "renders list")
    reply = await world.video()
    result = await world.told(world.mira)
    await world.discord.until(lambda: "**Done**" in world.cards[0].text)
    words = await said(world, "renders list")
    assert f"`{id_in(reply.text)}` Done" in words
    assert result.url in words


async def test_show_gives_a_line_that_makes_the_same_again(world: World) -> None:
    reply = await world.video(seed=7)
    await world.told(world.mira)
    words = await said(world, "renders show", id=id_in(reply.text).lower())
    assert f"/video prompt:{PROMPT} duration:4 ratio:16:9 resolution:480p" in words
    assert "seed:7" in words


async def test_nobody_sees_the_renders_of_others(world: World) -> None:
    reply = await world.video(world.tom)
    render_id = id_in(reply.text)
    assert "I find no video" in await said(world, "renders show", id=render_id)
    assert "no videos in this server" in await said(world, "renders list")
    assert await world.mira.autocomplete(world.channel, "renders show", "id", "") == []
    own = await world.tom.autocomplete(world.channel, "renders show", "id", render_id[:3])
    assert [choice.value for choice in own] == [render_id]


async def test_what_waits_can_be_cancelled_and_costs_nothing(sleeping_world: World) -> None:
    world = sleeping_world
    await world.start(UNDO_SECONDS="60")
    reply = await world.video()
    words = await said(world, "renders cancel", id=id_in(reply.text))
    assert "is cancelled. Your" in words
    await world.discord.until(lambda: "**Cancelled**" in world.cards[0].text)
    assert "Today: 120 of 120 left" in await said(world, "quota")
    assert "is cancelled already." in await said(world, "renders cancel", id=id_in(reply.text))
    assert not world.provider.create_calls


async def test_what_renders_cannot_be_cancelled(world: World) -> None:
    world.provider.hold()
    reply = await world.video()
    await world.provider.created()
    await world.discord.until(lambda: "**Rendering**" in world.cards[0].text)
    words = await said(world, "renders cancel", id=id_in(reply.text))
    assert "can no longer be cancelled: rendering." in words


async def test_an_id_that_is_none_is_not_found(world: World) -> None:
    assert "I find no video “boat”" in await said(world, "renders show", id="boat")


async def test_the_file_of_a_video_is_given_also_when_the_providers_link_is_dead(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = await world.video()
    result = await world.told(world.mira)
    render_id = id_in(reply.text)
    assert "The file at the video service" in await said(world, "renders show", id=render_id)
    tomorrow = SystemClock().now_ms() + 86_400_000
    monkeypatch.setattr(SystemClock, "now_ms", lambda _: tomorrow)
    words = await said(world, "renders show", id=render_id)
    assert result.attachments[0].filename in words


async def test_a_failed_render_is_listed_as_such(world: World) -> None:
    world.provider.fail(ProviderFault.TASK_FAILS)
    reply = await world.video()
    await world.told(world.mira)
    assert f"`{id_in(reply.text)}` No video" in await said(world, "renders list")
    assert "Something broke at the video service" in await said(
        world, "renders show", id=id_in(reply.text)
    )


async def kept(world: World) -> str:
    """Let a video be rendered whose card was deleted meanwhile; return its id."""
    world.provider.hold()
    reply = await world.video()
    await world.provider.created()
    await world.discord.until(lambda: "**Rendering**" in world.cards[0].text)
    world.cards[0].delete()
    world.provider.release()
    async with asyncio.timeout(5):
        while "could not be posted" not in await said(world, "renders list"):
            pass
    return id_in(reply.text)


async def test_what_could_not_be_posted_is_posted_where_its_member_asks(world: World) -> None:
    render_id = await kept(world)
    assert world.results == []
    elsewhere = world.server.add_channel("showcase")
    shown = await (await world.mira.command(elsewhere, "renders show", id=render_id)).settled()
    assert "it is kept for you" in shown.text
    pressed = await (await world.mira.press(shown, "Post it here")).settled()
    (result,) = elsewhere.messages
    assert result.attachments[0].data == world.provider.tasks[0].film
    assert result.mentions == [world.mira.person]
    assert result.url in pressed.text
    again = await (await world.mira.press(shown, "Post it here")).settled()
    assert result.url in again.text
    assert len(elsewhere.messages) == 1


async def test_a_wish_that_fails_says_so_and_loses_nothing(world: World) -> None:
    render_id = await kept(world)
    shown = await (await world.mira.command(world.channel, "renders show", id=render_id)).settled()
    world.discord.fail(Fault("POST /channels/*/messages", status=503, times=1))
    pressed = await (await world.mira.press(shown, "Post it here")).settled()
    assert "try again in a minute" in pressed.text
    pressed = await (await world.mira.press(shown, "Post it here")).settled()
    assert world.results[0].url in pressed.text
