from __future__ import annotations

import io
import subprocess
import sys

import pytest

from sandbox.bot import ROOT
from sandbox.stories import STORIES, play


@pytest.mark.parametrize("name", STORIES)
async def test_the_story_ends_as_it_should(name: str) -> None:
    out = io.StringIO()
    await play(STORIES[name], out)
    assert "checked: the bot stops when it is asked to" in out.getvalue()


def test_the_list_has_one_story_a_line_with_its_name_first() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "sandbox", "--list"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert [line.split()[0] for line in listed] == list(STORIES)
    assert all(line.endswith(".") for line in listed)


def test_an_unknown_story_is_refused() -> None:
    played = subprocess.run(
        [sys.executable, "-m", "sandbox", "--story", "nobody-knows"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert played.returncode == 2
    assert "text-only" in played.stderr
