"""What Discord refuses in the registration of commands, beyond what its OpenAPI file says.

https://docs.discord.com/developers/interactions/application-commands
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.discord.client import NUMBERS, Option
from sandbox.discord.refusals import Form

if TYPE_CHECKING:
    from sandbox.discord.wire import Json

Path = tuple[str | int, ...]

CHAT_INPUT = 1
NAME = re.compile(r"[-_'\w]{1,32}")
MOST_COMMANDS = 100
LONGEST_COMMAND = 8000
NESTING = frozenset({Option.SUBCOMMAND, Option.GROUP})
SUGGESTING = NUMBERS | {Option.STRING}


def check_commands(commands: list[Json]) -> None:
    """Refuse a list of commands that Discord would not register."""
    form = Form()
    _check_distinct(form, (), [(each.get("type", CHAT_INPUT), each["name"]) for each in commands])
    chat_input = [each for each in commands if each.get("type", CHAT_INPUT) == CHAT_INPUT]
    if len(chat_input) > MOST_COMMANDS:
        form.fault((), "APPLICATION_COMMANDS_TOO_MANY", "Max 100 chat input commands")
    for index, command in enumerate(commands):
        if command.get("type", CHAT_INPUT) == CHAT_INPUT:
            _check_named(form, command, (index,))
            _check_options(form, command.get("options") or [], (index, "options"))
            if _size(command) > LONGEST_COMMAND:
                form.fault((index,), "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds 8000")
        elif command.get("description"):
            form.fault(
                (index, "description"),
                "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED",
                "Context menu commands cannot have description",
            )
    form.finish()


def _check_named(form: Form, thing: Json, path: Path) -> None:
    name = thing.get("name") or ""
    if not NAME.fullmatch(name) or name != name.lower():
        form.fault(
            (*path, "name"),
            "APPLICATION_COMMAND_INVALID_NAME",
            "Command name is invalid",
        )
    form.require((*path, "description"), thing.get("description"), longest=100)


def _check_distinct(form: Form, path: Path, names: list[object]) -> None:
    if len(names) != len(set(names)):
        form.fault(
            path, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique"
        )


def _check_options(form: Form, options: list[Json], path: Path) -> None:
    _check_distinct(form, path, [option["name"] for option in options])
    if len(options) > 25:
        form.fault(path, "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    if len({option["type"] in NESTING for option in options}) > 1:
        form.fault(
            path,
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-command and sub-command group option types are mutually exclusive to all others",
        )
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        form.fault(
            path,
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
            "Required options must be placed before non-required options",
        )
    for index, option in enumerate(options):
        _check_option(form, option, (*path, index))


def _check_option(form: Form, option: Json, path: Path) -> None:
    _check_named(form, option, path)
    kind = option["type"]
    if kind in NESTING:
        _check_options(form, option.get("options") or [], (*path, "options"))
        return
    choices: list[Json] = option.get("choices") or []
    if choices and option.get("autocomplete"):
        form.fault(
            path,
            "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE",
            "Choices and autocomplete exclude each other",
        )
    _check_distinct(form, (*path, "choices"), [choice["name"] for choice in choices])
    for keys, kinds in (
        (("choices", "autocomplete"), SUGGESTING),
        (("min_value", "max_value"), NUMBERS),
        (("min_length", "max_length"), frozenset({Option.STRING})),
    ):
        for key in keys:
            if option.get(key) and kind not in kinds:
                form.fault((*path, key), "BASE_TYPE_CHOICES", f"Not for options of type {kind}")
    for suffix in ("_value", "_length"):
        low, high = option.get(f"min{suffix}"), option.get(f"max{suffix}")
        if low is not None and high is not None and low > high:
            form.fault(path, "NUMBER_TYPE_MIN", f"min{suffix} is greater than max{suffix}")


def _size(thing: Json) -> int:
    inner: list[Json] = [*(thing.get("options") or []), *(thing.get("choices") or [])]
    own = sum(len(str(thing.get(key, ""))) for key in ("name", "description", "value"))
    return own + sum(map(_size, inner))
