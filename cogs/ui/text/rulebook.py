"""Say where videos are made, what moderators say yes to first, which words not, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from cogs.ui.markup import any_of, channel, day_and_time, escaped, quoted, relative, role
from render.errors import AccountTooNew, Blocked, MemberTooNew, NewcomersPaused, WordRefused
from storage.records import (
    Approval,
    ApprovalKind,
    ApprovalRule,
    Consequence,
    Newcomers,
    Server,
    Word,
)

TurnedAway: TypeAlias = Blocked | AccountTooNew | MemberTooNew | NewcomersPaused | WordRefused

APPROVALS: Final[Mapping[Approval, str]] = {
    Approval.ALWAYS: "every video",
    Approval.IMAGES: "videos with pictures",
    Approval.NEWCOMERS: "videos of members who joined within the last 7 days",
    Approval.NEVER: "none",
}
# What holds where nothing was set.
USUAL: Final = "videos with pictures of members who joined within the last 7 days"
AS_AROUND: Final = "What holds around it, or else the usual"
CONSEQUENCES: Final[Mapping[Consequence, str]] = {
    Consequence.REFUSE: "Refuse the video",
    Consequence.APPROVE: "Ask a moderator first",
}
SAME: Final = "That is so already. Nothing was changed."
PRECEDENCE: Final = (
    "The nearest counts: thread, channel, category, server. A role adds to it; “none” for a role"
    " frees its members from what the place asks, not from what another role of theirs asks."
)
LONGEST_LIST: Final = 3500
LONGEST_QUOTE: Final = 60


def turned_away(error: TurnedAway) -> str:
    """Say why a member may not send this, or anything now, and until when."""
    match error:
        case Blocked():
            return _blocked(error)
        case AccountTooNew():
            return (
                f"Videos here are for Discord accounts that are at least {_days(error.days)} old."
                f" Yours is that old {relative(error.until_ms)}."
            )
        case MemberTooNew():
            return (
                f"Videos here are for members who joined at least {_days(error.days)} ago."
                f" You may send yours {relative(error.until_ms)}."
            )
        case NewcomersPaused():
            return (
                "Very many new members ask for a video at this moment, so those who joined within"
                f" the last 7 days have to wait. It goes on {relative(error.until_ms)}, or when a"
                " moderator lets it."
            )
        case WordRefused():
            return (
                "This server makes no videos with certain words, and your prompt has one of them."
                " Please say it with others, or ask a moderator."
            )


def _blocked(error: Blocked) -> str:
    until_ms = error.until_ms
    until = f"until {day_and_time(until_ms)} ({relative(until_ms)})" if until_ms else "any more"
    if error.automatic:
        return (
            "Five of your videos were refused, or came to nothing, within an hour. So you can send"
            f" no other {until}. A moderator can let you go on sooner."
        )
    reason = f" The reason: {quoted(error.reason, limit=300)}." if error.reason else ""
    return f"A moderator lets you send no videos in this server {until}.{reason}"


def channels(server: Server) -> str:
    """Say where videos are made now."""
    if not server.channel_ids:
        where = "everywhere"
    else:
        names = any_of(map(channel, sorted(server.channel_ids)))
        where = f"in {names}, and in all threads and channels under them"
    return f"`/video` works {where}."


def approvals(rules: Sequence[ApprovalRule], server_id: int) -> str:
    """List what moderators say yes to first, the whole server first."""
    whole = next((rule for rule in rules if rule.holder_id == server_id), None)
    words = APPROVALS[whole.approval] if whole else f"{USUAL}, as usual"
    lines = [
        "Moderators say yes first to these, before they start:",
        f"**The whole server**: {words}",
        *(f"**{_holder(rule)}**: {APPROVALS[rule.approval]}" for rule in rules if rule != whole),
        PRECEDENCE,
    ]
    return _fitting(lines)


def approval_set(
    approval: Approval | None, kind: ApprovalKind, holder_id: int, server_id: int
) -> str:
    """Say what holds somewhere, or for somebody, from now on."""
    if holder_id == server_id:
        whom = "in the whole server"
    elif kind is ApprovalKind.PLACE:
        whom = f"in {channel(holder_id)} and what is under it"
    else:
        whom = f"for {role(holder_id)}"
    if approval is None:
        return f"Nothing of its own holds {whom} now; what holds around it does, or else the usual."
    return (
        f"Moderators say yes first, {whom}, to: {APPROVALS[approval]}. What already waits for"
        " a yes goes on waiting."
    )


def _holder(rule: ApprovalRule) -> str:
    name = channel if rule.kind is ApprovalKind.PLACE else role
    return name(rule.holder_id)


def words(listed: Sequence[Word]) -> str:
    """Show the list to who keeps it."""
    if not listed:
        return "No words are on the list. `/server words add:` puts some there."
    lines = [
        f"**{CONSEQUENCES[consequence]}**: {_joined(listed, consequence)}"
        for consequence in Consequence
        if any(word.consequence is consequence for word in listed)
    ]
    return _fitting(lines)


def words_added(added: Sequence[Word]) -> str:
    """Repeat what was put on the list, as it is compared."""
    what = CONSEQUENCES[added[0].consequence].lower()
    return (
        f"On the list now: {_joined(added, added[0].consequence)}. Where a prompt has one of them"
        f" as a whole word, in whatever case or accents, I {what}."
    )


def words_removed(gone: Sequence[Word]) -> str:
    """Repeat what was taken off the list."""
    names = ", ".join(escaped(word.pattern, limit=LONGEST_QUOTE) for word in gone)
    return f"No longer on the list: {_cut(names)}."


def _joined(listed: Sequence[Word], consequence: Consequence) -> str:
    patterns = [
        escaped(word.pattern, limit=LONGEST_QUOTE)
        for word in listed
        if word.consequence is consequence
    ]
    return _cut(", ".join(patterns))


def newcomers(rules: Newcomers, now_ms: int) -> str:
    """Say who may send videos, by the age of account and membership."""
    parts = [
        f"whose Discord account is at least {_days(rules.account_days)} old"
        if rules.account_days
        else "",
        f"who joined at least {_days(rules.member_days)} ago" if rules.member_days else "",
    ]
    who = " and ".join(filter(None, parts))
    words = f"Members {who} may send videos." if who else "New members may send videos at once."
    if rules.paused_until_ms and now_ms < rules.paused_until_ms:
        words += (
            f" Those who joined within the last 7 days wait now, because too many came at once; it"
            f" goes on {relative(rules.paused_until_ms)}. `/server newcomers let_in:True` lets them"
            " in at once."
        )
    return words


def let_in(*, were_waiting: bool) -> str:
    """Say that newcomers may send videos again."""
    if were_waiting:
        return "New members may send videos again."
    return "New members do not have to wait at this moment. Nothing was changed."


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LIST // 2 else f"{line[: LONGEST_LIST // 2]}…"


def _fitting(lines: Sequence[str]) -> str:
    shown = list[str]()
    for line in lines:
        if len("\n".join([*shown, line])) > LONGEST_LIST:
            return "\n".join([*shown, f"… and {len(lines) - len(shown)} more."])
        shown.append(line)
    return "\n".join(shown)
