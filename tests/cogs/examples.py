"""Make records for the tests of what people see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from storage.records import Account, AccountKey, Render, Span, State, Subject

BORN_MS = 1_790_000_000_000
SERVER_ID, CHANNEL_ID, MEMBER_ID = 111111111111111111, 222222222222222222, 333333333333333333


def render(**changes: object) -> Render:
    values: dict[str, Any] = {
        "id": "7KQ2M9XA",
        "interaction_id": 1,
        "server_id": SERVER_ID,
        "channel_id": CHANNEL_ID,
        "member_id": MEMBER_ID,
        "age_restricted": False,
        "state": State.QUEUED,
        "state_at_ms": BORN_MS,
        "created_at_ms": BORN_MS,
        "ready_at_ms": BORN_MS,
        "prompt": "A paper boat drifts on a quiet lake at sunrise",
        "request_digest": "d",
        "model": "doubao-seedance-1-5-pro-251215",
        "route": "tasks",
        "remote_id": "doubao-seedance-1-5-pro-251215",
        "duration_seconds": 5,
        "resolution": "720p",
        "ratio": "16:9",
        "seed": None,
        "audio": None,
        "cost": 27,
        "provider": "cometapi",
        "base_url": "https://example.com",
        "key_fingerprint": "f",
    }
    values.update(changes)
    return Render(**values)


def account(**changes: object) -> Account:
    values: dict[str, Any] = {
        "key": AccountKey(
            subject=Subject.MEMBER,
            span=Span.DAY,
            starts_at_ms=BORN_MS,
            ends_at_ms=BORN_MS + 86_400_000,
            server_id=SERVER_ID,
            member_id=MEMBER_ID,
        ),
        "ceiling": 120,
        "held": 27,
        "spent": 40,
    }
    values.update(changes)
    return Account(**values)


class StoppedClock:
    """Stand at one moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def now_ms(self) -> int:
        return round(self.now.timestamp() * 1000)

    def monotonic(self) -> float:
        return self.now.timestamp()

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody should wait {seconds} s here")
