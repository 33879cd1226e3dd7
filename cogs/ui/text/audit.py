"""Show who did what in a server, as lines for its moderators and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from cogs.ui.markup import day_and_time, member
from cogs.ui.text.acts import act
from cogs.ui.text.amounts import number
from storage.records import Event

LONGEST: Final = 4000
MOST_LINES: Final = 20
NOTHING: Final = "Nobody did anything like that in this server."
# With room for what stands above and below the lines.
_ROOM: Final = LONGEST - 300
# What a spreadsheet takes for the beginning of a formula.
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS: Final = (
    "id",
    "at",
    "author",
    "action",
    "target",
    "video",
    "before",
    "after",
    "reason",
)


def lines(acts: Sequence[Event], *, count: int, rows: int | None) -> str:
    """Show the newest acts; `count` are there in all, `rows` of them in the attached file."""
    shown = list(_fitting(acts))
    parts = ["\n".join(shown) if shown else NOTHING]
    if rows is not None:
        all_ = "" if rows == count else f", the newest {number(rows)}"
        parts.append(f"-# {number(count)} in all; the file has them{all_}.")
    elif count > len(shown):
        parts.append(f"-# {number(count)} in all; `csv:True` gives them as a file.")
    return "\n".join(parts)


def _fitting(acts: Sequence[Event]) -> Iterator[str]:
    length = 0
    for event in acts[:MOST_LINES]:
        line = _line(event)
        length += len(line) + 1
        if length > _ROOM:
            return
        yield line


def _line(event: Event) -> str:
    by = f" (by {member(int(event.author))})" if event.action == "report" else ""
    return f"{day_and_time(event.at_ms)} {act(event)}{by}"


def label(action: str) -> str:
    """Name an action as people type it."""
    return action.replace(".", " ").replace("_", " ")


def file(acts: Sequence[Event]) -> bytes:
    """Write acts as CSV, the newest first; no cell is a formula to a spreadsheet."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(_COLUMNS)
    rows.writerows([_plain(cell) for cell in _cells(event)] for event in acts)
    return written.getvalue().encode()


def _cells(event: Event) -> tuple[str, ...]:
    return (
        str(event.id),
        datetime.fromtimestamp(event.at_ms / 1000, UTC).isoformat(timespec="seconds"),
        event.author,
        event.action,
        event.target,
        event.render_id or "",
        event.old_value,
        event.new_value,
        # What needs no reason repeats the name of the act.
        "" if event.why == event.action else event.why,
    )


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell
