"""Bring renders to where they are delivered, and a deliverer through what is due."""

from __future__ import annotations

from typing import Unpack

from render import lifecycle
from render.delivery import Deliverer
from storage.records import Cause, Render
from tests.render.world import COST, Wish, World, rest


async def rendered(world: World, **wish: Unpack[Wish]) -> Render:
    """Take a render to where its video is known and nothing of it is here yet."""
    render = await world.admit(**wish)
    task_id = world.provider.make_task()
    world.provider.finish(task_id)
    now = world.clock.now_ms()
    await world.do(lambda tx: lifecycle.claim(tx, render, at_ms=now, body_digest="d", host=()))
    await world.do(lambda tx: lifecycle.submitted(tx, render, at_ms=now, task_id=task_id))
    moved = await world.do(
        lambda tx: lifecycle.succeeded(
            tx,
            render,
            at_ms=now,
            video_url=f"{world.provider.base_url}/films/{task_id}.mp4",
            video_expires_at_ms=now + 86_400_000,
            price=COST,
        )
    )
    assert moved
    return moved


async def cancelled(world: World, cause: Cause = Cause.WAITED_TOO_LONG) -> Render:
    render = await world.admit()
    now = world.clock.now_ms()
    moved = await world.do(lambda tx: lifecycle.cancelled(tx, render.id, at_ms=now, cause=cause))
    assert moved
    return moved


async def step(deliverer: Deliverer) -> float:
    await deliverer.step()
    await rest(deliverer.crew)
    return await deliverer.step()


def spooled(world: World) -> list[str]:
    return [path.name for path in world.spool_folder.glob("*")]
