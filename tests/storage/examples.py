"""Make records that are whole, so that a test names only what it is about."""

from __future__ import annotations

from itertools import count
from typing import Any

from storage import Transaction, ids, messages, renders
from storage.records import AccountKey, Purpose, Render, Span, State, Subject

SERVER = 111_111_111_111_111_111
MEMBER = 222_222_222_222_222_222
CHANNEL = 333_333_333_333_333_333
DAY_MS = 24 * 60 * 60 * 1000
NOW_MS = 1_790_000_000_000

_numbers = count(444_444_444_444_444_444)


def render(**changes: object) -> Render:
    """Return a queued render, ready to be claimed once its card is posted."""
    usual: dict[str, Any] = {
        "id": ids.new_id(),
        "interaction_id": next(_numbers),
        "server_id": SERVER,
        "channel_id": CHANNEL,
        "member_id": MEMBER,
        "age_restricted": False,
        "state": State.QUEUED,
        "state_at_ms": NOW_MS,
        "created_at_ms": NOW_MS,
        "ready_at_ms": NOW_MS,
        "prompt": "A paper boat drifts on a quiet lake at sunrise",
        "request_digest": "digest",
        "model": "model",
        "route": "tasks",
        "remote_id": "model-1",
        "duration_seconds": 5,
        "resolution": "720p",
        "ratio": "16:9",
        "seed": None,
        "audio": None,
        "cost": 61,
        "provider": "cometapi",
        "base_url": "https://provider.example",
        "key_fingerprint": "fingerprint",
    }
    return Render(**{**usual, **changes})


async def with_card(tx: Transaction, made: Render) -> Render:
    """Keep a render and a posted card of it."""
    kept = await renders.insert(tx, made)
    card = await messages.begin(
        tx,
        render_id=made.id,
        purpose=Purpose.CARD,
        channel_id=made.channel_id,
        at_ms=made.created_at_ms,
        renew=False,
    )
    await messages.posted(tx, card, next(_numbers))
    return kept


def host(span: Span = Span.DAY) -> AccountKey:
    """Name the host's account."""
    return AccountKey(subject=Subject.HOST, span=span, starts_at_ms=0, ends_at_ms=DAY_MS)


def member(member_id: int = MEMBER) -> AccountKey:
    """Name a member's account of a day."""
    return AccountKey(
        subject=Subject.MEMBER,
        span=Span.DAY,
        starts_at_ms=0,
        ends_at_ms=DAY_MS,
        server_id=SERVER,
        member_id=member_id,
    )
