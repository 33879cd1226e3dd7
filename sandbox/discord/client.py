"""What a person's Discord client makes of what they type, and what it does not let them send."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.discord.resolved import Resolved
    from sandbox.discord.wire import Json


class ClientRefused(AssertionError):
    """Say what the client of a person would not have let them do."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a person attaches."""

    filename: str
    data: bytes
    _: KW_ONLY
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A suggestion of an autocomplete."""

    name: str
    value: str | int | float


class Option(IntEnum):
    """Name the types of command options that somebody here can fill in."""

    SUBCOMMAND = 1
    GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


# The type of a command; slash commands are 1.
IN_MENU_OF_MESSAGES = 3
NUMBERS = frozenset({Option.INTEGER, Option.NUMBER})
PYTHON_TYPES: dict[int, tuple[type, ...]] = {
    Option.STRING: (str,),
    Option.INTEGER: (int,),
    Option.BOOLEAN: (bool,),
    Option.NUMBER: (int, float),
}
# What an option takes by its id, and the sections of `resolved` where that is found.
SECTIONS: dict[int, frozenset[str]] = {
    Option.USER: frozenset({"users"}),
    Option.CHANNEL: frozenset({"channels"}),
    Option.ROLE: frozenset({"roles"}),
    Option.MENTIONABLE: frozenset({"users", "roles"}),
    Option.ATTACHMENT: frozenset({"attachments"}),
}


class CommandLine:
    """One slash command as a person types it."""

    def __init__(self, commands: list[Json], name: str) -> None:
        first, *path = name.split()
        self.name = name
        self.command = self._find([each for each in commands if each["type"] == 1], first)
        self.path: list[Json] = []
        self.schema: list[Json] = self.command.get("options") or []
        for step in path:
            self.path.append(self._find(self.schema, step))
            self.schema = self.path[-1].get("options") or []
        if any(option["type"] in {Option.SUBCOMMAND, Option.GROUP} for option in self.schema):
            raise ClientRefused(f"/{name} needs a subcommand: {_names(self.schema)}")

    def data(self, options: list[Json]) -> Json:
        """Give the `data` of the interaction."""
        for step in reversed(self.path):
            options = [{"type": step["type"], "name": step["name"], "options": options}]
        data = {"id": self.command["id"], "name": self.command["name"], "type": 1}
        if "guild_id" in self.command:
            data["guild_id"] = self.command["guild_id"]
        return data | {"options": options}

    def fill(self, values: Mapping[str, object], resolved: Resolved) -> Json:
        """Check the options one by one, and give the `data`."""
        missing = [each["name"] for each in self.schema if each.get("required")]
        missing = [name for name in missing if name not in values]
        if missing:
            raise ClientRefused(f"/{self.name} requires {', '.join(missing)}")
        return self._fill(values, resolved)

    def type_into(
        self, option: str, typed: str, others: Mapping[str, object], resolved: Resolved
    ) -> Json:
        """Give the `data` of an autocomplete: what else is filled in, and the focused option."""
        schema = self._find(self.schema, option)
        if not schema.get("autocomplete"):
            raise ClientRefused(f"{option} of /{self.name} suggests nothing")
        focused = {"type": schema["type"], "name": option, "value": typed, "focused": True}
        return self._fill(others, resolved, focused)

    def _fill(
        self, values: Mapping[str, object], resolved: Resolved, focused: Json | None = None
    ) -> Json:
        options: list[Json] = []
        for name, value in values.items():
            schema = self._find(self.schema, name)
            sent = check_option(schema, value, resolved)
            if focused and schema["type"] in NUMBERS:
                # Not validated yet, so that numbers come as texts too.
                sent = str(sent)
            options.append({"type": schema["type"], "name": name, "value": sent})
        return resolved.beside(self.data(options + ([focused] if focused else [])))

    def _find(self, among: list[Json], name: str) -> Json:
        for each in among:
            if each["name"] == name:
                return each
        raise ClientRefused(f"/{self.name}: no {name!r}, there are {_names(among)}")


def menu_command(commands: list[Json], name: str) -> Json:
    """Find a command that stands in the menu of messages."""
    for command in commands:
        if command["type"] == IN_MENU_OF_MESSAGES and command["name"] == name:
            return command
    raise ClientRefused(f"no message has {name!r} in its menu")


def check_option(schema: Json, value: object, resolved: Resolved) -> object:
    """Give the value to send, or refuse it as the client would."""
    name, kind = schema["name"], schema["type"]
    if kind in SECTIONS:
        return resolved.add(name, value, SECTIONS[kind], schema.get("channel_types") or ())
    fits = isinstance(value, PYTHON_TYPES[kind])
    if not fits or (isinstance(value, bool) and kind != Option.BOOLEAN):
        raise ClientRefused(f"{name} does not take {value!r}")
    if choices := schema.get("choices"):
        return _choose(name, choices, value)
    if isinstance(value, str):
        _check_range(f"the length of {name}", len(value), schema, "_length", least=1)
    elif isinstance(value, int | float):
        _check_range(name, value, schema, "_value")
    return value


def _check_range(
    name: str, number: float, schema: Json, suffix: str, *, least: float = float("-inf")
) -> None:
    low = max(schema.get(f"min{suffix}", least), least)
    high = schema.get(f"max{suffix}", float("inf"))
    if not low <= number <= high:
        raise ClientRefused(f"{name} is {number}, not within {low} and {high}")


def _choose(name: str, choices: list[Json], value: object) -> object:
    for choice in choices:
        if value in {choice["name"], choice["value"]}:
            return choice["value"]
    raise ClientRefused(f"{name} is not {value!r} but one of {_names(choices)}")


def _names(among: list[Json]) -> str:
    return ", ".join(str(each["name"]) for each in among)
