"""What is known of each Seedance model: where it is served, what it takes, what it costs.

Data only. Sources: CometAPI's pages for its two routes
(https://apidoc.cometapi.com/api/video/bytedance/bytedance-video, .../api/video/seedance/create),
Ark's page for parameters and sizes (https://www.volcengine.com/docs/82379/1520757), the prices of
https://docs.byteplus.com/en/docs/ModelArk/1544106 and https://www.cometapi.com/seedance-2-5-api-pricing/,
the retirements of https://github.com/orgs/cometapi-dev/discussions/121 and .../140.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

ADAPTIVE = "adaptive"  # the ratio by which the model follows the frame (or the prompt)
RATIOS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9")

Sizes = Mapping[str, Mapping[str, tuple[int, int]]]  # resolution → ratio → width and height


class Route(StrEnum):
    """A family of endpoints; in the order of preference, because only tasks carry frames."""

    TASKS = "tasks"
    VIDEOS = "videos"


class Option(StrEnum):
    """A choice that a member may make, as far as the route can carry it."""

    DURATION = "duration"
    RESOLUTION = "resolution"
    RATIO = "ratio"
    SEED = "seed"
    AUDIO = "audio"
    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriage:
    """Say by which field an option travels, and whether the provider itself documents that."""

    field: str
    documented: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Describe a model on one route."""

    # As the provider spells the model there, the documented spelling first.
    remote_ids: tuple[str, ...]
    # Undocumented: only where the provider's list itself names this route for the model.
    documented: bool
    durations: tuple[int, ...]
    resolutions: tuple[str, ...]
    ratios: tuple[str, ...]
    options: Mapping[Option, Carriage] = field(hash=False)
    retires: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Describe a model; `name` is what a host types in SEEDANCE_MODELS."""

    name: str
    label: str
    aliases: tuple[str, ...]
    # CometAPI's; what other providers make of them stands in `providers`.
    services: Mapping[Route, Service] = field(hash=False)
    sizes: Sizes = field(hash=False)
    # By resolution, in the dearer case (with sound), because hardly a route carries the choice.
    usd_per_million_tokens: Mapping[str, Decimal] = field(hash=False)
    # CometAPI's own published rates by resolution, as far as there are any.
    usd_per_second: Mapping[str, Decimal] = field(hash=False, default_factory=dict[str, Decimal])
    prompt_languages: tuple[str, ...] = ("zh", "en")
    # With a frame any ratio but `adaptive` fails (InvalidParameter.TaskTypeConstraint).
    frames_need_adaptive: bool = False
    # `adaptive` has nothing to adapt to without a frame.
    adaptive_needs_frame: bool = False


def _sizes(**columns: str) -> Sizes:
    """Read columns of sizes, in the order of RATIOS, as the documentation prints them."""
    return {
        resolution.removeprefix("p") + "p": {
            ratio: (int(size.split("x")[0]), int(size.split("x")[1]))
            for ratio, size in zip(RATIOS, column.split(), strict=True)
        }
        for resolution, column in columns.items()
    }


_P480 = "864x496 752x560 640x640 560x752 496x864 992x432"
_P720 = "1280x720 1112x834 960x960 834x1112 720x1280 1470x630"
_P1080 = "1920x1080 1664x1248 1440x1440 1248x1664 1080x1920 2206x946"
_SIZES_1_0 = _sizes(
    p480="864x480 736x544 640x640 544x736 480x864 960x416",
    p720="1248x704 1120x832 960x960 832x1120 704x1248 1504x640",
    p1080="1920x1088 1664x1248 1440x1440 1248x1664 1088x1920 2176x928",
)
_SIZES = _sizes(p480=_P480, p720=_P720, p1080=_P1080)
_SIZES_2_5 = _sizes(p480="854x480 752x560 640x640 560x752 480x854 992x432", p720=_P720)

# CometAPI's sample sets duration and ratio behind the prompt; the other two are Ark's for the same
# form. What exists only in the body (sound, watermark, ...) CometAPI documents nowhere.
_SUFFIX = {
    Option.DURATION: Carriage(field="--duration", documented=True),
    Option.RATIO: Carriage(field="--ratio", documented=True),
    Option.RESOLUTION: Carriage(field="--resolution", documented=False),
    Option.FIRST_FRAME: Carriage(field="content[].role", documented=True),
    Option.LAST_FRAME: Carriage(field="content[].role", documented=True),
}
# Ark takes a seed from the 1.x models only.
_SUFFIX_AND_SEED = {**_SUFFIX, Option.SEED: Carriage(field="--seed", documented=False)}
# Images are mere references there, so no frame travels; a size is exact, so `adaptive` does not.
_FORM = {
    Option.DURATION: Carriage(field="seconds", documented=True),
    Option.RATIO: Carriage(field="size", documented=True),
    Option.RESOLUTION: Carriage(field="size", documented=True),
}

# 4k and the 1080p of 2.5 are H.265 with 10 bits, which chats and browsers often cannot play.
_TO_720P = ("480p", "720p")
_TO_1080P = ("480p", "720p", "1080p")


def _seconds(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


def _tasks(
    *remote_ids: str,
    seconds: tuple[int, ...],
    resolutions: tuple[str, ...],
    seed: bool = False,
    documented: bool = False,
    retires: date | None = None,
) -> Service:
    return Service(
        remote_ids=remote_ids,
        documented=documented,
        durations=seconds,
        resolutions=resolutions,
        ratios=(*RATIOS, ADAPTIVE),
        options=_SUFFIX_AND_SEED if seed else _SUFFIX,
        retires=retires,
    )


def _videos(
    *remote_ids: str,
    seconds: tuple[int, ...],
    resolutions: tuple[str, ...],
    documented: bool = True,
    retires: date | None = None,
) -> Service:
    return Service(
        remote_ids=remote_ids,
        documented=documented,
        durations=seconds,
        resolutions=resolutions,
        ratios=RATIOS,
        options=_FORM,
        retires=retires,
    )


def _each(resolutions: tuple[str, ...], usd: str) -> dict[str, Decimal]:
    return dict.fromkeys(resolutions, Decimal(usd))


_LANGUAGES_2_0 = ("zh", "en", "ja", "id", "es", "pt")

CATALOGUE: tuple[Model, ...] = (
    Model(
        name="doubao-seedance-1-5-pro-251215",
        label="Seedance 1.5 pro",
        aliases=("seedance-1-5-pro",),
        services={
            Route.TASKS: _tasks(
                "doubao-seedance-1-5-pro-251215",
                "seedance-1-5-pro-251215",
                seconds=_seconds(4, 12),
                resolutions=_TO_1080P,
                seed=True,
                documented=True,
                retires=date(2026, 11, 11),
            ),
            Route.VIDEOS: _videos(
                "doubao-seedance-1-5-pro",
                seconds=_seconds(4, 12),
                resolutions=_TO_1080P,
                retires=date(2026, 9, 21),
            ),
        },
        sizes=_SIZES,
        usd_per_million_tokens=_each(_TO_1080P, "2.40"),
    ),
    Model(
        name="seedance-2-5",
        label="Seedance 2.5",
        aliases=("doubao-seedance-2-5",),
        services={
            Route.TASKS: _tasks(
                "doubao-seedance-2-5-260628",
                "dreamina-seedance-2-5-260628",
                seconds=_seconds(4, 30),
                resolutions=_TO_720P,
            ),
            Route.VIDEOS: _videos(
                "seedance-2-5",
                "seedance-2-5-260628",
                seconds=_seconds(4, 30),
                resolutions=_TO_720P,
            ),
        },
        sizes=_SIZES_2_5,
        usd_per_million_tokens=_each(_TO_720P, "10.70"),
        usd_per_second={"480p": Decimal("0.103"), "720p": Decimal("0.231")},
        prompt_languages=(*_LANGUAGES_2_0, "ms", "th", "ar", "vi", "ko"),
        frames_need_adaptive=True,
    ),
    Model(
        name="doubao-seedance-2-0",
        label="Seedance 2.0",
        aliases=("seedance-2-0",),
        services={
            Route.TASKS: _tasks(
                "doubao-seedance-2-0-260128",
                "dreamina-seedance-2-0-260128",
                seconds=_seconds(4, 15),
                resolutions=_TO_1080P,
            ),
            Route.VIDEOS: _videos(
                "doubao-seedance-2-0", seconds=_seconds(4, 15), resolutions=_TO_1080P
            ),
        },
        sizes=_SIZES,
        usd_per_million_tokens=_each(_TO_720P, "7.00") | {"1080p": Decimal("7.70")},
        # The model's page prints one rate, without saying for which resolution.
        usd_per_second=_each(_TO_1080P, "0.08"),
        prompt_languages=_LANGUAGES_2_0,
    ),
    Model(
        name="doubao-seedance-2-0-fast",
        label="Seedance 2.0 fast",
        aliases=("seedance-2-0-fast",),
        services={
            Route.TASKS: _tasks(
                "doubao-seedance-2-0-fast-260128",
                "dreamina-seedance-2-0-fast-260128",
                seconds=_seconds(4, 15),
                resolutions=_TO_720P,
            ),
            Route.VIDEOS: _videos(
                "doubao-seedance-2-0-fast", seconds=_seconds(4, 15), resolutions=_TO_720P
            ),
        },
        sizes=_SIZES,
        usd_per_million_tokens=_each(_TO_720P, "5.60"),
        prompt_languages=_LANGUAGES_2_0,
    ),
    Model(
        # CometAPI names it in an article only; its id there is not known for certain.
        name="doubao-seedance-2-0-mini",
        label="Seedance 2.0 mini",
        aliases=("seedance-2-0-mini",),
        services={
            Route.TASKS: _tasks(
                "doubao-seedance-2-0-mini-260615",
                "dreamina-seedance-2-0-mini-260615",
                seconds=_seconds(4, 15),
                resolutions=_TO_720P,
            ),
            Route.VIDEOS: _videos(
                "doubao-seedance-2-0-mini",
                seconds=_seconds(4, 15),
                resolutions=_TO_720P,
                documented=False,
            ),
        },
        sizes=_SIZES,
        usd_per_million_tokens=_each(_TO_720P, "3.50"),
        prompt_languages=_LANGUAGES_2_0,
    ),
    Model(
        name="doubao-seedance-1-0-pro",
        label="Seedance 1.0 pro",
        aliases=("seedance-1-0-pro", "bytedance-seedance-1-0-pro"),
        services={
            Route.TASKS: _tasks(
                "doubao-seedance-1-0-pro-250528",
                "seedance-1-0-pro-250528",
                seconds=_seconds(2, 12),
                resolutions=_TO_1080P,
                seed=True,
            ),
            Route.VIDEOS: _videos(
                "doubao-seedance-1-0-pro",
                seconds=_seconds(2, 10),
                resolutions=_TO_1080P,
                retires=date(2026, 7, 17),
            ),
        },
        sizes=_SIZES_1_0,
        usd_per_million_tokens=_each(_TO_1080P, "2.50"),
        adaptive_needs_frame=True,
    ),
)
