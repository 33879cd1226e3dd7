from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord.command_rules import check_commands
from sandbox.discord.refusals import Refusal


def _command(*options: dict[str, Any], **changes: object) -> dict[str, Any]:
    return {"name": "video", "description": "Render", "options": list(options)} | changes


def _option(kind: int = 3, name: str = "prompt", **changes: object) -> dict[str, Any]:
    return {"type": kind, "name": name, "description": "What to show"} | changes


CHOICE = {"name": "Wide", "value": "16:9"}


@pytest.mark.parametrize(
    "commands",
    [
        [],
        [_command(_option(required=True, max_length=6000), _option(4, "seconds", min_value=1))],
        [_command(_option(1, "list"), _option(1, "show"))],
        [_command(_option(2, "group", options=[_option(1, "list")]))],
        [_command(_option(choices=[CHOICE])), _command(name="quota")],
        [{"name": "Show Prompt", "type": 3, "description": ""}],
        [_command(), {"name": "video", "type": 3}],
    ],
)
def test_good_commands_pass(commands: list[dict[str, Any]]) -> None:
    check_commands(commands)


@pytest.mark.parametrize(
    "commands",
    [
        [_command(name="Video")],
        [_command(name="my video")],
        [_command(name="x" * 33)],
        [_command(description="")],
        [_command(description="x" * 101)],
        [_command(), _command()],
        [{"name": "Show", "type": 3, "description": "x"}],
        [_command(_option(), _option())],
        [_command(_option(), _option(name="model", required=True))],
        [_command(_option(1, "list"), _option())],
        [_command(_option(choices=[CHOICE], autocomplete=True))],
        [_command(_option(choices=[CHOICE, CHOICE]))],
        [_command(_option(11, "frame", autocomplete=True))],
        [_command(_option(max_value=5))],
        [_command(_option(4, max_length=5))],
        [_command(_option(4, min_value=5, max_value=4))],
        [_command(_option(description=""))],
        [_command(_option(1, "list", options=[_option(), _option()]))],
        [_command(*(_option(name=f"o{number}") for number in range(26)))],
        [_command(_option(choices=[{"name": str(n), "value": "x" * 900} for n in range(10)]))],
        [_command(name=f"c{number}") for number in range(101)],
    ],
)
def test_bad_commands_are_refused(commands: list[dict[str, Any]]) -> None:
    with pytest.raises(Refusal) as caught:
        check_commands(commands)
    assert caught.value.code == 50035
