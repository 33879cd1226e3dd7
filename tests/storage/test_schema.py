"""Compare the tables with the records that cross the border."""

from __future__ import annotations

import re
from dataclasses import fields
from enum import StrEnum

import pytest

from storage import Database
from storage.boards import Board, Post
from storage.records import (
    Approval,
    ApprovalKind,
    ApprovalRule,
    Block,
    Cause,
    Consequence,
    Entry,
    Event,
    Frame,
    FrameRole,
    Holder,
    LedgerLine,
    Message,
    Newcomers,
    Pause,
    Purpose,
    Render,
    Review,
    RoleGrant,
    Rule,
    Server,
    State,
    Subject,
    Total,
    Word,
)
from storage.renders import Changes
from storage.reports import Report
from storage.thumbnails import Thumbnail


async def definition(database: Database, table: str) -> str:
    row = await database.read(
        lambda tx: tx.fetch_one(
            "select sql from sqlite_schema where type = 'table' and name = :name", {"name": table}
        )
    )
    assert row is not None
    return row["sql"]


@pytest.mark.parametrize(
    ("table", "column", "enum"),
    [
        ("renders", "state", State),
        ("renders", "cause", Cause),
        ("frames", "role", FrameRole),
        ("thumbnails", "role", FrameRole),
        ("messages", "purpose", Purpose),
        ("accounts", "subject", Subject),
        ("ledger", "entry", Entry),
        ("rules", "holder", Holder),
        ("renders", "review", Review),
        ("approvals", "kind", ApprovalKind),
        ("approvals", "approval", Approval),
        ("words", "consequence", Consequence),
        ("events", "from_state", State),
        ("events", "to_state", State),
    ],
)
async def test_a_check_allows_exactly_the_values_of_its_enum(
    database: Database, table: str, column: str, enum: type[StrEnum]
) -> None:
    sql = await definition(database, table)
    check = re.search(rf"\b{column} text [a-z ]*check \({column} in \(([^)]*)\)\)", sql)
    assert check is not None
    assert re.findall(r"'(\w+)'", check[1]) == [value.value for value in enum]


async def test_every_kind_of_entry_has_its_rule(database: Database) -> None:
    sql = await definition(database, "ledger")
    assert re.findall(r"when '(\w+)' then", sql) == [entry.value for entry in Entry]


@pytest.mark.parametrize(
    ("table", "record", "also"),
    [
        ("renders", Render, set[str]()),
        ("frames", Frame, {"render_id"}),
        ("thumbnails", Thumbnail, {"render_id"}),
        ("messages", Message, set[str]()),
        ("ledger", LedgerLine, {"id", "account_id"}),
        ("events", Event, set[str]()),
        ("rules", Rule, set[str]()),
        ("servers", Server, set[str]()),
        ("role_grants", RoleGrant, set[str]()),
        ("totals", Total, {"server_id", "starts_at_ms"}),
        ("pauses", Pause, set[str]()),
        ("approvals", ApprovalRule, set[str]()),
        ("words", Word, set[str]()),
        ("newcomers", Newcomers, set[str]()),
        ("blocks", Block, set[str]()),
        ("reports", Report, set[str]()),
        ("boards", Board, set[str]()),
        ("board_posts", Post, set[str]()),
    ],
)
async def test_a_table_has_the_columns_of_its_record(
    database: Database, table: str, record: type, also: set[str]
) -> None:
    rows = await database.read(lambda tx: tx.fetch_all(f"pragma table_info({table})"))
    assert {row["name"] for row in rows} == {field.name for field in fields(record)} | also


def test_what_may_change_about_a_render_are_columns_of_it() -> None:
    assert {field.name for field in fields(Render)} >= Changes.__optional_keys__


async def test_every_table_is_strict(database: Database) -> None:
    rows = await database.read(
        lambda tx: tx.fetch_all("select sql from sqlite_schema where type = 'table'")
    )
    assert rows
    assert all(re.search(r"\) strict(, without rowid)?$", row["sql"]) for row in rows)
