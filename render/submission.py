"""Say in the provider's terms what a render asks for."""

from __future__ import annotations

from base64 import b64encode

from seedance import FrameImage, Offer, Submission
from seedance import FrameRole as RemoteRole
from storage.records import Frame, FrameRole, Render

_ROLES = {FrameRole.FIRST: RemoteRole.FIRST, FrameRole.LAST: RemoteRole.LAST}


def submission_of(render: Render, frames: tuple[Frame, ...], offer: Offer) -> Submission:
    """Return exactly what was priced; long work when there are frames, so not for the loop."""
    return Submission(
        offer=offer,
        prompt=render.prompt,
        duration_seconds=render.duration_seconds,
        resolution=render.resolution,
        ratio=render.ratio,
        seed=render.seed,
        frames=tuple(_image(frame) for frame in frames),
    )


def _image(frame: Frame) -> FrameImage:
    data = b64encode(frame.data).decode("ascii")
    return FrameImage(
        role=_ROLES[frame.role], data_uri=f"data:{frame.media_type.lower()};base64,{data}"
    )
