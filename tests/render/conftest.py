from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.render.world import World, opened


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    """Give a world, and demand at the end that its ledger balances."""
    async with opened(tmp_path) as made:
        yield made
        await made.check()
