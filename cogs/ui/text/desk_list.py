"""Say what a server's desk shows: totals above, a line for each render below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cogs.ui.desk.marks import Filter, Query
from cogs.ui.markup import channel, link, member, message_url, one_line, quoted, relative
from cogs.ui.text.amounts import THIS_SPAN, number
from cogs.ui.text.renders import LATE, STATES, TROUBLES, credit
from render.breaker import Outage
from storage.desk import Totals
from storage.records import Account, Message, Pause, Render, State

LONGEST_REASON: Final = 150
LONGEST_CHOICE: Final = 100
FILTERS: Final[Mapping[Filter, str]] = {
    Filter.ALL: "Everything under way",
    Filter.RUNNING: "Rendering",
    Filter.WAITING: "Waiting their turn",
    Filter.APPROVAL: "Waiting for your yes",
    Filter.UNKNOWN: "Sent, no answer yet",
    Filter.LATE: "Late",
    Filter.UNDELIVERED: "Could not be posted",
    Filter.DONE: "Done",
    Filter.WITHOUT: "Ended without a video",
}
EVERYBODY: Final = "Only videos of one member"
PICK: Final = "Open a video"
STOPPED: Final = "**Stopped**: the bot's host lets no video start at the moment."
PREVIOUS: Final = "Page before"
NEXT: Final = "Next page"
AGAIN: Final = "Refresh"
NOTHING: Final = "There is nothing like that in the channels that you moderate."
NOTHING_AT_ALL: Final = "Nothing waits and nothing renders in the channels that you moderate."


def totals(found: Totals) -> str:
    """Say how many do what; zeros only where they say that all is well."""
    parts = [
        _counted(found.running, "renders", "render"),
        _counted(found.waiting, "waits", "wait"),
    ]
    rare = (
        (found.awaiting_approval, "waits for your yes", "wait for your yes"),
        (found.unknown, "without an answer", "without an answer"),
        (found.late, "late", "late"),
        (found.undelivered, "not posted", "not posted"),
    )
    return " · ".join([*parts, *(_counted(*one) for one in rare if one[0])])


def _counted(count: int, one: str, several: str) -> str:
    return f"**{number(count)}** {one if count == 1 else several}"


def spend(accounts: Sequence[Account]) -> str:
    """Say what this server used of what it may; a day may be another by the host's clock."""
    spans = [one.key.span for one in accounts]
    parts = [
        f"{number(one.spent + one.held)} of {number(one.ceiling or 0)} credits"
        f" {THIS_SPAN[one.key.span]}"
        + (" by the clock of the bot's host" if one.key.span in spans[:place] else "")
        for place, one in enumerate(accounts)
    ]
    return f"Used: {', '.join(parts)}."


def service(outage: Outage | None) -> str:
    """Say whether the video service takes what is sent."""
    if outage is None:
        return "Video service: works."
    trouble = TROUBLES[outage.trouble]
    return f"**Video service: nothing starts** since {relative(outage.since_ms)}: {trouble}."


def wait(median_ms: int | None) -> str:
    """Say how long the one in the middle still waits."""
    if median_ms is None:
        return ""
    minutes = round(median_ms / 60_000)
    return f"Median wait: {'under a minute' if minutes < 1 else f'{minutes} min'}."


def paused(pause: Pause) -> str:
    """Say above the list that nothing new is taken and nothing starts."""
    return f"**Paused** by {_who(pause)} `/queue resume` goes on."


def drained(drain: Pause) -> str:
    """Say above the list that nothing new is taken."""
    return f"**Closed to new videos** by {_who(drain)} `/queue resume` opens it."


def newcomers_wait(until_ms: int | None) -> str:
    """Say above the list that a rush of new members is kept waiting; None: it is not."""
    if until_ms is None:
        return ""
    return (
        f"**New members wait**: too many came at once; it goes on {relative(until_ms)}."
        " An admin lets them in with `/server newcomers let_in:True`."
    )


def _who(pause: Pause) -> str:
    reason = f": {quoted(pause.reason, limit=LONGEST_REASON)}." if pause.reason else "."
    return f"{member(pause.author_id)} {relative(pause.at_ms)}{reason}"


def shown(query: Query, *, pages: int, count: int) -> str:
    """Say what the list below holds."""
    of = f" of {member(query.member_id)}" if query.member_id else ""
    which = f" · page {number(query.page + 1)} of {number(pages)}" if pages > 1 else ""
    return f"**{FILTERS[query.filter]}**{of}: {number(count)}{which}"


def state(render: Render) -> str:
    """Name a state in a word or two."""
    if render.taken_down_at_ms is not None:
        return "Taken down"
    if render.state is State.RENDERING and render.late_at_ms is not None:
        return LATE
    if render.state is State.QUEUED and render.parked_at_ms is not None:
        return "Parked"
    return STATES[render.state]


def line(render: Render, *, place: int | None, where: Message | None) -> str:
    """Tell of one render in one line; the prompt is not shown."""
    parts = [f"**{state(render)}**", f"`{render.id}`", member(render.member_id)]
    if place is not None:
        parts.append(f"place {number(place)}")
    if render.bumped_at_ms is not None and render.state is State.QUEUED:
        parts.append("put first")
    parts += [relative(render.created_at_ms), credit(render.cost), _where(render, where)]
    return " · ".join(parts)


def _where(render: Render, message: Message | None) -> str:
    if message is None or message.message_id is None:
        return channel(render.channel_id)
    if message.channel_id == render.member_id:
        return "in direct messages"
    return link("look", message_url(render.server_id, message.channel_id, message.message_id))


def choice(render: Render) -> str:
    """Name a render in the select."""
    return f"{render.id} · {state(render)}"


def about_choice(render: Render) -> str:
    """Remind of a render in the select, where nobody can be mentioned, by its first words."""
    return one_line(render.prompt, limit=LONGEST_CHOICE)
