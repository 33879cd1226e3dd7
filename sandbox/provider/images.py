"""Look at images as strictly as the API does: https://www.volcengine.com/docs/82379/1520757."""

from __future__ import annotations

import base64
import binascii
import io
import re

from PIL import Image, UnidentifiedImageError

from sandbox.provider.models import Size
from sandbox.provider.rejections import ark, invalid

DATA_URI = re.compile(r"data:image/([a-z]+);base64,([A-Za-z0-9+/]+={0,2})", re.ASCII)
FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "bmp": "BMP", "tiff": "TIFF", "gif": "GIF"}
REFERENCE_FORMATS = {"JPEG", "PNG", "WEBP"}
LARGEST_BYTES = 30 * 1024 * 1024
SIDES = (300, 6000)  # pixels, both excluded
ASPECTS = (0.4, 2.5)  # width by height, both excluded


def frame_from(url: str) -> tuple[bytes, Size]:
    """Return the file inside a data URI and its size in pixels."""
    match = DATA_URI.fullmatch(url)
    if match is None or match[1] not in FORMATS:
        raise ark(400, "InvalidImageURL.InvalidFormat", f"No usable image: {url[:40]}")
    try:
        content = base64.b64decode(match[2], validate=True)
    except binascii.Error:
        raise ark(400, "InvalidImageURL.InvalidFormat", "The base64 text is damaged.") from None
    return content, size_of(content, {FORMATS[match[1]]})


def size_of(content: bytes, formats: set[str]) -> Size:
    """Decode an image fully and return its size in pixels."""
    if len(content) >= LARGEST_BYTES:
        raise invalid("The image is 30 MB or larger.")
    try:
        with Image.open(io.BytesIO(content), formats=tuple(formats)) as image:
            image.load()
            width, height = image.size
    except (UnidentifiedImageError, OSError, SyntaxError):
        raise ark(400, "InvalidImageURL.InvalidFormat", "The image cannot be decoded.") from None
    if not all(SIDES[0] < side < SIDES[1] for side in (width, height)):
        raise invalid(f"The image is {width}x{height}; sides must lie between 300 and 6000.")
    if not ASPECTS[0] < width / height < ASPECTS[1]:
        raise invalid(f"The image is {width}x{height}; the aspect must lie between 0.4 and 2.5.")
    return width, height
