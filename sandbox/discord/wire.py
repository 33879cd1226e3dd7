"""What travels: JSON objects, snowflakes and times, the way Discord writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from sandbox.discord.clock import Clock

Json: TypeAlias = dict[str, Any]

DISCORD_EPOCH_MS = 1_420_070_400_000


def inner(data: Json, key: str) -> Json:
    """Give the object under a key; a missing one and null are empty."""
    return data.get(key) or {}


def listed(data: Json, key: str) -> list[Any]:
    """Give the list under a key; a missing one and null are empty."""
    return data.get(key) or []


def iso(seconds: float) -> str:
    """Write a time as Discord does."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def created_at(snowflake: int) -> float:
    """Read the time of creation, in seconds since 1970, out of an id."""
    return ((snowflake >> 22) + DISCORD_EPOCH_MS) / 1000


class Snowflakes:
    """Hand out ids that rise with time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Give a new id."""
        at_ms = int(self._clock.now() * 1000) - DISCORD_EPOCH_MS
        self._last = max(self._last + 1, at_ms << 22)
        return self._last
