"""Where the bot is invited it says once what it is, and who opens it to members."""

from __future__ import annotations

import asyncio

import pytest

from cogs.ui.paperboat import Paperboat
from sandbox.discord import Fault
from tests.cogs.world import World

POSTS = "POST /channels/*/messages"
WELCOME = (
    "**Paperboat** turns a sentence, and pictures if you like, into a video: `/video`.\n"
    "A server admin opens it to members with `/server setup`: where, who, and how much a day."
    " Until then only admins can make videos."
)


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Tell when what joins is no longer taken for a server of the start."""
    event, on_ready = asyncio.Event(), Paperboat.on_ready

    async def heard(bot: Paperboat) -> None:
        await on_ready(bot)
        event.set()

    monkeypatch.setattr(Paperboat, "on_ready", heard)
    return event


@pytest.fixture
async def online(sleeping_world: World, ready: asyncio.Event) -> World:
    await sleeping_world.start()
    await ready.wait()
    return sleeping_world


async def test_an_invited_bot_says_once_what_it_is(online: World) -> None:
    server = online.discord.add_server("Elsewhere", bot_is_in=False)
    rules, lounge = server.add_channel("rules"), server.add_channel("lounge")
    server.system_channel = lounge
    server.invite_bot()
    message = await lounge.wait_for(lambda _: True)
    assert message.text == WELCOME
    assert not rules.messages


async def test_it_writes_in_the_first_channel_that_is_open_to_it(online: World) -> None:
    server = online.discord.add_server("Elsewhere", bot_is_in=False)
    rules, lounge = server.add_channel("rules"), server.add_channel("lounge")
    server.system_channel = rules
    rules.deny_bot("send_messages")
    server.invite_bot()
    assert (await lounge.wait_for(lambda _: True)).text == WELCOME


async def test_a_welcome_that_cannot_be_written_breaks_nothing(online: World) -> None:
    server = online.discord.add_server("Elsewhere", bot_is_in=False)
    lounge = server.add_channel("lounge")
    online.discord.fail(Fault(POSTS, status=403, times=None))
    server.invite_bot()
    silent = online.discord.add_server("Silent", bot_is_in=False)
    silent.invite_bot()
    reply = await online.mira.command(online.channel, "quota")
    assert "120 credits" in (await reply.settled()).text
    assert not lounge.messages


async def test_a_bot_that_comes_back_says_that_all_is_as_it_was(online: World) -> None:
    online.server.remove_bot()
    online.server.invite_bot()
    message = await online.channel.wait_for(lambda _: True)
    assert message.text.endswith("I am back, and what was set up here before still holds.")


async def test_a_server_that_the_host_did_not_allow_is_told_so(
    sleeping_world: World, ready: asyncio.Event
) -> None:
    world = sleeping_world
    await world.start(ALLOWED_GUILDS=str(world.server.id))
    await ready.wait()
    server = world.discord.add_server("Elsewhere", bot_is_in=False)
    lounge = server.add_channel("lounge")
    server.invite_bot()
    message = await lounge.wait_for(lambda _: True)
    assert message.text.endswith("In this server it makes none until the bot's host allows it.")
