from __future__ import annotations

import pytest

from tests.chaos.mutants import MUTANTS, Mutant, hunt


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
async def test_a_mutant_is_caught(mutant: Mutant) -> None:
    assert await hunt(mutant, story=False) == [(mutant.test, True)]
