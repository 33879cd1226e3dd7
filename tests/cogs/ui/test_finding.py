"""Looks go side by side, and one that fails is a finding itself."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from cogs.ui import finding
from cogs.ui.endings import INTERNAL, STOPPED, TEMPORARY
from cogs.ui.finding import Finding, examined, fine, wrong
from storage import StorageError


async def test_looks_go_side_by_side_and_their_findings_keep_the_order() -> None:
    both_under_way = asyncio.Barrier(2)

    async def look() -> tuple[Finding, ...]:
        await both_under_way.wait()
        return (fine("A", "1"), wrong("A", "2"))

    async def other() -> tuple[Finding, ...]:
        await both_under_way.wait()
        return (fine("B", "3"),)

    found = await examined({"A": look, "B": other})
    assert [one.line for one in found] == ["A: 1", "A: 2", "B: 3"]
    assert [one.well for one in found] == [True, False, True]
    assert {one.code for one in found} == {STOPPED}


async def test_a_look_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "LONGEST_LOOK", timedelta(seconds=0.02))

    async def forever() -> tuple[Finding, ...]:
        await asyncio.Event().wait()
        raise AssertionError

    (found,) = await examined({"Clock": forever})
    assert found.line == "Clock: no answer within 0.02 s. Look again later."
    assert not found.well
    assert found.code == TEMPORARY


@pytest.mark.parametrize(
    ("error", "words", "code", "logged"),
    [
        (StorageError("disk full"), "cannot be opened (disk full)", TEMPORARY, False),
        (ConnectionResetError(), "Discord did not answer", TEMPORARY, False),
        (KeyError("ours"), "Something broke", INTERNAL, True),
    ],
)
async def test_a_look_that_fails_says_why(
    error: Exception, words: str, code: int, logged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def look() -> tuple[Finding, ...]:
        raise error

    (found,) = await examined({"Database": look})
    assert words in found.words
    assert (found.well, found.code) == (False, code)
    assert ("The look at Database broke" in caplog.text) is logged
