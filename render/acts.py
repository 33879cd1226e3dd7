"""Name what moderators may do with a render, and when.

ActRefused
├── NotPossible    the render is not where it would have to be for that
│   └── Overtaken  because somebody else was first
├── TaskInvalid    that cannot be the id of a task
├── TaskTaken      another render has that task
└── NoRoom         paying twice would pass a ceiling of the host's
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from render.errors import ActRefused
from storage.records import Account, Event, Render, State


class Act(StrEnum):
    """Name an act on one render, as its event does."""

    APPROVE = "approve"
    DENY = "deny"
    BUMP = "bump"
    PARK = "park"
    UNPARK = "unpark"
    CANCEL = "cancel"
    ADOPT = "adopt"
    # Pay for it again, although it may have been paid for.
    SUBMIT_AGAIN = "submit_again"
    POST_AGAIN = "post_again"
    REFUND = "refund"
    TAKE_DOWN = "take_down"


# These are confirmed first, or say why.
SPENDS_OR_DESTROYS: Final = frozenset(
    {Act.DENY, Act.CANCEL, Act.ADOPT, Act.SUBMIT_AGAIN, Act.REFUND, Act.TAKE_DOWN}
)
HOSTS_ONLY: Final = frozenset({Act.SUBMIT_AGAIN})
# What one of these did, the others of the same line can no longer do.
RIVALS: Final[Mapping[Act, frozenset[Act]]] = {
    Act.APPROVE: frozenset({Act.APPROVE, Act.DENY}),
    Act.DENY: frozenset({Act.APPROVE, Act.DENY}),
    Act.BUMP: frozenset({Act.BUMP}),
    Act.PARK: frozenset({Act.PARK}),
    Act.UNPARK: frozenset({Act.UNPARK}),
    Act.CANCEL: frozenset({Act.CANCEL, Act.DENY}),
    Act.ADOPT: frozenset({Act.ADOPT, Act.SUBMIT_AGAIN}),
    Act.SUBMIT_AGAIN: frozenset({Act.ADOPT, Act.SUBMIT_AGAIN}),
    Act.POST_AGAIN: frozenset({Act.POST_AGAIN, Act.TAKE_DOWN}),
    Act.REFUND: frozenset(),
    Act.TAKE_DOWN: frozenset({Act.TAKE_DOWN}),
}


def acts_on(render: Render, *, host: bool) -> tuple[Act, ...]:
    """Return what may be done with a render now, the likeliest first."""
    acts = _acts(render)
    return tuple(act for act in acts if host or act not in HOSTS_ONLY)


def _acts(render: Render) -> tuple[Act, ...]:
    paid = (Act.REFUND,) if render.settled else ()
    match render.state:
        case State.AWAITING_APPROVAL:
            return (Act.APPROVE, Act.DENY)
        case State.QUEUED:
            return (*_in_line(render), Act.CANCEL)
        case State.UNKNOWN:
            return (Act.ADOPT, Act.SUBMIT_AGAIN)
        case State.DELIVERED | State.UNDELIVERED if render.taken_down_at_ms is not None:
            return paid
        case State.UNDELIVERED:
            return (Act.POST_AGAIN, *paid, Act.TAKE_DOWN)
        case State.DELIVERED:
            return (*paid, Act.TAKE_DOWN)
        case _:
            return ()


def _in_line(render: Render) -> tuple[Act, ...]:
    if render.parked_at_ms is not None:
        return (Act.UNPARK,)
    return (Act.PARK,) if render.bumped_at_ms is not None else (Act.BUMP, Act.PARK)


@dataclass(kw_only=True, eq=False)
class NotPossible(ActRefused):
    """The render is not where it would have to be for the act."""

    act: Act
    render: Render


@dataclass(kw_only=True, eq=False)
class Overtaken(NotPossible):
    """Somebody was first, maybe (`again`) the same person; `first` is what they did."""

    first: Event
    again: bool


@dataclass(kw_only=True, eq=False)
class TaskInvalid(ActRefused):
    """What was typed cannot be the id of a task."""

    typed: str


@dataclass(kw_only=True, eq=False)
class TaskTaken(ActRefused):
    """Another render has this task; it is named to its own server alone."""

    task_id: str
    render_id: str | None


@dataclass(kw_only=True, eq=False)
class NoRoom(ActRefused):
    """The host's `account` has no room to hold `cost` a second time."""

    account: Account
    cost: int
