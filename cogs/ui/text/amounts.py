"""Write credits, dollars and windows the one way in which people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from storage.records import Cause, Span

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

# What the bot gave back by itself has a cause where people write a reason.
_CAUSES: Final[Mapping[str, str]] = {Cause.VIDEO_MISSING: "the video was lost"}


def reason(written: str) -> str:
    """Return why credits were given or taken back, in words for people."""
    return _CAUSES.get(written, written)


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
