"""What becomes of the images that members send; every file here is a real one."""

from __future__ import annotations

import asyncio
import struct
import threading
import time
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageCms

from render import frames
from render.errors import FrameFault, FrameRefused
from storage.records import Frame, FrameRole

SECRET = "Rosengasse 7"
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def picture(width: int = 400, height: int = 320, mode: str = "RGB") -> Image.Image:
    """Draw a red picture with a blue top left quarter."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, 0, width // 2, height // 2))
    return image.convert(mode)


def noise(width: int = 400, height: int = 320) -> Image.Image:
    bands = [Image.effect_noise((width, height), 90) for _ in range(3)]
    return Image.merge("RGB", bands)


def file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def converted(data: bytes) -> Frame:
    return frames.convert(data, FrameRole.FIRST)


def seen(frame: Frame) -> Image.Image:
    image = Image.open(BytesIO(frame.data))
    assert image.size == (frame.width, frame.height)
    assert image.mode == "RGB"
    assert Image.MIME[str(image.format)] == frame.media_type
    return image


def colour(frame: Frame, x: float, y: float) -> tuple[int, ...]:
    """Return the colour at a place, given in parts of the sides, in steps of 51."""
    pixel = seen(frame).getpixel((int(x * frame.width), int(y * frame.height)))
    assert isinstance(pixel, tuple)
    return tuple(round(level / 51) * 51 for level in pixel)


def fault(data: bytes) -> FrameRefused:
    with pytest.raises(FrameRefused) as refusal:
        frames.convert(data, FrameRole.LAST)
    assert refusal.value.role is FrameRole.LAST
    return refusal.value


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "HEIF"])
def test_every_accepted_format_becomes_a_frame(kind: str) -> None:
    frame = converted(file(picture(), kind))

    assert (frame.width, frame.height) == (400, 320)
    assert colour(frame, 0.25, 0.25) == BLUE
    assert colour(frame, 0.75, 0.75) == RED


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        *[(mode, "PNG") for mode in ("1", "L", "P", "LA")],
        *[(mode, "TIFF") for mode in ("CMYK", "YCbCr", "LAB")],
        ("CMYK", "JPEG"),
        ("P", "BMP"),
    ],
)
def test_every_kind_of_pixel_becomes_rgb(mode: str, kind: str) -> None:
    pure = Image.new("RGB", (400, 320), WHITE).convert(mode)

    assert colour(converted(file(pure, kind)), 0.5, 0.5) == WHITE


def test_sixteen_bits_keep_their_shades() -> None:
    image = Image.new("I;16", (400, 320))
    image.paste(0x6666, (0, 0, 400, 320))

    assert colour(converted(file(image)), 0.5, 0.5) == (102, 102, 102)


@pytest.mark.parametrize("mode", ["I", "F"])
def test_samples_of_32_bits_are_not_supported(mode: str) -> None:
    assert fault(file(Image.new(mode, (400, 320)), "TIFF")).fault is FrameFault.UNSUPPORTED


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "HEIF"])
def test_what_is_transparent_becomes_white(kind: str) -> None:
    image = picture(mode="RGBA")
    image.paste((0, 255, 0, 0), (0, 0, 200, 160))

    frame = converted(file(image, kind))

    assert colour(frame, 0.25, 0.25) == WHITE
    assert colour(frame, 0.75, 0.75) == RED


def test_a_transparent_colour_of_a_palette_becomes_white() -> None:
    image = picture().quantize(4)
    index = image.getpixel((0, 0))

    assert colour(converted(file(image, transparency=index)), 0.25, 0.25) == WHITE


@pytest.mark.parametrize(
    ("orientation", "x", "y"),
    [
        (1, 0.25, 0.25),
        (2, 0.75, 0.25),
        (3, 0.75, 0.75),
        (4, 0.25, 0.75),
        (5, 0.25, 0.25),
        (6, 0.75, 0.25),
        (7, 0.75, 0.75),
        (8, 0.25, 0.75),
    ],
)
def test_the_orientation_is_applied(orientation: int, x: float, y: float) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation

    frame = converted(file(picture(), "JPEG", exif=exif))

    assert (frame.width, frame.height) == ((400, 320) if orientation < 5 else (320, 400))
    assert colour(frame, x, y) == BLUE


def test_a_picture_that_a_phone_turned_is_turned_once() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6

    frame = converted(file(picture(), "HEIF", exif=exif.tobytes()))

    assert (frame.width, frame.height) == (320, 400)
    assert colour(frame, 0.75, 0.25) == BLUE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
@pytest.mark.parametrize("draw", [picture, noise])
def test_no_metadata_leaves(kind: str, draw: Callable[[], Image.Image]) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = SECRET
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = SECRET
    options: dict[str, Any] = {"exif": exif.tobytes()}
    if kind != "TIFF":
        options["xmp"] = f"<x>{SECRET}</x>".encode()
    if kind == "JPEG":
        options["comment"] = SECRET
    data = file(draw(), kind, **options)
    assert SECRET.encode() in data

    frame = converted(data)

    assert SECRET.encode() not in frame.data
    assert not set(seen(frame).info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not seen(frame).getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_broken_exif_does_not_matter(kind: str) -> None:
    data = file(picture(), kind, exif=b"Exif\0\0this is none")

    assert converted(data).width == 400


def test_the_colours_of_a_profile_become_srgb() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"____").replace(b"bXYZ", b"rXYZ").replace(b"____", b"bXYZ")

    frame = converted(file(picture(), "PNG", icc_profile=swapped))

    assert colour(frame, 0.25, 0.25) == RED
    assert colour(frame, 0.75, 0.75) == BLUE
    assert "icc_profile" not in seen(frame).info


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_profile_that_does_not_fit_is_left_out(mode: str) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()

    for profile in (b"no profile", lab):
        frame = converted(file(Image.new(mode, (400, 320), "white"), icc_profile=profile))
        assert colour(frame, 0.5, 0.5) == WHITE


def test_a_drawing_is_sent_without_loss_and_a_photograph_as_jpeg() -> None:
    assert converted(file(picture(), "JPEG")).media_type == "image/png"
    assert converted(file(noise(), "PNG")).media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("width", "height", "sent"),
    [
        (2206, 2206, (2206, 2206)),
        (5999, 3000, (2206, 1104)),
        (3000, 5999, (1104, 2206)),
        (5999, 2400, (2206, 883)),
    ],
)
def test_what_is_larger_than_useful_is_scaled_down(
    width: int, height: int, sent: tuple[int, int]
) -> None:
    frame = converted(file(picture(width, height), "JPEG"))

    assert (frame.width, frame.height) == sent
    assert max(sent) < 2.5 * min(sent)
    assert colour(frame, 0.25, 0.25) == BLUE


def test_two_of_the_worst_frames_fit_into_one_request() -> None:
    worst = converted(file(noise(2206, 2206), "BMP"))

    assert 2 * len(worst.data) * 4 / 3 < 64_000_000


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (300, 400, FrameFault.TOO_SMALL),
        (200, 200, FrameFault.TOO_SMALL),
        (200, 5000, FrameFault.TOO_ELONGATED),
        (1000, 400, FrameFault.TOO_ELONGATED),
        (400, 1000, FrameFault.TOO_ELONGATED),
        (6000, 3000, FrameFault.TOO_LARGE),
        (3000, 6000, FrameFault.TOO_LARGE),
    ],
)
def test_a_picture_of_the_wrong_size_is_refused(
    width: int, height: int, expected: FrameFault
) -> None:
    refusal = fault(file(Image.new("1", (width, height))))

    assert refusal.fault is expected
    assert (refusal.width, refusal.height) == (width, height)


@pytest.mark.parametrize(("width", "height"), [(301, 301), (999, 400), (400, 999)])
def test_a_picture_just_within_the_bounds_is_taken(width: int, height: int) -> None:
    assert converted(file(picture(width, height))).width == width


def png_head(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = b"IDAT" + zlib.compress(b"\0" * 1000)
    chunks = (
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (head, body)
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("side", [6000, 10_000, 100_000])
def test_a_bomb_is_refused_by_its_head(side: int) -> None:
    started = time.perf_counter()

    assert fault(png_head(side, side)).fault is FrameFault.TOO_LARGE
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF"])
def test_a_bomb_of_another_format_is_refused(kind: str) -> None:
    data = file(Image.new("1", (6100, 6100)), kind, method=0, compression="group4")

    assert fault(data).fault is FrameFault.TOO_LARGE


def test_a_webp_of_more_pixels_than_memory_is_for_is_refused_by_its_head() -> None:
    large = file(Image.new("L", (4001, 4000)), "WEBP", method=0)

    refusal = fault(large)

    assert refusal.fault is FrameFault.TOO_MANY_PIXELS
    assert (refusal.width, refusal.height) == (4001, 4000)
    assert converted(file(Image.new("L", (4001, 4000)), "JPEG")).width == 2206


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((9000, 8000), FrameFault.TOO_LARGE),
        ((2000, 1600), FrameFault.UNREADABLE),
        ((390, 310), FrameFault.UNREADABLE),
    ],
)
def test_a_head_that_lies_is_refused(said: tuple[int, int], expected: FrameFault) -> None:
    true_size, false_size = (b"ispe" + struct.pack(">III", 0, *size) for size in ((400, 320), said))
    data = file(picture(), "HEIF")
    assert true_size in data

    assert fault(data.replace(true_size, false_size)).fault is expected


def test_a_file_of_30_mb_is_too_heavy() -> None:
    refusal = fault(file(picture()).ljust(frames.MAX_BYTES, b"\0"))

    assert refusal.fault is FrameFault.TOO_HEAVY
    assert refusal.size_bytes == frames.MAX_BYTES


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_what_moves_is_refused(kind: str) -> None:
    data = file(noise(), kind, save_all=True, append_images=[noise(), noise()])

    assert fault(data).fault is FrameFault.ANIMATED


@pytest.mark.parametrize("kind", ["GIF", "AVIF"])
def test_other_formats_are_recognised_and_refused(kind: str) -> None:
    assert fault(file(picture(), kind)).fault is FrameFault.UNSUPPORTED


@pytest.mark.parametrize(("kind", "options"), [("MPO", {}), ("TIFF", {}), ("HEIF", {})])
def test_of_several_still_images_the_first_is_meant(kind: str, options: dict[str, Any]) -> None:
    other = Image.new("RGB", (400, 320), GREEN)
    data = file(picture(), kind, save_all=True, append_images=[other], **options)

    assert colour(converted(data), 0.75, 0.75) == RED


@pytest.mark.parametrize("data", [b"", b"I am a text, called frame.png", b"<svg/>", b"\x89PNG\r\n"])
def test_a_file_that_is_no_image_is_unreadable(data: bytes) -> None:
    assert fault(data).fault is FrameFault.UNREADABLE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "HEIF"])
def test_a_file_that_breaks_off_is_unreadable(kind: str) -> None:
    data = file(noise(), kind)

    assert fault(data[: len(data) // 2]).fault is FrameFault.UNREADABLE


def test_a_file_that_is_two_things_leaves_the_other_behind() -> None:
    data = file(noise(), "JPEG") + b"PK\x03\x04<script>" + SECRET.encode()

    assert SECRET.encode() not in converted(data).data


async def test_images_are_decoded_one_at_a_time_and_off_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running: list[int] = []
    under_way = 0
    guard = threading.Lock()

    def counted(data: bytes, role: FrameRole) -> Frame:
        nonlocal under_way
        with guard:
            under_way += 1
            running.append(under_way)
        time.sleep(0.01)
        try:
            return convert(data, role)
        finally:
            with guard:
                under_way -= 1

    convert = frames.convert
    monkeypatch.setattr(frames, "convert", counted)
    data = file(picture())

    made = await asyncio.gather(*(frames.prepare(data, FrameRole.FIRST) for _ in range(6)))

    assert [frame.width for frame in made] == [400] * 6
    assert max(running) == 1


async def test_a_refusal_comes_out_of_the_thread() -> None:
    with pytest.raises(FrameRefused) as refusal:
        await frames.prepare(b"no image", FrameRole.LAST)

    assert refusal.value.fault is FrameFault.UNREADABLE
