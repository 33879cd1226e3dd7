"""Hold a desk beside an engine that stands still, and bring renders to where a test needs them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from render import lifecycle
from render.desk import Desk
from render.engine import Engine
from render.policy import host_accounts
from render.treasury import Treasury
from storage import Transaction, events, messages
from storage.records import Event, Purpose, Render, State
from tests.render.world import COST, World


class Room:
    """Hold a desk with an engine that stands still, and bring renders where a test needs them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.engine: Engine = world.engine()
        self.treasury = Treasury(world.database, world.limits, world.clock)
        self.desk = Desk(
            world.database, self.engine, self.treasury, world.clock, limits=world.limits
        )

    async def render(self, state: State, *, cost: int = COST) -> Render:
        now = self.world.clock.now_ms()
        if state is State.AWAITING_APPROVAL:
            return await self.world.admit(state=state, cost=cost)
        render = await self.world.admit(cost=cost)
        if state is State.QUEUED:
            return render

        await self.claimed(render)
        if state is State.UNKNOWN:
            return await self._step(lambda tx: lifecycle.lost(tx, render, at_ms=now, why="reset"))
        if state is State.RENDERING:
            return await self._submitted(render)
        if state is State.UNDELIVERED:
            await self._rendered(render)
            return await self._step(lambda tx: lifecycle.undelivered(tx, render, at_ms=now))
        assert state is State.DELIVERED
        return await self.finished(render)

    async def claimed(self, render: Render) -> Render:
        """Claim it, where the host's windows of now have room."""
        now = self.world.clock.now_ms()
        host = host_accounts(self.world.limits, now)
        return await self._step(
            lambda tx: lifecycle.claim(tx, render, at_ms=now, body_digest="", host=host)
        )

    async def finished(self, render: Render) -> Render:
        """Let the provider make the video of what is claimed, and post it."""
        await self._rendered(render)
        return await self._delivered(render)

    async def _submitted(self, render: Render) -> Render:
        now = self.world.clock.now_ms()
        return await self._step(
            lambda tx: lifecycle.submitted(tx, render, at_ms=now, task_id=f"cgt-{render.id}")
        )

    async def _rendered(self, render: Render) -> Render:
        await self._submitted(render)
        now = self.world.clock.now_ms()
        return await self._step(
            lambda tx: lifecycle.succeeded(
                tx,
                render,
                at_ms=now,
                video_url=f"{self.world.provider.base_url}/film.mp4",
                video_expires_at_ms=now + 1_000_000,
                price=render.cost,
            )
        )

    async def _step(self, move: Callable[[Transaction], Awaitable[Render | None]]) -> Render:
        moved = await self.world.do(move)
        assert moved
        return moved

    async def _delivered(self, render: Render) -> Render:
        (destination, *_) = await self.world.discord.destinations(render)
        posted = await self.world.discord.post_result(
            render, destination, nonce=f"{render.id}.2", file=None, card=None
        )

        async def note(tx: Transaction) -> Render | None:
            message = await messages.begin(
                tx,
                render_id=render.id,
                purpose=Purpose.RESULT,
                channel_id=posted.channel_id,
                at_ms=self.world.clock.now_ms(),
                renew=False,
            )
            return await lifecycle.delivered(
                tx,
                render,
                at_ms=self.world.clock.now_ms(),
                posted=(message, posted.message_id),
            )

        return await self._step(note)

    async def acts(self, render: Render) -> list[Event]:
        found = await self.world.do(lambda tx: events.of_render(tx, render.id))
        return [event for event in found if event.action]
