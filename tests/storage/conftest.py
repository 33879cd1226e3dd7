from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from storage import Database, migrations
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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start from a copy of the project's own migrations."""
    made = tmp_path / "migrations"
    made.mkdir()
    for file in migrations.FOLDER.glob("*.sql"):
        (made / file.name).write_text(file.read_text())
    monkeypatch.setattr(migrations, "FOLDER", made)
    return made
