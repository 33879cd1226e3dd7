from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from storage import Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "paperboat.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
async def database(url: str) -> AsyncGenerator[Database]:
    async with Database.open(url) as opened:
        yield opened
