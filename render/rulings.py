"""Check what an admin wants to set as a limit, and merge it into what stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import seedance
from render.allowance import given_to, most_of
from render.errors import (
    AboveHost,
    AmountInvalid,
    CreditsOnly,
    LimitEmpty,
    LimitInUse,
    NoSuchLimit,
    ValueUnknown,
)
from render.policy import Limits, lines_of
from seedance import CATALOGUE
from storage import Transaction, renders, servers
from storage import limits as rules_kept
from storage.records import LARGEST_AMOUNT, Holder, Render, Rule, Span, State

# A value to set; None takes the limit away.
Value = int | str | tuple[str, ...] | None
Changes = Mapping[str, Value]

_SPANS = {f"{span}_credits": span for span in Span}
# The greatest of each number that is not in credits.
_MOST = {"renders_at_once": 10_000, "queue_length": 10_000, "longest_seconds": 3600}
_RESOLUTIONS = tuple(
    sorted(
        {
            name
            for model in CATALOGUE
            for service in model.services.values()
            for name in service.resolutions
        },
        key=lines_of,
    )
)
_UNDER_WAY = (
    State.AWAITING_APPROVAL,
    State.QUEUED,
    State.SUBMITTING,
    State.UNKNOWN,
    State.RENDERING,
)


async def set_rule(
    tx: Transaction, limits: Limits, of: Rule, changes: Changes, *, author: str, at_ms: int
) -> Rule | None:
    """Change some limits of a holder and no others; None: none is left, and the rule is gone.

    `of` names the holder. Raises ActRefused.
    """
    old = await _find(tx, of)
    given = given_to(limits, await servers.find(tx, of.server_id))
    checked = {name: _checked(name, value, given) for name, value in changes.items()}
    rule = replace(old or of, **checked)
    if of.holder is Holder.SERVER and any(checked[name] for name in checked.keys() - _SPANS.keys()):
        raise CreditsOnly
    if rule != of:
        await rules_kept.put(tx, rule, author=author, at_ms=at_ms)
        return rule
    if old is None:
        raise LimitEmpty
    await clear_rule(tx, of, author=author, at_ms=at_ms)
    return None


async def clear_rule(tx: Transaction, of: Rule, *, author: str, at_ms: int) -> None:
    """Drop the rule of a holder; raises NoSuchLimit and LimitInUse."""
    if await _find(tx, of) is None:
        raise NoSuchLimit
    under_way = await renders.of_server(tx, server_id=of.server_id, states=_UNDER_WAY)
    if count := sum(_concerns(of, render) for render in under_way):
        raise LimitInUse(renders=count)
    await rules_kept.clear(
        tx,
        server_id=of.server_id,
        holder=of.holder,
        holder_id=of.holder_id,
        author=author,
        at_ms=at_ms,
    )


async def _find(tx: Transaction, of: Rule) -> Rule | None:
    wanted = (of.holder, of.holder_id)
    rules = await rules_kept.of_server(tx, of.server_id)
    return next((rule for rule in rules if (rule.holder, rule.holder_id) == wanted), None)


def _concerns(rule: Rule, render: Render) -> bool:
    """Say whether a render was accepted under a rule."""
    match rule.holder:
        case Holder.SERVER:
            return True
        case Holder.EVERYONE:
            return render.role_id is None
        case Holder.ROLE:
            return render.role_id == rule.holder_id
        case Holder.MEMBER:
            return render.member_id == rule.holder_id


def _checked(name: str, value: Value, given: int) -> Value:
    """Return a value as it is kept; `given` is what the host lets the server spend a day."""
    match value:
        case None:
            return () if name == "models" else None
        case int():
            return _number(name, value, given)
        case str():
            if value not in _RESOLUTIONS:
                raise ValueUnknown(name=name, value=value, known=_RESOLUTIONS)
            return value
        case _:
            return tuple(_model(name, model) for model in value)


def _number(name: str, value: int, given: int) -> int:
    span = _SPANS.get(name)
    demand_amount(name, value, least=0 if span else 1, most=_MOST.get(name, LARGEST_AMOUNT))
    if span and value > (most := most_of(span, given)):
        raise AboveHost(span=span, value=value, given=most)
    return value


def demand_amount(name: str, value: int, *, least: int, most: int = LARGEST_AMOUNT) -> None:
    """Raise AmountInvalid for a number that is too small or too large."""
    if not least <= value <= most:
        raise AmountInvalid(name=name, value=value, least=least, most=most)


def _model(name: str, typed: str) -> str:
    if model := seedance.find(typed):
        return model.name
    raise ValueUnknown(name=name, value=typed, known=seedance.known_names())
