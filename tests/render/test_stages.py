"""Stages that move no render run beside those that do."""

from __future__ import annotations

from tests.render.test_engine import running
from tests.render.world import World


async def test_a_stage_that_moves_no_render_steps_at_its_own_pace(world: World) -> None:
    stepped: list[float] = []

    async def step() -> float:
        stepped.append(world.clock.monotonic())
        return 5.0

    async def thrice() -> bool:
        return len(stepped) >= 3

    world.also = {"audit": step}
    async with running(world):
        await world.until(thrice)
    assert stepped[1] - stepped[0] >= 5
