from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import Database, StorageError, Transaction, accounts, ledger, renders
from storage.records import Account, AccountKey, Entry, LedgerLine, Span, Subject
from tests.storage.examples import MEMBER, NOW_MS, host, member, render

HOST = host()
MONTH = host(Span.MONTH)
MINE = member()
ID = "K7F2M9QA"


class OverCeiling(Exception):
    pass


async def hold(
    tx: Transaction, key: AccountKey, ceiling: int | None, amount: int, render_id: str = ID
) -> Account | None:
    return await accounts.hold(
        tx,
        render_id=render_id,
        key=key,
        ceiling=ceiling,
        amount=amount,
        at_ms=NOW_MS,
        author="222",
    )


async def settle(
    tx: Transaction, subjects: Collection[Subject], amount: int, render_id: str = ID
) -> None:
    await accounts.settle(
        tx,
        render_id=render_id,
        subjects=subjects,
        amount=amount,
        at_ms=NOW_MS + 1,
        author="engine",
        reason="rendered",
    )


async def release(tx: Transaction, subjects: Collection[Subject], render_id: str = ID) -> None:
    await accounts.release(
        tx,
        render_id=render_id,
        subjects=subjects,
        at_ms=NOW_MS + 1,
        author="engine",
        reason="failed",
    )


async def held_and_spent(database: Database, key: AccountKey) -> tuple[int, int]:
    account = await database.read(lambda tx: accounts.balance(tx, key, None))
    return account.held, account.spent


@pytest.fixture
async def holding(database: Database) -> Database:
    """Let a render hold 61 credits on the host's day and month and on a member's day."""

    async def work(tx: Transaction) -> None:
        await renders.insert(tx, render(id=ID))
        for key in (HOST, MONTH, MINE):
            assert await hold(tx, key, 500, 61)

    await database.transaction(work)
    return database


# Holding


async def test_an_account_that_was_never_used_has_everything_left(database: Database) -> None:
    account = await database.read(lambda tx: accounts.balance(tx, MINE, 120))
    assert account == Account(key=MINE, ceiling=120, held=0, spent=0)
    assert account.left == 120


async def test_a_hold_sets_credits_aside_with_its_line(holding: Database) -> None:
    account = await holding.read(lambda tx: accounts.balance(tx, MINE, 120))
    assert account == Account(key=MINE, ceiling=120, held=61, spent=0)
    lines = await holding.read(lambda tx: ledger.of_render(tx, ID))
    assert (
        lines
        == (
            LedgerLine(
                at_ms=NOW_MS,
                render_id=ID,
                entry=Entry.HOLD,
                held=61,
                spent=0,
                author="222",
                reason="admitted",
            ),
        )
        * 3
    )


@pytest.mark.parametrize(("ceiling", "fits"), [(None, True), (122, True), (121, False), (0, False)])
async def test_a_hold_fits_up_to_the_ceiling_of_now(
    holding: Database, ceiling: int | None, fits: bool
) -> None:
    account = await holding.transaction(lambda tx: hold(tx, MINE, ceiling, 61))
    if fits:
        assert account == Account(key=MINE, ceiling=ceiling, held=122, spent=0)
    else:
        assert account is None
        assert await held_and_spent(holding, MINE) == (61, 0)
    assert await holding.read(ledger.check) == ()


async def test_what_is_spent_takes_room_too(holding: Database) -> None:
    await holding.transaction(lambda tx: settle(tx, {Subject.MEMBER}, 60))
    assert await holding.transaction(lambda tx: hold(tx, MINE, 120, 61)) is None
    assert await holding.transaction(lambda tx: hold(tx, MINE, 120, 60)) is not None


async def test_accounts_of_other_members_and_windows_are_their_own(holding: Database) -> None:
    tomorrow = replace(MINE, starts_at_ms=MINE.ends_at_ms, ends_at_ms=2 * MINE.ends_at_ms)
    for key in (member(MEMBER + 1), tomorrow, replace(MINE, span=Span.MONTH)):
        assert await held_and_spent(holding, key) == (0, 0)


@pytest.mark.parametrize("amount", [0, -1, 2**53])
async def test_an_amount_that_makes_no_sense_is_refused(holding: Database, amount: int) -> None:
    with pytest.raises(ValueError, match=str(amount)):
        await holding.transaction(lambda tx: hold(tx, MINE, None, amount))
    if amount:
        with pytest.raises(ValueError, match=str(amount)):
            await holding.transaction(lambda tx: settle(tx, {Subject.MEMBER}, amount))
    assert await held_and_spent(holding, MINE) == (61, 0)


async def test_a_hold_without_its_render_is_undone(database: Database) -> None:
    with pytest.raises(StorageError):
        await database.transaction(lambda tx: hold(tx, MINE, None, 61))
    assert await held_and_spent(database, MINE) == (0, 0)


async def test_of_forty_holds_at_once_exactly_as_many_pass_as_fit(database: Database) -> None:
    async def admit() -> None:
        made = render()

        async def work(tx: Transaction) -> None:
            for key, ceiling in ((HOST, 7 * 61 + 60), (MINE, 10_000)):
                if await hold(tx, key, ceiling, 61, made.id) is None:
                    raise OverCeiling
            await renders.insert(tx, made)

        await database.transaction(work)

    ends = await asyncio.gather(*(admit() for _ in range(40)), return_exceptions=True)
    assert [type(end) for end in ends].count(OverCeiling) == 33
    assert ends.count(None) == 7
    assert await held_and_spent(database, HOST) == (7 * 61, 0)
    assert await held_and_spent(database, MINE) == (7 * 61, 0)
    assert len(await database.read(renders.unfinished)) == 7
    assert await database.read(ledger.check) == ()


# Settling and releasing


async def test_what_a_render_holds_is_known_account_by_account(holding: Database) -> None:
    held = await holding.read(lambda tx: accounts.held_by(tx, ID))
    assert held == ((Subject.HOST, 61), (Subject.HOST, 61), (Subject.MEMBER, 61))
    await holding.transaction(lambda tx: release(tx, {Subject.MEMBER}))
    held = await holding.read(lambda tx: accounts.held_by(tx, ID))
    assert held == ((Subject.HOST, 61), (Subject.HOST, 61))


async def test_the_host_comes_before_the_member_whoever_came_first(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await renders.insert(tx, render(id=ID))
        server = replace(HOST, subject=Subject.SERVER, server_id=5)
        for key in (MINE, server, HOST):
            await hold(tx, key, None, 61)

    await database.transaction(work)
    held = await database.read(lambda tx: accounts.held_by(tx, ID))
    assert [subject for subject, _ in held] == [Subject.HOST, Subject.SERVER, Subject.MEMBER]


@pytest.mark.parametrize(
    ("amount", "members", "hosts"), [(61, 61, 61), (40, 40, 40), (0, 0, 0), (75, 61, 75)]
)
async def test_the_member_never_spends_more_than_was_held_and_the_host_books_it(
    holding: Database, amount: int, members: int, hosts: int
) -> None:
    await holding.transaction(lambda tx: settle(tx, set(Subject), amount))
    assert await held_and_spent(holding, MINE) == (0, members)
    assert await held_and_spent(holding, HOST) == (0, hosts)
    assert await held_and_spent(holding, MONTH) == (0, hosts)
    assert await holding.read(ledger.check) == ()


async def test_what_exceeds_the_hold_is_a_line_of_its_own(holding: Database) -> None:
    await holding.transaction(lambda tx: settle(tx, {Subject.HOST}, 75))
    lines = await holding.read(lambda tx: ledger.of_render(tx, ID))
    moved = [(line.entry, line.held, line.spent) for line in lines if line.at_ms > NOW_MS]
    assert moved == [(Entry.SETTLE, -61, 61), (Entry.BOOK, 0, 14)] * 2


async def test_a_release_gives_everything_back(holding: Database) -> None:
    await holding.transaction(lambda tx: release(tx, set(Subject)))
    for key in (HOST, MONTH, MINE):
        assert await held_and_spent(holding, key) == (0, 0)
    lines = await holding.read(lambda tx: ledger.of_render(tx, ID))
    assert [line.entry for line in lines[3:]] == [Entry.RELEASE] * 3
    assert {(line.author, line.reason) for line in lines[3:]} == {("engine", "failed")}


async def test_a_late_render_is_free_for_the_member_and_booked_by_the_host(
    holding: Database,
) -> None:
    await holding.transaction(lambda tx: release(tx, {Subject.MEMBER}))
    assert await held_and_spent(holding, HOST) == (61, 0)
    await holding.transaction(lambda tx: settle(tx, {Subject.HOST, Subject.MEMBER}, 50))
    assert await held_and_spent(holding, MINE) == (0, 0)
    assert await held_and_spent(holding, HOST) == (0, 50)


async def test_a_second_settle_or_release_moves_nothing(holding: Database) -> None:
    await holding.transaction(lambda tx: settle(tx, set(Subject), 75))
    lines = await holding.read(lambda tx: ledger.of_render(tx, ID))
    await holding.transaction(lambda tx: settle(tx, set(Subject), 75))
    await holding.transaction(lambda tx: release(tx, set(Subject)))
    assert await holding.read(lambda tx: ledger.of_render(tx, ID)) == lines
    assert await held_and_spent(holding, HOST) == (0, 75)


async def test_a_refund_gives_back_what_was_spent_and_that_once(holding: Database) -> None:
    async def refund(tx: Transaction) -> None:
        await accounts.refund(
            tx,
            render_id=ID,
            subjects={Subject.SERVER, Subject.MEMBER},
            at_ms=NOW_MS + 2,
            author="engine",
            reason="video_missing",
        )

    await holding.transaction(refund)
    assert await held_and_spent(holding, MINE) == (61, 0)
    await holding.transaction(lambda tx: settle(tx, set(Subject), 50))
    await holding.transaction(refund)
    await holding.transaction(refund)
    assert await held_and_spent(holding, MINE) == (0, 0)
    assert await held_and_spent(holding, HOST) == (0, 50)
    lines = await holding.read(lambda tx: ledger.of_render(tx, ID))
    assert [(line.entry, line.spent) for line in lines if line.spent < 0] == [(Entry.REFUND, -50)]
    assert await holding.read(ledger.check) == ()


async def test_one_renders_end_leaves_the_hold_of_another(holding: Database) -> None:
    async def work(tx: Transaction) -> None:
        await renders.insert(tx, render(id="00000002"))
        await hold(tx, MINE, 500, 7, "00000002")

    await holding.transaction(work)
    await holding.transaction(lambda tx: release(tx, set(Subject)))
    assert await held_and_spent(holding, MINE) == (7, 0)


# Any history


@dataclass(slots=True)
class Model:
    """Say in the plainest way what accounts must hold after a history."""

    ceilings: dict[AccountKey, int]
    holds: dict[tuple[str, AccountKey], int] = field(default_factory=dict)
    spent: dict[AccountKey, int] = field(default_factory=dict)

    def held(self, key: AccountKey) -> int:
        return sum(amount for (_, holder), amount in self.holds.items() if holder == key)

    def room(self, key: AccountKey) -> int:
        return self.ceilings[key] - self.held(key) - self.spent.get(key, 0)

    def hold(self, render_id: str, amount: int) -> bool:
        if any(self.room(key) < amount for key in self.ceilings):
            return False
        for key in self.ceilings:
            self.holds[render_id, key] = self.holds.get((render_id, key), 0) + amount
        return True

    def end(self, render_id: str, subjects: Collection[Subject], amount: int) -> None:
        for key in self.ceilings:
            if key.subject in subjects and (held := self.holds.pop((render_id, key), 0)):
                spent = amount if key.subject is Subject.HOST else min(held, amount)
                self.spent[key] = self.spent.get(key, 0) + spent


IDS = ("00000001", "00000002", "00000003")
holds = st.tuples(st.just("hold"), st.sampled_from(IDS), st.integers(1, 90))
ends = st.tuples(
    st.sampled_from(["settle", "release"]),
    st.sampled_from(IDS),
    st.integers(0, 120),
    st.sets(st.sampled_from(list(Subject)), min_size=1),
)


async def act(database: Database, model: Model, step: tuple[object, ...]) -> None:
    match step:
        case ("hold", str(render_id), int(amount)):

            async def work(tx: Transaction) -> None:
                for key, ceiling in model.ceilings.items():
                    if await hold(tx, key, ceiling, amount, render_id) is None:
                        raise OverCeiling

            if model.hold(render_id, amount):
                await database.transaction(work)
            else:
                with pytest.raises(OverCeiling):
                    await database.transaction(work)
        case ("settle", str(render_id), int(amount), set(subjects)):
            model.end(render_id, subjects, amount)
            await database.transaction(lambda tx: settle(tx, subjects, amount, render_id))
        case ("release", str(render_id), int(), set(subjects)):
            model.end(render_id, subjects, 0)
            await database.transaction(lambda tx: release(tx, subjects, render_id))
        case _:
            raise AssertionError(step)


@settings(max_examples=50, deadline=None)
@given(st.lists(holds | ends, max_size=25))
async def test_the_ledger_equals_the_accounts_after_any_history(
    history: list[tuple[object, ...]],
) -> None:
    model = Model(ceilings={HOST: 300, MONTH: 350, MINE: 200})
    with TemporaryDirectory() as folder:
        async with Database.open(f"sqlite:///{folder}/paperboat.db") as database:
            for render_id in IDS:
                made = render(id=render_id)
                await database.transaction(lambda tx, m=made: renders.insert(tx, m))
            for step in history:
                await act(database, model, step)
            for key in model.ceilings:
                expected = (model.held(key), model.spent.get(key, 0))
                assert await held_and_spent(database, key) == expected
            assert await database.read(ledger.check) == ()
