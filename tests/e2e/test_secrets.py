from __future__ import annotations

import base64
import contextlib
import io
import sqlite3
from contextlib import closing

from PIL import Image

from sandbox.discord import Fault as DiscordFault
from sandbox.discord import NoAnswer, Upload, When
from sandbox.provider import Fault, Where
from sandbox.world import World
from tests.e2e.conftest import ask_for_a_video, running_bot

ACKNOWLEDGE = "POST /interactions/*/*/callback"
ANSWER = "PATCH /webhooks/*/*/messages/@original"
PROMPT = "A cormorant dries its wings on the seventh bollard."


def holiday_picture() -> bytes:
    """Give a JPEG that knows too much: a camera's notes, a place and a comment."""
    picture = Image.new("RGB", (640, 360), "teal")
    exif = Image.Exif()
    exif[0x010F] = "Camera of Mira"
    exif.get_ifd(0x8825)[1] = "N"
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif, comment=b"at home", xmp=b"<x>Mira's garden</x>")
    return buffer.getvalue()


async def meet_everything(world: World) -> bytes:
    """Let succeed, fail and break whatever can; give the frame that reached the provider."""
    world.provider.fail(Fault.TEXT_REFUSED)
    await ask_for_a_video(world, world.tom, f"{PROMPT} Refused.")
    await world.told(world.tom)
    world.provider.fail(Fault.VIDEO_FORBIDDEN)
    world.provider.fail(Fault.SERVER_ERROR, where=Where.QUERY)
    frame = Upload("holiday.jpg", holiday_picture())
    await ask_for_a_video(world, world.mira, PROMPT, first_frame=frame)
    await world.told(world.mira)
    await the_discord_side_breaks(world)
    await the_database_breaks(world)
    sent = world.provider.tasks[-1].asked.first
    assert sent is not None
    return sent


async def the_discord_side_breaks(world: World) -> None:
    """Break what carries a token in its address: acknowledgements and answers."""
    for pattern in (ACKNOWLEDGE, ANSWER):
        for fault in (
            DiscordFault(pattern, reset=True, when=When.AFTER),
            DiscordFault(pattern, status=500),
            DiscordFault(pattern, status=429, retry_after=0.1),
        ):
            world.discord.fail(fault)
            calls = len(await world.discord.requested(pattern))
            with contextlib.suppress(TimeoutError, NoAnswer):
                await world.tom.command(world.channel, "video", prompt=f"{PROMPT} --dur 99")
            await world.discord.requested(pattern, times=calls + 1)
            world.discord.heal()


async def the_database_breaks(world: World) -> None:
    """Break what nobody foresaw, so that it ends as a traceback."""
    with closing(sqlite3.connect(world.folder / "paperboat.db")) as connection, connection:
        connection.execute("alter table accounts rename to lost")
    reply = await ask_for_a_video(world, world.tom, f"{PROMPT} Unforeseen.")
    assert "cormorant" in reply.text
    with closing(sqlite3.connect(world.folder / "paperboat.db")) as connection, connection:
        connection.execute("alter table lost rename to accounts")


async def test_whatever_happens_no_secret_and_no_prompt_leaves_the_database() -> None:
    async with running_bot(LOG_LEVEL="DEBUG") as world:
        frame = await meet_everything(world)
        interactions = await world.discord.requested(ACKNOWLEDGE)
        tokens = {interaction.path.split("/")[3] for interaction in interactions}
        assert len(tokens) > 5
        keys = [world.discord.token, world.provider.key, *tokens]
        private = ["cormorant", "bollard", "Signature", "holiday"]
        encoded = base64.b64encode(frame).decode()
        private += [encoded[:60], encoded[len(encoded) // 2 :][:60], repr(frame[300:330])[2:-1]]

        assert "InputTextSensitiveContentDetected" in world.bot.log
        assert "Traceback" in world.bot.log
        for path in (path for path in world.folder.rglob("*") if path.is_file()):
            data = path.read_bytes()
            kept = path.name.startswith("paperboat.db") or path.suffix == ".mp4"
            for secret in keys if kept else keys + private:
                assert secret.encode() not in data, f"{secret} in {path.name}"


async def test_a_prompt_pings_nobody() -> None:
    async with running_bot() as world:
        prompt = f"@everyone and @here, look at {world.tom.mention} in <#{world.channel.id}>"
        await ask_for_a_video(world, world.mira, prompt)
        await world.told(world.mira)
        for message in world.channel.messages:
            assert not message.mentions_everyone
            assert message.mentions in ([], [world.mira.person])


async def test_a_picture_loses_its_metadata_before_it_leaves() -> None:
    async with running_bot() as world:
        frame = Upload("holiday.jpg", holiday_picture())
        await ask_for_a_video(world, world.mira, PROMPT, first_frame=frame)
        sent = (await world.provider.created()).asked.first
        assert sent is not None
        with Image.open(io.BytesIO(sent)) as picture:
            assert not picture.getexif()
            assert not {"exif", "xmp", "comment"} & set(picture.info)
        for words in (b"Mira", b"at home"):
            assert words in frame.data
            assert words not in sent


async def test_a_stranger_is_shown_no_prompt() -> None:
    async with running_bot() as world:
        world.provider.hold()
        accepted = await ask_for_a_video(world, world.mira, PROMPT)
        render_id = accepted.text.split("`")[1]
        hidden = world.server.add_channel("elsewhere")
        world.channel.hide_from(world.moderator)
        shown = [
            await world.tom.command(world.channel, "renders show", id=render_id),
            await world.tom.command(world.channel, "renders list"),
            await world.tom.command(world.channel, "renders cancel", id=render_id),
            await world.moderator.command(hidden, "queue list"),
            await world.moderator.command(hidden, "queue cancel", id=render_id),
        ]
        for reply in shown:
            await reply.settled()
            assert reply.private
            assert "cormorant" not in reply.text
            assert world.mira.mention not in reply.text
        for member, place, command in (
            (world.tom, world.channel, "renders show"),
            (world.tom, world.channel, "renders cancel"),
            (world.moderator, hidden, "queue cancel"),
        ):
            assert await member.autocomplete(place, command, "id", "") == []
            assert await member.autocomplete(place, command, "id", render_id[:4]) == []

        own = await world.mira.command(world.channel, "renders show", id=render_id)
        assert "cormorant" in (await own.settled()).text
        assert await world.mira.autocomplete(world.channel, "renders show", "id", "") != []
        world.provider.release()
        await world.told(world.mira)
