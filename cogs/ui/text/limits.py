"""Say which limits are set, what changes, and which one binds a member."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cogs.ui.house import House
from cogs.ui.markup import any_of, day_and_time, member, relative, role
from cogs.ui.text.amounts import A_SPAN, THIS_SPAN, counted, number, with_dollars
from cogs.ui.text.renders import TROUBLES, clips, model_label
from cogs.ui.text.setup import where, who
from render.allowance import Allowance, ceilings_of
from render.errors import Blocked, Paused, QueueFull, Refusal, ServicePaused, SubmitsStopped
from storage.records import Account, Holder, Rule, Server, StopReason, Subject

EVERYONE_CHOICE: Final = "Everyone: what each member may do"
SERVER_CHOICE: Final = "The whole server together"
NAMED_CHOICE: Final = "A role or a member: name it in which"
GONE_CHOICE: Final = "All roles that were deleted"

LONGEST_REPLY: Final = 3900
_ORDER: Final = (Holder.EVERYONE, Holder.ROLE, Holder.MEMBER)


def limits(house: House, *, gone: int) -> str:
    """Show all that is set; `gone` are the rules of roles that were deleted."""
    own = next((rule for rule in house.rules if rule.holder is Holder.SERVER), None)
    words = rule_words(own) if own else f"{counted(house.given)} a day"
    state = f"Open {where(house.server)}, for {who(house.server)}."
    lines = [
        state if house.server.opened else "Not open yet: `/server setup` opens it to members.",
        f"**The whole server**: {words}. The host gave it {with_dollars(house.given)} a day.",
    ]
    members = sorted(
        (rule for rule in house.rules if rule.holder is not Holder.SERVER),
        key=lambda rule: (_ORDER.index(rule.holder), rule.holder_id),
    )
    if not members or members[0].holder is not Holder.EVERYONE:
        lines.append(f"**Everyone, each**: {counted(house.usual)} a day, as the bot's host set it.")
    lines += [f"{_bold(rule)}: {rule_words(rule)}" for rule in members]
    if any(rule.holder is Holder.ROLE for rule in members):
        lines.append("Of several roles the one with the most credits counts.")
    if gone:
        lines.append(
            f"{gone} more for roles that were deleted, which apply to nobody;"
            " `/server limits clear` takes them away."
        )
    return fitting(lines)


def rule_words(rule: Rule) -> str:
    """Write all that a rule sets, in one line."""
    parts = [_ceilings(rule)] if ceilings_of(rule) else []
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
    (first, amount), *others = ceilings_of(rule)
    words = [f"{counted(amount)} {A_SPAN[first]}"]
    words += [f"{number(amount)} {A_SPAN[span]}" for span, amount in others]
    return ", ".join(words)


def fitting(lines: Sequence[str]) -> str:
    """Put lines below each other, as many as a reply has room for, and count the others."""
    shown, length = list[str](), 0
    for line in lines:
        length += len(line) + 1
        if length > LONGEST_REPLY:
            return "\n".join([*shown, f"… and {len(lines) - len(shown)} more."])
        shown.append(line)
    return "\n".join(shown)


def holder(rule: Rule) -> str:
    """Name whose limits these are."""
    match rule.holder:
        case Holder.SERVER:
            return "the whole server"
        case Holder.EVERYONE:
            return "everyone"
        case Holder.ROLE:
            return role(rule.holder_id)
        case Holder.MEMBER:
            return member(rule.holder_id)


def _bold(rule: Rule) -> str:
    return "**Everyone, each**" if rule.holder is Holder.EVERYONE else f"**{holder(rule)}**"


def limit_set(rule: Rule) -> str:
    """Say what holds for somebody now."""
    words = f"For {holder(rule)} this applies now: {rule_words(rule)}."
    if rule.holder is Holder.SERVER:
        return words
    return f"{words} Videos under way go on as they are."


def limit_cleared(rule: Rule, house: House) -> str:
    """Say what holds instead of a limit that was taken away."""
    head = f"The limits for {holder(rule)} are gone."
    match rule.holder:
        case Holder.SERVER:
            return f"{head} What the host gave applies: {counted(house.given)} a day."
        case Holder.EVERYONE:
            return f"{head} The bot's own apply: {counted(house.usual)} a day for each member."
        case _:
            return f"{head} Those of the next best role, or else of everyone, apply."


def deleted_cleared(count: int) -> str:
    """Say that the limits of deleted roles are gone."""
    whose = "a role that was deleted" if count == 1 else f"{count} roles that were deleted"
    return f"The limits for {whose} are gone; they applied to nobody."


def why(
    member_id: int,
    allowance: Allowance,
    server: Server,
    role_ids: frozenset[int],
    obstacle: Refusal | None = None,
) -> str:
    """Say in one sentence what a member's next request meets first, and until when."""
    whom, terms = member(member_id), allowance.terms
    if isinstance(obstacle, Paused | SubmitsStopped | ServicePaused):
        return f"{whom} must wait, as everybody here: {_stopped(obstacle)}."
    if not server.opened:
        return f"{whom} must wait until an admin opens the bot with `/server setup`."
    if server.role_ids and not server.role_ids & role_ids:
        return f"{whom} makes no videos here without {any_of(map(role, sorted(server.role_ids)))}."
    if isinstance(obstacle, Blocked):
        until = f", until {day_and_time(obstacle.until_ms)}" if obstacle.until_ms else ""
        by = "too many of their videos failed" if obstacle.automatic else "a moderator stopped them"
        return f"{whom} may send none: {by}{until}; `/queue unstop` lets them go on."
    if allowance.spendable < allowance.clip_credits:
        return _credits(whom, allowance)
    if allowance.at_once >= terms.renders_at_once:
        return (
            f"{whom} has {_videos(allowance.at_once)} under way, which is the most at once"
            f" {_from(terms.holders.get('renders_at_once'), terms.role_id)}, until one is done."
        )
    if isinstance(obstacle, QueueFull):
        source = _from(obstacle.holder, terms.role_id)
        return (
            f"{whom} must wait until fewer than {_videos(obstacle.limit)} wait in this server,"
            f" which is the most {source}."
        )
    return _credits(whom, allowance)


def _stopped(obstacle: Paused | SubmitsStopped | ServicePaused) -> str:
    match obstacle:
        case Paused(pause=pause):
            who, when = member(pause.author_id), relative(pause.at_ms)
            return f"{who} closed the server to new videos {when}, until `/queue resume`"
        case SubmitsStopped(reason=StopReason.HOST):
            return "the bot's host has stopped new videos"
        case SubmitsStopped():
            return "the bot's host has to look after it first"
        case ServicePaused(reason=reason, since_ms=since_ms):
            return f"{TROUBLES[reason]}, since {relative(since_ms)}"


def _credits(whom: str, allowance: Allowance) -> str:
    """Say which account binds, and when there is more."""
    account, terms = allowance.wallet.binding, allowance.terms
    anew = relative(account.key.ends_at_ms)
    span = THIS_SPAN[account.key.span]
    match account.key.subject:
        case Subject.HOST:
            return f"{whom} is limited by the bot's budget for {span}, until more comes {anew}."
        case Subject.SERVER:
            return (
                f"{whom} is limited by what the whole server has left for {span},"
                f" {_left(account)}{_enough(allowance)}, until more comes {anew}."
            )
        case _:
            given = allowance.wallet.granted
            source = _from(allowance.holder, terms.role_id)
            left = f"{_left(account)} left for {span} {source}"
            beside = f" and {number(given)} given" if given else ""
            return f"{whom} has {left}{beside}{_enough(allowance)}, and more {anew}."


def _left(account: Account) -> str:
    return f"{number(account.left or 0)} of {counted(account.ceiling or 0)}"


def _enough(allowance: Allowance) -> str:
    words = clips(allowance.spendable, allowance.clip_credits, allowance.clip_seconds)
    return f" ({words})" if words else ""


def _from(source: Holder | None, role_id: int | None) -> str:
    """Say who drew a limit."""
    match source:
        case Holder.MEMBER:
            return "by a limit of their own"
        case Holder.ROLE if role_id is not None:
            return f"by the limit for {role(role_id)}"
        case Holder.EVERYONE:
            return "by the limit for everyone"
        case _:
            return "by the bot's own limit"


def _videos(count: int) -> str:
    return "1 video" if count == 1 else f"{count} videos"
