"""One reporter answers: calmly to the member, fully to the log."""

from __future__ import annotations

import asyncio
import re

import pytest

from render.engine import Engine
from render.offers import Offers
from sandbox.discord import Fault
from storage import StorageError, renders, settings
from tests.cogs.world import PROMPT, World

EDIT = "PATCH /webhooks/*/*/messages/*"


async def broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError("a secret path")


async def unanswered(*_: object, **__: object) -> None:
    raise StorageError("disk I/O error")


async def test_the_unexpected_has_a_number_that_is_also_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(renders, "of_member", broken)
    reply = await world.mira.command(world.channel, "renders list")
    words = (await reply.settled()).text
    number = re.search(r"`([0-9a-f]{8})`", words)
    assert number
    assert "secret path" not in words
    assert caplog.text.count(f"Unexpected error {number[1]}") == 1
    assert "ZeroDivisionError" in caplog.text


async def test_the_unexpected_in_a_button_is_reported_too(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.video()
    result = await world.told(world.mira)
    monkeypatch.setattr(renders, "find", broken)
    reply = await world.mira.press(result, "Delete")
    assert "Something went wrong on my side" in (await reply.settled()).text
    assert caplog.text.count("Unexpected error") == 1


async def test_the_unexpected_in_video_gives_the_prompt_back_and_promises_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Offers, "find", lambda *_: 1 / 0)
    words = (await world.video(model="any")).text
    assert "Something went wrong on my side" in words
    assert PROMPT in words
    assert "Nothing was charged" not in words
    assert PROMPT not in caplog.text


async def test_a_database_that_does_not_answer_is_said_calmly(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(renders, "of_member", unanswered)
    reply = await world.mira.command(world.channel, "renders list")
    assert "I could not look up" in (await reply.settled()).text
    assert "disk I/O error" in caplog.text


async def test_a_database_that_does_not_answer_refuses_a_video(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "paused", unanswered)
    words = (await world.video()).text
    assert "I could not look up what you may spend" in words
    assert "Nothing was charged." in words
    assert not world.provider.create_calls


async def test_what_is_accepted_is_never_denied_afterwards(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "announce", unanswered)
    words = (await world.video()).text
    assert words.startswith("Accepted as")
    assert "charged" not in words


async def test_a_reply_that_does_not_arrive_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.discord.fail(Fault(EDIT, status=404, code=10015))
    await world.mira.command(world.channel, "renders show", id="boat")
    await world.discord.requested(EDIT)
    await asyncio.sleep(0.05)
    assert "did not arrive" in caplog.text


async def test_a_command_that_discord_knows_differently_is_explained(world: World) -> None:
    for command in world.discord.commands:
        if command["name"] == "quota":
            command["name"] = "credits"
    reply = await world.mira.command(world.channel, "credits")
    assert "has just changed" in (await reply.settled()).text
