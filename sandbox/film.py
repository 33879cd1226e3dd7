"""Draw the video that the provider stand-in answers with: a paper boat under the prompt's words."""

# Pillow and PyAV leave a few parameter types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import functools
import io
import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
from PIL import Image, ImageDraw, ImageFont, ImageOps

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAMES_PER_SECOND = 24
FRAMES_PER_DRAWING = 2  # drawn at 12 a second: half the work, and the eye does not mind
HORIZON = 0.56  # of the height, from the top
DRIFT = (0.20, 0.76)  # where the boat starts and ends, of the width
CAPTION_LINES = 3

Colour = tuple[int, int, int]
Size = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one time of day on the lake."""

    zenith: Colour
    sky: Colour
    glow: Colour
    sun: Colour
    shore: Colour
    near: Colour
    deep: Colour


PALETTES = (
    Palette(  # sunrise
        zenith=(56, 78, 128), sky=(219, 143, 137), glow=(255, 214, 150), sun=(255, 243, 209),
        shore=(87, 82, 116), near=(232, 170, 138), deep=(38, 62, 102),
    ),
    Palette(  # noon
        zenith=(58, 132, 189), sky=(139, 196, 222), glow=(226, 241, 238), sun=(255, 252, 232),
        shore=(74, 122, 118), near=(150, 206, 214), deep=(24, 96, 134),
    ),
    Palette(  # dusk
        zenith=(28, 28, 66), sky=(104, 66, 118), glow=(233, 128, 110), sun=(255, 205, 160),
        shore=(40, 34, 66), near=(178, 100, 122), deep=(22, 24, 56),
    ),
)  # fmt: skip


def make_film(
    *,
    prompt: str,
    size: Size,
    seconds: int,
    seed: int = 0,
    first: bytes | None = None,
    last: bytes | None = None,
) -> bytes:
    """Return an MP4 (H.264, yuv420p, 24 fps) of the wanted size and length.

    Frames are image files; the film starts as the first and ends as the last of them.
    """
    stage = _Stage.build(prompt, size, seed, first, last)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "27", "tune": "animation"}
        for position, image in enumerate(_drawings(stage, seconds)):
            frame = av.VideoFrame.from_image(image).reformat(format="yuv420p")
            for repeat in range(FRAMES_PER_DRAWING):
                frame.pts = position * FRAMES_PER_DRAWING + repeat
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def make_picture(size: Size, seed: int) -> bytes:
    """Return a PNG of the lake alone, to be given as a frame; the seed picks the time of day."""
    buffer = io.BytesIO()
    _lake(size, PALETTES[seed % len(PALETTES)]).save(buffer, "PNG")
    return buffer.getvalue()


def _drawings(stage: _Stage, seconds: int) -> Iterator[Image.Image]:
    count = seconds * FRAMES_PER_SECOND // FRAMES_PER_DRAWING
    for number in range(count):
        elapsed = number * FRAMES_PER_DRAWING / FRAMES_PER_SECOND
        yield stage.draw(progress=number / max(1, count - 1), elapsed=elapsed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """Everything that is drawn once and only moved afterwards."""

    start: Image.Image
    end: Image.Image | None
    shimmer: Colour | None
    boat: Image.Image

    @classmethod
    def build(
        cls, prompt: str, size: Size, seed: int, first: bytes | None, last: bytes | None
    ) -> _Stage:
        palette = PALETTES[seed % len(PALETTES)]
        start = _fitted(first, size) if first else _lake(size, palette)
        end = _fitted(last, size) if last else None
        caption = _caption(prompt, size)
        for backdrop in filter(None, (start, end)):
            backdrop.paste(caption, (0, 0), caption)
        return cls(
            start=start,
            end=end,
            shimmer=None if first else palette.glow,
            boat=_boat(round(min(size) * 0.30)),
        )

    def draw(self, *, progress: float, elapsed: float) -> Image.Image:
        """Draw one moment; progress runs from 0 to 1, elapsed is in seconds."""
        if self.end is None:
            image = self.start.copy()
        else:
            image = Image.blend(self.start, self.end, _eased(progress))
        if self.shimmer is not None:
            _draw_shimmer(image, self.shimmer, elapsed)
        self._float_boat(image, progress, elapsed)
        return image

    def _float_boat(self, image: Image.Image, progress: float, elapsed: float) -> None:
        width, height = image.size
        tilt = 4.0 * math.sin(elapsed * 2.1)
        boat = self.boat.rotate(tilt, resample=Image.Resampling.BILINEAR)
        left = round(width * (DRIFT[0] + (DRIFT[1] - DRIFT[0]) * progress) - boat.width / 2)
        bob = math.sin(elapsed * 2.6) * height * 0.006
        waterline = round(height * 0.80 + bob)
        reflection = ImageOps.flip(boat).resize((boat.width, boat.height // 2))
        faint = reflection.getchannel("A").point(_thinned(0.22))
        image.paste(reflection, (left, waterline - boat.height // 14), faint)
        image.paste(boat, (left, waterline - boat.height), boat)


def _eased(progress: float) -> float:
    return progress * progress * (3 - 2 * progress)


def _thinned(factor: float, floor: int = 0) -> list[float]:
    """Return the table that makes a mask's values weaker, and nothing below the floor."""
    return [max(0, value - floor) * factor for value in range(256)]


def _fitted(image_file: bytes, size: Size) -> Image.Image:
    with Image.open(io.BytesIO(image_file)) as image:
        return ImageOps.fit(image.convert("RGB"), size)


def _lake(size: Size, palette: Palette) -> Image.Image:
    """Sky, sun, shore and water, without anything that moves."""
    width, height = size
    horizon = round(height * HORIZON)
    image = Image.new("RGB", size)
    image.paste(_gradient((width, horizon), palette.zenith, palette.sky, palette.glow), (0, 0))
    water = _gradient((width, height - horizon), palette.near, palette.deep, palette.deep)
    _draw_sun(image, palette, round(height * 0.10))
    image.paste(water, (0, horizon))
    _draw_shore(image, palette.shore, horizon)
    return image


def _gradient(size: Size, top: Colour, middle: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return ImageOps.colorize(ramp, black=top, mid=middle, white=bottom)


def _draw_sun(image: Image.Image, palette: Palette, radius: int) -> None:
    centre_x, centre_y = round(image.width * 0.66), round(image.height * (HORIZON - 0.06))
    glow = ImageOps.invert(Image.radial_gradient("L")).resize((radius * 9, radius * 9))
    glow = glow.point(_thinned(0.9, floor=75))
    image.paste(palette.sun, (centre_x - glow.width // 2, centre_y - glow.height // 2), glow)
    box = (centre_x - radius, centre_y - radius, centre_x + radius, centre_y + radius)
    ImageDraw.Draw(image).ellipse(box, fill=palette.sun)


def _draw_shore(image: Image.Image, colour: Colour, horizon: int) -> None:
    height = image.height
    crest = [
        (x, horizon - height * (0.035 + 0.020 * math.sin(x / image.width * 9 + 1)
                                + 0.012 * math.sin(x / image.width * 23)))
        for x in range(0, image.width + 8, 8)
    ]  # fmt: skip
    outline = [(0, horizon + height // 200), *crest, (image.width, horizon + height // 200)]
    ImageDraw.Draw(image).polygon(outline, fill=colour)


def _draw_shimmer(image: Image.Image, colour: Colour, elapsed: float) -> None:
    """Draw the sun's broken path on the water; it widens towards the eye and sways."""
    draw = ImageDraw.Draw(image, "RGBA")
    horizon, depth = image.height * HORIZON, image.height * (1 - HORIZON)
    for stripe in range(1, 15):
        nearness = (stripe / 15) ** 1.5
        y = round(horizon + depth * nearness)
        sway = math.sin(elapsed * 1.7 + stripe * 1.9)
        half = image.width * (0.03 + 0.07 * nearness) * (1 + 0.35 * sway)
        centre = image.width * (0.66 + 0.012 * math.sin(elapsed + stripe))
        thickness = max(1, round(image.height * (0.002 + 0.007 * nearness)))
        box = (centre - half, y, centre + half, y + thickness)
        draw.rounded_rectangle(box, radius=thickness / 2, fill=(*colour, 120))


@functools.cache
def _boat(width: int) -> Image.Image:
    """Fold a boat of white paper: drawn four times too large, then scaled, for clean edges."""
    scale = width * 4 / 100
    image = Image.new("RGBA", (width * 4, round(66 * scale)))
    draw = ImageDraw.Draw(image)
    folds: tuple[tuple[Colour, list[tuple[int, int]]], ...] = (
        ((236, 238, 243), [(50, 2), (26, 42), (50, 44)]),
        ((208, 213, 224), [(50, 2), (74, 42), (50, 44)]),
        ((255, 255, 255), [(1, 30), (20, 64), (50, 64), (50, 44)]),
        ((226, 229, 237), [(99, 30), (80, 64), (50, 64), (50, 44)]),
        ((189, 195, 209), [(1, 30), (50, 44), (26, 42)]),
        ((172, 180, 197), [(99, 30), (50, 44), (74, 42)]),
    )
    for colour, corners in folds:
        draw.polygon([(x * scale, y * scale) for x, y in corners], fill=colour)
    padded = ImageOps.expand(image, border=round(4 * scale), fill=(255, 255, 255, 0))
    return padded.resize((padded.width // 4, padded.height // 4), Image.Resampling.LANCZOS)


def _caption(prompt: str, size: Size) -> Image.Image:
    """Set the prompt's words at the top, on a veil that keeps them readable on any frame."""
    width, height = size
    layer = Image.new("RGBA", size, (255, 255, 255, 0))
    letter = max(14, round(min(size) * 0.052))
    columns = max(12, round(width * 0.86 / (letter * 0.52)))
    words = " ".join(prompt.split())
    lines = textwrap.wrap(words, columns, max_lines=CAPTION_LINES, placeholder="…")
    veil = Image.linear_gradient("L").resize((width, round(height * 0.42)))
    veil = ImageOps.flip(veil).point(_thinned(0.55))
    layer.paste((12, 16, 32, 255), (0, 0), veil)
    ImageDraw.Draw(layer).multiline_text(
        (width / 2, height * 0.07), "\n".join(lines), anchor="ma", align="center",
        font=ImageFont.load_default(letter), fill=(255, 255, 255, 255), spacing=letter * 0.4,
    )  # fmt: skip
    return layer
