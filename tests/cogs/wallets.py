"""Make what a member may spend, for the tests of what people see."""

from __future__ import annotations

from typing import Any

from render.allowance import Allowance, Terms, Wallet
from storage.records import Account, AccountKey, Entry, Grant, Movement, Span, Subject
from tests.cogs.examples import BORN_MS, MEMBER_ID, SERVER_ID, account

HOUR_MS = 3_600_000


def window(subject: Subject, span: Span, *, ceiling: int, left: int) -> Account:
    key = AccountKey(
        subject=subject,
        span=span,
        starts_at_ms=BORN_MS,
        ends_at_ms=BORN_MS + HOUR_MS,
        server_id=0 if subject is Subject.HOST else SERVER_ID,
        member_id=MEMBER_ID if subject is Subject.MEMBER else 0,
    )
    return account(key=key, ceiling=ceiling, held=0, spent=ceiling - left)


def grant(**changes: object) -> Grant:
    values: dict[str, Any] = {
        "id": 1,
        "server_id": SERVER_ID,
        "member_id": MEMBER_ID,
        "credits": 100,
        "left": 88,
        "at_ms": BORN_MS,
        "expires_at_ms": BORN_MS + 2 * HOUR_MS,
        "author": "4",
        "reason": "film *night*",
    }
    values.update(changes)
    return Grant(**values)


def movement(entry: Entry, credits: int, **changes: object) -> Movement:
    values: dict[str, Any] = {
        "at_ms": BORN_MS,
        "entry": entry,
        "credits": credits,
        "render_id": "7KQ2M9XA",
        "reason": "delivered",
        "author": "engine",
    }
    values.update(changes)
    return Movement(**values)


def terms(**changes: object) -> Terms:
    values: dict[str, Any] = {
        "holder": None,
        "role_id": None,
        "ceilings": ((Span.DAY, 120),),
        "renders_at_once": 2,
        "queue_length": 20,
        "longest_seconds": None,
        "highest_resolution": None,
        "models": (),
        "holders": {},
    }
    values.update(changes)
    return Terms(**values)


def allowance(**changes: object) -> Allowance:
    """Leave 53 of 120 credits to a member; server and host have plenty."""
    wallet: dict[str, Any] = {
        "host": (window(Subject.HOST, Span.DAY, ceiling=5000, left=5000),),
        "server": (window(Subject.SERVER, Span.DAY, ceiling=500, left=400),),
        "member": (window(Subject.MEMBER, Span.DAY, ceiling=120, left=53),),
        "grants": (),
    }
    wallet.update({name: changes.pop(name) for name in tuple(wallet) if name in changes})
    values: dict[str, Any] = {
        "wallet": Wallet(**wallet),
        "terms": terms(),
        "holder": None,
        "clip_credits": 27,
        "clip_seconds": 5,
        "under_way": (),
        "movements": (),
    }
    values.update(changes)
    return Allowance(**values)
