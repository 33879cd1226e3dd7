"""Make records that are whole, so that a test names only what it is about."""

from __future__ import annotations

from collections.abc import Collection
from itertools import count
from typing import Any

from storage import Database, Transaction, accounts, grants, ids, messages, renders
from storage.records import AccountKey, Grant, Owner, Purpose, Render, Span, State, Subject

SERVER = 111_111_111_111_111_111
MEMBER = 222_222_222_222_222_222
CHANNEL = 333_333_333_333_333_333
DAY_MS = 24 * 60 * 60 * 1000
NOW_MS = 1_790_000_000_000
HOUR_MS = 60 * 60 * 1000
LENGTHS_MS = {
    Span.HOUR: HOUR_MS,
    Span.DAY: DAY_MS,
    Span.WEEK: 7 * DAY_MS,
    Span.MONTH: 31 * DAY_MS,
}

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


def window(span: Span = Span.DAY, at_ms: int = NOW_MS) -> tuple[int, int]:
    """Return a window in UTC around a moment; a month has 31 days here, a week begins anywhere."""
    length = LENGTHS_MS[span]
    return at_ms - at_ms % length, at_ms - at_ms % length + length


def key(owner: Owner, span: Span = Span.DAY, at_ms: int = NOW_MS) -> AccountKey:
    """Name an owner's window around a moment."""
    starts_at_ms, ends_at_ms = window(span, at_ms)
    return AccountKey(
        subject=owner.subject,
        span=span,
        starts_at_ms=starts_at_ms,
        ends_at_ms=ends_at_ms,
        server_id=owner.server_id,
        member_id=owner.member_id,
    )


HOST = Owner(subject=Subject.HOST)


def server(server_id: int = SERVER) -> Owner:
    """Name a server as an owner."""
    return Owner(subject=Subject.SERVER, server_id=server_id)


def member(member_id: int = MEMBER, server_id: int = SERVER) -> Owner:
    """Name a member as an owner."""
    return Owner(subject=Subject.MEMBER, server_id=server_id, member_id=member_id)


async def hold(
    tx: Transaction,
    made: Render,
    owner: Owner,
    amount: int = 61,
    *ceilings: tuple[AccountKey, int],
    at_ms: int = NOW_MS,
) -> None:
    """Hold credits for a render, in its member's name."""
    await accounts.hold(
        tx,
        render_id=made.id,
        owner=owner,
        amount=amount,
        ceilings=ceilings,
        at_ms=at_ms,
        author=str(made.member_id),
    )


async def admit(tx: Transaction, made: Render, amount: int = 61, at_ms: int = NOW_MS) -> Render:
    """Hold for a render on the host's, its server's and its member's account, and keep it."""
    for owner in (HOST, server(made.server_id), member(made.member_id, made.server_id)):
        await hold(tx, made, owner, amount, at_ms=at_ms)
    return await renders.insert(tx, made)


async def settle(
    tx: Transaction,
    made: Render,
    amount: int,
    subjects: Collection[Subject] = tuple(Subject),
    at_ms: int = NOW_MS + 1,
) -> None:
    """Settle a render as the engine does."""
    await accounts.settle(
        tx,
        render_id=made.id,
        subjects=subjects,
        amount=amount,
        at_ms=at_ms,
        author="engine",
        reason="rendered",
    )


async def release(
    tx: Transaction,
    made: Render,
    subjects: Collection[Subject] = tuple(Subject),
    at_ms: int = NOW_MS + 1,
) -> None:
    """Release what a render holds, as the engine does."""
    await accounts.release(
        tx, render_id=made.id, subjects=subjects, at_ms=at_ms, author="engine", reason="failed"
    )


async def refund(tx: Transaction, made: Render, at_ms: int = NOW_MS + 2) -> None:
    """Refund a render whose video was lost, as the engine does."""
    await accounts.refund(
        tx,
        render_id=made.id,
        subjects=(Subject.SERVER, Subject.MEMBER),
        at_ms=at_ms,
        author="engine",
        reason="video_missing",
    )


async def give(
    tx: Transaction, amount: int = 30, *, member_id: int = MEMBER, ends_in_ms: int = DAY_MS
) -> Grant:
    """Give a member credits."""
    return await grants.give(
        tx,
        server_id=SERVER,
        member_id=member_id,
        credits=amount,
        at_ms=NOW_MS,
        expires_at_ms=NOW_MS + ends_in_ms,
        author="9",
        reason="a prize",
    )


async def used(database: Database, owner: Owner, span: Span = Span.DAY) -> tuple[int, int]:
    """Return what an owner has held and spent in the window of now."""
    account = await database.read(lambda tx: accounts.balance(tx, key(owner, span), None))
    return account.held, account.spent
