"""The refusals say of themselves what there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType

import pytest

from render import acts, errors, reports


def below(kind: type[Exception]) -> Iterator[type[Exception]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


@pytest.mark.parametrize("module", [errors, acts, reports])
def test_the_tree_at_the_top_names_every_refusal_of_the_file(module: ModuleType) -> None:
    refusals = [*below(errors.Refusal), *below(errors.ActRefused)]
    own = sorted(kind.__name__ for kind in refusals if kind.__module__ == module.__name__)

    assert sorted(re.findall(r"[├└]── (\w+)", module.__doc__ or "")) == own


def test_no_other_file_has_refusals() -> None:
    refusals = [*below(errors.Refusal), *below(errors.ActRefused)]

    assert {kind.__module__ for kind in refusals} == {
        module.__name__ for module in (errors, acts, reports)
    }
