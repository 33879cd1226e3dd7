from __future__ import annotations

import time
from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.discord import Fault, When
from tests.sandbox.discord.conftest import code_of

if TYPE_CHECKING:
    from tests.sandbox.discord.conftest import Scene

POST = "POST /channels/*/messages"


async def test_a_fault_before_the_effect_leaves_nothing(scene: Scene) -> None:
    await scene.start()
    scene.discord.fail(Fault(POST, status=503))
    with pytest.raises(discord.DiscordServerError):
        await scene.bot_channel().send("x")
    assert scene.channel.messages == []
    await scene.bot_channel().send("y")
    assert [each.text for each in scene.channel.messages] == ["y"]


async def test_a_fault_after_the_effect_hides_that_it_happened(scene: Scene) -> None:
    await scene.start()
    scene.discord.fail(Fault(POST, status=503, when=When.AFTER))
    with pytest.raises(discord.DiscordServerError):
        await scene.bot_channel().send("x")
    assert [each.text for each in scene.channel.messages] == ["x"]


@pytest.mark.parametrize("when", When)
async def test_a_reset_is_a_real_one(scene: Scene, when: When) -> None:
    await scene.start()
    scene.discord.fail(Fault(POST, reset=True, when=when))
    with pytest.raises(OSError, match="reset by peer"):
        await scene.bot_channel().send("x")
    assert len(scene.channel.messages) == (when is When.AFTER)
    assert scene.discord.requests[-1].status == 0


async def test_an_error_of_discord_can_be_named_by_its_code(scene: Scene) -> None:
    await scene.start()
    scene.discord.fail(Fault(POST, status=403, code=50013, message="Missing Permissions"))
    assert await code_of(scene.bot_channel().send("x")) == 50013


async def test_a_rate_limit_is_waited_out_by_the_client(scene: Scene) -> None:
    await scene.start()
    scene.discord.fail(Fault(POST, status=429, retry_after=0.02))
    started = time.perf_counter()
    await scene.bot_channel().send("x")
    assert time.perf_counter() - started >= 0.02
    assert [each.status for each in await scene.discord.requested(POST, times=2)] == [429, 200]


async def test_a_rate_limit_without_via_is_a_ban(scene: Scene) -> None:
    await scene.start()
    scene.discord.fail(Fault(POST, status=429, retry_after=0.02, via=False))
    with pytest.raises(discord.HTTPException):
        await scene.bot_channel().send("x")


@pytest.mark.parametrize("when", When)
async def test_a_slow_answer_is_only_late(scene: Scene, when: When) -> None:
    await scene.start()
    scene.discord.fail(Fault(POST, delay_seconds=0.03, when=when))
    started = time.perf_counter()
    await scene.bot_channel().send("x")
    assert time.perf_counter() - started >= 0.03
    assert len(scene.channel.messages) == 1


async def test_a_fault_happens_as_often_as_it_was_told(scene: Scene) -> None:
    await scene.start()
    scene.discord.fail(Fault(POST, status=403, times=2))
    scene.discord.fail(Fault(POST, status=404))
    statuses = [await _status_of(scene) for _ in range(4)]
    assert statuses == [403, 403, 404, 200]


async def test_a_lasting_fault_ends_when_it_is_healed(scene: Scene) -> None:
    await scene.start()
    scene.discord.fail(Fault(POST, status=403, times=None))
    assert [await _status_of(scene) for _ in range(3)] == [403, 403, 403]
    scene.discord.heal()
    assert await _status_of(scene) == 200


async def _status_of(scene: Scene) -> int:
    await code_of(scene.bot_channel().send("x"))
    return scene.discord.requests[-1].status
