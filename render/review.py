"""Decide whom a server lets in, and which renders a moderator says yes to first.

What the nearest place with a rule asks holds: thread, channel, category, server. Roles add to it:
the strictest of all counts. Only "never" takes away: it frees the holders of a role from what the
place asks, because a server trusts people, not rooms; but not from what another of their roles
asks, so that a role put on somebody to be watched is not undone by one that everybody has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from render.errors import (
    AccountTooNew,
    Blocked,
    MemberTooNew,
    NewcomersPaused,
    Refusal,
    WordRefused,
)
from render.pace import milliseconds
from render.policy import window
from render.request import Request, Wish
from render.words import consequence_of
from storage import Transaction, approvals, blocks, newcomers, words
from storage.records import (
    ENGINE,
    Approval,
    ApprovalKind,
    ApprovalRule,
    Block,
    Consequence,
    Newcomers,
    Review,
    Span,
)

# Who joined in this time is a newcomer: most raids come within days of joining.
NEWCOMER = timedelta(days=7)
DAY_MS = milliseconds(timedelta(days=1))

# More newcomers than this who ask for their very first video in ten minutes are a raid, not a good
# day: an invitation that spreads brings many members, and few of them render within minutes. What
# gets through is at most ten members' allowance; the hour is time for a moderator to look.
BURST = 10
BURST_WITHIN = timedelta(minutes=10)
BURST_PAUSE = timedelta(hours=1)

# Two or three tries to word a prompt differently are usual; five in an hour cost the host money.
SETBACKS = 5
SETBACKS_WITHIN = timedelta(hours=1)
SETBACKS_PAUSE = timedelta(hours=1)

# The strictest first.
_ASKED: Mapping[Approval, Review] = {
    Approval.ALWAYS: Review.ALWAYS,
    Approval.IMAGES: Review.IMAGES,
    Approval.NEWCOMERS: Review.NEWCOMERS,
}


async def turned_away(
    tx: Transaction, request: Request, *, now_ms: int, zone: ZoneInfo
) -> Refusal | None:
    """Return why a member may not send anything now; None: they may.

    What this writes (a pause that begins, a first visit) is to be kept, also with a refusal.
    """
    if block := await _block(tx, request, now_ms=now_ms, zone=zone):
        return blocked(block)
    if request.admin:
        return None
    rules = await newcomers.find(tx, request.server_id)
    if refusal := too_new(request, rules, now_ms):
        return refusal
    if is_newcomer(request, now_ms):
        return await _crowded(tx, request, rules, now_ms)
    return None


def blocked(block: Block) -> Blocked:
    """Return the refusal of a block."""
    return Blocked(until_ms=block.until_ms, reason=block.reason, automatic=block.automatic)


async def needed(tx: Transaction, wish: Wish, now_ms: int) -> Review | None:
    """Return why a moderator must say yes first; None: nobody need. Raises WordRefused."""
    request = wish.request
    listed = await words.of_server(tx, request.server_id)
    consequence = consequence_of(wish.prompt, listed) if listed else None
    if consequence is Consequence.REFUSE:
        raise WordRefused
    # An admin would say yes to it.
    if request.admin:
        return None
    if consequence is Consequence.APPROVE:
        return Review.WORDS
    return asked_for(
        await approvals.of_server(tx, request.server_id),
        places=(request.channel_id, *request.place_ids, request.server_id),
        role_ids=request.role_ids,
        newcomer=is_newcomer(request, now_ms),
        images=bool(wish.pictures),
    )


def asked_for(
    rules: Sequence[ApprovalRule],
    *,
    places: Sequence[int],
    role_ids: Collection[int],
    newcomer: bool,
    images: bool,
) -> Review | None:
    """Return what the rules ask a moderator for; `places` are in order, the nearest first."""
    at = {rule.holder_id: rule.approval for rule in rules if rule.kind is ApprovalKind.PLACE}
    of_roles = {
        rule.approval
        for rule in rules
        if rule.kind is ApprovalKind.ROLE and rule.holder_id in role_ids
    }
    nearest = next((at[place] for place in places if place in at), None)
    free = Approval.NEVER in of_roles
    asked = of_roles if free or nearest is None else {*of_roles, nearest}
    applies = {
        Approval.ALWAYS: True,
        Approval.IMAGES: images,
        Approval.NEWCOMERS: newcomer,
    }
    for approval, review in _ASKED.items():
        if approval in asked and applies[approval]:
            return review
    if nearest is None and not free and newcomer and images:
        return Review.NEWCOMERS_IMAGES
    return None


def is_newcomer(request: Request, now_ms: int) -> bool:
    """Say whether a member joined lately."""
    return now_ms - request.joined_at_ms < milliseconds(NEWCOMER)


def too_new(request: Request, rules: Newcomers, now_ms: int) -> Refusal | None:
    """Return why an account or a membership is not old enough; None: both are."""
    until_ms = request.account_made_at_ms + rules.account_days * DAY_MS
    if now_ms < until_ms:
        return AccountTooNew(days=rules.account_days, until_ms=until_ms)
    until_ms = request.joined_at_ms + rules.member_days * DAY_MS
    if now_ms < until_ms:
        return MemberTooNew(days=rules.member_days, until_ms=until_ms)
    return None


def paused_until(setbacks: Sequence[int], now_ms: int) -> int | None:
    """Return until when a member rests whose renders failed at these moments; None: not now."""
    last = setbacks[-SETBACKS:]
    if len(last) < SETBACKS or last[-1] - last[0] >= milliseconds(SETBACKS_WITHIN):
        return None
    until_ms = last[-1] + milliseconds(SETBACKS_PAUSE)
    return until_ms if now_ms < until_ms else None


async def _block(tx: Transaction, request: Request, *, now_ms: int, zone: ZoneInfo) -> Block | None:
    """Return the block in force; one that is due begins now."""
    last = await blocks.find(tx, request.server_id, request.member_id)
    if last and last.holds(now_ms):
        return last
    lately = now_ms - milliseconds(SETBACKS_WITHIN + SETBACKS_PAUSE)
    setbacks = await blocks.setbacks(
        tx,
        server_id=request.server_id,
        member_id=request.member_id,
        since_ms=max(lately, last.at_ms) if last else lately,
    )
    until_ms = paused_until(setbacks, now_ms)
    if until_ms is None:
        return None
    today, tomorrow = window(Span.DAY, now_ms, zone)
    if last and last.automatic and last.at_ms >= today:
        until_ms = max(until_ms, tomorrow)
    block = Block(
        server_id=request.server_id,
        member_id=request.member_id,
        at_ms=now_ms,
        until_ms=until_ms,
        reason="",
        author=ENGINE,
    )
    await blocks.put(tx, block)
    return block


async def _crowded(
    tx: Transaction, request: Request, rules: Newcomers, now_ms: int
) -> Refusal | None:
    """Return that newcomers must wait; from the one on who is too many at once."""
    paused_ms = rules.paused_until_ms or 0
    if now_ms < paused_ms:
        return NewcomersPaused(until_ms=paused_ms)
    await newcomers.note_debut(
        tx, server_id=request.server_id, member_id=request.member_id, at_ms=now_ms
    )
    # Those who made up the last burst do not make up another.
    since_ms = max(paused_ms, now_ms - milliseconds(BURST_WITHIN))
    if await newcomers.debuts_since(tx, request.server_id, since_ms) <= BURST:
        return None
    until_ms = now_ms + milliseconds(BURST_PAUSE)
    await newcomers.put(
        tx,
        replace(rules, paused_until_ms=until_ms),
        author=ENGINE,
        at_ms=now_ms,
        action="newcomers.pause",
    )
    return NewcomersPaused(until_ms=until_ms)
