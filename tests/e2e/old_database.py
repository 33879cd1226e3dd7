"""Make a database as the bot left it before servers were set up: no rules, days and months."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sandbox.discord.messages import Flag, Message
from sandbox.world import World

MIGRATIONS = Path(__file__).parents[2] / "storage" / "sqlite"
LAST = 3
DAY_MS, MONTH_MS = 86_400_000, 31 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRender:
    """Say what there is of one render: when it was accepted, and how it stands."""

    id: str
    member_id: int
    prompt: str
    cost: int
    delivered: bool


def make(world: World, *renders: OldRender) -> None:
    """Write the database of a world whose bot was never started."""
    path = world.folder / "paperboat.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        for number in range(1, LAST + 1):
            (script,) = MIGRATIONS.glob(f"{number:04}_*.sql")
            connection.executescript(script.read_text(encoding="utf-8"))
        connection.execute(f"pragma user_version = {LAST}")
        for number, render in enumerate(renders, 1):
            _write(connection, world, render, number)


def _write(connection: sqlite3.Connection, world: World, render: OldRender, number: int) -> None:
    now_ms = time.time_ns() // 1_000_000
    row = {
        "id": render.id,
        "interaction_id": number,
        "server_id": world.server.id,
        "channel_id": world.channel.id,
        "member_id": render.member_id,
        "age_restricted": 0,
        "state": "delivered" if render.delivered else "queued",
        "state_at_ms": now_ms,
        "created_at_ms": now_ms,
        "ready_at_ms": now_ms,
        "prompt": render.prompt,
        "request_digest": f"digest {number}",
        "model": "doubao-seedance-1-5-pro-251215",
        "route": "tasks",
        "remote_id": "doubao-seedance-1-5-pro-251215",
        "duration_seconds": 4,
        "resolution": "480p",
        "ratio": "16:9",
        "cost": render.cost,
        "settled": render.cost if render.delivered else None,
        "provider": "cometapi",
        "base_url": world.settings["SEEDANCE_BASE_URL"],
        "key_fingerprint": "before",
        "attempts": 0,
        "submitted_at_ms": now_ms if render.delivered else None,
        "told_at_ms": now_ms if render.delivered else None,
    }
    _insert(connection, "renders", row)
    card = {
        "render_id": render.id,
        "number": 1,
        "purpose": "card",
        "channel_id": world.channel.id,
        "attempted_at_ms": now_ms,
        "message_id": _post_card(world, render).id,
    }
    _insert(connection, "messages", card)
    day_ms = now_ms - now_ms % DAY_MS
    for subject, span, lasts_ms in (
        ("host", "day", DAY_MS),
        ("host", "month", MONTH_MS),
        ("member", "day", DAY_MS),
    ):
        owner = (world.server.id, render.member_id) if subject == "member" else (0, 0)
        account = _account(connection, (subject, span, *owner, day_ms, day_ms + lasts_ms))
        _hold_and_settle(connection, account, render, now_ms)


def _post_card(world: World, render: OldRender) -> Message:
    card = Message(
        id=world.channel.world.ids.next(),
        channel=world.channel,
        author=world.discord.bot,
        components=[{"type": 10, "id": 1, "content": f"The card of `{render.id}`"}],
        flags=Flag.IS_COMPONENTS_V2,
    )
    world.channel.add(card)
    return card


def _account(connection: sqlite3.Connection, key: tuple[object, ...]) -> int:
    names = "subject, span, server_id, member_id, starts_at_ms, ends_at_ms"
    connection.execute(
        f"insert into accounts ({names}) values (?, ?, ?, ?, ?, ?) on conflict do nothing", key
    )
    (found,) = connection.execute(
        "select id from accounts where subject = ? and span = ? and server_id = ?"
        " and member_id = ? and starts_at_ms = ?",
        key[:5],
    ).fetchone()
    return int(found)


def _hold_and_settle(
    connection: sqlite3.Connection, account_id: int, render: OldRender, now_ms: int
) -> None:
    lines = [("hold", render.cost, 0)]
    if render.delivered:
        lines.append(("settle", -render.cost, render.cost))
    for entry, held, spent in lines:
        _insert(
            connection,
            "ledger",
            {
                "account_id": account_id,
                "render_id": render.id,
                "at_ms": now_ms,
                "entry": entry,
                "held": held,
                "spent": spent,
                "author": "engine",
                "reason": "before",
            },
        )
        connection.execute(
            "update accounts set held = held + ?, spent = spent + ? where id = ?",
            (held, spent, account_id),
        )


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(f"insert into {table} ({names}) values ({marks})", row)
