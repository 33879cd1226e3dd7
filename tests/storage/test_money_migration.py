"""Bring the books of the days before quarters, rules and grants over, to the last credit."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from storage import Database, StorageError, Transaction, accounts, ledger, renders, servers, usage
from storage.database import Row
from storage.errors import CeilingReached
from storage.records import Owner, Render, Span, State, Subject, Total
from tests.storage import examples
from tests.storage.examples import (
    CHANNEL,
    DAY_MS,
    HOST,
    MEMBER,
    NOW_MS,
    SERVER,
    key,
    release,
    render,
    settle,
    used,
)
from tests.storage.older import insert_as_then, keep_as_then, take_newer

BEFORE = 3
OTHER_SERVER = SERVER + 1
GUEST = ("member",)
HOSTS = ("host day", "host month")
ALL = (*HOSTS, *GUEST)
# What a hold of 61 may have come to: whose line, what it does, what it adds to held and spent.
Lines = tuple[tuple[tuple[str, ...], str, int, int], ...]
HELD: Lines = ((ALL, "hold", 61, 0),)
HISTORIES: dict[str, tuple[State, Lines]] = {
    "queued": (State.QUEUED, HELD),
    "rendering": (State.RENDERING, HELD),
    "unknown": (State.UNKNOWN, HELD),
    "late": (State.RENDERING, (*HELD, (GUEST, "release", -61, 0))),
    "rendered": (State.RENDERED, (*HELD, (HOSTS, "settle", -61, 61), (HOSTS, "book", 0, 9))),
    "delivered": (State.DELIVERED, (*HELD, (HOSTS, "settle", -61, 50), (GUEST, "settle", -61, 50))),
    "written off": (State.FAILED, (*HELD, (HOSTS, "settle", -61, 61), (GUEST, "release", -61, 0))),
    "cancelled": (State.CANCELLED, (*HELD, (ALL, "release", -61, 0))),
    "lost": (
        State.FAILED,
        (*HELD, (ALL, "settle", -61, 61), (GUEST, "refund", 0, -61)),
    ),
}
# Who asked for each, and how many days ago.
ASKED = (
    (SERVER, MEMBER, 0),
    (SERVER, MEMBER + 1, 0),
    (SERVER, MEMBER, 1),
    (OTHER_SERVER, MEMBER, 0),
)


def made_as(name: str, server_id: int, member_id: int, days: int) -> Render:
    number = ASKED.index((server_id, member_id, days))
    return render(
        id=f"{list(HISTORIES).index(name):04}{number:04}",
        server_id=server_id,
        member_id=member_id,
        state=HISTORIES[name][0],
        created_at_ms=NOW_MS - days * DAY_MS,
    )


RENDERS = {(name, asked): made_as(name, *asked) for name in HISTORIES for asked in ASKED}


async def account_of(tx: Transaction, made: Render, whose: str) -> int:
    """Return the id of an account as they were: a window each."""
    subject, _, span = whose.partition(" ")
    of_host = subject == "host"
    window = key(HOST, Span(span or "day"), made.created_at_ms)
    values = {
        "subject": subject,
        "span": window.span,
        "server_id": 0 if of_host else made.server_id,
        "member_id": 0 if of_host else made.member_id,
        "starts_at_ms": window.starts_at_ms,
    }
    among = " and ".join(f"{name} = :{name}" for name in values)
    sql = f"select id from accounts where {among}"
    if not await tx.fetch_all(sql, values):
        await insert_as_then(tx, "accounts", {**values, "ends_at_ms": window.ends_at_ms})
    return (await tx.fetch_all(sql, values))[0]["id"]


async def write(tx: Transaction, made: Render, lines: Lines) -> None:
    await keep_as_then(tx, made)
    for subjects, entry, held, spent in lines:
        for whose in subjects:
            line = {
                "account_id": await account_of(tx, made, whose),
                "render_id": made.id,
                "at_ms": made.created_at_ms,
                "entry": entry,
                "held": held,
                "spent": spent,
                "author": "222",
                "reason": "as it was",
            }
            await insert_as_then(tx, "ledger", line)
            await tx.execute(
                """
                update accounts set held = held + :held, spent = spent + :spent
                where id = :account_id
                """,
                {name: line[name] for name in ("held", "spent", "account_id")},
            )


async def old_windows(tx: Transaction) -> tuple[Row, ...]:
    return await tx.fetch_all("select * from accounts order by id")


@pytest.fixture
async def before(folder: Path, url: str) -> tuple[Row, ...]:
    """Leave a database of the version before, and return its accounts."""
    newer = take_newer(folder, BEFORE)

    async def work(tx: Transaction) -> None:
        for (name, _), made in RENDERS.items():
            await write(tx, made, HISTORIES[name][1])

    async with Database.open(url) as database:
        await database.transaction(work)
        kept = await database.read(old_windows)
    for file, script in newer.items():
        file.write_text(script)
    return kept


@pytest.fixture
async def migrated(before: tuple[Row, ...], url: str) -> AsyncGenerator[Database]:
    assert len(before) == 7
    async with Database.open(url) as database:
        yield database


async def test_every_owner_keeps_every_credit_in_every_window(
    migrated: Database, before: tuple[Row, ...]
) -> None:
    for row in before:
        owner = Owner(
            subject=Subject(row["subject"]), server_id=row["server_id"], member_id=row["member_id"]
        )
        window = key(owner, Span(row["span"]), row["starts_at_ms"])
        account = await migrated.read(lambda tx, w=window: accounts.balance(tx, w, None))
        assert (account.held, account.spent) == (row["held"], row["spent"])
        assert account.held > 0 < account.spent
    assert await migrated.read(ledger.check) == ()


async def test_a_server_has_used_what_its_members_used(migrated: Database) -> None:
    for member_id in (MEMBER, MEMBER + 1):
        assert await used(migrated, examples.member(member_id)) == (4 * 61, 50)
    assert await used(migrated, examples.server()) == (8 * 61, 2 * 50)
    assert await used(migrated, examples.server(OTHER_SERVER)) == (4 * 61, 50)


@pytest.mark.parametrize(
    "owner", [HOST, examples.server(), examples.member()], ids=lambda owner: owner.subject
)
async def test_what_was_used_before_counts_under_a_new_ceiling(
    migrated: Database, owner: Owner
) -> None:
    made = render()
    room = sum(await used(migrated, owner)) + 61

    async def hold(tx: Transaction) -> None:
        await examples.hold(tx, made, owner, 61, (key(owner), room))

    await migrated.transaction(lambda tx: renders.insert(tx, made))
    await migrated.transaction(hold)
    with pytest.raises(CeilingReached):
        await migrated.transaction(hold)


async def test_open_renders_settle_on_the_hosts_old_day_and_month_too(migrated: Database) -> None:
    async def work(tx: Transaction) -> None:
        for name in ("queued", "rendering", "unknown", "late", "rendered"):
            for asked in ASKED:
                await settle(tx, RENDERS[name, asked], 40)

    await migrated.transaction(work)
    rows = await migrated.read(lambda tx: tx.fetch_all("select subject, span, held from accounts"))
    assert {(row["subject"], row["span"]) for row in rows} == {
        ("host", "day"),
        ("host", "month"),
        ("server", "day"),
        ("member", "day"),
    }
    assert all(row["held"] == 0 for row in rows)
    # Queued, rendering, unknown and late for 40; rendered 70, delivered 50, written off and lost.
    a_day = 4 * 40 + 70 + 50 + 2 * 61
    assert await used(migrated, HOST) == (0, 3 * a_day)
    assert await used(migrated, HOST, Span.MONTH) == (0, 4 * a_day)
    assert await used(migrated, examples.member()) == (0, 4 * 40 + 50)
    assert await migrated.read(ledger.check) == ()


async def test_open_renders_are_released_everywhere(migrated: Database) -> None:
    async def work(tx: Transaction) -> None:
        for made in RENDERS.values():
            await release(tx, made)

    await migrated.transaction(work)
    rows = await migrated.read(lambda tx: tx.fetch_all("select held from accounts"))
    assert {row["held"] for row in rows} == {0}
    assert await migrated.read(ledger.check) == ()


async def test_a_loss_is_refunded_with_its_usage(migrated: Database) -> None:
    lost = RENDERS["delivered", ASKED[0]]
    assert await of_day(migrated) == (total(MEMBER), total(MEMBER + 1))
    await migrated.transaction(lambda tx: examples.refund(tx, lost))
    assert await of_day(migrated) == (total(MEMBER + 1),)
    assert await used(migrated, examples.server()) == (8 * 61, 50)
    assert await migrated.read(ledger.check) == ()


def total(member_id: int) -> Total:
    return Total(
        member_id=member_id, role_id=None, channel_id=CHANNEL, model="model", renders=1, credits=50
    )


async def of_day(database: Database) -> tuple[Total, ...]:
    day = key(HOST)
    return await database.read(
        lambda tx: usage.between(
            tx, server_id=SERVER, starts_at_ms=day.starts_at_ms, ends_at_ms=day.ends_at_ms
        )
    )


async def test_servers_that_rendered_are_open_and_others_are_not(migrated: Database) -> None:
    opened = [
        (await migrated.read(lambda tx, n=server_id: servers.find(tx, n))).opened
        for server_id in (SERVER, OTHER_SERVER, OTHER_SERVER + 1)
    ]
    assert opened == [True, True, False]


async def test_old_lines_are_as_they_were(migrated: Database, before: tuple[Row, ...]) -> None:
    rows = await migrated.read(old_windows)
    for old, new in zip(before, rows, strict=False):
        assert {name: old[name] for name in new} == new
    lines = await migrated.read(lambda tx: tx.fetch_all("select * from ledger order by id"))
    first = lines[: sum(len(w) for _, ls in HISTORIES.values() for w, *_ in ls) * len(ASKED)]
    assert {row["reason"] for row in first} == {"as it was"}
    assert [row["id"] for row in first] == list(range(1, len(first) + 1))


async def test_keys_triggers_and_indexes_are_there_again(
    migrated: Database, tmp_path: Path
) -> None:
    async def schema(tx: Transaction) -> list[tuple[str, str, str]]:
        rows = await tx.fetch_all("select type, name, tbl_name from sqlite_schema order by name")
        return [(row["type"], row["name"], row["tbl_name"]) for row in rows]

    async with Database.open(f"sqlite:///{tmp_path}/new.db") as new:
        assert await migrated.read(schema) == await new.read(schema)
    assert await migrated.read(lambda tx: tx.fetch_all("pragma foreign_key_check")) == ()
    keys = await migrated.read(lambda tx: tx.fetch_all("pragma foreign_key_list(ledger)"))
    assert {(row["table"], row["from"]) for row in keys} == {
        ("accounts", "account_id"),
        ("renders", "render_id"),
    }


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger set held = 1",
        "delete from ledger",
        "delete from accounts",
        "delete from renders",
        "insert into ledger (account_id, render_id, at_ms, entry, held, spent, author, reason)"
        " values (99, null, 1, 'hold', 1, 0, '', '')",
        "update accounts set held = -1",
    ],
)
async def test_the_books_are_guarded_again(migrated: Database, statement: str) -> None:
    with pytest.raises(StorageError):
        await migrated.transaction(lambda tx: tx.execute(statement))
    assert await migrated.read(ledger.check) == ()
