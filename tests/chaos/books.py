"""Read what the bot has written down, from beside it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FINAL = frozenset({"delivered", "failed", "cancelled"})
# What SQLite says while there is no database yet, or nothing in it.
NOT_YET = ("no such table", "unable to open")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Say where a render stands."""

    id: str
    state: str
    told: bool
    has_card: bool

    @property
    def over(self) -> bool:
        """Say whether nothing will happen to it any more."""
        return self.state in FINAL and self.told

    @property
    def rests(self) -> bool:
        """Say whether only time, or its end, moves it on."""
        waits = self.state == "unknown" or (self.state == "queued" and not self.has_card)
        return self.over or waits


class Books:
    """The database of a bot, read only, whether the bot lives or not."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, question: str, **values: str | int) -> list[Row]:
        """Return the rows that answer; none while there is no database yet."""
        try:
            address = f"{self._path.as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True)) as connection:
                connection.row_factory = sqlite3.Row
                return [dict(row) for row in connection.execute(question, values)]
        except sqlite3.OperationalError as error:
            if not str(error).startswith(NOT_YET):
                raise
            return []

    def standings(self, member_id: int) -> list[Standing]:
        """Return where the renders of a member stand, the oldest first."""
        rows = self.ask(
            """
            select id, state, told_at_ms is not null as told, exists (
                select 1 from messages where render_id = renders.id and purpose = 'card'
                and message_id is not null
            ) as has_card
            from renders where member_id = :member_id order by created_at_ms
            """,
            member_id=member_id,
        )
        return [
            Standing(
                id=row["id"],
                state=row["state"],
                told=bool(row["told"]),
                has_card=bool(row["has_card"]),
            )
            for row in rows
        ]
