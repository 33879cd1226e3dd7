from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

import discord
import pytest
from aiohttp import ClientSession, WSMsgType

if TYPE_CHECKING:
    from sandbox.discord import Discord
    from tests.sandbox.discord.conftest import Scene


async def test_a_broken_connection_is_resumed_and_what_was_missed_is_replayed(scene: Scene) -> None:
    scene.teach_hello()
    await scene.start()
    await scene.discord.disconnect_gateway()
    reply = await scene.ana.command(scene.channel, "hello")
    assert reply.text == "hello"
    assert (scene.discord.identifies, scene.discord.resumes) == (1, 1)


async def test_op_7_lets_the_bot_reconnect_and_resume(scene: Scene) -> None:
    await scene.start()
    await scene.discord.ask_to_reconnect()
    await scene.discord.until(lambda: scene.discord.resumes == 1)
    assert scene.discord.identifies == 1


async def test_a_session_that_is_gone_makes_the_bot_identify_again(scene: Scene) -> None:
    scene.teach_hello()
    await scene.start()
    await scene.discord.disconnect_gateway(resumable=False)
    await scene.discord.until(lambda: scene.discord.identifies == 2)
    assert (await scene.ana.command(scene.channel, "hello")).text == "hello"


async def test_a_wrong_token_ends_the_connection_for_good(stand_in: Discord) -> None:
    assert await _closed_after(stand_in, {"op": 2, "d": {"token": "x", "intents": 1}}) == 4004


async def test_a_privileged_intent_that_was_not_granted_is_refused(stand_in: Discord) -> None:
    identify = {"op": 2, "d": {"token": stand_in.token, "intents": 1 << 15}}
    assert await _closed_after(stand_in, identify) == 4014


async def test_an_unidentified_client_may_not_speak(stand_in: Discord) -> None:
    assert await _closed_after(stand_in, {"op": 3, "d": {}}) == 4003


async def test_identifying_twice_is_refused(stand_in: Discord) -> None:
    identify = {"op": 2, "d": {"token": stand_in.token, "intents": 1}}
    assert await _closed_after(stand_in, identify, identify) == 4005


async def test_a_heartbeat_is_acknowledged(stand_in: Discord) -> None:
    async with ClientSession() as session, session.ws_connect(_gateway(stand_in)) as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 1, "d": None})
        assert (await socket.receive_json())["op"] == 11


async def test_without_heartbeats_the_session_times_out(
    stand_in: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.discord.gateway.HEARTBEAT_INTERVAL_MS", 10)
    assert await _closed_after(stand_in) == 4009


async def test_a_presence_is_taken_note_of(scene: Scene) -> None:
    await scene.start()
    await scene.bot.change_presence(status=None)
    await scene.hears_all()
    assert scene.discord.identifies == 1


async def test_what_is_no_json_is_refused(stand_in: Discord) -> None:
    async with ClientSession() as session, session.ws_connect(_gateway(stand_in)) as socket:
        await socket.send_str("{")
        assert [(await socket.receive()).type for _ in range(2)][1] == WSMsgType.CLOSE
        assert socket.close_code == 4002


async def test_events_go_only_to_who_asked_for_them(stand_in: Discord) -> None:
    server = stand_in.add_server("Paper Harbor")
    async with ClientSession() as session, session.ws_connect(_gateway(stand_in)) as socket:
        await socket.receive()
        await socket.send_json({"op": 2, "d": {"token": stand_in.token, "intents": 1}})
        assert [(await socket.receive_json())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]
        server.add_member("Ana")  # an event that takes the members intent
        server.add_channel("clips")
        assert (await socket.receive_json())["t"] == "CHANNEL_CREATE"


async def test_the_bot_learns_what_becomes_of_channels_and_servers(scene: Scene) -> None:
    await scene.start()
    thread = scene.channel.add_thread("remix")
    other = scene.discord.add_server("Second Harbor")
    third = scene.discord.add_server("Third Harbor")
    fresh = scene.server.add_channel("late")
    scene.channel.delete()
    scene.server.boost(2)
    other.remove_bot()
    third.become_unavailable()
    await scene.hears_all()
    guild = scene.bot.get_guild(scene.server.id)
    assert guild is not None
    assert [channel.id for channel in guild.text_channels] == [fresh.id]
    assert guild.filesize_limit == 50 << 20
    assert guild.get_thread(thread.id) is None
    assert scene.bot.get_guild(other.id) is None
    lost = scene.bot.get_guild(third.id)
    assert lost is not None
    assert lost.unavailable
    third.become_available()
    await scene.hears_all()
    assert not lost.unavailable


async def test_a_server_that_the_bot_was_not_in_is_a_join(scene: Scene) -> None:
    later = scene.discord.add_server("Later Harbor", bot_is_in=False)
    later.system_channel = later.add_channel("welcome")
    joined: list[discord.Guild] = []
    available: list[discord.Guild] = []

    @scene.bot.listen()
    async def on_guild_join(guild: discord.Guild) -> None:
        joined.append(guild)

    @scene.bot.listen()
    async def on_guild_available(guild: discord.Guild) -> None:
        available.append(guild)

    await scene.start()
    assert [guild.id for guild in scene.bot.guilds] == [scene.server.id]
    later.invite_bot()
    await scene.hears_all()
    assert [guild.id for guild in joined] == [later.id]
    assert joined[0].system_channel
    assert joined[0].system_channel.permissions_for(joined[0].me).send_messages
    available.clear()
    later.become_unavailable()
    later.become_available()
    await scene.hears_all()
    assert (len(joined), [guild.id for guild in available]) == (1, [later.id])


@pytest.mark.parametrize("compress", ["", "&compress=zlib-stream"])
async def test_compression_is_a_matter_of_the_client(stand_in: Discord, compress: str) -> None:
    url = f"{_gateway(stand_in)}/?v=10&encoding=json{compress}"
    async with ClientSession() as session, session.ws_connect(url) as socket:
        hello = await socket.receive()
    text = zlib.decompressobj().decompress(hello.data) if compress else hello.data
    assert json.loads(text)["d"]["heartbeat_interval"] == 41_250


def _gateway(stand_in: Discord) -> str:
    return stand_in.api_url.replace("http", "ws").replace("/api/v10", "/gateway")


async def _closed_after(stand_in: Discord, *messages: object) -> int | None:
    async with ClientSession() as session, session.ws_connect(_gateway(stand_in)) as socket:
        for message in messages:
            await socket.send_json(message)
        async for _ in socket:
            continue
        return socket.close_code
