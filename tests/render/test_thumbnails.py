"""What stays of a frame is small, whatever it shows."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from render import frames
from storage.records import FrameRole
from storage.thumbnails import MOST_BYTES
from tests.render.test_frames import file, noise, picture


async def small(image: Image.Image, role: FrameRole = FrameRole.FIRST) -> Image.Image:
    made = await frames.thumbnail(frames.convert(file(image), role))
    assert made.role is role
    assert len(made.data) <= MOST_BYTES
    return Image.open(BytesIO(made.data), formats=["JPEG"])


@pytest.mark.parametrize(("width", "height"), [(1200, 800), (800, 1200), (2200, 900)])
async def test_noise_of_any_shape_fits(width: int, height: int) -> None:
    made = await small(noise(width, height), FrameRole.LAST)
    assert max(made.size) >= 128


async def test_a_usual_picture_keeps_its_colours_and_its_shape() -> None:
    made = await small(picture(1280, 720))
    assert made.size == (512, 288)
    assert made.convert("RGB").getpixel((500, 280)) == pytest.approx((254, 0, 0), abs=4)
