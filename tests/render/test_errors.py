"""The refusals say of themselves what there is."""

from __future__ import annotations

import re

from render import errors


def test_the_trees_at_the_top_name_every_refusal() -> None:
    roots = (errors.Refusal, errors.ActRefused)
    refusals = {kind.__name__ for root in roots for kind in root.__subclasses__()}

    assert set(re.findall(r"[├└]── (\w+)", errors.__doc__ or "")) == refusals
