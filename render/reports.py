"""Take what members report to the moderators of a server.

ActRefused
├── AlreadyReported  by this member
├── NoVideo          there is none: it is under way, or ended without
├── TakenDown        nothing of it is left
└── TooManyReports   of this member within a day
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from render.clock import Clock
from render.errors import ActRefused
from render.pace import milliseconds
from storage import Database, Transaction, events, renders, reports
from storage.records import Event, Render, State
from storage.reports import Report

MOST_A_DAY: Final = 5
DAY_MS: Final = milliseconds(timedelta(days=1))
_WITH_VIDEO: Final = frozenset({State.RENDERED, State.UNDELIVERED, State.DELIVERED})


class AlreadyReported(ActRefused):
    """The member reported this render before."""


class NoVideo(ActRefused):
    """The render has no video that could be reported."""


class TakenDown(ActRefused):
    """A moderator took the video down already."""


@dataclass(kw_only=True, eq=False)
class TooManyReports(ActRefused):
    """The member reported so many lately that the next one has to wait."""

    next_at_ms: int


class Reports:
    """Keep reports, one of a member about a render; what is refused changes nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def report(self, render_id: str, member_id: int, reason: str) -> Render:
        """Report a render to the moderators of its server, who read it as an act."""

        async def work(tx: Transaction) -> Render:
            now = self._clock.now_ms()
            render = await renders.find(tx, render_id)
            if render is None or render.state not in _WITH_VIDEO:
                raise NoVideo
            if render.taken_down_at_ms is not None:
                raise TakenDown
            report = Report(render_id=render_id, member_id=member_id, at_ms=now, reason=reason)
            await _keep(tx, report)
            await events.add(tx, _act(render, report))
            return render

        return await self._database.transaction(work)


async def _keep(tx: Transaction, report: Report) -> None:
    lately = await reports.moments_since(tx, report.member_id, report.at_ms - DAY_MS)
    if not await reports.insert(tx, report):
        raise AlreadyReported
    if len(lately) >= MOST_A_DAY:
        raise TooManyReports(next_at_ms=lately[-MOST_A_DAY] + DAY_MS)


def _act(render: Render, report: Report) -> Event:
    return Event(
        render_id=render.id,
        at_ms=report.at_ms,
        author=str(report.member_id),
        why=report.reason,
        server_id=render.server_id,
        action="report",
        target=f"member:{render.member_id}",
    )
