"""The account runs dry: nobody loses a place or a credit, and the host hears of it."""

from __future__ import annotations

import pytest

from render import breaker
from render.alerts import LastAlert, last
from sandbox.discord import Message
from sandbox.provider import Fault
from storage import Database
from tests.cogs.world import PROMPT, World


@pytest.fixture(autouse=True)
def quick_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "FIRST_PROBE_SECONDS", 0.05)
    monkeypatch.setattr(breaker, "LONGEST_PROBE_SECONDS", 0.1)


def host_reads(world: World) -> list[Message]:
    return world.discord.host.direct_messages


async def host_told(world: World, words: str) -> Message:
    """Wait until the host reads it in a direct message."""
    await world.discord.until(lambda: any(words in one.text for one in host_reads(world)))
    return next(one for one in host_reads(world) if words in one.text)


async def run_dry(world: World) -> Message:
    """Let the account be empty when Mira's video comes to it; return her card."""
    world.provider.fail(Fault.EMPTY_BALANCE, times=0)
    await world.video()
    return await world.channel.wait_for(lambda message: "your place is kept" in message.text)


async def test_a_render_outlives_an_empty_account(world: World) -> None:
    # Discord lets a bot write only to people with whom it shares a server.
    world.server.add_member(world.discord.host)
    card = await run_dry(world)
    assert "The bot's account at the video service is empty; your place is kept." in card.text
    await host_told(world, "account at the video service is empty")
    assert world.results == []

    world.provider.heal()
    assert (await world.told(world.mira)).attachments
    await host_told(world, "has funds again")
    assert len(host_reads(world)) == 2
    assert len(world.provider.billed) == 1


async def test_a_long_pause_refuses_with_the_reason_and_gives_the_prompt_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "PATIENCE_MS", 0)
    await run_dry(world)
    reply = await world.video(world.tom)
    assert "the bot's account at the video service is empty" in reply.text
    assert "Nothing was charged." in reply.text
    assert PROMPT in reply.text
    quota = await (await world.tom.command(world.channel, "quota")).settled()
    assert "Today: 120 of 120 left" in quota.text


async def test_a_member_reads_why_in_the_details_too(world: World) -> None:
    await run_dry(world)
    (choice,) = await world.mira.autocomplete(world.channel, "renders show", "id", "")
    reply = await world.mira.command(world.channel, "renders show", id=choice.value)
    assert "your place is kept" in (await reply.settled()).text


async def test_alerts_go_to_their_channel(sleeping_world: World) -> None:
    world = sleeping_world
    alerts = world.server.add_channel("alerts")
    await world.start(ALERT_CHANNEL_ID=str(alerts.id))
    await run_dry(world)
    told = await alerts.wait_for(lambda message: "is empty" in message.text)
    assert not told.mentions
    assert host_reads(world) == []


async def test_without_their_channel_alerts_go_to_the_hosts(sleeping_world: World) -> None:
    world = sleeping_world
    alerts = world.server.add_channel("alerts")
    await world.start(ALERT_CHANNEL_ID=str(alerts.id), HOST_IDS=f"{world.tom.id},{world.mira.id}")
    alerts.delete()
    world.mira.person.close_direct_messages()
    await run_dry(world)
    await world.discord.until(lambda: bool(world.tom.direct_messages))
    assert "is empty" in world.tom.direct_messages[0].text
    assert host_reads(world) == []


async def test_an_alert_that_reaches_nobody_is_noted(world: World) -> None:
    world.server.add_member(world.discord.host)
    world.discord.host.close_direct_messages()
    await run_dry(world)
    world.provider.heal()
    await world.told(world.mira)
    await world.stop()
    noted = await last_alert(world)
    assert noted
    assert not noted.delivered


async def last_alert(world: World) -> LastAlert | None:
    async with Database.open(world.environment["DATABASE_URL"]) as database:
        return await database.read(last)
