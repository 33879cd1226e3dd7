"""What a person's Discord client makes of what they type, and what it does not let them send."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.discord.components import Kind, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.discord.attachments import Attachment
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
    NUMBER = 10
    ATTACHMENT = 11


NUMBERS = frozenset({Option.INTEGER, Option.NUMBER})
PYTHON_TYPES: dict[int, tuple[type, ...]] = {
    Option.STRING: (str,),
    Option.INTEGER: (int,),
    Option.BOOLEAN: (bool,),
    Option.NUMBER: (int, float),
    Option.ATTACHMENT: (Upload,),
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

    def data(self, options: list[Json], uploads: Mapping[str, Attachment]) -> Json:
        """Give the `data` of the interaction."""
        for step in reversed(self.path):
            options = [{"type": step["type"], "name": step["name"], "options": options}]
        data = {"id": self.command["id"], "name": self.command["name"], "type": 1}
        if "guild_id" in self.command:
            data["guild_id"] = self.command["guild_id"]
        if uploads:
            files = {str(file.id): file.payload() for file in uploads.values()}
            return data | {"options": options, "resolved": {"attachments": files}}
        return data | {"options": options}

    def fill(self, values: Mapping[str, object], upload: Callable[[Upload], Attachment]) -> Json:
        """Check the options one by one, upload what is attached, and give the `data`."""
        missing = [each["name"] for each in self.schema if each.get("required")]
        missing = [name for name in missing if name not in values]
        if missing:
            raise ClientRefused(f"/{self.name} requires {', '.join(missing)}")
        return self._fill(values, upload)

    def type_into(
        self,
        option: str,
        typed: str,
        others: Mapping[str, object],
        upload: Callable[[Upload], Attachment],
    ) -> Json:
        """Give the `data` of an autocomplete: what else is filled in, and the focused option."""
        schema = self._find(self.schema, option)
        if not schema.get("autocomplete"):
            raise ClientRefused(f"{option} of /{self.name} suggests nothing")
        focused = {"type": schema["type"], "name": option, "value": typed, "focused": True}
        return self._fill(others, upload, focused)

    def _fill(
        self,
        values: Mapping[str, object],
        upload: Callable[[Upload], Attachment],
        focused: Json | None = None,
    ) -> Json:
        options: list[Json] = []
        uploads: dict[str, Attachment] = {}
        for name, value in values.items():
            schema = self._find(self.schema, name)
            sent = check_option(schema, value)
            if isinstance(sent, Upload):
                uploads[name] = upload(sent)
                sent = str(uploads[name].id)
            elif focused and schema["type"] in NUMBERS:
                # Not validated yet, so that numbers come as texts too.
                sent = str(sent)
            options.append({"type": schema["type"], "name": name, "value": sent})
        return self.data(options + ([focused] if focused else []), uploads)

    def _find(self, among: list[Json], name: str) -> Json:
        for each in among:
            if each["name"] == name:
                return each
        raise ClientRefused(f"/{self.name}: no {name!r}, there are {_names(among)}")


def check_option(schema: Json, value: object) -> object:
    """Give the value to send, or refuse it as the client would."""
    name, kind = schema["name"], schema["type"]
    if kind not in PYTHON_TYPES:
        raise ClientRefused(f"nobody here can fill in {name}, an option of type {kind}")
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


def fill_form(components: list[Json], values: Mapping[str, object]) -> list[Json]:
    """Fill in a modal's text inputs by label or custom_id, and give the components to send."""
    left = dict(values)
    sent = [_fill_field(component, left) for component in components]
    if left:
        raise ClientRefused(f"the form has no {', '.join(left)}")
    return sent


def _fill_field(component: Json, left: dict[str, object]) -> Json:
    inputs = [each for each in walk([component]) if each["type"] == Kind.TEXT_INPUT]
    if not inputs:
        return {"type": component["type"], "id": component.get("id", 0)}
    (field,) = inputs
    names = (field["custom_id"], component.get("label"), field.get("label"))
    value = field.get("value") or ""
    for name in names:
        if name in left:
            value = str(left.pop(name))
    longest = field.get("max_length", 4000)
    shortest = field.get("min_length", int(field.get("required", True)))
    if not (shortest if value or field.get("required", True) else 0) <= len(value) <= longest:
        raise ClientRefused(f"{names[0]} must have {shortest} to {longest} characters")
    filled = {
        "type": Kind.TEXT_INPUT,
        "id": field.get("id", 0),
        "custom_id": field["custom_id"],
        "value": value,
    }
    if component["type"] == Kind.LABEL:
        return {"type": Kind.LABEL, "id": component.get("id", 0), "component": filled}
    return {"type": Kind.ACTION_ROW, "id": component.get("id", 0), "components": [filled]}


def _names(among: list[Json]) -> str:
    return ", ".join(str(each["name"]) for each in among)
