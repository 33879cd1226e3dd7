from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.__main__ import main
from sandbox.bot import ROOT
from sandbox.stories import STORIES, Story, play
from sandbox.transcript import Transcript
from sandbox.world import World


@pytest.mark.parametrize("name", STORIES)
async def test_the_story_ends_as_it_should(name: str) -> None:
    out = io.StringIO()
    await play(STORIES[name], out)
    assert "checked: the bot stops when it is asked to" in out.getvalue()


def test_the_transcript_tells_who_saw_what_and_ends_with_the_saved_video(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--story", "text-only"]) == 0
    told = capsys.readouterr().out
    moments = (
        "Mira types in #clips", "/video  prompt: A paper boat", "only Mira sees", "Rendering · now",
        "Paperboat replies in #clips and pings Mira", "attached: ", "checked: it was paid once",
    )  # fmt: skip
    places = [told.index(moment) for moment in moments]
    assert places == sorted(places)
    last = told.splitlines()[-1]
    assert "the video is saved as " in last
    video = Path(last.rpartition(" as ")[2])
    assert video.read_bytes()[4:8] == b"ftyp"


def test_a_story_that_breaks_fails_and_shows_the_bots_last_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def pigs(world: World, tell: Transcript) -> None:
        """Watch pigs fly."""
        tell.check("pigs fly", bool(world.channel.messages))

    monkeypatch.setitem(STORIES, "pigs", Story(pigs))
    assert main(["--story", "pigs"]) == 1
    complaint = capsys.readouterr().err
    assert "pigs ended otherwise than it should: pigs fly" in complaint
    assert "INFO" in complaint


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
