"""Say what is under way, for its member and for the moderators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cogs.ui.markup import (
    copyable,
    day_and_time,
    escaped,
    link,
    member,
    message_url,
    quoted,
    relative,
)
from cogs.ui.text.renders import (
    GONE,
    cause,
    credit,
    money_back,
    prospect,
    settings_line,
    state_words,
)
from render.brakes import Brake
from render.outlook import Outlook
from render.pace import Pace
from storage.records import Grant, Message, Pause, Render, State

NO_RENDERS: Final = "You have no videos in this server yet. `/video` makes one."
NOT_NOW: Final = "That did not work just now. Nothing is lost; please try again in a minute."
POST_FAILED: Final = (
    "I may write neither here nor to you directly. Try it in another channel, or let members of"
    " this server write to you; the video stays kept."
)
POSTED_AND_DELETED: Final = "It was posted, and somebody deleted it since."
DELETED: Final = "Deleted."
ONLY_HERE: Final = (
    "That stops or starts new videos in the whole server, and you moderate this channel alone. It"
    " needs the permission Manage Messages, or Manage Server, for the whole server."
)
RESUMED: Final = "New videos are taken again."
NOT_PAUSED: Final = "New videos were not paused."
# A private reply carries this many characters; so many lines fit, whatever they hold.
LONGEST_REPLY: Final = 4000
LONGEST_LIST: Final = 15


def place(render: Render, message: Message | None) -> str:
    """Return where a message about a render stands, as a link where there is one."""
    if message is None or message.message_id is None:
        return ""
    # A direct message is noted under the member's own id.
    if message.channel_id == render.member_id:
        return "in your direct messages"
    return link("look", message_url(render.server_id, message.channel_id, message.message_id))


def line(render: Render, where: str) -> str:
    """Tell a member of one own render, in one line."""
    head = f"`{render.id}` {state_words(render)} {relative(render.state_at_ms)}"
    prompt = escaped(render.prompt, limit=40)
    return " · ".join(part for part in (head, prompt, credit(render.cost), where) if part)


def listed(lines: Sequence[str]) -> str:
    """Put lines below each other, as many as fit, and count the others."""
    more = len(lines) - LONGEST_LIST
    shown = list(lines[:LONGEST_LIST])
    return "\n".join([*shown, f"… and {more} more."] if more > 0 else shown)


def paused(pause: Pause) -> str:
    """Tell a moderator that the pause holds."""
    reason = f" Members read: {quoted(pause.reason, limit=300)}." if pause.reason else ""
    return (
        "No new videos are taken in this server until `/queue resume`. What already waits keeps"
        f" its place, and the pause does not count as waiting.{reason}"
    )


def cancelled(render: Render) -> str:
    """Tell a member that the own render is stopped."""
    return f"`{render.id}` is cancelled. {money_back(render)}"


def cancelled_by_moderator(render: Render) -> str:
    """Tell a moderator that a member's render is stopped."""
    return (
        f"`{render.id}` is cancelled. {member(render.member_id)} gets"
        f" {credit(render.cost)} back and is told."
    )


def details(
    render: Render,
    *,
    ahead: int,
    pace: Pace,
    where: str,
    video: str = "",
    brake: Brake | None = None,
    outlook: Outlook | None = None,
) -> str:
    """Show everything about a member's own render; `video` leads to it, where it can be had."""
    words = "\n".join(
        (
            f"**{state_words(render)}** {relative(render.state_at_ms)} · `{render.id}` {where}",
            prospect(render, ahead=ahead, pace=pace, brake=brake, outlook=outlook),
            settings_line(render),
        )
    )
    parts = [f"To send it again (attach pictures anew):\n{copyable(command_line(render))}"]
    if video:
        # Before the other, because a video that is too large to attach is nowhere else.
        parts.insert(0, video)
    for part in parts:
        if len(words) + 1 + len(part) <= LONGEST_REPLY:
            words = f"{words}\n{part}"
    return words


def posted_again(render: Render, where: str) -> str:
    """Tell a member what became of the wish to have a video posted after all."""
    if render.taken_down_at_ms is not None:
        return GONE
    match render.state:
        case State.DELIVERED:
            return f"It is posted: {where}." if where else POSTED_AND_DELETED
        case State.FAILED:
            return f"{cause(render)} {money_back(render)}"
        case _:
            return POST_FAILED


def posted_by_moderator(render: Render, result: Message | None) -> str:
    """Tell a moderator what became of the wish to have a member's video posted after all."""
    whose = member(render.member_id)
    match render.state:
        case State.DELIVERED if result and result.channel_id == render.member_id:
            return f"`{render.id}` is posted in the direct messages of {whose}."
        case State.DELIVERED:
            return posted_again(render, place(render, result))
        case State.FAILED:
            return (
                f"`{render.id}` has no video to post. {whose} has {credit(render.cost)} back and"
                " is told."
            )
        case State.UNDELIVERED:
            return (
                f"I may write neither in the channel of `{render.id}` nor to {whose} directly."
                " Allow me that there and post it again; the video stays kept."
            )
        case _:
            return f"`{render.id}` is not kept to be posted: {state_words(render).lower()}."


def command_line(render: Render) -> str:
    """Write the `/video` that makes the same again."""
    parts = [f"/video prompt:{render.prompt} duration:{render.duration_seconds}"]
    parts.append(f"ratio:{render.ratio} resolution:{render.resolution} model:{render.model}")
    if render.seed is not None:
        parts.append(f"seed:{render.seed}")
    if render.audio is not None:
        parts.append(f"audio:{render.audio}")
    return " ".join(parts)


def refund_reply(grant: Grant) -> str:
    """Tell a member under the video that it costs less, or nothing, after all."""
    return (
        f"{member(grant.member_id)} You have {credit(grant.credits)} back for this video, to spend"
        f" until {day_and_time(grant.expires_at_ms)}: {quoted(grant.reason, limit=300)}."
    )


def refunded(render: Render, grant: Grant, *, told: bool) -> str:
    """Tell a moderator what a member has back, and how the member learns of it."""
    how = "and was told so under the video" if told else "and reads it in `/quota`"
    return (
        f"{member(grant.member_id)} has {credit(grant.credits)} back for `{render.id}`, to spend"
        f" until {day_and_time(grant.expires_at_ms)}, {how}."
    )
