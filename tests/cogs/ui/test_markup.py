"""Foreign words are shown, and do nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.markup import copyable, escaped, file_name, one_line

# Discord reads a backslash before any of these as the sign itself.
ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")


def as_shown(words: str) -> str:
    return ESCAPE.sub(r"\1", words)


@pytest.mark.parametrize(
    "words",
    [
        "**bold** _slanted_ ~~gone~~ `code` ||secret||",
        "@everyone @here <@123456789012345678> <@&1> <#2>",
        "[look here](https://example.com)",
        "https://example.com/a.b discord.gg/abc",
        "# loud",
        "> quoted",
        "-# small",
        "- item",
        "1. first",
        "<t:0:R> :smile: <:paperboat:1>",
        "a\\*b",
        "well-known, 3-2-1, 16:9",
    ],
)
def test_a_prompt_is_read_as_it_was_written(words: str) -> None:
    assert as_shown(escaped(words, limit=200)) == words


@pytest.mark.parametrize(
    ("words", "active"),
    [
        ("https://example.com", r"https?://"),
        ("discord.gg/abc", r"(?<!\\)\.gg"),
        ("<@1>", r"(?<!\\)<"),
        ("@everyone", r"(?<!\\)@"),
        ("**b**", r"(?<!\\)\*"),
        ("# loud", r"^#"),
        ("1. first", r"^1\."),
        ("[a](b)", r"(?<!\\)\["),
    ],
)
def test_nothing_in_a_prompt_is_live(words: str, active: str) -> None:
    assert not re.search(active, escaped(words, limit=200))


def test_line_breaks_and_direction_tricks_are_gone() -> None:
    assert escaped("a\n\n# b\u202ecba\u2066", limit=50) == "a # bcba"


@given(st.text(max_size=400), st.integers(min_value=2, max_value=100))
def test_a_line_keeps_to_its_limit(words: str, limit: int) -> None:
    assert len(one_line(words, limit=limit)) <= limit
    assert len(escaped(words, limit=limit)) <= 2 * limit + 1


@given(st.text())
def test_a_code_block_cannot_be_left(words: str) -> None:
    assert copyable(words).count("```") == 2


def test_a_file_is_named_after_prompt_and_render() -> None:
    name = file_name("7KQ2M9XA", "A paper boat @everyone \u202e/../ drifts")
    assert name == "a-paper-boat-everyone-drifts-7KQ2M9XA.mp4"


def test_a_prompt_without_plain_letters_still_names_a_file() -> None:
    assert file_name("7KQ2M9XA", "纸船") == "video-7KQ2M9XA.mp4"
