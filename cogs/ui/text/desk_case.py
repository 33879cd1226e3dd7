"""Say all that is known of one render, for its moderators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cogs.ui.markup import (
    channel,
    copyable,
    link,
    member,
    message_url,
    quoted,
    relative,
    time_of_day,
)
from cogs.ui.text.desk_acts import DID
from cogs.ui.text.desk_list import state
from cogs.ui.text.renders import CAUSES, OBSTACLES, TROUBLES, credit, settings_line
from render.acts import Act
from render.brakes import Parked
from render.breaker import Trouble
from render.line import Wait
from render.messenger import Obstacle
from storage.records import Cause, Event, Message, Pause, Purpose, Render, Review, State

# Discord counts all texts of a message together.
LONGEST: Final = 4000
LONGEST_REASON: Final = 100
BACK: Final = "Back to the list"
FIRST_FRAME: Final = "The first frame"
LAST_FRAME: Final = "The last frame"
HAPPENED: Final = "**What happened**"
WHY_REVIEWED: Final[Mapping[Review, str]] = {
    Review.ALWAYS: "every video here needs a yes",
    Review.IMAGES: "it has pictures",
    Review.NEWCOMERS: "its member is new here",
    Review.NEWCOMERS_IMAGES: "it has pictures, and its member is new here",
    Review.WORDS: "of its words",
}
_MORE: Final = "… and {} more"
# What stands around what is copied.
_AROUND: Final = len(copyable("…")) + 4
# A render has one card, one result and one word to its member, unless some were deleted.
_MOST_POSTED: Final = 4
# `{cost}` is what was set aside, `{spent}` what was paid in the end.
STEPS: Final[Mapping[tuple[State | None, State], str]] = {
    (None, State.QUEUED): "sent; {cost} set aside",
    (None, State.AWAITING_APPROVAL): "sent, needs a yes because {review}; {cost} set aside",
    (State.AWAITING_APPROVAL, State.QUEUED): "approved",
    (State.AWAITING_APPROVAL, State.CANCELLED): "not approved; {cost} given back",
    (State.QUEUED, State.SUBMITTING): "on its way to the video service",
    (State.QUEUED, State.CANCELLED): "cancelled; {cost} given back",
    (State.SUBMITTING, State.RENDERING): "taken by the video service",
    (State.SUBMITTING, State.QUEUED): "not taken yet, back in line",
    (State.SUBMITTING, State.FAILED): "refused by the video service; {cost} given back",
    (State.SUBMITTING, State.UNKNOWN): "no answer came",
    (State.UNKNOWN, State.RENDERING): "found at the video service",
    (State.UNKNOWN, State.QUEUED): "back in line, to be sent once more",
    (State.UNKNOWN, State.FAILED): "given up; {cost} given back",
    (State.RENDERING, State.RENDERING): "late; {cost} given back, the video is free if it comes",
    (State.RENDERING, State.RENDERED): "the video is done",
    (State.RENDERING, State.FAILED): "no video came of it; {cost} given back",
    (State.RENDERING, State.CANCELLED): "cancelled by the video service; {cost} given back",
    (State.RENDERED, State.DELIVERED): "posted; {spent} paid",
    (State.RENDERED, State.UNDELIVERED): "could not be posted, kept; {spent} paid",
    (State.UNDELIVERED, State.DELIVERED): "posted after all",
    (State.UNDELIVERED, State.FAILED): "the video is gone; {cost} given back",
}
_POSTED: Final[Mapping[Purpose, str]] = {
    Purpose.CARD: "its card",
    Purpose.RESULT: "its result",
    Purpose.NOTICE: "the word to its member",
}


def head(render: Render, wait: Wait) -> str:
    """Say how a render stands, whose it is and where, and what it waits for."""
    lines = [
        f"**{state(render)}** {relative(render.state_at_ms)} · `{render.id}`",
        f"{member(render.member_id)} in {channel(render.channel_id)} · {settings_line(render)}",
        *_waits(render, wait),
        *_ended(render),
    ]
    return "\n".join(lines)


def prompt(render: Render, *, room: int) -> str:
    """Show the prompt as it is, in full where it fits; nothing in it does anything."""
    whole = copyable(render.prompt)
    if len(whole) <= room:
        return whole
    # What is copied is a third longer at most, where it is all backticks.
    return copyable(f"{render.prompt[: max(0, room - _AROUND) * 3 // 4]}…")


def _waits(render: Render, wait: Wait) -> Iterator[str]:
    if render.state is State.AWAITING_APPROVAL:
        yield f"It needs your yes because {_reviewed(render)}."
    if render.state is State.UNKNOWN:
        yield (
            "It was sent and no answer came, so nobody knows whether it is rendered and paid. Look"
            " for it in your account at the video service and give its number; or do nothing, then"
            " it is given up and the member has the credits back."
        )
    if render.state is not State.QUEUED:
        return
    match wait.brake:
        case Parked():
            yield "Parked: it does not start until somebody unparks it."
        case Pause():
            yield "This server is paused: it does not start until `/queue resume`."
        case Trouble():
            yield f"It does not start now: {TROUBLES[wait.brake]}."
        case None:
            soon = f", starts around {time_of_day(wait.outlook.usual_ms)}" if wait.outlook else ""
            yield f"Place {wait.ahead + 1} in line{soon}."


def _ended(render: Render) -> Iterator[str]:
    if render.taken_down_at_ms is not None and render.taken_down_by:
        why = quoted(render.taken_down_why or "", limit=LONGEST_REASON)
        when = relative(render.taken_down_at_ms)
        yield f"{member(render.taken_down_by)} took it down {when}: {why}."
    if render.cause is None:
        return
    if render.cause is Cause.CARD_IMPOSSIBLE and render.detail in set(Obstacle):
        yield OBSTACLES[Obstacle(render.detail)]
    else:
        yield CAUSES[render.cause]


def posted(render: Render, messages: Sequence[Message]) -> str:
    """Say what was posted where, and which task it is."""
    parts: list[str] = []
    for message in messages[-_MOST_POSTED:]:
        what = _POSTED[message.purpose]
        if message.channel_id == render.member_id:
            parts.append(f"{what} in direct messages")
        elif message.message_id is not None:
            url = message_url(render.server_id, message.channel_id, message.message_id)
            parts.append(link(what, url))
    lines = [f"Posted: {', '.join(parts)}."] if parts else []
    if render.task_id:
        lines.append(f"At the video service: `{render.task_id.replace('`', '')[:128]}`")
    return "\n".join(lines)


def happened(render: Render, events: Sequence[Event], *, room: int) -> str:
    """Tell what happened, in order; of too much, the beginning and the newest."""
    acts = {(event.at_ms, event.author) for event in events if event.action}
    lines = [
        _line(render, event)
        for event in events
        # Who reported it is not for all who read this.
        if event.action != "report"
        # An act says the same as the step that it made, and why.
        and (event.action or (event.at_ms, event.author) not in acts)
    ]
    if _length(lines) <= room:
        return "\n".join([HAPPENED, *lines])
    first, *later = lines
    while later and _length([first, _MORE.format(len(lines)), *later]) > room:
        later.pop(0)
    told = [first, _MORE.format(len(lines) - 1 - len(later)), *later]
    return "\n".join([HAPPENED, *told]) if _length(told) <= room else ""


def _length(lines: Sequence[str]) -> int:
    return len(HAPPENED) + sum(len(line) + 1 for line in lines)


def _line(render: Render, event: Event) -> str:
    """Say when, what, by whom, why, and what it did to the credits."""
    words = _did(render, event) if event.action else step(render, event)
    what, semicolon, credits = words.partition(";")
    by = f" by {member(int(event.author))}" if event.author.isdecimal() else ""
    given = event.why if event.action else ""
    reason = f": {quoted(given, limit=LONGEST_REASON)}" if given else ""
    return f"{time_of_day(event.at_ms)} {what}{by}{reason}{semicolon}{credits}"


def step(render: Render, event: Event) -> str:
    """Say one step of a render in plain words."""
    if event.to_state is None:
        return "changed"
    return STEPS[event.from_state, event.to_state].format(
        cost=credit(render.cost),
        spent=credit(render.settled if render.settled is not None else render.cost),
        review=_reviewed(render),
    )


def _did(render: Render, event: Event) -> str:
    act = Act(event.action)
    match act:
        case Act.DENY | Act.CANCEL:
            return f"{DID[act]}; {credit(render.cost)} given back"
        case Act.REFUND:
            amount = int(event.new_value) if event.new_value.isdecimal() else render.cost
            return f"{credit(amount)} refunded"
        case Act.POST_AGAIN:
            return "to be posted again"
        case Act.TAKE_DOWN:
            return "taken down"
        case Act.ADOPT:
            return f"found as `{event.new_value}`"
        case _:
            return DID[act]


def _reviewed(render: Render) -> str:
    return WHY_REVIEWED[render.review or Review.ALWAYS]
