"""Show the host what is spent, in dollars, and say what its brakes do; for nobody else's eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cogs.ui.markup import day_and_time, escaped, quoted, relative
from cogs.ui.text.renders import credit
from render.readings import Taken
from storage.records import Span, StopReason, SubmitStop

LONGEST_NAME: Final = 40
MOST_SERVERS: Final = 15
LONGEST_REASON: Final = 300

GOES_ON: Final = "Videos start again. What waited keeps its place."
NOT_STOPPED: Final = "Nothing was stopped, so there is nothing to start again."
STOPPED: Final = (
    "From now on no video starts, in any server, also after a restart. What the video service has"
    " already is finished and delivered; what waits keeps its place for as long as its card says."
    " Members read that you stopped new videos, and not why. `/host go` starts them again."
)
FIGURE_NOT_ASKED: Final = (
    "The video service's own figure is not asked for; COMETAPI_BALANCE_KEY lets me."
)
FIGURE_UNKNOWN: Final = "The video service's own figure could not be read just now."
_HEADS: Final[Mapping[Span, str]] = {Span.DAY: "Today", Span.MONTH: "This month"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Hold the host's figures of a window so far, in credits, and the provider's, in USD."""

    span: Span
    starts_at_ms: int
    ceiling: int
    spent: int
    # Of the spent, for renders that gave no video, and may not have been billed.
    unsure: int
    held: int
    # None: it is not known.
    taken: Taken | None
    # What the ledger says since the provider's figure begins.
    spent_since: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Hold what one server spent, in credits."""

    name: str
    today: int
    month: int


def dollars(credits: int | Decimal) -> str:
    """Write credits, or a Decimal of USD, as dollars."""
    usd = credits if isinstance(credits, Decimal) else Decimal(credits) / 100
    return f"-${-usd:,.2f}" if usd < 0 else f"${usd:,.2f}"


def sheet(periods: Sequence[Period], shares: Sequence[Share], *, missing: str = "") -> str:
    """Lay out what is spent; `missing` says why the provider's figure is, where it is."""
    parts = [_period(period) for period in periods]
    if missing:
        parts.append(missing)
    if shares:
        lines = [_share(share) for share in shares[:MOST_SERVERS]]
        if more := shares[MOST_SERVERS:]:
            rest = sum(share.month for share in more)
            lines.append(f"… and {len(more)} more: {dollars(rest)} this month.")
        parts.append("\n".join(["**By server**, today · this month", *lines]))
    return "\n\n".join(parts)


def _period(period: Period) -> str:
    lines = [
        f"**{_HEADS[period.span]}**, since {day_and_time(period.starts_at_ms)}",
        f"{dollars(period.spent)} of {dollars(period.ceiling)} spent, and {dollars(period.held)}"
        " held for what is under way.",
    ]
    if period.unsure:
        lines.append(
            f"Of the spent, {dollars(period.unsure)} went into renders without a video: it may"
            " have been billed, or not."
        )
    if period.taken is not None:
        lines.append(_figure(period.taken, period.spent_since))
    return "\n".join(lines)


def _figure(taken: Taken, spent: int) -> str:
    """Compare the provider's figure with the ledger's for the same time."""
    ours = Decimal(spent) / 100
    words = (
        f"The video service took {dollars(taken.usd)} since {day_and_time(taken.since_ms)}, the"
        f" first reading; the ledger says {dollars(ours)} for that time, {_apart(taken.usd, ours)}."
    )
    if not taken.grown:
        return words
    return (
        f"{words} Its balance grew by {dollars(taken.grown)} in between, which I count as a top-up."
    )


def _apart(theirs: Decimal, ours: Decimal) -> str:
    difference = (ours - theirs).quantize(Decimal("0.01"))
    if not difference:
        return "the same"
    return f"{dollars(abs(difference))} {'more' if difference > 0 else 'less'}"


def _share(share: Share) -> str:
    name = escaped(share.name, limit=LONGEST_NAME)
    return f"{name}: {dollars(share.today)} · {dollars(share.month)}"


def stopped_already(stop: SubmitStop) -> str:
    """Tell the host that nothing starts anyway."""
    since = relative(stop.since_ms)
    if stop.reason is StopReason.OLD_DATABASE:
        return (
            f"Nothing has started since {since} anyway: the database may be an old backup, and"
            " waits for your word. `/host go` gives it."
        )
    note = f" You noted: {quoted(stop.note, limit=LONGEST_REASON)}." if stop.note else ""
    return f"You stopped it {since} already.{note} `/host go` starts it again."


def given(name: str, credits: int, server_ceiling: int) -> str:
    """Tell the host what a server's admins may now go up to."""
    words = (
        f"{escaped(name, limit=LONGEST_NAME)} may spend up to {credit(credits)}"
        f" ({dollars(credits)}) a day. Its admins may set less, and nothing above it."
    )
    return _under(server_ceiling, credits, words)


def given_as_usual(name: str, credits: int, server_ceiling: int) -> str:
    """Tell the host that a server may spend what every server may."""
    words = (
        f"{escaped(name, limit=LONGEST_NAME)} may spend what every server may: up to"
        f" {credit(credits)} ({dollars(credits)}) a day, and what you set for all later."
    )
    return _under(server_ceiling, credits, words)


def _under(server_ceiling: int, credits: int, words: str) -> str:
    """Add what binds before a gift does."""
    if credits > server_ceiling:
        return f"{words} Your own ceiling of {dollars(server_ceiling)} a day for all still binds."
    return words
