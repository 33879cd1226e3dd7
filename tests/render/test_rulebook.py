"""What admins write into a server's rulebook, and what is left as it was."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from render.errors import AmountInvalid, NoSuchWord, WordInvalid
from render.rulebook import LONGEST_WORD, MOST_DAYS, MOST_PLACES, MOST_WORDS, Rulebook
from storage import events
from storage.records import (
    Approval,
    ApprovalKind,
    ApprovalRule,
    Consequence,
    Event,
    Newcomers,
    Word,
)
from tests.render.gate import SERVER, Gate, opened

ADMIN = 9


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncGenerator[Gate]:
    async with opened(tmp_path) as made:
        yield made


@pytest.fixture
def rulebook(gate: Gate) -> Rulebook:
    return Rulebook(gate.database, gate.clock)


async def acts(gate: Gate) -> list[Event]:
    """Return what was changed besides the setup."""
    found = await gate.database.read(
        lambda tx: events.acts(tx, server_id=SERVER, after_id=0, limit=99)
    )
    return [act for act in found if act.action != "setup"]


async def told(gate: Gate) -> tuple[str, str, str, str]:
    """Return the one act that was written: action, target, old and new value."""
    [act] = await acts(gate)
    assert act.author == str(ADMIN)
    return act.action, act.target, act.old_value, act.new_value


async def test_channels_are_those_of_the_setup(gate: Gate, rulebook: Rulebook) -> None:
    await rulebook.set_channels(SERVER, frozenset({5, 4}), author_id=ADMIN)
    assert (await gate.treasury().server(SERVER)).channel_ids == {4, 5}
    assert await told(gate) == ("channels.set", "server", "channel_ids=[]", "channel_ids=[4,5]")


async def test_the_form_has_room_for_all_channels(gate: Gate, rulebook: Rulebook) -> None:
    with pytest.raises(AmountInvalid) as refusal:
        await rulebook.set_channels(SERVER, frozenset(range(MOST_PLACES + 1)), author_id=ADMIN)
    assert (refusal.value.name, refusal.value.most) == ("channel_ids", 25)
    assert await acts(gate) == []


@pytest.mark.parametrize(
    ("kind", "holder_id", "target"),
    [
        (ApprovalKind.PLACE, 5, "place:5"),
        (ApprovalKind.PLACE, SERVER, "server"),
        (ApprovalKind.ROLE, 6, "role:6"),
    ],
)
async def test_an_approval_is_set_changed_and_taken_away(
    gate: Gate, rulebook: Rulebook, kind: ApprovalKind, holder_id: int, target: str
) -> None:
    for approval in (Approval.ALWAYS, Approval.ALWAYS, Approval.NEVER, None, None):
        await rulebook.set_approval(SERVER, kind, holder_id, approval, author_id=ADMIN)
        expected = approval and ApprovalRule(
            server_id=SERVER, kind=kind, holder_id=holder_id, approval=approval
        )
        assert await rulebook.approvals(SERVER) == ((expected,) if expected else ())
    written = [(act.action, act.target, act.old_value, act.new_value) for act in await acts(gate)]
    assert written == [
        ("approval.set", target, "approval=", "approval=always"),
        ("approval.set", target, "approval=always", "approval=never"),
        ("approval.set", target, "approval=never", "approval="),
    ]


async def test_words_are_kept_as_they_are_compared(gate: Gate, rulebook: Rulebook) -> None:
    added = await rulebook.add_words(
        SERVER, " Górÿ , SWORD*,, real  person", Consequence.REFUSE, author_id=ADMIN
    )
    assert [word.pattern for word in added] == ["gory", "sword*", "real person"]
    listed = await rulebook.words(SERVER)
    assert [word.pattern for word in listed] == ["gory", "real person", "sword*"]
    assert await told(gate) == (
        "words.add",
        "server",
        "",
        'refuse=["gory","sword*","real person"]',
    )


async def test_the_same_word_again_changes_only_what_becomes_of_it(
    gate: Gate, rulebook: Rulebook
) -> None:
    for _ in range(2):
        await rulebook.add_words(SERVER, "Boat, lake", Consequence.REFUSE, author_id=ADMIN)
    await rulebook.add_words(SERVER, "BOAT", Consequence.APPROVE, author_id=ADMIN)
    assert await rulebook.words(SERVER) == (
        Word(server_id=SERVER, pattern="boat", consequence=Consequence.APPROVE),
        Word(server_id=SERVER, pattern="lake", consequence=Consequence.REFUSE),
    )
    first, second = await acts(gate)
    assert first.new_value == 'refuse=["boat","lake"]'
    assert (second.old_value, second.new_value) == ('refuse=["boat"]', 'approve=["boat"]')


async def test_words_are_taken_off_however_they_are_typed(gate: Gate, rulebook: Rulebook) -> None:
    await rulebook.add_words(SERVER, "boat, lake", Consequence.REFUSE, author_id=ADMIN)
    gone = await rulebook.remove_words(SERVER, "BÖAT, sea", author_id=ADMIN)
    assert [word.pattern for word in gone] == ["boat"]
    assert [word.pattern for word in await rulebook.words(SERVER)] == ["lake"]
    assert (await acts(gate))[-1].old_value == 'refuse=["boat"]'
    with pytest.raises(NoSuchWord):
        await rulebook.remove_words(SERVER, "boat", author_id=ADMIN)
    assert len(await acts(gate)) == 2


@pytest.mark.parametrize("typed", ["*", "boat, *", " , ", "", "…"])
async def test_a_word_without_a_letter_changes_nothing(
    gate: Gate, rulebook: Rulebook, typed: str
) -> None:
    with pytest.raises(WordInvalid):
        await rulebook.add_words(SERVER, typed, Consequence.REFUSE, author_id=ADMIN)
    assert await rulebook.words(SERVER) == ()
    assert await acts(gate) == []


async def test_words_are_neither_too_long_nor_too_many(gate: Gate, rulebook: Rulebook) -> None:
    with pytest.raises(AmountInvalid) as refusal:
        await rulebook.add_words(
            SERVER, "a" * (LONGEST_WORD + 1), Consequence.REFUSE, author_id=ADMIN
        )
    assert refusal.value.name == "word_length"
    full = ",".join(f"word{number}" for number in range(MOST_WORDS))
    await rulebook.add_words(SERVER, full, Consequence.REFUSE, author_id=ADMIN)
    with pytest.raises(AmountInvalid) as refusal:
        await rulebook.add_words(SERVER, "one more", Consequence.REFUSE, author_id=ADMIN)
    assert (refusal.value.name, refusal.value.value) == ("words", MOST_WORDS + 1)
    assert len(await rulebook.words(SERVER)) == MOST_WORDS
    assert len(await acts(gate)) == 1


async def test_only_the_days_that_are_given_change(gate: Gate, rulebook: Rulebook) -> None:
    await rulebook.set_newcomers(SERVER, account_days=30, member_days=None, author_id=ADMIN)
    for _ in range(2):
        rules = await rulebook.set_newcomers(
            SERVER, account_days=None, member_days=2, author_id=ADMIN
        )
        assert rules == Newcomers(server_id=SERVER, account_days=30, member_days=2)
        assert await rulebook.newcomers(SERVER) == rules
    assert [(act.old_value, act.new_value) for act in await acts(gate)] == [
        ("account_days=0", "account_days=30"),
        ("member_days=0", "member_days=2"),
    ]


@pytest.mark.parametrize("days", [-1, MOST_DAYS + 1])
async def test_days_that_make_no_sense_change_nothing(
    gate: Gate, rulebook: Rulebook, days: int
) -> None:
    with pytest.raises(AmountInvalid):
        await rulebook.set_newcomers(SERVER, account_days=1, member_days=days, author_id=ADMIN)
    assert await rulebook.newcomers(SERVER) == Newcomers(server_id=SERVER)
    assert await acts(gate) == []
