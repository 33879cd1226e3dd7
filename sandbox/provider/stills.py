"""Take the last picture out of a video."""

# Pillow and PyAV leave a few parameter types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import io
from collections import deque

import av


def last_frame(film: bytes) -> bytes:
    """Return the last frame of an MP4 as a PNG of the same size."""
    with av.open(io.BytesIO(film), mode="r") as container:
        (frame,) = deque(container.decode(video=0), maxlen=1)
    buffer = io.BytesIO()
    frame.to_image().save(buffer, "PNG")
    return buffer.getvalue()
