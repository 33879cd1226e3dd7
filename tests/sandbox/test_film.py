from __future__ import annotations

import io
import time

import av
import pytest
from PIL import Image, ImageStat

from sandbox.film import make_film

PROMPT = "A paper boat drifts on a quiet lake at sunrise."


def image_file(colour: str, size: tuple[int, int] = (640, 360)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def drawings(film: bytes) -> list[Image.Image]:
    with av.open(io.BytesIO(film), "r") as container:
        return [frame.to_image() for frame in container.decode(video=0)]


def colour_of_the_middle(image: Image.Image) -> list[float]:
    width, height = image.size
    return ImageStat.Stat(image.crop((0, height // 2, width, height * 6 // 10))).mean


@pytest.mark.parametrize(
    ("size", "seconds"), [((854, 480), 4), ((560, 752), 2), ((1112, 834), 1), ((992, 432), 12)]
)
def test_a_film_has_the_size_and_length_that_were_asked_for(
    size: tuple[int, int], seconds: int
) -> None:
    film = make_film(prompt=PROMPT, size=size, seconds=seconds)
    with av.open(io.BytesIO(film), "r") as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height, stream.average_rate) == (*size, 24)
        assert sum(1 for _ in container.decode(video=0)) == 24 * seconds


def test_a_film_fades_from_the_first_frame_to_the_last() -> None:
    images = drawings(
        make_film(
            prompt=PROMPT,
            size=(640, 360),
            seconds=2,
            first=image_file("red"),
            last=image_file("blue", (300, 900)),
        )
    )
    red, _, blue = colour_of_the_middle(images[0])
    assert red > 200
    assert blue < 60
    red, _, blue = colour_of_the_middle(images[-1])
    assert blue > 200
    assert red < 60


def test_a_film_moves() -> None:
    images = drawings(make_film(prompt=PROMPT, size=(640, 360), seconds=2))
    assert len({image.tobytes() for image in images}) > 12


def test_the_words_of_the_prompt_are_in_the_picture() -> None:
    one, other = (
        drawings(make_film(prompt=prompt, size=(640, 360), seconds=1))[0].crop((0, 0, 640, 80))
        for prompt in (PROMPT, "Rain on a tin roof")
    )
    assert one.tobytes() != other.tobytes()


@pytest.mark.parametrize("prompt", ["", "word " * 400, "x" * 2000, "雨の夜 \u202e\ud83d"])
def test_no_prompt_is_too_strange_to_draw(prompt: str) -> None:
    assert make_film(prompt=prompt, size=(496, 864), seconds=1)


def test_five_seconds_at_720p_are_made_quickly() -> None:
    started = time.process_time()
    make_film(prompt=PROMPT, size=(1280, 720), seconds=5)
    assert time.process_time() - started < 3  # of processor time, on a shared machine
