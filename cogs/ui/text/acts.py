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
    "setup": "set the bot up",
    "zone.set": "changed when days begin",
    "audit.set": "chose where changes are shown",
    "host.give": "changed what this server may spend",
}
# How each value is said, and how its absence is.
_VALUES: Final[Mapping[str, tuple[str, str]]] = {
    "hour_credits": ("{} credits an hour", ""),
    "day_credits": ("{} credits a day", ""),
    "week_credits": ("{} credits a week", ""),
    "month_credits": ("{} credits a month", ""),
    "renders_at_once": ("at most {} at once", ""),
    "queue_length": ("at most {} waiting", ""),
    "longest_seconds": ("videos up to {} s", ""),
    "highest_resolution": ("videos up to {}", ""),
    "models": ("only {}", ""),
    "opened": ("open to {}", ""),
    "time_zone": ("{}", "the host's time zone"),
    "channel_ids": ("in {}", "in every channel"),
    "role_ids": ("for {}", "for every role"),
    "staff_channel_id": ("staff channel {}", "no staff channel"),
    "audit_channel_id": ("in {}", "in the staff channel"),
    "given_daily_credits": ("up to {} credits a day", "as much as every server"),
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
            return f"limited {whom} to {_changed(event)}"
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
    """Say what holds now, and what held before where anything did."""
    new, old = _values(event.new_value), _values(event.old_value)
    first_time = event.action == "setup" and "opened=0" in event.old_value
    return new if first_time or not old else f"{new} (before: {old})"


def _values(written: str) -> str:
    """Say "day_credits=60, models=[…]" as people do."""
    parts = [part.partition("=") for part in written.split(", ") if part]
    words = ", ".join(filter(None, (_value(name, value) for name, _, value in parts)))
    return words if len(words) <= LONGEST_VALUES else f"{words[:LONGEST_VALUES]}…"


def _value(name: str, value: str) -> str:
    said, absent = _VALUES.get(name, (f"{name} {{}}", ""))
    if value in {"", "[]"}:
        return absent
    match name:
        case "opened":
            value = "members" if value == "1" else "admins only"
        case "staff_channel_id" | "audit_channel_id":
            value = channel(int(value))
        case "channel_ids":
            value = " ".join(map(channel, json.loads(value)))
        case "role_ids":
            value = " ".join(map(role, json.loads(value)))
        case "models":
            value = " ".join(map(model_label, json.loads(value)))
        case _:
            value = escaped(value, limit=100)
    return said.format(value)
