"""People's acts are shown where a server wants them, at least once, and nothing waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TypeVar

import pytest

from render import audit
from render.audit import AGAIN_SECONDS, AT_ONCE, LOOK_SECONDS, Audit
from render.messenger import PlaceClosed, PostingBroken
from storage.database import Work
from storage.records import Event, Holder
from tests.render.gate import SERVER, Gate, opened

T = TypeVar("T")

ADMIN, CHANNEL, STAFF = 55, 8, 9


class Board:
    """Note what is posted where; break as it is told."""

    def __init__(self) -> None:
        self.posted: list[tuple[int, Event]] = []
        self.breaks: dict[int, Exception] = {}
        self.hangs = False

    async def post(self, channel_id: int, event: Event) -> None:
        if error := self.breaks.get(channel_id):
            raise error
        if self.hangs:
            await asyncio.sleep(3600)
        self.posted.append((channel_id, event))

    @property
    def actions(self) -> list[str]:
        return [event.action for _, event in self.posted]


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncGenerator[Gate]:
    async with opened(tmp_path) as made:
        yield made


@pytest.fixture
def board() -> Board:
    return Board()


async def test_servers_in_which_nothing_happened_are_not_read_one_by_one(
    gate: Gate, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    for server_id in range(1, 9):
        await watch(gate, server_id)
    await stage(gate, board).step()
    await act(gate, 1, server_id=5)
    reads = list[object]()
    read = gate.database.read

    async def count(work: Work[T]) -> T:
        reads.append(work)
        return await read(work)

    monkeypatch.setattr(gate.database, "read", count)
    await stage(gate, board).step()

    assert board.actions[-1] == "limits.set"
    assert len(reads) == 2


def stage(gate: Gate, board: Board) -> Audit:
    return Audit(database=gate.database, auditor=board, clock=gate.clock)


async def watch(gate: Gate, server_id: int = SERVER, channel_id: int | None = CHANNEL) -> None:
    await gate.treasury().set_audit_channel(server_id, channel_id, author_id=ADMIN)


async def act(gate: Gate, credits: int, server_id: int = SERVER) -> None:
    await gate.treasury().set_limit(
        server_id, Holder.EVERYONE, changes={"day_credits": credits}, author_id=ADMIN
    )


async def test_acts_are_shown_in_order_from_the_one_that_names_the_channel(
    gate: Gate, board: Board
) -> None:
    await act(gate, 1)
    await watch(gate)
    await act(gate, 2)
    audit_stage = stage(gate, board)

    assert await audit_stage.step() == LOOK_SECONDS
    await audit_stage.step()

    assert [channel for channel, _ in board.posted] == [CHANNEL, CHANNEL]
    assert board.actions == ["audit.set", "limits.set"]


async def test_another_channel_goes_on_where_the_old_one_ended(gate: Gate, board: Board) -> None:
    await watch(gate)
    await stage(gate, board).step()
    await act(gate, 1)
    await watch(gate, channel_id=CHANNEL + 1)
    await stage(gate, board).step()

    assert [channel for channel, _ in board.posted] == [CHANNEL, CHANNEL + 1, CHANNEL + 1]


async def test_without_a_channel_of_its_own_acts_are_shown_to_the_staff(
    gate: Gate, board: Board
) -> None:
    await gate.treasury().set_up(
        SERVER,
        channel_ids=frozenset(),
        role_ids=frozenset(),
        member_daily=1,
        server_daily=2,
        staff_channel_id=STAFF,
        author_id=ADMIN,
    )
    await stage(gate, board).step()

    assert {channel for channel, _ in board.posted} == {STAFF}
    assert board.actions == ["limits.set", "limits.set", "setup"]


async def test_what_was_posted_before_a_crash_is_posted_again_under_the_same_number(
    gate: Gate, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watch(gate)

    async def crash(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(audit, "_move", crash)
        with pytest.raises(ZeroDivisionError):
            await stage(gate, board).step()
    await stage(gate, board).step()

    first, second = board.posted
    assert first == second
    assert first[1].id


@pytest.mark.parametrize("error", [PostingBroken(), ZeroDivisionError()])
async def test_what_cannot_be_shown_now_rests_and_the_other_servers_acts_are_shown(
    gate: Gate, board: Board, error: Exception
) -> None:
    await watch(gate)
    await watch(gate, SERVER + 1, CHANNEL + 1)
    board.breaks[CHANNEL] = error
    audit_stage = stage(gate, board)

    await audit_stage.step()
    board.breaks.clear()
    await audit_stage.step()
    assert [channel for channel, _ in board.posted] == [CHANNEL + 1]
    gate.clock.advance(AGAIN_SECONDS)
    await audit_stage.step()

    assert [channel for channel, _ in board.posted] == [CHANNEL + 1, CHANNEL]


async def test_a_channel_that_is_gone_is_passed_over_and_new_acts_try_it_again(
    gate: Gate, board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    await watch(gate)
    for credits in range(5):
        await act(gate, credits)
    board.breaks[CHANNEL] = PlaceClosed()
    audit_stage = stage(gate, board)
    for _ in range(3):
        await audit_stage.step()
    assert caplog.text.count("gone or forbidden") == 1

    board.breaks.clear()
    await act(gate, 99)
    await audit_stage.step()

    ((_, shown),) = board.posted
    assert "99" in shown.new_value


async def test_discord_that_never_answers_holds_nobody_up(
    gate: Gate, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "LONGEST_POST_SECONDS", 0.01)
    await watch(gate)
    board.hangs = True

    assert await stage(gate, board).step() == LOOK_SECONDS
    board.hangs = False
    await stage(gate, board).step()

    assert board.actions == ["audit.set"]


async def test_many_acts_are_shown_a_few_at_a_time(gate: Gate, board: Board) -> None:
    await watch(gate)
    for credits in range(AT_ONCE):
        await act(gate, credits)
    audit_stage = stage(gate, board)

    await audit_stage.step()
    assert len(board.posted) == AT_ONCE
    await audit_stage.step()
    assert len(board.posted) == AT_ONCE + 1


async def test_acts_of_a_server_are_shown_to_no_other(gate: Gate, board: Board) -> None:
    await watch(gate)
    await act(gate, 1, SERVER + 1)
    await stage(gate, board).step()

    assert {event.server_id for _, event in board.posted} == {SERVER}
