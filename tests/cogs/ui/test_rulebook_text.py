"""What admins read of a server's rules of conduct."""

from __future__ import annotations

from collections.abc import Iterator

from cogs.ui.text import rulebook as text
from storage.records import (
    Approval,
    ApprovalKind,
    ApprovalRule,
    Consequence,
    Newcomers,
    Server,
    Word,
)
from tests.cogs.examples import BORN_MS, CHANNEL_ID, SERVER_ID

PLACE, ROLE = ApprovalKind.PLACE, ApprovalKind.ROLE


def rule(kind: ApprovalKind, holder_id: int, approval: Approval) -> ApprovalRule:
    return ApprovalRule(server_id=SERVER_ID, kind=kind, holder_id=holder_id, approval=approval)


def word(pattern: str, consequence: Consequence = Consequence.REFUSE) -> Word:
    return Word(server_id=SERVER_ID, pattern=pattern, consequence=consequence)


RULES = (
    rule(PLACE, CHANNEL_ID, Approval.IMAGES),
    rule(PLACE, SERVER_ID, Approval.NEWCOMERS),
    rule(ROLE, 5, Approval.NEVER),
)


def everything_said_of_rules() -> Iterator[str]:
    yield text.channels(Server(server_id=SERVER_ID))
    yield text.channels(Server(server_id=SERVER_ID, channel_ids=frozenset({CHANNEL_ID})))
    yield text.approvals((), SERVER_ID)
    yield text.approvals(RULES, SERVER_ID)
    for approval in (*Approval, None):
        for kind, holder_id in ((PLACE, SERVER_ID), (PLACE, CHANNEL_ID), (ROLE, 5)):
            yield text.approval_set(approval, kind, holder_id, SERVER_ID)
    yield text.words(())
    for consequence in Consequence:
        yield text.words((word("gory", consequence),))
        yield text.words_added((word("gory", consequence),))
    yield text.words_removed((word("gory"),))
    for account_days in (0, 1):
        for member_days in (0, 3):
            rules = Newcomers(
                server_id=SERVER_ID,
                account_days=account_days,
                member_days=member_days,
                paused_until_ms=BORN_MS + 1,
            )
            yield text.newcomers(rules, BORN_MS)
            yield text.newcomers(rules, BORN_MS + 1)
    yield text.let_in(were_waiting=True)
    yield text.let_in(were_waiting=False)


def test_all_rules_are_listed_the_server_first() -> None:
    assert text.approvals(RULES, SERVER_ID).splitlines()[:3] == [
        "Moderators say yes first to these, before they start:",
        "**The whole server**: videos of members who joined within the last 7 days",
        f"**<#{CHANNEL_ID}>**: videos with pictures",
    ]
    assert "**<@&5>**: none" in text.approvals(RULES, SERVER_ID)


def test_what_holds_without_a_rule_is_said() -> None:
    assert (
        "**The whole server**: videos with pictures of members who joined within the last 7 days,"
        " as usual"
    ) in text.approvals((), SERVER_ID)


def test_a_list_of_many_words_fits_into_a_reply() -> None:
    many = [word(f"{'*' * 20}{number} {'x' * 30}") for number in range(500)]
    assert len(text.words(many)) < 4000
    assert len(text.words_added(many)) < 4000
    assert len(text.words_removed(many)) < 4000
    rules = [rule(ROLE, 10**18 + number, Approval.NEWCOMERS) for number in range(300)]
    words = text.approvals(rules, SERVER_ID)
    assert len(words) < 4000
    assert words.endswith(" more.")


def test_words_are_shown_by_what_becomes_of_them() -> None:
    listed = (word("gory"), word("real * person", Consequence.APPROVE))
    assert text.words(listed).splitlines() == [
        "**Refuse the video**: gory",
        r"**Ask a moderator first**: real \* person",
    ]


def test_newcomers_are_told_of_by_what_is_set() -> None:
    rules = Newcomers(server_id=SERVER_ID, account_days=30, member_days=1)
    assert text.newcomers(rules, BORN_MS) == (
        "Members whose Discord account is at least 30 days old and who joined at least 1 day ago"
        " may send videos."
    )
