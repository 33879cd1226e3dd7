from __future__ import annotations

import io

from PIL import Image

from sandbox.discord import Upload
from sandbox.provider import Fault
from tests.e2e.conftest import ask_for_a_video, running_bot

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


async def test_no_line_of_the_log_holds_a_secret_or_a_prompt() -> None:
    async with running_bot(LOG_LEVEL="DEBUG") as world:
        world.provider.fail(Fault.TEXT_REFUSED)
        await ask_for_a_video(world, world.tom, f"{PROMPT} Refused.")
        await world.told(world.tom)
        world.provider.fail(Fault.VIDEO_FORBIDDEN)
        await ask_for_a_video(world, world.mira, PROMPT)
        await world.told(world.mira)
        callbacks = await world.discord.requested("POST /interactions/*/*/callback", times=2)
        tokens = [callback.path.split("/")[3] for callback in callbacks]
        secrets = [world.discord.token, world.provider.key, *tokens]
        log = world.bot.log
        assert "InputTextSensitiveContentDetected" in log
        for secret in [*secrets, "cormorant", "bollard", "Signature"]:
            assert secret not in log


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
        accepted = await ask_for_a_video(world, world.mira, PROMPT)
        render_id = accepted.text.split("`")[1]
        await world.told(world.mira)
        own = await world.mira.command(world.channel, "renders show", id=render_id)
        assert "cormorant" in (await own.settled()).text
        other = await world.tom.command(world.channel, "renders show", id=render_id)
        assert "cormorant" not in (await other.settled()).text
        assert own.private
        assert other.private
