"""The models that the stand-in rents out, as the vendors' pages describe them.

Sizes, durations and prices: https://www.volcengine.com/docs/82379/1520757 and
https://apidoc.cometapi.com/api/video/seedance/create
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Size = tuple[int, int]
ADAPTIVE = "adaptive"
WHEN_UNSAID = "16:9"  # what an adaptive task without a frame becomes here


class Route(StrEnum):
    """The families of endpoints, by their path: CometAPI's two, and Ark's own."""

    TASKS = "/volc/v3/contents/generations/tasks"
    VIDEOS = "/v1/videos"
    DIRECT = "/api/v3/contents/generations/tasks"


SIZES: dict[str, dict[str, Size]] = {
    "480p": {
        "16:9": (864, 496), "4:3": (752, 560), "1:1": (640, 640),
        "3:4": (560, 752), "9:16": (496, 864), "21:9": (992, 432),
    },
    "720p": {
        "16:9": (1280, 720), "4:3": (1112, 834), "1:1": (960, 960),
        "3:4": (834, 1112), "9:16": (720, 1280), "21:9": (1470, 630),
    },
    "1080p": {
        "16:9": (1920, 1080), "4:3": (1664, 1248), "1:1": (1440, 1440),
        "3:4": (1248, 1664), "9:16": (1080, 1920), "21:9": (2206, 946),
    },
}  # fmt: skip
SIZES_1_0: dict[str, dict[str, Size]] = {
    "480p": {
        "16:9": (864, 480), "4:3": (736, 544), "1:1": (640, 640),
        "3:4": (544, 736), "9:16": (480, 864), "21:9": (960, 416),
    },
    "720p": {
        "16:9": (1248, 704), "4:3": (1120, 832), "1:1": (960, 960),
        "3:4": (832, 1120), "9:16": (704, 1248), "21:9": (1504, 640),
    },
    "1080p": {
        "16:9": (1920, 1088), "4:3": (1664, 1248), "1:1": (1440, 1440),
        "3:4": (1248, 1664), "9:16": (1088, 1920), "21:9": (2176, 928),
    },
}  # fmt: skip
SIZES_2_5 = {
    "480p": SIZES["480p"] | {"16:9": (854, 480), "9:16": (480, 854)},
    "720p": SIZES["720p"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model on one route."""

    name: str
    route: Route
    shortest_seconds: int
    longest_seconds: int
    usd_per_second: Mapping[str, float]  # by resolution
    sizes: Mapping[str, Mapping[str, Size]] = field(default_factory=lambda: SIZES)
    takes_last_frame: bool = True
    frames_need_adaptive: bool = False
    references: int = 0  # how many `input_reference` files the videos route takes
    upcoming: bool = False
    takes_seed: bool = False
    speaks: bool = False
    # What a create that names no duration gets; -1 is whatever the model likes.
    default_seconds: int = 5
    adaptive_needs_frame: bool = False

    def price_usd(self, resolution: str, seconds: int) -> float:
        """Return what a video costs."""
        return round(self.usd_per_second[resolution] * seconds, 4)

    def ratio_like(self, size: Size) -> str:
        """Return the ratio nearest to an image: what `adaptive` comes out as."""
        wanted = size[0] / size[1]
        ratios = self.sizes["720p"]
        return min(ratios, key=lambda name: abs(ratios[name][0] / ratios[name][1] - wanted))

    def record(self) -> dict[str, Any]:
        """Return the model's entry in the public list."""
        return {
            "id": self.name,
            "provider": "ByteDance",
            "model_type": "video",
            "features": ["text-to-video", "image-to-video"],
            "endpoints": [self.route.value],
            "upcoming": self.upcoming,
            "pricing": {
                "currency": "USD / second",
                "input": None,
                "output": None,
                "per_request": None,
                "per_second": min(self.usd_per_second.values()),
            },
            "api_doc_url": "https://apidoc.cometapi.com/api/video/seedance/create",
        }


def default_models() -> list[Model]:
    """Return the models that the stand-in starts with."""
    return [
        Model(
            name="doubao-seedance-1-5-pro-251215",
            route=Route.TASKS,
            shortest_seconds=4,
            longest_seconds=12,
            usd_per_second={"480p": 0.024, "720p": 0.052, "1080p": 0.117},
        ),
        Model(
            name="seedance-2-5",
            route=Route.VIDEOS,
            shortest_seconds=4,
            longest_seconds=30,
            usd_per_second={"480p": 0.103, "720p": 0.231},
            sizes=SIZES_2_5,
            frames_need_adaptive=True,
            references=30,
        ),
        Model(
            name="doubao-seedance-2-0",
            route=Route.VIDEOS,
            shortest_seconds=4,
            longest_seconds=15,
            usd_per_second={"480p": 0.070, "720p": 0.151, "1080p": 0.374},
            references=9,
        ),
        Model(
            name="doubao-seedance-2-0-fast",
            route=Route.VIDEOS,
            shortest_seconds=4,
            longest_seconds=15,
            usd_per_second={"480p": 0.056, "720p": 0.121},
            references=9,
        ),
    ]


def ark_models() -> list[Model]:
    """Return what Volcengine Ark rents out."""
    return _direct_models("doubao-", "doubao-")


def byteplus_models() -> list[Model]:
    """Return what BytePlus ModelArk rents out: the same models under other names."""
    return _direct_models("dreamina-", "")


def _direct_models(prefix: str, older_prefix: str) -> list[Model]:
    newest = Model(
        name=f"{prefix}seedance-2-5-260628",
        route=Route.DIRECT,
        shortest_seconds=4,
        longest_seconds=30,
        usd_per_second={"480p": 0.103, "720p": 0.231},
        sizes=SIZES_2_5,
        frames_need_adaptive=True,
        speaks=True,
        default_seconds=-1,
    )
    plain = replace(
        newest,
        name=f"{prefix}seedance-2-0-260128",
        longest_seconds=15,
        usd_per_second={"480p": 0.070, "720p": 0.151, "1080p": 0.374},
        sizes=SIZES,
        frames_need_adaptive=False,
        default_seconds=5,
    )
    return [
        newest,
        plain,
        replace(
            plain,
            name=f"{prefix}seedance-2-0-fast-260128",
            usd_per_second={"480p": 0.056, "720p": 0.121},
        ),
        replace(
            plain,
            name=f"{prefix}seedance-2-0-mini-260615",
            usd_per_second={"480p": 0.035, "720p": 0.076},
        ),
        replace(
            plain,
            name=f"{older_prefix}seedance-1-0-pro-250528",
            shortest_seconds=2,
            longest_seconds=12,
            usd_per_second={"480p": 0.024, "720p": 0.052, "1080p": 0.123},
            sizes=SIZES_1_0,
            speaks=False,
            takes_seed=True,
            adaptive_needs_frame=True,
        ),
    ]


# The list names everything CometAPI sells; a reader has to find the video models in it.
FOREIGN_RECORDS: list[dict[str, Any]] = [
    {
        "id": "gpt-image-2",
        "provider": "OpenAI",
        "model_type": "image",
        "features": ["text-to-image"],
        "endpoints": ["/v1/images/generations"],
        "pricing": {
            "currency": "USD / M Tokens",
            "input": 4,
            "output": 24,
            "per_request": None,
            "per_second": None,
        },
        "api_doc_url": "https://apidoc.cometapi.com/api/image/openai/images",
    },
]
