"""The refusals say of themselves what there is."""

from __future__ import annotations

import re

from render import errors


def test_the_tree_at_the_top_names_every_refusal() -> None:
    refusals = {kind.__name__ for kind in errors.Refusal.__subclasses__()}

    assert set(re.findall(r"[├└]── (\w+)", errors.__doc__ or "")) == refusals
