"""Reports: one of a member about a render, five a day, of what has a video to look at."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from cogs.ui.text.declines import declined
from cogs.ui.text.reports import reported
from render.reports import (
    DAY_MS,
    MOST_A_DAY,
    AlreadyReported,
    NoVideo,
    Reports,
    TakenDown,
    TooManyReports,
)
from storage import Transaction, events, reports, takedowns
from storage.records import Event, Render, State
from storage.reports import Report
from tests.render.virtual_time import NOON_MS
from tests.render.world import LIMITS, MEMBER, SERVER, World, opened

TOM, ADA = 31, 32


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with opened(tmp_path) as made:
        made.limits = replace(LIMITS, host_daily_credits=10_000, member_daily_credits=10_000)
        yield made


def desk(world: World) -> Reports:
    return Reports(world.database, world.clock)


async def acts(world: World) -> list[Event]:
    async def read(tx: Transaction) -> list[Event]:
        return list(await events.acts(tx, server_id=SERVER, after_id=0, limit=99))

    return await world.do(read)


async def of(world: World, render: Render) -> tuple[Report, ...]:
    return await world.do(lambda tx: reports.of_render(tx, render.id))


async def test_a_report_is_kept_and_is_an_act_against_the_member(world: World) -> None:
    render = await world.admit(state=State.DELIVERED)
    assert await desk(world).report(render.id, TOM, "my flat") == render
    (kept,) = await of(world, render)
    assert (kept.member_id, kept.at_ms, kept.reason) == (TOM, NOON_MS, "my flat")
    (act,) = await acts(world)
    assert (act.action, act.author, act.target) == ("report", str(TOM), f"member:{MEMBER}")
    assert (act.render_id, act.why) == (render.id, "my flat")


async def test_a_member_reports_a_render_once_and_others_may_too(world: World) -> None:
    render = await world.admit(state=State.DELIVERED)
    await desk(world).report(render.id, TOM, "")
    with pytest.raises(AlreadyReported):
        await desk(world).report(render.id, TOM, "again")
    await desk(world).report(render.id, ADA, "")
    assert [one.member_id for one in await of(world, render)] == [TOM, ADA]
    assert len(await acts(world)) == 2


async def test_the_sixth_report_within_a_day_is_refused_until_the_first_is_a_day_old(
    world: World,
) -> None:
    made = [await world.admit(state=State.DELIVERED) for _ in range(MOST_A_DAY + 1)]
    for render in made[:MOST_A_DAY]:
        await desk(world).report(render.id, TOM, "")
        world.clock.advance(60)
    with pytest.raises(TooManyReports) as refused:
        await desk(world).report(made[-1].id, TOM, "")
    assert refused.value.next_at_ms == NOON_MS + DAY_MS
    assert await of(world, made[-1]) == ()
    assert len(await acts(world)) == MOST_A_DAY
    with pytest.raises(AlreadyReported):
        await desk(world).report(made[0].id, TOM, "")
    await desk(world).report(made[-1].id, ADA, "")

    world.clock.jump((NOON_MS + DAY_MS - world.clock.now_ms()) / 1000)
    await desk(world).report(made[-1].id, TOM, "")
    assert len(await of(world, made[-1])) == 2


@pytest.mark.parametrize(
    "state", sorted(set(State) - {State.RENDERED, State.UNDELIVERED, State.DELIVERED})
)
async def test_what_has_no_video_cannot_be_reported(world: World, state: State) -> None:
    render = await world.admit(state=state)
    with pytest.raises(NoVideo):
        await desk(world).report(render.id, TOM, "")
    with pytest.raises(NoVideo):
        await desk(world).report("00000000", TOM, "")


async def test_what_was_taken_down_cannot_be_reported(world: World) -> None:
    render = await world.admit(state=State.DELIVERED)
    await world.do(lambda tx: takedowns.mark(tx, render.id, at_ms=1, author_id=ADA, reason="loud"))
    with pytest.raises(TakenDown):
        await desk(world).report(render.id, TOM, "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AlreadyReported(), "You reported this video already."),
        (NoVideo(), "There is no video of mine here"),
        (TakenDown(), "A moderator took this video down already."),
        (TooManyReports(next_at_ms=NOON_MS), "You reported 5 videos within a day."),
    ],
)
def test_each_refusal_says_what_is_so(error: AlreadyReported, words: str) -> None:
    assert declined(error).startswith(words)


def test_moderators_read_how_often_and_why_and_not_who() -> None:
    made = [
        Report(render_id="7KQ2M9XA", member_id=TOM + number, at_ms=NOON_MS, reason=reason)
        for number, reason in enumerate(["", "*loud*", "@everyone", "cruel", "ugly"])
    ]
    assert reported([]) == ""
    assert reported(made[:1]) == f"**Reported once**, last <t:{NOON_MS // 1000}:R>."
    words = reported(made)
    assert words.startswith("**Reported 5 times**, last <t:")
    assert words.endswith(": “ugly”, “cruel”, “\\@everyone” and 1 more.")
    assert str(TOM) not in words
