"""Tell a server's admins what they gave, took back and chose."""

from __future__ import annotations

from typing import Final

from cogs.ui.markup import channel, escaped, member, quoted, relative, role, time_of_day
from cogs.ui.text.amounts import THIS_SPAN, counted, number, with_dollars
from render.allowance import Allowance
from storage.records import Grant, RoleGrant, Server

AUDIT_OFF: Final = "What admins change is noted in no channel now."
LONGEST_REASON: Final = 200


def granted(given: Grant | RoleGrant) -> str:
    """Say who got credits, until when, and what that does not change."""
    if isinstance(given, RoleGrant):
        whom = f"Everybody with {role(given.role_id)} gets"
    else:
        whom = f"{member(given.member_id)} gets"
    reason = quoted(given.reason, limit=LONGEST_REASON)
    return (
        f"{whom} {with_dollars(given.credits)} beside the allowance; what is left of it ends"
        f" {relative(given.expires_at_ms)}. The reason: {reason}. The limit of the whole server"
        " still binds."
    )


def reset(member_id: int, credits_back: int, allowance: Allowance) -> str:
    """Say what a member has again."""
    who = member(member_id)
    if not credits_back:
        return f"{who} had spent nothing that counts, so nothing was changed."
    account = allowance.account
    return (
        f"What {who} spent counts no more: {counted(credits_back)} are back, and"
        f" {number(account.left or 0)} of {number(account.ceiling or 0)} are left for"
        f" {THIS_SPAN[account.key.span]}."
    )


def zone_set(name: str, midnight_ms: int) -> str:
    """Say when days begin."""
    return (
        f"Days, weeks and months begin by the clock of {escaped(name, limit=60)} now, the next day"
        f" at your {time_of_day(midnight_ms)}. What was spent stays counted where it was."
    )


def audit(server: Server) -> str:
    """Say where acts are noted now."""
    noted = server.audit_channel_id or server.staff_channel_id
    if noted is None:
        return AUDIT_OFF
    return f"Who changes a limit or gives credits is noted in {channel(noted)}."
