from __future__ import annotations

import logging

import pytest

from render.backups import AGAIN_SECONDS, FIRST_AFTER_SECONDS, KEPT, Backups
from storage import Database, ledger, renders
from storage.backup import FOLDER, kept
from tests.render.world import World

DAY_SECONDS = 86_400.0


@pytest.fixture
def backups(world: World) -> Backups:
    """Give backups whose first minute is over: it is a minute past noon."""
    made = Backups(database=world.database, clock=world.clock)
    world.clock.jump(FIRST_AFTER_SECONDS)
    return made


def days(world: World) -> list[str]:
    return [file.stem[-10:] for file in kept(world.database.path)]


def block(world: World) -> None:
    """Put a file where the folder of backups should be."""
    world.database.path.with_name(FOLDER).write_text("in the way")


def unblock(world: World) -> None:
    world.database.path.with_name(FOLDER).unlink()


async def test_the_first_backup_waits_a_minute_after_the_start(world: World) -> None:
    backups = Backups(database=world.database, clock=world.clock)
    assert await backups.step() == FIRST_AFTER_SECONDS
    assert days(world) == []
    world.clock.jump(FIRST_AFTER_SECONDS)
    await backups.step()
    assert days(world) == ["2026-09-21"]


async def test_the_next_look_is_when_the_day_is_over(world: World, backups: Backups) -> None:
    left = await backups.step()
    assert left == 12 * 3600 - FIRST_AFTER_SECONDS
    world.clock.jump(left)
    assert await backups.step() == DAY_SECONDS
    assert days(world) == ["2026-09-22", "2026-09-21"]


async def test_a_start_on_the_same_day_makes_no_second_backup(
    world: World, backups: Backups, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "render.backups")
    await backups.step()
    assert len(caplog.messages) == 1
    again = Backups(database=world.database, clock=world.clock)
    world.clock.jump(FIRST_AFTER_SECONDS)
    await again.step()
    assert len(days(world)) == len(caplog.messages) == 1


async def test_the_backups_of_a_week_are_kept(world: World, backups: Backups) -> None:
    for _ in range(KEPT + 2):
        await backups.step()
        world.clock.jump(DAY_SECONDS)
    assert days(world) == [f"2026-09-{day}" for day in range(29, 22, -1)]


async def test_a_backup_has_what_was_accepted(world: World, backups: Backups) -> None:
    render = await world.admit()
    await backups.step()
    (made,) = kept(world.database.path)
    async with Database.open(f"sqlite:///{made}") as restored:
        assert await restored.read(ledger.check) == ()
        assert await restored.read(renders.unfinished) == (render,)


async def test_a_failure_is_logged_and_tried_again_in_an_hour(
    world: World, backups: Backups, caplog: pytest.LogCaptureFixture
) -> None:
    block(world)
    assert await backups.step() == AGAIN_SECONDS
    assert caplog.messages == ["Today's backup failed; it is tried again in an hour"]
    unblock(world)
    world.clock.jump(AGAIN_SECONDS)
    await backups.step()
    assert days(world) == ["2026-09-21"]
