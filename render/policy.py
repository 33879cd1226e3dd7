"""Decide without looking anything up: limits, windows, defaults, what a model can do, what fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log
from zoneinfo import ZoneInfo

from render.errors import OptionNotCarried, ValueNotOffered
from seedance import ADAPTIVE, Offer, Option
from storage.records import AccountKey, Frame, Owner, Span, Subject

DEFAULT_SECONDS = 5
DEFAULT_RESOLUTION = "720p"
DEFAULT_SHAPE = (16, 9)

# https://docs.byteplus.com/en/docs/ModelArk/1520757; there -1 stands for any seed.
LARGEST_SEED = 2**32 - 1
_ANY_SEED = -1

# Nobody sees what is lost at the edges between shapes that differ by less.
_SAME_SHAPE = 0.01

_SOUND = {"true": True, "false": False, None: None}

Ceilings = tuple[tuple[Span, int], ...]
Keyed = tuple[AccountKey, int]  # an account and its ceiling

HOST = Owner(subject=Subject.HOST)

_HOUR_MS = 3_600_000
_LONGEST_DAYS = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 31}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Say how much may be spent, in credits, and how much may wait."""

    host_hourly_credits: int | None
    host_daily_credits: int
    host_weekly_credits: int | None
    host_monthly_credits: int
    # What a server may spend to which the host gave nothing else.
    server_daily_credits: int
    member_daily_credits: int
    renders_at_once: int
    queue_length: int
    # How long a render waits before it may be claimed.
    undo: timedelta
    time_zone: ZoneInfo
    # Servers that may render; none named means all.
    allowed_servers: frozenset[int]

    @property
    def host_ceilings(self) -> Ceilings:
        """Return the host's ceilings, of the shortest span first."""
        given = (
            (Span.HOUR, self.host_hourly_credits),
            (Span.DAY, self.host_daily_credits),
            (Span.WEEK, self.host_weekly_credits),
            (Span.MONTH, self.host_monthly_credits),
        )
        return tuple((span, ceiling) for span, ceiling in given if ceiling is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Carry what is rendered, every value being one that the offer has."""

    offer: Offer
    duration_seconds: int
    resolution: str
    ratio: str
    seed: int | None
    audio: bool | None
    # A frame has another shape than the video, and is cut or made to fit.
    crops: bool

    @property
    def cost(self) -> int:
        """Return the price in credits."""
        return self.offer.credits(self.resolution, self.duration_seconds)


def window(span: Span, now_ms: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return when the calendar window around a moment starts and ends, in ms.

    Windows follow each other without gap or overlap, also where a clock change leaves midnight
    out or lets it come twice. Weeks begin on Monday. Hours are counted from midnight, the last
    one ends with its day.
    """
    if span is Span.HOUR:
        begins, ends = window(Span.DAY, now_ms, zone)
        hour = begins + (now_ms - begins) // _HOUR_MS * _HOUR_MS
        return hour, min(hour + _HOUR_MS, ends)
    first = _first_day(span, datetime.fromtimestamp(now_ms / 1000, zone).date())
    following = _following(span, first)
    # The new day has begun, and then the clock went back to before midnight.
    if _midnight_ms(following, zone) <= now_ms:
        first, following = following, _following(span, following)
    return _midnight_ms(first, zone), _midnight_ms(following, zone)


def _first_day(span: Span, day: date) -> date:
    if span is Span.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if span is Span.MONTH else day


def _following(span: Span, first: date) -> date:
    return _first_day(span, first + timedelta(days=_LONGEST_DAYS[span]))


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000


def accounts_of(owner: Owner, ceilings: Ceilings, at_ms: int, zone: ZoneInfo) -> tuple[Keyed, ...]:
    """Return the windows of a moment that have a ceiling, in the order given."""
    return tuple((account_key(owner, span, at_ms, zone), ceiling) for span, ceiling in ceilings)


def account_key(owner: Owner, span: Span, at_ms: int, zone: ZoneInfo) -> AccountKey:
    """Name the window of an owner around a moment."""
    starts_at_ms, ends_at_ms = window(span, at_ms, zone)
    return AccountKey(
        subject=owner.subject,
        span=span,
        starts_at_ms=starts_at_ms,
        ends_at_ms=ends_at_ms,
        server_id=owner.server_id,
        member_id=owner.member_id,
    )


def host_accounts(limits: Limits, at_ms: int) -> tuple[Keyed, ...]:
    """Return the host's windows of a moment, the shortest first."""
    return accounts_of(HOST, limits.host_ceilings, at_ms, limits.time_zone)


def default_seconds(offer: Offer) -> int:
    """Return the duration that is rendered when none is chosen."""
    return min(offer.durations, key=lambda seconds: abs(seconds - DEFAULT_SECONDS))


def default_resolution(offer: Offer) -> str:
    """Return the resolution that is rendered when none is chosen."""
    lines = lines_of(DEFAULT_RESOLUTION)
    return min(offer.resolutions, key=lambda name: abs(lines_of(name) - lines))


def lines_of(resolution: str) -> int:
    """Return how many lines a resolution has, by which they are ordered."""
    return int(resolution.removesuffix("p"))


def longest_within(offer: Offer, resolution: str, left: int) -> int | None:
    """Return the longest duration, in seconds, that so many credits pay; None: they pay none."""
    fitting = (n for n in offer.durations if offer.credits(resolution, n) <= left)
    return max(fitting, default=None)


def require(option: Option, offer: Offer, current: Sequence[Offer]) -> None:
    """Raise OptionNotCarried, naming current offers that carry it, when this one does not."""
    if not offer.carries(option):
        carriers = tuple(other.name for other in current if other.carries(option))
        raise OptionNotCarried(option=option, model=offer.name, carriers=carriers)


def choose(
    offer: Offer, wanted: Mapping[Option, str], frames: Sequence[Frame], current: Sequence[Offer]
) -> Choice:
    """Check the values that a member chose, in their plain form, and fill in those left to us.

    Raises OptionNotCarried and ValueNotOffered.
    """
    for option in wanted:
        require(option, offer, current)
    resolution = wanted.get(Option.RESOLUTION, default_resolution(offer))
    _require_one_of(offer.resolutions, Option.RESOLUTION, resolution, offer)
    ratios = _ratios(offer, framed=bool(frames))
    ratio = wanted.get(Option.RATIO) or _default_ratio(offer, resolution, ratios, frames)
    _require_one_of(ratios, Option.RATIO, ratio, offer)
    seconds = wanted.get(Option.DURATION, str(default_seconds(offer)))
    _require_one_of(tuple(map(str, offer.durations)), Option.DURATION, seconds, offer)
    return Choice(
        offer=offer,
        duration_seconds=int(seconds),
        resolution=resolution,
        ratio=ratio,
        seed=_seed(wanted.get(Option.SEED), offer),
        audio=_SOUND[wanted.get(Option.AUDIO)],
        crops=_crops(offer, resolution, ratio, frames),
    )


def _crops(offer: Offer, resolution: str, ratio: str, frames: Sequence[Frame]) -> bool:
    shapes = [(frame.width, frame.height) for frame in frames]
    if ratio == ADAPTIVE:
        # The video takes the shape of the first; the last one is fitted to it.
        return any(_apart(shapes[0], shape) > _SAME_SHAPE for shape in shapes[1:])
    return any(_difference(offer, resolution, ratio, shape) > _SAME_SHAPE for shape in shapes)


def _require_one_of(valid: tuple[str, ...], option: Option, value: str, offer: Offer) -> None:
    if value not in valid:
        raise ValueNotOffered(option=option, value=value, valid=valid, model=offer.name)


def _seed(value: str | None, offer: Offer) -> int | None:
    if value is None or int(value) == _ANY_SEED:
        return None
    if not 0 <= int(value) <= LARGEST_SEED:
        valid = (f"0-{LARGEST_SEED}",)
        raise ValueNotOffered(option=Option.SEED, value=value, valid=valid, model=offer.name)
    return int(value)


def _ratios(offer: Offer, *, framed: bool) -> tuple[str, ...]:
    if framed and offer.model.frames_need_adaptive:
        return (ADAPTIVE,)
    if not framed and offer.model.adaptive_needs_frame:
        return tuple(ratio for ratio in offer.ratios if ratio != ADAPTIVE)
    return offer.ratios


def _default_ratio(
    offer: Offer, resolution: str, ratios: tuple[str, ...], frames: Sequence[Frame]
) -> str:
    if frames and ADAPTIVE in ratios:
        return ADAPTIVE
    shape = (frames[0].width, frames[0].height) if frames else DEFAULT_SHAPE
    exact = (ratio for ratio in ratios if ratio != ADAPTIVE)
    return min(exact, key=lambda ratio: _difference(offer, resolution, ratio, shape))


def _difference(offer: Offer, resolution: str, ratio: str, shape: tuple[int, int]) -> float:
    """Return by how much the shapes of a video and of a frame differ, as part of a side."""
    return _apart(offer.pixels(resolution, ratio), shape)


def _apart(one: tuple[int, int], other: tuple[int, int]) -> float:
    return abs(log(one[0] * other[1] / (one[1] * other[0])))
