"""Tell a member what is left, how long it lasts, and where it went; short enough for a phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cogs.ui.markup import quoted, relative
from cogs.ui.text.amounts import THIS_SPAN, number, reason
from cogs.ui.text.desk import LONGEST_REPLY, line, listed
from cogs.ui.text.renders import clips, credit
from render.allowance import Allowance
from storage.records import Account, Entry, Grant, Movement, Subject

LONGEST_REASON: Final = 60
MOST_GRANTS: Final = 5

# Whose reason a person wrote.
_TOLD: Final = frozenset({Entry.GRANT, Entry.RESET, Entry.REFUND})
# What a line does to what is left; a hold only sets aside.
_ENTRIES: Final[Mapping[Entry, str]] = {
    Entry.HOLD: "{} set aside",
    Entry.SETTLE: "−{}",
    Entry.BOOK: "−{}",
    Entry.RELEASE: "{} given back",
    Entry.REFUND: "+{}",
    Entry.GRANT: "+{}",
    Entry.RESET: "+{}",
}


def quota(allowance: Allowance) -> str:
    """Show what is left in all, by window and by grant, what is under way, and the latest lines."""
    wallet = allowance.wallet
    parts = [f"**{credit(allowance.left)}{_clips(allowance)}**"]
    several = len(wallet.member) > 1
    parts += [
        _window(account, binds=several and account == wallet.account) for account in wallet.member
    ]
    parts += [_grant(grant) for grant in wallet.grants[:MOST_GRANTS]]
    if more := wallet.grants[MOST_GRANTS:]:
        parts.append(f"… and {len(more)} more gifts.")
    parts += _others(allowance)
    if allowance.under_way:
        held = allowance.set_aside
        parts.append(f"Under way, {number(held)} set aside:" if held else "Under way:")
        parts += listed([line(render, "") for render in allowance.under_way]).splitlines()
    if allowance.movements:
        parts.append("Latest:")
        parts += [_movement(one) for one in allowance.movements]
    return _cut(parts)


def _cut(lines: list[str]) -> str:
    """Put below each other as many as fit; the oldest come last."""
    while len("\n".join(lines)) > LONGEST_REPLY:
        lines.pop()
    return "\n".join(lines)


def _clips(allowance: Allowance) -> str:
    words = clips(allowance.left, allowance.clip_credits, allowance.clip_seconds)
    return f", {words}" if words else ""


def _window(account: Account, *, binds: bool) -> str:
    left, ceiling = number(account.left or 0), number(account.ceiling or 0)
    when = f"more {relative(account.key.ends_at_ms)}"
    words = f"{THIS_SPAN[account.key.span].capitalize()}: {left} of {ceiling} left · {when}"
    return f"{words} · this limit binds" if binds else words


def _grant(grant: Grant) -> str:
    why = f" · {_quoted(grant.reason)}" if grant.reason else ""
    return f"Gift: {number(grant.left)} left · ends {relative(grant.expires_at_ms)}{why}"


def _others(allowance: Allowance) -> list[str]:
    """Name what stands in the way although the member has credits: the server's, or the bot's."""
    binding = allowance.wallet.binding
    if (binding.left or 0) >= allowance.left:
        return []
    span, when = THIS_SPAN[binding.key.span], relative(binding.key.ends_at_ms)
    match binding.key.subject:
        case Subject.SERVER:
            return [f"This server has {number(binding.left or 0)} left {span} · more {when}"]
        case Subject.HOST if (binding.left or 0) < allowance.clip_credits:
            return [f"The bot's own budget is nearly used up {span} · more {when}"]
        case _:
            return []


def _movement(one: Movement) -> str:
    parts = [_ENTRIES[one.entry].format(number(one.credits))]
    if one.render_id:
        parts.append(f"`{one.render_id}`")
    parts.append(relative(one.at_ms))
    if one.entry in _TOLD and one.reason:
        parts.append(_quoted(one.reason))
    return " · ".join(parts)


def _quoted(written: str) -> str:
    return quoted(reason(written), limit=LONGEST_REASON)
