"""Let any history happen, and compare the books with the plainest ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Database, Transaction, accounts, grants, ledger, renders
from storage.errors import CeilingReached
from storage.records import Owner, Render, Span, Subject
from tests.storage import examples
from tests.storage.books import MEMBERS, OWNERS, QUARTER_MS, SERVERS, Books
from tests.storage.examples import DAY_MS, HOST, key, render

# The clock begins where every window does.
BEGIN_MS = key(HOST, Span.MONTH).starts_at_ms

amounts = st.integers(1, 90)
spans = st.sampled_from(list(Span))
owners = st.sampled_from(OWNERS)
# One of them is seen most, or their histories would not meet.
members = st.sampled_from((*MEMBERS, *MEMBERS[:1] * 4))
numbers = st.integers(0, 3)
whose_ends = st.sampled_from(
    [{*Subject}, {*Subject}, {Subject.SERVER, Subject.MEMBER}, {Subject.HOST}, {Subject.MEMBER}]
)
quarters = st.sampled_from((-96, -4, -1, 1, 4, 96, 97, 700, 3000))

admissions = st.tuples(st.just("admit"), members, amounts, st.sampled_from((0, 0, 40, 90)))
ends = st.one_of(
    st.tuples(st.just("settle"), numbers, whose_ends, st.integers(0, 120)),
    st.tuples(st.just("release"), numbers, whose_ends),
    st.tuples(st.just("lose"), numbers),
)
acts = st.one_of(
    st.tuples(st.just("limit"), owners, spans, st.integers(0, 300)),
    st.tuples(st.just("give"), members, amounts, st.integers(1, 3)),
    st.tuples(st.just("give"), members, amounts, st.integers(1, 3)),
    st.tuples(st.just("promise"), st.sampled_from(SERVERS), amounts, st.integers(1, 3)),
    st.tuples(st.just("refund"), numbers, amounts),
    st.tuples(st.just("reset"), members, spans),
)
jumps = st.tuples(st.just("jump"), quarters)
histories = st.lists(
    st.one_of(admissions, admissions, ends, ends, acts, jumps), min_size=20, max_size=50
)
limits = st.lists(st.tuples(owners, spans, st.integers(0, 300)), max_size=6)
quickly = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Undone(Exception):
    """End a transaction that was only to be looked at."""


class Refused(Exception):
    """A grant has too little."""


async def in_vain(database: Database, work: Callable[[Transaction], Awaitable[None]]) -> None:
    """Let a transaction happen and undo it, so that the next example finds nothing."""

    async def undone(tx: Transaction) -> None:
        await work(tx)
        raise Undone

    try:
        await database.transaction(undone)
    except Undone:
        return
    raise AssertionError


class History:
    """Do each step in the real books and in the plain ones."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.books = Books()
        self.now_ms = BEGIN_MS
        self.moments = {BEGIN_MS}
        self.made: list[Render] = []
        self._ids = count(1)

    async def do(self, name: str, *values: object) -> None:
        await getattr(self, name)(*values)

    async def jump(self, by_quarters: int) -> None:
        self.now_ms += by_quarters * QUARTER_MS
        self.moments.add(self.now_ms)

    async def limit(self, owner: Owner, span: Span, ceiling: int) -> None:
        self.books.ceilings[owner, span] = ceiling

    async def admit(self, whose: Owner, amount: int, granted: int) -> None:
        """Hold for a render, partly on grants; all of it or nothing."""
        made = render(
            id=f"{next(self._ids):08}",
            server_id=whose.server_id,
            member_id=whose.member_id,
            created_at_ms=self.now_ms,
        )
        granted = min(granted, amount)
        fits = self.fits(whose, amount, granted)
        await self.tx.execute("savepoint admission")
        try:
            await self._hold(made, whose, amount, granted)
        except (CeilingReached, Refused):
            await self.tx.execute("rollback to admission")
            assert not fits
        else:
            assert fits
            self._note(made, whose, amount, granted)
            self.made.append(made)
            await self._demand_room(whose, own=amount - granted)
        await self.tx.execute("release admission")

    def fits(self, whose: Owner, amount: int, granted: int) -> bool:
        payers = ((HOST, amount), (examples.server(whose.server_id), amount))
        own = ((whose, amount - granted),) if amount > granted else ()
        there = sum(-pot.used for pot in self.books.grants(whose, self.now_ms))
        return there >= granted and all(
            self.books.fits(owner, part, self.now_ms) for owner, part in (*payers, *own)
        )

    async def _hold(self, made: Render, whose: Owner, amount: int, granted: int) -> None:
        await renders.insert(self.tx, made)
        for owner in (HOST, examples.server(whose.server_id)):
            await self._hold_on(made, owner, amount)
        for grant in await grants.open_to(
            self.tx, server_id=whose.server_id, member_id=whose.member_id, at_ms=self.now_ms
        ):
            part = min(grant.left, granted)
            if part:
                granted -= part
                amount -= part
                assert await grants.hold(
                    self.tx,
                    render_id=made.id,
                    grant_id=grant.id,
                    amount=part,
                    at_ms=self.now_ms,
                    author="1",
                )
        if granted:
            raise Refused
        if amount:
            await self._hold_on(made, whose, amount)

    async def _hold_on(self, made: Render, owner: Owner, amount: int) -> None:
        limits = [(key(owner, span, self.now_ms), n) for span, n in self.books.limits(owner)]
        await examples.hold(self.tx, made, owner, amount, *limits, at_ms=self.now_ms)

    def _note(self, made: Render, whose: Owner, amount: int, granted: int) -> None:
        for owner in (HOST, examples.server(whose.server_id)):
            self.books.hold(made.id, owner, amount, self.now_ms)
        own = amount - granted
        for pot in self.books.grants(whose, self.now_ms):
            if part := min(-pot.used, granted):
                granted -= part
                self.books.put(made.id, pot, part)
        if own:
            self.books.hold(made.id, whose, own, self.now_ms)

    async def _demand_room(self, whose: Owner, *, own: int) -> None:
        """Find no window of a payer above its ceiling at the instant of an admission."""
        payers = (HOST, examples.server(whose.server_id), whose)
        # Where grants pay all of it, a ceiling that was lowered may have been passed before.
        for owner in payers if own else payers[:2]:
            for span, ceiling in self.books.limits(owner):
                window = key(owner, span, self.now_ms)
                account = await accounts.balance(self.tx, window, ceiling)
                assert account.held + account.spent <= ceiling

    async def settle(self, number: int, whose: set[Subject], amount: int) -> None:
        if made := self._among(number):
            await examples.settle(self.tx, made, amount, whose, self.now_ms)
            self.books.end(made.id, whose, amount, self.now_ms)

    async def release(self, number: int, whose: set[Subject]) -> None:
        if made := self._among(number):
            await examples.release(self.tx, made, whose, self.now_ms)
            self.books.end(made.id, whose, None, self.now_ms)

    async def lose(self, number: int) -> None:
        if made := self._among(number):
            await examples.refund(self.tx, made, self.now_ms)
            owner = examples.member(made.member_id, made.server_id)
            self.books.lose(made.id, owner, self.now_ms)

    async def give(self, whose: Owner, amount: int, days: int) -> None:
        ends_at_ms = self.now_ms + days * DAY_MS
        await grants.give(
            self.tx,
            server_id=whose.server_id,
            member_id=whose.member_id,
            credits=amount,
            at_ms=self.now_ms,
            expires_at_ms=ends_at_ms,
            author="9",
            reason="a prize",
        )
        self.books.give(whose, amount, self.now_ms, ends_at_ms)

    async def promise(self, of: Owner, amount: int, days: int) -> None:
        """Give to a role, which every member of the server collects, twice in vain."""
        ends_at_ms = self.now_ms + days * DAY_MS
        # One role for each promise, so that a clock that goes back opens no earlier one.
        role_id = 1000 + next(self._ids)
        await grants.give_role(
            self.tx,
            server_id=of.server_id,
            role_id=role_id,
            credits=amount,
            at_ms=self.now_ms,
            expires_at_ms=ends_at_ms,
            author="9",
            reason="a prize",
        )
        for whose in MEMBERS:
            for _ in range(2):
                await grants.collect(
                    self.tx,
                    server_id=whose.server_id,
                    member_id=whose.member_id,
                    role_ids={role_id},
                    at_ms=self.now_ms,
                )
            if whose.server_id == of.server_id:
                self.books.give(whose, amount, self.now_ms, ends_at_ms)

    async def refund(self, number: int, amount: int) -> None:
        """Give a part back, never more than is left of it."""
        if not (made := self._among(number)):
            return
        whose = examples.member(made.member_id, made.server_id)
        left = await accounts.returnable(self.tx, made.id)
        assert left == self.books.returnable(made.id, whose)
        if amount := min(amount, left):
            ends_at_ms = self.now_ms + DAY_MS
            await grants.give(
                self.tx,
                server_id=made.server_id,
                member_id=made.member_id,
                credits=amount,
                at_ms=self.now_ms,
                expires_at_ms=ends_at_ms,
                author="9",
                reason="too dark",
                render_id=made.id,
            )
            self.books.refunded[made.id] += amount
            self.books.give(whose, amount, self.now_ms, ends_at_ms)

    async def reset(self, whose: Owner, span: Span) -> None:
        window = key(whose, span, self.now_ms)
        await accounts.reset(self.tx, key=window, at_ms=self.now_ms, author="9", reason="x")
        self.books.reset(whose, span, self.now_ms)

    def _among(self, number: int) -> Render | None:
        return self.made[-1 - number] if number < len(self.made) else None

    async def compare(self) -> None:
        assert await ledger.check(self.tx) == ()
        for made in self.made:
            assert await accounts.returnable(self.tx, made.id) >= 0
        for at_ms in self.moments:
            for owner in OWNERS:
                for span in Span:
                    account = await accounts.balance(self.tx, key(owner, span, at_ms), None)
                    assert (account.held, account.spent) == self.books.used(owner, span, at_ms)
        for whose in MEMBERS:
            found = await grants.open_to(
                self.tx, server_id=whose.server_id, member_id=whose.member_id, at_ms=self.now_ms
            )
            plain = self.books.grants(whose, self.now_ms)
            assert [(grant.left, grant.expires_at_ms) for grant in found] == [
                (-pot.used, pot.ends_at_ms) for pot in plain
            ]


@quickly
@given(limits, histories)
async def test_the_books_are_the_plain_ones_after_any_history(
    database: Database, ceilings: list[tuple[Owner, Span, int]], steps: list[tuple[Any, ...]]
) -> None:
    async def work(tx: Transaction) -> None:
        history = History(tx)
        for ceiling in ceilings:
            await history.limit(*ceiling)
        for step in steps:
            await history.do(*step)
        await history.compare()

    await in_vain(database, work)


@settings(parent=quickly, max_examples=40)
@given(
    st.lists(members, max_size=12),
    st.dictionaries(owners, st.integers(0, 6), max_size=4),
    st.randoms(use_true_random=False),
)
async def test_the_order_in_which_simultaneous_requests_are_served_changes_no_total(
    database: Database, requests: list[Owner], ceilings: dict[Owner, int], random: Random
) -> None:
    price = 61
    totals: set[tuple[int, int]] = set()
    for _ in range(3):
        random.shuffle(requests)

        async def work(tx: Transaction) -> None:
            history = History(tx)
            for owner, places in ceilings.items():
                await history.limit(owner, Span.DAY, places * price + 60)
            for whose in requests:
                await history.admit(whose, price, 0)
            random.shuffle(history.made)
            for number in range(len(history.made)):
                await history.settle(number, set(Subject), 50)
            await history.compare()
            account = await accounts.balance(tx, key(HOST, at_ms=BEGIN_MS), None)
            totals.add((account.spent, len(history.made)))

        await in_vain(database, work)
    assert totals == {(50 * most(requests, ceilings), most(requests, ceilings))}


def most(requests: list[Owner], ceilings: dict[Owner, int]) -> int:
    """Return how many renders of one price fit under all ceilings."""
    served = 0
    for of in SERVERS:
        here = [whose for whose in MEMBERS if whose.server_id == of.server_id]
        fitting = sum(min(requests.count(one), ceilings.get(one, 99)) for one in here)
        served += min(fitting, ceilings.get(of, 99))
    return min(served, ceilings.get(HOST, 99))
