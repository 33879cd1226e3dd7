"""Show a server's admins what was used, by whom, where and with what."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cogs.ui.markup import channel, day_and_time, member, role
from cogs.ui.text.amounts import THIS_SPAN, number, with_dollars
from cogs.ui.text.renders import model_label
from storage.records import Span, Total

MOST_LINES: Final = 20
CSV_ATTACHED: Final = "Day by day in the file, with ids instead of names."


class By(StrEnum):
    """Say what is summed up by."""

    MEMBER = "member"
    ROLE = "role"
    CHANNEL = "channel"
    MODEL = "model"

    def key(self, total: Total) -> str:
        """Return what a total counts for, as the file names it; never a name that people choose."""
        match self:
            case By.MEMBER:
                return f"member {total.member_id}"
            case By.ROLE:
                return f"role {total.role_id}" if total.role_id else "no role"
            case By.CHANNEL:
                return f"channel {total.channel_id}"
            case By.MODEL:
                return total.model


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Add up what counts for one member, role, channel or model."""

    renders: int
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Hold what one day of the server's calendar, written like 2026-08-05, adds up to."""

    name: str
    sums: Mapping[str, Sum]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Hold the days of a window that has begun."""

    by: By
    span: Span
    starts_at_ms: int
    days: tuple[Day, ...]
    # None: it is not over.
    over_at_ms: int | None = None


def summed(totals: Sequence[Total], by: By) -> Mapping[str, Sum]:
    """Add totals up, the most credits first."""
    return _added((by.key(total), total.renders, total.credits) for total in totals)


def table(period: Period, *, attached: bool) -> str:
    """Lay the sums out in lines that a phone does not break."""
    used = _added(
        (key, one.renders, one.credits) for day in period.days for key, one in day.sums.items()
    )
    if not used:
        return f"Nothing was spent {_when(period)}."
    amount = sum(one.credits for one in used.values())
    renders = sum(one.renders for one in used.values())
    lines = [f"**{with_dollars(amount)}** and {_videos(renders)} {_when(period)}"]
    lines += [
        f"{place}. {_name(key, period.by)} · {number(one.credits)} · {_videos(one.renders)}"
        for place, (key, one) in enumerate(list(used.items())[:MOST_LINES], start=1)
    ]
    if more := list(used.values())[MOST_LINES:]:
        rest = sum(one.credits for one in more)
        lines.append(f"… and {number(len(more))} more with {number(rest)} together.")
    if attached:
        lines.append(CSV_ATTACHED)
    return "\n".join(lines)


def file(period: Period) -> bytes:
    """Write the sums of each day as CSV; no cell begins with what a spreadsheet would reckon."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(["day", period.by.value, "videos", "credits"])
    for day in period.days:
        rows.writerows([day.name, key, one.renders, one.credits] for key, one in day.sums.items())
    return written.getvalue().encode()


def _added(used: Iterable[tuple[str, int, int]]) -> Mapping[str, Sum]:
    """Add up renders and credits of the same key, the most credits first."""
    sums: dict[str, tuple[int, int]] = {}
    for key, renders, amount in used:
        so_far = sums.get(key, (0, 0))
        sums[key] = so_far[0] + renders, so_far[1] + amount
    ranked = sorted(sums.items(), key=lambda item: (-item[1][1], item[0]))
    return {key: Sum(renders=renders, credits=amount) for key, (renders, amount) in ranked}


def _when(period: Period) -> str:
    since = day_and_time(period.starts_at_ms)
    if period.over_at_ms is None:
        return f"{THIS_SPAN[period.span]}, since {since}"
    return f"from {since} to {day_and_time(period.over_at_ms)}"


def _name(key: str, by: By) -> str:
    if by is By.MODEL:
        return model_label(key)
    kind, found = key.split(" ")
    match by:
        case By.MEMBER:
            return member(int(found))
        case By.CHANNEL:
            return channel(int(found))
        case _:
            return role(int(found)) if kind == "role" else "no role"


def _videos(count: int) -> str:
    return "1 video" if count == 1 else f"{number(count)} videos"
