"""Say what moderators can do with a render, what they did, and why it cannot be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cogs.ui.markup import member, quoted, relative
from cogs.ui.text.amounts import A_SPAN, with_dollars
from cogs.ui.text.declines import declined
from cogs.ui.text.renders import credit, state_words
from render.acts import Act, NoRoom, NotPossible, Overtaken, TaskInvalid, TaskTaken
from storage.records import Event, Render, State

LABELS: Final[Mapping[Act, str]] = {
    Act.APPROVE: "Approve",
    Act.DENY: "Deny…",
    Act.BUMP: "Put first",
    Act.PARK: "Park",
    Act.UNPARK: "Unpark",
    Act.CANCEL: "Cancel…",
    Act.ADOPT: "Found it…",
    Act.SUBMIT_AGAIN: "Send once more…",
    Act.POST_AGAIN: "Post it",
    Act.REFUND: "Refund…",
    Act.TAKE_DOWN: "Take down…",
}
# After "@Nadia" and before "it".
DID: Final[Mapping[Act, str]] = {
    Act.APPROVE: "approved",
    Act.DENY: "denied",
    Act.BUMP: "put first",
    Act.PARK: "parked",
    Act.UNPARK: "unparked",
    Act.CANCEL: "cancelled",
    Act.ADOPT: "found",
    Act.SUBMIT_AGAIN: "sent once more",
    Act.POST_AGAIN: "posted",
    Act.REFUND: "refunded",
    Act.TAKE_DOWN: "took down",
}
# After "@Nadia", for a whole server.
BRAKES: Final[Mapping[str, str]] = {
    "queue.pause": "paused the videos of this server",
    "queue.drain": "closed this server to new videos",
    "queue.resume": "opened this server to videos again",
}
# After "It cannot be".
_UNDONE: Final[Mapping[Act, str]] = {
    Act.APPROVE: "approved",
    Act.DENY: "denied",
    Act.BUMP: "put first",
    Act.PARK: "parked",
    Act.UNPARK: "unparked",
    Act.CANCEL: "cancelled",
    Act.ADOPT: "brought back",
    Act.SUBMIT_AGAIN: "sent once more",
    Act.POST_AGAIN: "posted",
    Act.REFUND: "refunded",
    Act.TAKE_DOWN: "taken down",
}
_MOVED_TO: Final[Mapping[State, str]] = {
    State.QUEUED: "put back in line",
    State.RENDERING: "found",
    State.DELIVERED: "posted",
    State.CANCELLED: "cancelled",
}
YES: Final[Mapping[Act, str]] = {Act.SUBMIT_AGAIN: "Yes, send it once more"}
NO: Final = "No, back"
SENDS_TWICE: Final = (
    "**Send it once more?** The first time may have worked, and then you pay for two videos while"
    " only the second one is posted. If you find the first one in your account at the video"
    " service, give its number instead: that costs nothing."
)

_DONE: Final[Mapping[Act, str]] = {
    Act.APPROVE: "Approved: it waits its turn now.",
    Act.DENY: "Denied. {whose} gets {credits} back and is told.",
    Act.BUMP: "It is the next of this server now.",
    Act.PARK: "Parked: it keeps its place and does not start until somebody unparks it.",
    Act.UNPARK: "Unparked: it waits its turn again, and the time in between does not count.",
    Act.CANCEL: "Cancelled. {whose} gets {credits} back and is told.",
    Act.ADOPT: "It is asked after now, and posted when it is done.",
    Act.SUBMIT_AGAIN: "It waits its turn once more. The first time counts as paid by you.",
    Act.POST_AGAIN: "Posted.",
    Act.REFUND: "Refunded. {whose} finds the credits in `/quota`.",
    Act.TAKE_DOWN: "Taken down. {whose} is told that {by} did it, and why.{also}",
}

# The forms.
TITLES: Final[Mapping[Act, str]] = {
    Act.DENY: "Deny {id}",
    Act.CANCEL: "Cancel {id}",
    Act.ADOPT: "Found {id}",
    Act.REFUND: "Refund {id}",
    Act.TAKE_DOWN: "Take {id} down",
}
WHY: Final = "Why?"
MEMBER_READS: Final = "The member reads this."
READS_WHO: Final = "The member reads this, with your name."
NUMBER: Final = "Its number at the video service"
ABOUT_NUMBER: Final = "As your account there shows it, like cgt-20260101000000-abcde."
HOW_MUCH: Final = "How many credits?"
ABOUT_HOW_MUCH: Final = "Empty: all that is left of what it cost."
CREDITS_TOO: Final = "Give the credits back too?"
ABOUT_CREDITS_TOO: Final = "All that it cost; it counts to what you may give back a day."
KEEP_CREDITS: Final = "No, the video stays paid"
GIVE_CREDITS: Final = "Yes, all of them"


def done(act: Act, render: Render, *, by_id: int, cancelled: Sequence[str] = ()) -> str:
    """Say above the case that an act is done, and what follows."""
    return _DONE[act].format(
        whose=member(render.member_id),
        credits=credit(render.cost),
        by=member(by_id),
        also=_also(cancelled),
    )


def _also(cancelled: Sequence[str]) -> str:
    if not cancelled:
        return ""
    what = ", ".join(f"`{one}`" for one in cancelled[:5])
    more = f" and {len(cancelled) - 5} more" if len(cancelled) > 5 else ""
    return f" Cancelled with it, because it was the same wish: {what}{more}."


def taken_down(render: Render) -> str:
    """Tell a member who took their video down, why, and what became of the credits."""
    by = member(render.taken_down_by) if render.taken_down_by else "A moderator"
    why = (
        f" The reason: {quoted(render.taken_down_why, limit=300)}." if render.taken_down_why else ""
    )
    return f"{member(render.member_id)} {by} took your video `{render.id}` down.{why}"


def first(event: Event) -> str:
    """Say what somebody did before."""
    if event.action:
        did = DID[Act(event.action)]
        reason = f": {quoted(event.why, limit=100)}" if event.why else ""
    else:
        did = _MOVED_TO.get(event.to_state or State.QUEUED, "moved")
        reason = ""
    return f"{member(int(event.author))} {did} it {relative(event.at_ms)}{reason}."


@declined.register
def _(error: NotPossible) -> str:
    now = state_words(error.render).lower()
    what = f"`{error.render.id}` cannot be {_UNDONE[error.act]} now"
    return f"{what}: {now}. Nothing was changed."


@declined.register
def _(error: Overtaken) -> str:
    now = state_words(error.render).lower()
    who = "That is done already" if error.again else "Somebody was faster"
    return f"{who}: {first(error.first)} `{error.render.id}` is now: {now}. Nothing was changed."


@declined.register
def _(error: TaskInvalid) -> str:
    return (
        f"{quoted(error.typed, limit=60)} cannot be a number of the video service's. Those have"
        " letters, digits and hyphens only. Nothing was changed."
    )


@declined.register
def _(error: TaskTaken) -> str:
    whose = f"`{error.render_id}`" if error.render_id else "a video of another server"
    return (
        f"{quoted(error.task_id, limit=60)} belongs to {whose} already, and is posted there."
        " Nothing was changed."
    )


@declined.register
def _(error: NoRoom) -> str:
    span = A_SPAN[error.account.key.span]
    return (
        f"The first time counts as paid, and {with_dollars(error.cost)} more would pass your own"
        f" limit of {with_dollars(error.account.ceiling or 0)} {span}. It has room again"
        f" {relative(error.account.key.ends_at_ms)}. Nothing was changed."
    )
