"""Messages go where they may, once, and every trouble has a name that the engine knows."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import discord
import pytest
from discord.ext import commands

from cogs.ui.gateway import turn_discord_to
from cogs.ui.messenger import DiscordMessenger
from render.messenger import (
    Destination,
    FileTooLarge,
    MessageDeleted,
    Obstacle,
    Place,
    PlaceClosed,
    Posted,
    PostingBroken,
)
from render.pace import Pace
from sandbox.discord import Channel, Discord, Fault, Member, Server, When, posting
from sandbox.discord.posting import Draft
from storage.records import Cause, Render, State
from tests.cogs.examples import render

POSTING = "POST /channels/*/messages"


class Scene:
    """A connected bot with a messenger, and a render of Mira's in #clips."""

    def __init__(self, stand_in: Discord, server: Server) -> None:
        self.discord = stand_in
        self.server = server
        self.channel = server.add_channel("clips")
        self.mira: Member = server.add_member("Mira")
        self.messenger: DiscordMessenger

    def render(self, channel: Channel | None = None, **changes: object) -> Render:
        return render(
            server_id=self.server.id,
            channel_id=(channel or self.channel).id,
            member_id=self.mira.id,
            state=State.RENDERED,
            **changes,
        )

    @property
    def now_ms(self) -> int:
        return round(self.discord.clock.now() * 1000)

    def chat(self, *, messages: int) -> None:
        """Fill the channel with what is about no render."""
        for number in range(messages):
            posting.post(self.channel, Draft(body={"content": f"Hello {number}"}, limit_bytes=0))

    async def post(
        self,
        one: Render,
        destination: Destination | None = None,
        *,
        nonce: str = "7KQ2M9XA.1",
        file: Path | None = None,
        card: Posted | None = None,
    ) -> Posted:
        if destination is None:
            destination = Destination(place=Place.CHANNEL, channel_id=one.channel_id)
        return await self.messenger.post_result(one, destination, nonce=nonce, file=file, card=card)


@pytest.fixture
async def scene(on_loopback: None) -> AsyncIterator[Scene]:
    async with Discord.serve() as stand_in, aiohttp.ClientSession() as session:
        scene = Scene(stand_in, stand_in.add_server("Lakeside"))
        await turn_discord_to(session, stand_in.api_url)
        async with commands.Bot(
            commands.when_mentioned,
            intents=discord.Intents(guilds=True),
            guild_ready_timeout=0.02,
        ) as client:
            running = asyncio.create_task(client.start(stand_in.token))
            await client.wait_until_ready()
            scene.messenger = DiscordMessenger(client, Pace())
            yield scene
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "7KQ2M9XA.mp4"
    path.write_bytes(b"film" * 1000)
    return path


async def places(scene: Scene, one: Render) -> list[tuple[Place, int]]:
    return [(d.place, d.channel_id) for d in await scene.messenger.destinations(one)]


async def test_a_result_goes_to_its_channel_else_to_the_member(scene: Scene) -> None:
    one = scene.render()
    direct = (Place.DIRECT, scene.mira.id)
    assert await places(scene, one) == [(Place.CHANNEL, scene.channel.id), direct]
    scene.channel.delete()
    await asyncio.sleep(0.02)
    assert await places(scene, one) == [direct]


async def test_a_public_thread_falls_back_to_its_parent_also_when_it_is_gone(scene: Scene) -> None:
    thread = scene.channel.add_thread("boats")
    await asyncio.sleep(0.02)
    one = scene.render(thread, parent_id=scene.channel.id)
    parent, direct = (Place.PARENT, scene.channel.id), (Place.DIRECT, scene.mira.id)
    assert await places(scene, one) == [(Place.CHANNEL, thread.id), parent, direct]
    thread.delete()
    await asyncio.sleep(0.02)
    assert await places(scene, one) == [parent, direct]


async def test_a_private_thread_falls_back_to_the_member_alone(scene: Scene) -> None:
    thread = scene.channel.add_thread("secret", private=True, members=(scene.mira,))
    await asyncio.sleep(0.02)
    one = scene.render(thread)
    direct = (Place.DIRECT, scene.mira.id)
    assert await places(scene, one) == [(Place.CHANNEL, thread.id), direct]
    thread.delete()
    await asyncio.sleep(0.02)
    assert await places(scene, one) == [direct]


async def test_what_is_asked_for_elsewhere_goes_there_else_to_the_member(scene: Scene) -> None:
    elsewhere = scene.server.add_channel("showcase")
    await asyncio.sleep(0.02)
    direct = Destination(place=Place.DIRECT, channel_id=scene.mira.id)
    there = Destination(place=Place.WANTED, channel_id=elsewhere.id)
    assert await scene.messenger.destinations(scene.render(), wanted=elsewhere.id) == (
        there,
        direct,
    )
    restricted = scene.render(age_restricted=True)
    assert await scene.messenger.destinations(restricted, wanted=elsewhere.id) == (direct,)


async def test_an_age_restricted_render_never_goes_where_everybody_looks(scene: Scene) -> None:
    one = scene.render(age_restricted=True)
    assert await places(scene, one) == [(Place.DIRECT, scene.mira.id)]
    restricted = scene.server.add_channel("after dark", age_restricted=True)
    await asyncio.sleep(0.02)
    two = scene.render(restricted, age_restricted=True)
    assert (await places(scene, two))[0] == (Place.CHANNEL, restricted.id)


async def test_a_result_replies_to_the_card_and_pings_the_member_alone(
    scene: Scene, video: Path
) -> None:
    one = scene.render(prompt="boat @everyone", video_url="https://example.com/v.mp4")
    card = await scene.messenger.post_card(one, ahead=0, nonce="7KQ2M9XA.1")
    await scene.post(one, nonce="7KQ2M9XA.2", file=video, card=card)

    above, result = scene.channel.messages
    assert above.is_v2
    assert above.mentions == []
    assert result.reply_to is above
    assert result.mentions == [scene.mira.person]
    assert not result.mentions_everyone
    assert result.attachments[0].data == b"film" * 1000
    assert result.attachments[0].description == ("A video made from these words: boat @everyone")
    assert not scene.discord.violations


async def test_a_result_stands_alone_when_the_card_is_gone(scene: Scene) -> None:
    one = scene.render(cause=Cause.PROVIDER_FAILED)
    card = await scene.messenger.post_card(one, ahead=0, nonce="7KQ2M9XA.1")
    scene.channel.messages[0].delete()
    await scene.post(one, nonce="7KQ2M9XA.2", card=card)
    assert scene.channel.messages[-1].reply_to is None


async def test_the_same_nonce_again_is_the_same_message(scene: Scene) -> None:
    one = scene.render()
    assert await scene.post(one) == await scene.post(one)
    assert len(scene.channel.messages) == 1


async def test_the_nonce_of_a_message_that_was_deleted_posts_no_other(scene: Scene) -> None:
    one = scene.render()
    await scene.post(one)
    scene.channel.messages[0].delete()
    with pytest.raises(MessageDeleted):
        await scene.post(one)
    assert scene.channel.messages == []


async def test_a_direct_message_reaches_the_member(scene: Scene) -> None:
    one = scene.render()
    direct = Destination(place=Place.DIRECT, channel_id=scene.mira.id)
    posted = await scene.post(one, direct)
    assert scene.mira.direct_messages[0].id == posted.message_id
    found = await scene.messenger.find_result(one, direct, since_ms=scene.now_ms - 1000)
    assert found == posted


async def test_closed_direct_messages_are_a_closed_place(scene: Scene) -> None:
    scene.mira.person.close_direct_messages()
    with pytest.raises(PlaceClosed):
        await scene.post(scene.render(), Destination(place=Place.DIRECT, channel_id=scene.mira.id))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(POSTING, status=403, code=50013), PlaceClosed),
        (Fault(POSTING, status=404, code=10003), PlaceClosed),
        (Fault(POSTING, status=400, code=50083), PlaceClosed),
        (Fault(POSTING, status=413), FileTooLarge),
        (Fault(POSTING, status=400, code=40005), FileTooLarge),
        (Fault(POSTING, status=503), PostingBroken),
        (Fault(POSTING, status=429, via=False), PostingBroken),
        (Fault(POSTING, status=401), PostingBroken),
        (Fault(POSTING, reset=True), PostingBroken),
        (Fault(POSTING, reset=True, when=When.AFTER), PostingBroken),
    ],
)
async def test_every_trouble_is_sorted(
    scene: Scene, video: Path, fault: Fault, kind: type[Exception]
) -> None:
    scene.discord.fail(fault)
    with pytest.raises(kind):
        await scene.post(scene.render(), file=video)


async def test_the_servers_own_limit_decides_what_is_attached(scene: Scene, video: Path) -> None:
    os.truncate(video, 10 * 1024 * 1024 + 1)
    one = scene.render()
    with pytest.raises(FileTooLarge):
        await scene.post(one, file=video)
    scene.server.boost(2)
    await asyncio.sleep(0.02)
    await scene.post(one, file=video)
    assert scene.channel.messages[0].attachments


async def test_a_card_is_edited_in_place_and_a_missing_one_is_told(scene: Scene) -> None:
    one = scene.render()
    card = await scene.messenger.post_card(one, ahead=0, nonce="7KQ2M9XA.1")
    done = scene.render(cause=None, settled=27)
    await scene.messenger.edit_card(done, card, ahead=0)
    message = scene.channel.messages[0]
    assert len(message.edits) == 1
    message.delete()
    with pytest.raises(MessageDeleted):
        await scene.messenger.edit_card(done, card, ahead=0)


async def test_card_and_result_are_told_apart_among_the_bots_own_messages(scene: Scene) -> None:
    one, place = scene.render(), Destination(place=Place.CHANNEL, channel_id=scene.channel.id)
    since_ms = scene.now_ms - 1000
    assert await scene.messenger.find_card(one, since_ms=since_ms) is None
    card = await scene.messenger.post_card(one, ahead=0, nonce="7KQ2M9XA.1")
    assert await scene.messenger.find_result(one, place, since_ms=since_ms) is None
    result = await scene.post(one, nonce="7KQ2M9XA.2")
    assert await scene.messenger.find_result(one, place, since_ms=since_ms) == result
    assert await scene.messenger.find_card(one, since_ms=since_ms) == card


async def test_words_of_members_pass_for_no_card_and_no_result(scene: Scene) -> None:
    stranger = scene.render(prompt="a boat, `7KQ2M9XB`", id="7KQ2M9XA")
    since_ms = scene.now_ms - 1000
    await scene.messenger.post_card(stranger, ahead=0, nonce="7KQ2M9XA.1")
    await scene.post(stranger, nonce="7KQ2M9XA.2")
    one = scene.render(id="7KQ2M9XB")
    place = Destination(place=Place.CHANNEL, channel_id=scene.channel.id)
    assert await scene.messenger.find_card(one, since_ms=since_ms) is None
    assert await scene.messenger.find_result(one, place, since_ms=since_ms) is None


async def test_what_was_posted_is_found_in_a_busy_channel(scene: Scene) -> None:
    one, place = scene.render(), Destination(place=Place.CHANNEL, channel_id=scene.channel.id)
    since_ms = scene.now_ms - 1000
    scene.chat(messages=250)
    card = await scene.messenger.post_card(one, ahead=0, nonce="7KQ2M9XA.1")
    result = await scene.post(one, nonce="7KQ2M9XA.2")
    assert await scene.messenger.find_card(one, since_ms=since_ms) == card
    assert await scene.messenger.find_result(one, place, since_ms=since_ms) == result


async def test_nothing_is_looked_through_that_no_attempt_can_have_posted(scene: Scene) -> None:
    one = scene.render()
    since_ms = scene.now_ms
    scene.discord.clock.advance(3700)
    scene.chat(messages=250)
    assert await scene.messenger.find_card(one, since_ms=since_ms) is None
    assert len(await scene.discord.requested("GET /channels/*/messages")) == 1


async def test_a_closed_channel_has_no_card_to_find(scene: Scene) -> None:
    scene.channel.delete()
    with pytest.raises(PlaceClosed):
        await scene.messenger.find_card(scene.render(), since_ms=scene.now_ms)


async def look(scene: Scene, one: Render, card: Posted | None = None) -> Obstacle | None:
    await asyncio.sleep(0.02)
    return await scene.messenger.obstacle(one, card)


async def test_nothing_stands_in_the_way_of_a_card_that_stands(scene: Scene) -> None:
    one = scene.render()
    card = await scene.messenger.post_card(one, ahead=0, nonce="7KQ2M9XA.1")
    assert await look(scene, one, card) is None
    scene.channel.messages[0].delete()
    assert await look(scene, one, card) is Obstacle.CARD_DELETED


async def test_a_member_who_left_or_may_not_write_stands_in_the_way(scene: Scene) -> None:
    one = scene.render()
    scene.mira.time_out()
    assert await look(scene, one) is Obstacle.MEMBER_TIMED_OUT
    await scene.mira.leave()
    assert await look(scene, one) is Obstacle.MEMBER_LEFT


@pytest.mark.parametrize("right", ["view_channel", "send_messages", "attach_files"])
async def test_a_right_that_was_taken_closes_the_channel(scene: Scene, right: str) -> None:
    scene.channel.deny_bot(right)
    assert await look(scene, scene.render()) is Obstacle.CHANNEL_CLOSED


async def test_a_channel_that_is_gone_and_a_locked_thread_are_closed(scene: Scene) -> None:
    thread = scene.channel.add_thread("boats")
    assert await look(scene, scene.render(thread)) is None
    thread.archive(locked=True)
    assert await look(scene, scene.render(thread)) is Obstacle.CHANNEL_CLOSED
    scene.channel.delete()
    assert await look(scene, scene.render()) is Obstacle.CHANNEL_CLOSED


async def test_a_removed_bot_knows_and_an_outage_is_no_removal(scene: Scene) -> None:
    one = scene.render()
    scene.server.become_unavailable()
    with pytest.raises(PostingBroken):
        await look(scene, one)
    scene.server.become_available()
    assert await look(scene, one) is None
    scene.server.remove_bot()
    assert await look(scene, one) is Obstacle.SERVER_LEFT


MEMBERS, MESSAGES = "GET /guilds/*/members/*", "GET /channels/*/messages/*"


@pytest.mark.parametrize(
    ("fault", "obstacle"),
    [
        (Fault(MEMBERS, status=403, code=50001), Obstacle.SERVER_LEFT),
        (Fault(MEMBERS, status=404, code=10004), Obstacle.SERVER_LEFT),
        (Fault(MEMBERS, status=404, code=10013), Obstacle.MEMBER_LEFT),
        (Fault(MESSAGES, status=403, code=50001), Obstacle.CHANNEL_CLOSED),
        (Fault(MESSAGES, status=404, code=10003), Obstacle.CHANNEL_CLOSED),
    ],
)
async def test_what_changed_between_two_looks_is_an_obstacle_too(
    scene: Scene, fault: Fault, obstacle: Obstacle
) -> None:
    card = await scene.messenger.post_card(scene.render(), ahead=0, nonce="7KQ2M9XA.1")
    scene.discord.fail(fault)
    assert await look(scene, scene.render(), card) is obstacle


@pytest.mark.parametrize("where", [MEMBERS, MESSAGES])
async def test_a_discord_that_breaks_is_no_obstacle(scene: Scene, where: str) -> None:
    card = await scene.messenger.post_card(scene.render(), ahead=0, nonce="7KQ2M9XA.1")
    scene.discord.fail(Fault(where, status=503))
    with pytest.raises(PostingBroken):
        await look(scene, scene.render(), card)


@pytest.mark.parametrize("place", [Place.CHANNEL, Place.DIRECT])
async def test_the_video_in_a_result_has_a_fresh_link(
    scene: Scene, video: Path, place: Place
) -> None:
    one = scene.render()
    there = scene.channel.id if place is Place.CHANNEL else scene.mira.id
    posted = await scene.post(one, Destination(place=place, channel_id=there), file=video)
    # As it is noted: a direct message under the member's own id.
    noted = Posted(channel_id=there, message_id=posted.message_id)
    url = await scene.messenger.attachment(one, noted)
    assert url
    assert ".mp4?" in url
    (scene.channel.messages or scene.mira.direct_messages)[0].delete()
    assert await scene.messenger.attachment(one, noted) is None
