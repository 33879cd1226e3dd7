"""Write into custom ids what a press needs to know, so that it works after any restart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from render.acts import Act
from storage.records import FINAL_STATES, State


class Filter(StrEnum):
    """Name what a list shows."""

    ALL = "all"
    RUNNING = "running"
    WAITING = "waiting"
    APPROVAL = "approval"
    UNKNOWN = "unknown"
    LATE = "late"
    UNDELIVERED = "undelivered"
    DONE = "done"
    WITHOUT = "without"


STATES: Final[Mapping[Filter, frozenset[State]]] = {
    Filter.ALL: frozenset(State) - FINAL_STATES,
    Filter.RUNNING: frozenset({State.SUBMITTING, State.RENDERING, State.RENDERED}),
    Filter.WAITING: frozenset({State.QUEUED}),
    Filter.APPROVAL: frozenset({State.AWAITING_APPROVAL}),
    Filter.UNKNOWN: frozenset({State.UNKNOWN}),
    Filter.LATE: frozenset({State.RENDERING}),
    Filter.UNDELIVERED: frozenset({State.UNDELIVERED}),
    Filter.DONE: frozenset({State.DELIVERED}),
    Filter.WITHOUT: frozenset({State.FAILED, State.CANCELLED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Say which page of which list is meant."""

    filter: Filter = Filter.ALL
    member_id: int | None = None
    page: int = 0

    @property
    def code(self) -> str:
        """Write it down; at most 40 characters."""
        return f"{self.filter}.{self.member_id or ''}.{self.page}"

    @classmethod
    def read(cls, code: str) -> Query:
        """Read it back."""
        name, member, page = code.split(".")
        return cls(filter=Filter(name), member_id=int(member) if member else None, page=int(page))

    def at(self, page: int) -> Query:
        """Turn to a page."""
        return replace(self, page=page)


class Verb(StrEnum):
    """Name what a press does."""

    # Show this page.
    PREVIOUS = "previous"
    NEXT = "next"
    AGAIN = "again"
    BACK = "back"
    # Show what is chosen.
    STATES = "states"
    MEMBERS = "members"
    OPEN = "open"
    CASE = "case"
    # Do an act, or ask first; and do it after all.
    ACT = "act"
    SURE = "sure"
    # A form that was filled in.
    FORM = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Say all that a press means."""

    verb: Verb
    query: Query
    render_id: str | None = None
    act: Act | None = None

    @property
    def custom_id(self) -> str:
        """Write it down; at most 100 characters."""
        parts = ["desk", self.verb, self.query.code, self.render_id, self.act]
        return ":".join(part for part in parts if part)

    @classmethod
    def read(cls, match: re.Match[str]) -> Mark:
        """Read it back from what `TEMPLATE` matched."""
        return cls(
            verb=Verb(match["verb"]),
            query=Query.read(match["query"]),
            render_id=match["id"],
            act=Act(match["act"]) if match["act"] else None,
        )


TEMPLATE: Final = re.compile(
    rf"desk:(?P<verb>{'|'.join(Verb)})"
    rf":(?P<query>(?:{'|'.join(Filter)})\.\d{{0,20}}\.\d{{1,9}})"
    rf"(?::(?P<id>[0-9A-Z]{{8}})(?::(?P<act>{'|'.join(Act)}))?)?\Z"
)
