"""The acts of a server fit into a reply, and their file holds no formula."""

from __future__ import annotations

import csv
import io

import pytest

from cogs.ui.text import audit as text
from tests.cogs.ui.test_acts import event


def test_as_many_lines_as_fit_are_shown_and_the_others_are_counted() -> None:
    short = [event("board.end", target="server")] * 50
    words = text.lines(short, count=1234, rows=None)
    assert words.count("took the board away") == text.MOST_LINES
    assert words.endswith("-# 1,234 in all; `csv:True` gives them as a file.")
    long = [event("refund", render_id="A1B2C3D4", new_value="61", why="*" * 300)] * 20
    words = text.lines(long, count=20, rows=20)
    assert 0 < words.count("refunded") < 20
    assert len(words) <= 4000
    assert words.endswith("-# 20 in all; the file has them.")


def test_a_file_that_does_not_hold_all_says_so() -> None:
    words = text.lines([event("board.end")], count=12_000, rows=10_000)
    assert words.endswith("-# 12,000 in all; the file has them, the newest 10,000.")


def test_all_lines_shown_need_no_count() -> None:
    assert "in all" not in text.lines([event("board.end")], count=1, rows=None)
    assert text.lines([], count=0, rows=None) == text.NOTHING


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_begins_as_a_formula_does(begin: str) -> None:
    act = event("refund", why=f"{begin}1+1", old_value=f"{begin}2", new_value=f"{begin}3")
    (row,) = csv.DictReader(io.StringIO(text.file([act]).decode(), newline=""))
    assert (row["reason"], row["before"], row["after"]) == (
        f"'{begin}1+1",
        f"'{begin}2",
        f"'{begin}3",
    )


def test_an_act_without_a_reason_has_an_empty_cell() -> None:
    (row,) = csv.DictReader(io.StringIO(text.file([event("board.end", why="board.end")]).decode()))
    assert row["reason"] == ""
    assert row["id"] == "12"
