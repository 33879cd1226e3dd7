"""Write credits, dollars and limits the one way in which people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cogs.ui.text.renders import model_label
from storage.records import Rule, Span

A_SPAN: Final[Mapping[Span, str]] = {
    Span.HOUR: "an hour",
    Span.DAY: "a day",
    Span.WEEK: "a week",
    Span.MONTH: "a month",
}
THIS_SPAN: Final[Mapping[Span, str]] = {
    Span.HOUR: "this hour",
    Span.DAY: "today",
    Span.WEEK: "this week",
    Span.MONTH: "this month",
}


def dollars(amount: int) -> str:
    """Write what credits cost at list price, the cents only where there are some."""
    whole, cents = divmod(amount, 100)
    return f"${whole:,}.{cents:02}" if cents else f"${whole:,}"


def number(count: int) -> str:
    """Write a number so that a large one can be read at a glance."""
    return f"{count:,}"


def counted(amount: int) -> str:
    """Write an amount of credits, grouped."""
    return f"{number(amount)} {'credit' if amount == 1 else 'credits'}"


def with_dollars(amount: int) -> str:
    """Write an amount of credits with its price."""
    return f"{counted(amount)} ({dollars(amount)})"


def rule_words(rule: Rule) -> str:
    """Write all that a rule sets, in one line."""
    parts = [_ceilings(rule)] if any(rule.credits(span) is not None for span in Span) else []
    if rule.renders_at_once is not None:
        parts.append(f"{rule.renders_at_once} at once")
    if rule.queue_length is not None:
        parts.append(f"{rule.queue_length} waiting")
    if rule.longest_seconds is not None:
        parts.append(f"up to {rule.longest_seconds} s")
    if rule.highest_resolution is not None:
        parts.append(f"up to {rule.highest_resolution}")
    if rule.models:
        parts.append("only " + ", ".join(map(model_label, rule.models)))
    return " · ".join(parts)


def _ceilings(rule: Rule) -> str:
    """Write "20 credits an hour, 120 a day"."""
    set_ones = [(span, rule.credits(span)) for span in Span]
    (first, amount), *others = [(span, it) for span, it in set_ones if it is not None]
    words = [f"{counted(amount)} {A_SPAN[first]}"]
    return ", ".join([*words, *(f"{number(it)} {A_SPAN[span]}" for span, it in others)])
