"""Make one of everything that the desk declines."""

from __future__ import annotations

from collections.abc import Iterator

from render.acts import Act, NoRoom, NotPossible, Overtaken, TaskInvalid, TaskTaken
from render.errors import ActRefused
from storage.records import Account, AccountKey, Event, Span, State, Subject
from tests.cogs.examples import BORN_MS, render

_FULL = Account(
    key=AccountKey(
        subject=Subject.HOST, span=Span.DAY, starts_at_ms=BORN_MS, ends_at_ms=BORN_MS + 86_400_000
    ),
    ceiling=500,
    held=0,
    spent=480,
)


def every_decline_at_the_desk() -> Iterator[ActRefused]:
    gone = render(state=State.CANCELLED)
    for act in Act:
        yield NotPossible(act=act, render=gone)
        did = Event(render_id=gone.id, at_ms=BORN_MS, author="7", why="*why*", action=act)
        yield Overtaken(act=act, render=gone, first=did, again=False)
        yield Overtaken(act=act, render=gone, first=did, again=True)
    moved = Event(
        render_id=gone.id,
        at_ms=BORN_MS,
        from_state=State.QUEUED,
        to_state=State.CANCELLED,
        author="7",
        why="cancelled_by_member",
    )
    yield Overtaken(act=Act.CANCEL, render=gone, first=moved, again=False)
    yield TaskInvalid(typed="*boat*")
    yield TaskTaken(task_id="cgt-1", render_id="7KQ2M9XA")
    yield TaskTaken(task_id="cgt-1", render_id=None)
    yield NoRoom(account=_FULL, cost=61)
