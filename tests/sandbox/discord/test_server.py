from __future__ import annotations

import asyncio

import pytest
from aiohttp import ClientSession

from sandbox.discord import Discord, Fault
from tests.sandbox.discord.conftest import Scene


async def test_the_environment_points_a_bot_at_the_stand_in(stand_in: Discord) -> None:
    environment = stand_in.environment()
    assert environment == {"DISCORD_API_URL": stand_in.api_url, "DISCORD_TOKEN": stand_in.token}
    async with ClientSession() as session, session.get(f"{stand_in.api_url}/gateway") as answer:
        assert (await answer.json())["url"].startswith("ws://127.0.0.1:")


async def test_it_can_be_awaited_and_closed_like_a_file() -> None:
    stand_in = await Discord.serve()
    await stand_in.close()
    async with ClientSession() as session:
        with pytest.raises(OSError, match="Cannot connect"):
            await session.get(f"{stand_in.api_url}/gateway")


async def test_a_bot_without_the_right_token_is_unauthorized(stand_in: Discord) -> None:
    async with ClientSession(headers={"Authorization": "Bot guess"}) as session:
        answer = await session.get(f"{stand_in.api_url}/users/@me")
        assert answer.status == 401


async def test_ready_means_connected_with_commands_registered(scene: Scene) -> None:
    @scene.bot.tree.command(description="Say hello")
    async def hello(_: object) -> None: ...

    with pytest.raises(TimeoutError):
        await scene.discord.ready(timeout=0.01)
    await scene.start()
    assert [command["name"] for command in scene.discord.commands] == ["hello"]


async def test_commands_and_messages_outlive_the_process_of_the_bot(scene: Scene) -> None:
    scene.teach_hello()
    await scene.start()
    posted = await scene.bot_channel().send("before")
    await scene.restart(sync=False)
    assert (await scene.bot_channel().fetch_message(posted.id)).content == "before"
    assert (await scene.discord.ready()) is None
    assert scene.discord.identifies == 2


async def test_the_owner_of_the_application_is_the_host(scene: Scene) -> None:
    await scene.start()
    owner = (await scene.bot.application_info()).owner
    assert owner.id == scene.discord.host.id


async def test_requests_are_recorded_and_can_be_waited_for(scene: Scene) -> None:
    await scene.start()
    waiting = asyncio.create_task(scene.discord.requested("POST /channels/*/messages", times=2))
    await scene.bot_channel().send("one")
    await scene.bot_channel().send("two")
    assert [request.body["content"] for request in await waiting] == ["one", "two"]
    assert all(request.status == 200 for request in await waiting)


async def test_what_never_happens_is_not_waited_for_forever(scene: Scene) -> None:
    with pytest.raises(TimeoutError):
        await scene.discord.requested("POST /nowhere", timeout=0.01)


async def test_an_address_that_is_not_played_counts_as_a_violation(stand_in: Discord) -> None:
    async with ClientSession(headers={"Authorization": f"Bot {stand_in.token}"}) as session:
        answer = await session.get(f"{stand_in.api_url}/applications/@me/moon")
    assert answer.status == 404
    assert "GET /applications/@me/moon: no such route here" in stand_in.violations


async def test_a_request_that_breaks_the_stand_in_counts_as_a_violation(stand_in: Discord) -> None:
    async with ClientSession(headers={"Authorization": f"Bot {stand_in.token}"}) as session:
        answer = await session.post(f"{stand_in.api_url}/users/@me/channels", json={})
    assert answer.status == 500
    assert "POST /users/@me/channels: KeyError('recipient_id')" in stand_in.violations


async def test_requests_that_are_not_json_are_refused(stand_in: Discord) -> None:
    async with ClientSession(headers={"Authorization": f"Bot {stand_in.token}"}) as session:
        url = f"{stand_in.api_url}/users/@me/channels"
        answer = await session.post(url, data="{", headers={"Content-Type": "application/json"})
        assert (await answer.json())["code"] == 50109


async def test_answers_carry_rate_limit_headers(stand_in: Discord) -> None:
    async with ClientSession(headers={"Authorization": f"Bot {stand_in.token}"}) as session:
        answer = await session.get(f"{stand_in.api_url}/users/@me")
    assert int(answer.headers["X-RateLimit-Remaining"]) > 0
    assert answer.headers["Content-Type"] == "application/json"


def test_a_star_in_a_pattern_is_one_segment() -> None:
    assert Fault("GET /channels/*").matches("GET", "/channels/1")
    assert not Fault("GET /channels/*").matches("GET", "/channels/1/messages")
    assert not Fault("GET /channels/*").matches("POST", "/channels/1")
