"""Write what people did with money and limits, in a line each, for a server's audit channel."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from cogs.ui.markup import channel, day_and_time, escaped, member, relative, role
from cogs.ui.text.amounts import reason
from cogs.ui.text.desk_acts import BRAKES, DID
from cogs.ui.text.renders import model_label
from cogs.ui.text.rulebook import APPROVALS
from render.acts import Act
from storage.records import ENGINE, Approval, Event

# A message has room for 2000 characters.
LONGEST_VALUES: Final = 600
LONGEST_REASON: Final = 300

_VERBS: Final[Mapping[str, str]] = {
    "setup": "set the bot up",
    "zone.set": "changed when days begin",
    "audit.set": "chose where changes are shown",
    "host.give": "changed what this server may spend",
    "channels.set": "chose where videos are made",
    "words.add": "put words on the list",
    "newcomers.set": "chose how long members must have been there",
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
    "approval": ("{}", "what holds around it"),
    "refuse": ("refused: {}", ""),
    "approve": ("only after a moderator's yes: {}", ""),
    "account_days": ("accounts at least {} days old", ""),
    "member_days": ("in this server for at least {} days", ""),
    "given_daily_credits": ("up to {} credits a day", "as much as every server"),
}


def act(event: Event) -> str:
    """Say who did what to whom, from what to what, and why."""
    # What needs no reason repeats the name of the act.
    given = event.why and event.why != event.action
    why = f": {escaped(reason(event.why), limit=LONGEST_REASON)}" if given else "."
    return f"{_author(event)} {_deed(event)}{why}"


def _deed(event: Event) -> str:
    whom = _target(event)
    if tell := _DEEDS.get(event.action):
        return tell(event, whom)
    if event.action in DID:
        return f"{DID[Act(event.action)]} `{event.render_id}` of {whom}"
    if event.action in BRAKES:
        return BRAKES[event.action]
    verb = _VERBS.get(event.action, "changed what is set for this server")
    return f"{verb}: {_changed(event)}"


def _blocked(event: Event, whom: str) -> str:
    if "for good" in event.new_value:
        return f"stopped the videos of {whom} for good"
    until = day_and_time(_number(event.new_value))
    if event.author == ENGINE:
        return f"paused {whom} until {until}: five of their videos were refused or failed"
    return f"stopped the videos of {whom} until {until}"


def _number(written: str) -> int:
    """Return the value of what was written with one number."""
    return int(written.rpartition("=")[2])


def _author(event: Event) -> str:
    if event.action == "report":
        # The channel may have readers who should not know.
        return "A member"
    return member(int(event.author)) if event.author.isdecimal() else "The bot"


def _target(event: Event) -> str:
    kind, _, number = event.target.partition(":")
    match kind:
        case "member":
            return member(int(number))
        case "role":
            return role(int(number))
        case "place":
            return channel(int(number))
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
        case "approval":
            value = APPROVALS[Approval(value)]
        case "refuse" | "approve":
            value = escaped(", ".join(json.loads(value)), limit=300)
        case "role_ids":
            value = " ".join(map(role, json.loads(value)))
        case "models":
            value = " ".join(map(model_label, json.loads(value)))
        case _:
            value = escaped(value, limit=100)
    return said.format(value)


_DEEDS: Final[Mapping[str, Callable[[Event, str], str]]] = {
    "refund": lambda event, whom: (
        f"refunded {_credits(event.new_value)} of `{event.render_id}` to {whom}"
    ),
    "grant": lambda event, whom: f"gave {_credits(event.new_value)} to {whom}",
    "reset": lambda event, whom: f"reset what {whom} had spent, {_credits(event.old_value)}",
    "limits.set": lambda event, whom: f"limited {whom} to {_changed(event)}",
    "limits.clear": lambda event, whom: (
        f"cleared the limits of {whom}, which were: {_values(event.old_value)}"
    ),
    "approval.set": lambda event, whom: (
        f"set what waits for a moderator's yes, for {whom}: {_changed(event)}"
    ),
    "newcomers.pause": lambda event, _: (
        "has new members wait, because too many came at once; it goes on"
        f" {relative(_number(event.new_value))}"
    ),
    "newcomers.resume": lambda _, __: "lets new members send videos again",
    "words.remove": lambda event, _: f"took words off the list: {_values(event.old_value)}",
    "block": _blocked,
    "unblock": lambda _, whom: f"lets {whom} send videos again",
    "report": lambda event, whom: f"reported `{event.render_id}` of {whom}",
    "board.set": lambda event, _: f"put the board into {channel(_number(event.new_value))}",
    "board.end": lambda _, __: "took the board away",
}
