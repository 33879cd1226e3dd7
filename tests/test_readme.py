"""What the README shows is what the bot has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands

import seedance
from cogs.ui.base import Surface
from cogs.ui.paperboat import EXTENSIONS, Paperboat
from cogs.ui.text.reports import MENU
from render.clock import SystemClock
from render.offers import Offers
from seedance import ListedModel, Route
from storage.records import State

README_FOLDER = Path(__file__).parent.parent
README = (README_FOLDER / "README.md").read_text(encoding="utf-8")
AnyCommand = app_commands.Command[Any, ..., Any] | app_commands.Group
# A list that names the documented model on the route that takes frames.
LISTED = (
    ListedModel(
        id="doubao-seedance-1-5-pro-251215",
        paths=("/volc/v3/contents/generations/tasks",),
        usd_per_second=None,
    ),
)


class EveryOption(Offers):
    """Offer a model that carries whatever the catalogue can carry."""

    def __init__(self) -> None:
        self._current = seedance.offers((), LISTED)


@pytest.fixture
async def commands() -> list[AnyCommand]:
    surface: Surface = Paperboat(
        database=None,  # pyright: ignore[reportArgumentType]  # of use after the start only
        session=None,  # pyright: ignore[reportArgumentType]  # of use after the start only
        api_url=None,
        host_ids=frozenset(),
        spool_folder=Path(),
        dev_server_id=None,
    )
    surface.offers = EveryOption()
    surface.clock = SystemClock()
    for extension in EXTENSIONS:
        await surface.load_extension(extension)
    return list(walked(surface.tree.get_commands(type=discord.AppCommandType.chat_input)))


def walked(found: Iterable[AnyCommand]) -> Iterator[AnyCommand]:
    for command in found:
        yield command
        if isinstance(command, app_commands.Group):
            yield from walked(command.commands)


def test_the_documented_model_takes_a_first_and_a_last_frame_on_the_tasks_route() -> None:
    (offer,) = EveryOption().current
    assert offer.route is Route.TASKS
    assert offer.carries(seedance.Option.LAST_FRAME)


def test_the_table_of_commands_is_the_command_tree(commands: list[AnyCommand]) -> None:
    rows = re.findall(r"^\| `(/[^`]+)`[^|]*\|[^|]*\| ([^|]+) \|$", README, re.MULTILINE)
    assert dict(rows) == {
        f"/{command.qualified_name}": command.description
        for command in commands
        if isinstance(command, app_commands.Command)
    }


def test_what_stands_in_the_menu_of_messages_is_named() -> None:
    assert f"*{MENU}*" in README.replace("\n", " ")


def test_the_options_of_video_are_all_named(commands: list[AnyCommand]) -> None:
    (video,) = (command for command in commands if command.name == "video")
    assert isinstance(video, app_commands.Command)
    for parameter in video.parameters:
        assert f"`{parameter.display_name}`" in README, parameter.display_name


def test_every_command_and_option_is_described(commands: list[AnyCommand]) -> None:
    described = [(command.qualified_name, command.description) for command in commands]
    for command in commands:
        if isinstance(command, app_commands.Command):
            described += [
                (f"{command.qualified_name} {parameter.name}", str(parameter.description))
                for parameter in command.parameters
            ]
    for name, words in described:
        assert 10 <= len(words) <= 100, name
        assert words[0].isupper(), name
        assert words.endswith("."), name


def test_every_state_of_a_render_is_explained() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", README, re.MULTILINE)
    assert set(rows) == {state.value for state in State}


def test_every_promise_names_tests_that_exist() -> None:
    named = re.findall(r"`(tests/[^`]+)`", README)
    assert len(named) >= 9
    for name in named:
        assert (README_FOLDER / name).exists(), name
