from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from storage import Database
from storage import database as storage_database


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


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder / "copy.db"


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_database, "_SLICE_PAGES", 1)
