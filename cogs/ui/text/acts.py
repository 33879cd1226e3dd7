"""Write what people did with money and limits, in a line each, for a server's audit channel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from cogs.ui.markup import channel, escaped, member, role
from cogs.ui.text.renders import model_label
from storage.records import Event

# A message has room for 2000 characters.
LONGEST_VALUES: Final = 600
LONGEST_REASON: Final = 300

_VERBS: Final[Mapping[str, str]] = {
    "setup": "set the bot up in this server",
    "zone.set": "changed when days begin here",
    "audit.set": "chose where changes are shown",
}
_NAMES: Final[Mapping[str, str]] = {
    "hour_credits": "credits an hour",
    "day_credits": "credits a day",
    "week_credits": "credits a week",
    "month_credits": "credits a month",
    "renders_at_once": "videos at once",
    "queue_length": "videos waiting",
    "longest_seconds": "longest in seconds",
    "highest_resolution": "highest resolution",
    "models": "models",
    "opened": "open to members",
    "time_zone": "time zone",
    "channel_ids": "channels",
    "role_ids": "roles",
    "staff_channel_id": "staff channel",
    "audit_channel_id": "audit channel",
    "given_daily_credits": "credits a day from the host",
}


def act(event: Event) -> str:
    """Say who did what to whom, from what to what, and why."""
    # What needs no reason repeats the name of the act.
    given = event.why and event.why != event.action
    why = f": {escaped(event.why, limit=LONGEST_REASON)}" if given else "."
    return f"{_author(event)} {_deed(event)}{why}"


def _deed(event: Event) -> str:
    whom = _target(event)
    match event.action:
        case "refund":
            return f"refunded {_credits(event.new_value)} of `{event.render_id}` to {whom}"
        case "grant":
            return f"gave {_credits(event.new_value)} to {whom}"
        case "reset":
            return f"reset what {whom} had spent, {_credits(event.old_value)}"
        case "limits.set":
            return f"set limits of {whom}: {_changed(event)}"
        case "limits.clear":
            return f"cleared the limits of {whom}, which were: {_values(event.old_value)}"
        case action:
            verb = _VERBS.get(action, "changed what is set for this server")
            return f"{verb}: {_changed(event)}"


def _author(event: Event) -> str:
    return member(int(event.author)) if event.author.isdecimal() else "The bot"


def _target(event: Event) -> str:
    kind, _, number = event.target.partition(":")
    match kind:
        case "member":
            return member(int(number))
        case "role":
            return role(int(number))
        case "server":
            return "the server as a whole"
        case _:
            return kind


def _credits(amount: str) -> str:
    return f"{escaped(amount, limit=20)} {'credit' if amount == '1' else 'credits'}"


def _changed(event: Event) -> str:
    before = _values(event.old_value)
    return f"{_values(event.new_value)} (before: {before})"


def _values(written: str) -> str:
    """Write "day_credits=60, models=[…]" as people say it; nothing written is "nothing"."""
    parts = [part.partition("=") for part in written.split(", ") if part]
    words = ", ".join(f"{_NAMES.get(name, name)} {_value(name, it)}" for name, _, it in parts)
    if len(words) > LONGEST_VALUES:
        return f"{words[:LONGEST_VALUES]}…"
    return words or "nothing"


def _value(name: str, value: str) -> str:
    match name:
        case _ if value in {"", "[]"}:
            return "–"
        case "opened":
            return "yes" if value == "1" else "no"
        case "staff_channel_id" | "audit_channel_id":
            return channel(int(value))
        case "channel_ids":
            return " ".join(map(channel, json.loads(value)))
        case "role_ids":
            return " ".join(map(role, json.loads(value)))
        case "models":
            return " ".join(map(model_label, json.loads(value)))
        case _:
            return escaped(value, limit=100)
