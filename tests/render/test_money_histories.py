"""Whatever happens in whatever order: the books agree, and no ceiling is ever passed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.allowance import Wallet
from render.errors import ActRefused, Refusal
from storage import accounts
from storage.records import Account, Holder, Render, Span, Subject
from tests.render.gate import HOST_OWNER, SERVER, SERVER_OWNER, Gate, opened, request

CEILINGS: dict[str, int] = {
    "host_hourly_credits": 250,
    "host_daily_credits": 300,
    "server_daily_credits": 220,
    "member_daily_credits": 90,
}

members = st.integers(0, 2)
renders = st.integers(0, 9)
steps = st.one_of(
    st.tuples(st.just("ask"), st.integers(0, 1), members, st.integers(4, 12)),
    st.tuples(st.just("ask"), st.integers(0, 1), members, st.integers(4, 12)),
    st.tuples(st.just("settle"), renders, st.integers(0, 120)),
    st.tuples(st.just("release"), renders),
    st.tuples(st.just("lose"), renders),
    st.tuples(st.just("grant"), members, st.integers(1, 80), st.integers(1, 50)),
    st.tuples(st.just("refund"), renders, st.integers(1, 80)),
    st.tuples(st.just("reset"), members, st.sampled_from(list(Span))),
    st.tuples(
        st.just("limit"),
        st.sampled_from([Holder.SERVER, Holder.EVERYONE]),
        st.sampled_from(["hour_credits", "day_credits", "month_credits"]),
        st.integers(0, 200),
    ),
    st.tuples(st.just("zone"), st.sampled_from(["UTC", "Asia/Kathmandu", "Europe/Zurich"])),
    st.tuples(st.just("clock"), st.integers(-7_200, 90_000)),
)


class Story:
    """Play steps, each of which may be refused."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.treasury = gate.treasury(**CEILINGS)
        self.admission = gate.admission(**CEILINGS)
        self.renders: list[Render] = []
        self.numbers = count()

    async def play(self, step: tuple[Any, ...]) -> None:
        name, *values = step
        with suppress(Refusal, ActRefused):
            await getattr(self, name)(*values)

    async def ask(self, server: int, member: int, seconds: int) -> None:
        server_id = SERVER + server
        before = (await self.admission.allowance(server_id, member, ())).wallet
        asked = request(
            prompt=f"boat {next(self.numbers)}",
            server_id=server_id,
            member_id=member,
            duration_seconds=seconds,
        )
        self.renders.append((await self.admission.admit(asked)).render)
        after = (await self.admission.allowance(server_id, member, ())).wallet
        demand_under_ceilings(before, after)
        # By the host's clock, whatever a server's admins make of their own.
        assert used(await self.gate.account(SERVER_OWNER)) <= CEILINGS["server_daily_credits"]

    async def settle(self, number: int, amount: int) -> None:
        if render := self.pick(number):
            await self.gate.settle(render, min(amount, render.cost))

    async def release(self, number: int) -> None:
        if render := self.pick(number):
            await self.gate.release(render)

    async def lose(self, number: int) -> None:
        if render := self.pick(number):
            await self.gate.database.transaction(
                lambda tx: accounts.refund(
                    tx,
                    render_id=render.id,
                    subjects=(Subject.SERVER, Subject.MEMBER),
                    at_ms=self.gate.clock.now_ms(),
                    author="engine",
                    reason="lost",
                )
            )

    async def grant(self, member: int, credits: int, hours: int) -> None:
        await self.treasury.grant(
            SERVER,
            member,
            credits=credits,
            expires_at_ms=self.gate.clock.now_ms() + hours * 3_600_000,
            reason="",
            author_id=1,
        )

    async def refund(self, number: int, credits: int) -> None:
        if render := self.pick(number):
            await self.gate.database.transaction(
                lambda tx: self.treasury.give_back(
                    tx,
                    render,
                    credits=credits,
                    reason="",
                    author_id=1,
                    by_host=True,
                    now=self.gate.clock.now_ms(),
                )
            )

    async def reset(self, member: int, span: Span) -> None:
        await self.treasury.reset(SERVER, member, span=span, reason="", author_id=1)

    async def limit(self, holder: Holder, name: str, value: int) -> None:
        await self.treasury.set_limit(SERVER, holder, changes={name: value}, author_id=1)

    async def zone(self, name: str) -> None:
        await self.treasury.set_zone(SERVER, name, author_id=1)

    async def clock(self, seconds: int) -> None:
        self.gate.clock.jump(seconds)

    def pick(self, number: int) -> Render | None:
        return self.renders[number % len(self.renders)] if self.renders else None


def used(account: Account) -> int:
    return account.held + account.spent


def demand_under_ceilings(before: Wallet, after: Wallet) -> None:
    """Assert that a hold passed no ceiling; a member's old windows may be over a lowered one."""
    for account in (*after.host, *after.server):
        assert account.ceiling is not None
        assert used(account) <= account.ceiling
    for old, new in zip(before.member, after.member, strict=True):
        assert new.ceiling is not None
        assert used(new) <= max(new.ceiling, used(old))
    assert all(grant.left > 0 for grant in after.grants)


def anew(folders: pytest.TempPathFactory, play: Callable[[Gate], Awaitable[int]]) -> int:
    async def run() -> int:
        async with opened(folders.mktemp("money")) as gate:
            result = await play(gate)
            assert await gate.balances()
            return result

    return asyncio.run(run())


@settings(max_examples=40, deadline=None)
@given(history=st.lists(steps, min_size=5, max_size=30))
def test_in_any_history_the_ledger_balances_and_no_ceiling_is_passed(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[Any, ...]]
) -> None:
    async def play(gate: Gate) -> int:
        story = Story(gate)
        for step in history:
            await story.play(step)
            assert await gate.balances(), step
        for render in story.renders:
            left = await gate.database.read(lambda tx: accounts.returnable(tx, render.id))  # noqa: B023 - now
            assert left >= 0, "credits came back twice"
        return 0

    anew(tmp_path_factory, play)


@settings(max_examples=10, deadline=None)
@given(
    crowd=st.lists(st.tuples(st.integers(0, 1), members), min_size=2, max_size=16),
    data=st.data(),
)
def test_the_order_of_simultaneous_requests_never_changes_the_total(
    tmp_path_factory: pytest.TempPathFactory,
    crowd: list[tuple[int, int]],
    data: st.DataObject,
) -> None:
    shuffled = data.draw(st.permutations(crowd))

    def serve(queue: list[tuple[int, int]]) -> int:
        async def play(gate: Gate) -> int:
            story = Story(gate)
            await asyncio.gather(
                *(story.play(("ask", server, member, 5)) for server, member in queue)
            )
            return (await gate.account(HOST_OWNER)).held

        return anew(tmp_path_factory, play)

    assert serve(crowd) == serve(list(shuffled))
