from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from storage import (
    Database,
    DatabaseDamaged,
    StorageError,
    StrayWal,
    Transaction,
    UnsupportedUrl,
    settings,
)
from storage.backup import backup


async def names(tx: Transaction) -> set[str]:
    return {row["name"] for row in await tx.fetch_all("select name from settings")}


# Addresses


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("postgresql://paperboat:secret@db/paperboat", "postgresql"),
        ("sqlite://paperboat.db", "sqlite"),
        ("sqlite:///", "sqlite"),
        ("sqlite:///data/", "sqlite"),
        ("sqlite:///:memory:", "sqlite"),
        ("sqlite:///paperboat.db?mode=ro", "sqlite"),
        ("paperboat.db", ""),
        ("", ""),
    ],
)
async def test_an_address_of_anything_but_a_file_is_refused(url: str, scheme: str) -> None:
    with pytest.raises(UnsupportedUrl) as refusal:
        async with Database.open(url):
            pass
    assert refusal.value.scheme == scheme
    assert "secret" not in str(refusal.value)


async def test_a_relative_address_starts_where_the_process_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with Database.open("sqlite:///data/paperboat.db"):
        assert (tmp_path / "data" / "paperboat.db").exists()


async def test_a_path_may_hold_any_sign(tmp_path: Path) -> None:
    async with Database.open(f"sqlite:///{tmp_path}/50 % & ü/paper boat.db"):
        assert (tmp_path / "50 % & ü" / "paper boat.db").stat().st_size > 0


async def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with Database.open(f"sqlite:///{folder}/paperboat.db"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert files == {
        "paperboat.db": 0o600,
        "paperboat.db-wal": 0o600,
        "paperboat.db-shm": 0o600,
        "paperboat.db.lock": 0o600,
    }


async def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StorageError):
        async with Database.open(f"sqlite:///{tmp_path}/data/paperboat.db"):
            pass


async def test_a_folder_in_place_of_the_file_is_a_storage_error(path: Path, url: str) -> None:
    path.joinpath("inside").mkdir(parents=True)
    with pytest.raises(StorageError):
        async with Database.open(url):
            pass


# Looking at a database that somebody else uses


async def test_an_inspector_sees_what_is_committed_beside_the_bot(
    database: Database, url: str
) -> None:
    async def work(tx: Transaction) -> set[str]:
        await settings.put(tx, "second", "")
        async with Database.inspect(url) as inspector:
            return await inspector.read(names)

    await database.transaction(lambda tx: settings.put(tx, "first", ""))
    assert await database.transaction(work) == {"first"}


async def test_an_inspector_cannot_write(database: Database, url: str) -> None:
    async with Database.inspect(url) as inspector:
        with pytest.raises(StorageError):
            await inspector.transaction(lambda tx: settings.put(tx, "colour", "blue"))
    assert await database.read(names) == set()


async def test_an_inspector_makes_no_database(path: Path, url: str) -> None:
    with pytest.raises(StorageError):
        async with Database.inspect(url):
            pass
    assert list(path.parent.iterdir()) == []


# A backup that is put back


async def test_a_backup_in_the_place_of_the_database_is_opened(
    path: Path, url: str, tmp_path: Path
) -> None:
    async with Database.open(url) as database:
        await database.transaction(lambda tx: settings.put(tx, "first", ""))
        await backup(database, tmp_path / "copy.db")
        await database.transaction(lambda tx: settings.put(tx, "second", ""))
    (tmp_path / "copy.db").replace(path)
    async with Database.open(url) as database:
        assert await database.read(names) == {"first"}


async def test_the_log_of_the_database_that_a_backup_replaced_is_refused_and_kept(
    path: Path, url: str, tmp_path: Path
) -> None:
    wal = tmp_path / "paperboat.db-wal"
    async with Database.open(url) as database:
        await backup(database, tmp_path / "copy.db")
        await database.transaction(lambda tx: settings.put(tx, "second", ""))
        # As a process that is killed leaves it.
        left = wal.read_bytes()
    (tmp_path / "copy.db").replace(path)
    wal.write_bytes(left)
    with pytest.raises(StrayWal) as refusal:
        async with Database.open(url):
            pass
    assert refusal.value.path == wal
    assert wal.read_bytes() == left
    wal.unlink()
    async with Database.open(url) as database:
        assert await database.read(names) == set()


# Damage


async def test_a_file_that_is_no_database_is_refused(path: Path, url: str) -> None:
    with path.open("wb") as file:
        file.write(b"A paper boat drifts on a quiet lake. " * 500)
    with pytest.raises(DatabaseDamaged):
        async with Database.open(url):
            pass
    with pytest.raises(DatabaseDamaged):
        async with Database.inspect(url):
            pass


async def test_a_page_that_was_overwritten_is_found_at_start(path: Path, url: str) -> None:
    async with Database.open(url) as database:
        root = await database.read(
            lambda tx: tx.fetch_one("select rootpage from sqlite_schema where name = 'ledger'")
        )
    assert root is not None
    with path.open("r+b") as file:
        file.seek((root["rootpage"] - 1) * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(DatabaseDamaged):
        async with Database.open(url):
            pass


async def test_a_value_that_its_column_cannot_hold_is_found_at_start(path: Path, url: str) -> None:
    async with Database.open(url) as database:
        await database.transaction(lambda tx: settings.put(tx, "colour", "blue"))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """
            pragma writable_schema = on;
            update sqlite_schema set sql = replace(sql, 'value text', 'value integer')
            where name = 'settings';
            """
        )
    with pytest.raises(DatabaseDamaged, match=r"value in settings\.value"):
        async with Database.open(url):
            pass
