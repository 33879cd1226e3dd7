"""Make frames of the images that members send: decoded, checked, upright, bare of metadata."""

# pyright: reportUnknownMemberType=false
# Pillow's own types name numpy's, which is not installed; pillow_heif has none.

from __future__ import annotations

import asyncio
import warnings
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from math import prod
from typing import cast

import pillow_heif
from PIL import ExifTags, Image, ImageCms

from render.errors import FrameFault, FrameRefused
from storage.records import Frame, FrameRole
from storage.thumbnails import MOST_BYTES, Thumbnail

# What the provider takes, each bound itself excluded, because its pages differ on that
# (https://docs.byteplus.com/en/docs/ModelArk/1520757).
MAX_BYTES = 30_000_000
_SHORTEST, _LONGEST = 300, 6000
_MOST_ELONGATED = 2.5
# Its decoder keeps three copies and more: 19 bytes a pixel, twice as many as the others'.
_MOST_PIXELS_OF_WEBP = 16_000_000
# No video that is offered is wider (21:9 at 1080p); more would be sent to be thrown away.
_LONGEST_USEFUL = 2206

_ACCEPTED = {"JPEG", "MPO", "PNG", "WEBP", "BMP", "TIFF", "HEIF"}
# These are recognised, so that people read what is wrong rather than that it is no image.
_RECOGNISED = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "HEIF", "GIF", "AVIF")
# The others hold several images side by side, of which the first is meant.
_MAY_MOVE = {"PNG", "WEBP", "GIF", "AVIF"}
# Drawings stay sharp, and small, as PNG; whatever has more colours is a photograph.
_COLOURS_OF_A_DRAWING = 4096
# Pixels of the longer side, and quality: the first that is small enough, and the last always is.
_THUMBNAILS = ((512, 85), (512, 60), (384, 50), (256, 40), (128, 40))
_JPEG_QUALITY = 92

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

pillow_heif.register_heif_opener(thumbnails=False)
# More pixels than we take are an error, not a remark on standard error.
warnings.simplefilter("error", Image.DecompressionBombWarning)

# One at a time, so that what one takes at worst, some 340 MB, is all that is taken.
_decoder = ThreadPoolExecutor(max_workers=1, thread_name_prefix="frames")


async def prepare(data: bytes, role: FrameRole) -> Frame:
    """Turn a file into a frame, off the event loop; raises FrameRefused."""
    return await asyncio.get_running_loop().run_in_executor(_decoder, convert, data, role)


async def thumbnail(frame: Frame) -> Thumbnail:
    """Make a small picture of a frame, for people to look at, off the event loop."""
    data = await asyncio.get_running_loop().run_in_executor(_decoder, _small, frame.data)
    return Thumbnail(role=frame.role, data=data)


def _small(data: bytes) -> bytes:
    with Image.open(BytesIO(data), formats=("JPEG", "PNG")) as image:
        small = b""
        for side, quality in _THUMBNAILS:
            image.thumbnail((side, side))
            out = BytesIO()
            image.convert("RGB").save(out, "JPEG", quality=quality)
            small = out.getvalue()
            if len(small) <= MOST_BYTES:
                break
        return small


def convert(data: bytes, role: FrameRole) -> Frame:
    """Turn a file into a frame that is ready to be sent; raises FrameRefused."""
    if len(data) >= MAX_BYTES:
        raise FrameRefused(role=role, fault=FrameFault.TOO_HEAVY, size_bytes=len(data))
    try:
        # This reads the head and nothing more.
        with Image.open(BytesIO(data), formats=_RECOGNISED) as opened:
            width, height = opened.size
            if fault := _fault(opened):
                raise FrameRefused(role=role, fault=fault, width=width, height=height)
            image = _decoded(opened)
    except FrameRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FrameRefused(role=role, fault=FrameFault.TOO_LARGE) from error
    except Exception as error:  # decoders raise anything at hostile bytes
        raise FrameRefused(role=role, fault=FrameFault.UNREADABLE) from error
    media_type, encoded = _encoded(image)
    return Frame(
        role=role, media_type=media_type, width=image.width, height=image.height, data=encoded
    )


def _fault(image: Image.Image) -> FrameFault | None:
    """Return what is wrong with an image, as far as its head shows."""
    if image.format in _MAY_MOVE and getattr(image, "is_animated", False):
        return FrameFault.ANIMATED
    # What 32 bits a sample mean, is nowhere written.
    if image.format not in _ACCEPTED or image.mode in {"I", "F"}:
        return FrameFault.UNSUPPORTED
    fault = _fault_of_size(image.size)
    if not fault and image.format == "WEBP" and prod(image.size) > _MOST_PIXELS_OF_WEBP:
        return FrameFault.TOO_MANY_PIXELS
    return fault


def _fault_of_size(size: tuple[int, int]) -> FrameFault | None:
    short, long = sorted(size)
    if long >= _LONGEST:
        return FrameFault.TOO_LARGE
    if long >= short * _MOST_ELONGATED:
        return FrameFault.TOO_ELONGATED
    return FrameFault.TOO_SMALL if short <= _SHORTEST else None


def _decoded(image: Image.Image) -> Image.Image:
    """Decode all pixels, and make them upright, opaque sRGB of a useful size."""
    useful = _useful(image.size)
    image.draft(None, useful)
    image.load()
    profile = image.info.get("icc_profile")
    orientation = _orientation(image)
    image = _scaled(image, useful)
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    return _as_srgb(_opaque(image), profile)


def _useful(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size to send; rounded so that no image becomes too elongated by it."""
    long = max(size)
    if long <= _LONGEST_USEFUL:
        return size
    width, height = (-(-side * _LONGEST_USEFUL // long) for side in size)
    return width, height


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken metadata does not make an image unusable
        return 1


def _scaled(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.mode in {"1", "P", "PA"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if image.mode.startswith("I;16"):
        # Conversion alone would cut every level above 255 off.
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    return image


def _opaque(image: Image.Image) -> Image.Image:
    """Lay what is transparent on white."""
    if not image.has_transparency_data:
        return image
    layer = image.convert("RGBA")
    page = Image.new("RGB", image.size, "white")
    page.paste(layer, mask=layer.getchannel("A"))
    return page


def _as_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and image.mode in {"L", "RGB", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            target = cast("ImageCms.ImageCmsProfile", ImageCms.createProfile("sRGB"))
            image = ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile that does not fit
    return image.convert("RGB")


def _encoded(image: Image.Image) -> tuple[str, bytes]:
    image.info.clear()  # the encoders would write comments and profiles from it
    out = BytesIO()
    if image.getcolors(_COLOURS_OF_A_DRAWING):
        image.save(out, "PNG")
        return "image/png", out.getvalue()
    image.save(out, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return "image/jpeg", out.getvalue()
