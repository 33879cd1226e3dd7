"""What a create call asks for, after every check that the API makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.provider.models import ADAPTIVE, WHEN_UNSAID
from sandbox.provider.rejections import ark, invalid

if TYPE_CHECKING:
    from sandbox.provider.models import Model, Size

LARGEST_SEED = 2**32 - 1
ANY_SEED = 1275  # what -1 comes out as


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The settings of one task, as the provider understood them."""

    model: Model
    prompt: str
    """The words alone, without the commands written into them."""
    text: str
    """The text exactly as it was sent."""
    seconds: int
    resolution: str
    ratio: str
    size: Size
    seed: int = 0
    first: bytes | None = None
    last: bytes | None = None
    references: tuple[bytes, ...] = ()
    audio: bool = False
    expires_seconds: int = 172_800
    keeps_last_frame: bool = False
    safety_identifier: str | None = None
    """Who it is for, by a hash."""

    @property
    def price_usd(self) -> float:
        """What the task costs."""
        return self.model.price_usd(self.resolution, self.seconds)


def checked_seconds(model: Model, value: str) -> int:
    """Return the duration, which must be whole and within the model's range."""
    try:
        seconds = int(value)
    except ValueError:
        raise invalid(f"The duration {value!r} is not a whole number.") from None
    if seconds == -1:
        return model.longest_seconds  # the model may choose; this one always chooses the dearest
    if not model.shortest_seconds <= seconds <= model.longest_seconds:
        raise invalid(
            f"The duration {seconds} is not within {model.shortest_seconds} and"
            f" {model.longest_seconds} for {model.name}."
        )
    return seconds


def checked_resolution(model: Model, value: str) -> str:
    """Return the resolution, which must be one of the model's."""
    if value not in model.usd_per_second:
        raise invalid(f"The resolution {value!r} is not valid for {model.name}.")
    return value


def checked_ratio(model: Model, value: str, frame: Size | None) -> str:
    """Return the ratio that the video gets; `adaptive` is resolved by the first frame."""
    if frame is not None and model.frames_need_adaptive and value != ADAPTIVE:
        message = "Issues: ratio must be adaptive."
        raise ark(400, "InvalidParameter.TaskTypeConstraint", message)
    if value == ADAPTIVE:
        return model.ratio_like(frame) if frame else WHEN_UNSAID
    if value not in model.sizes["720p"]:
        raise invalid(f"The ratio {value!r} is not valid for {model.name}.")
    return value


def checked_seed(value: str) -> int:
    """Return the seed; -1 asks for any."""
    try:
        seed = int(value)
    except ValueError:
        raise invalid(f"The seed {value!r} is not a whole number.") from None
    if not -1 <= seed <= LARGEST_SEED:
        raise invalid(f"The seed {seed} is not within -1 and {LARGEST_SEED}.")
    return ANY_SEED if seed == -1 else seed
