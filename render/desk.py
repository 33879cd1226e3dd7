"""Let moderators act on renders: each act one guarded transaction with its event, or nothing."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from render import lifecycle, rescues
from render.acts import RIVALS, Act, NotPossible, Overtaken, TaskInvalid, TaskTaken, acts_on
from render.clock import Clock
from render.engine import Engine
from render.errors import ActRefused, NotSettled
from render.policy import Limits, host_accounts
from render.treasury import Treasury
from storage import (
    Database,
    Transaction,
    drains,
    events,
    queue,
    renders,
    settings,
    takedowns,
    thumbnails,
)
from storage.records import Cause, Event, Grant, Pause, Render

# What stands in an address of the provider.
TASK_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
# The queue writes the events of these itself.
_NOTED_BY_QUEUE: Final = frozenset({Act.BUMP, Act.PARK, Act.UNPARK})

# Moves a render at a moment; None: it was not where it had to be.
Move: TypeAlias = Callable[[Transaction, Render, int], Awaitable[Render | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderator:
    """Say who acts. What they may see and do is the caller's to know."""

    id: int
    host: bool = False


class Desk:
    """Do what moderators want; what is refused (ActRefused) changes nothing."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        treasury: Treasury,
        clock: Clock,
        *,
        limits: Limits,
    ) -> None:
        self._database = database
        self._engine = engine
        self._treasury = treasury
        self._clock = clock
        self._limits = limits

    async def demand(self, act: Act, render_id: str, by: Moderator) -> None:
        """Raise what keeps an act from being done now, before anybody is asked about it."""

        async def look(tx: Transaction) -> None:
            render = await renders.find(tx, render_id)
            if render is None:
                raise LookupError(render_id)
            if act not in acts_on(render, host=by.host):
                raise await _too_late(tx, act, render, by)

        await self._database.read(look)

    async def approve(self, render_id: str, by: Moderator) -> Render:
        """Let a render wait its turn that waited for a yes."""

        async def move(tx: Transaction, render: Render, now: int) -> Render | None:
            return await lifecycle.approve(tx, render.id, at_ms=now, author=str(by.id))

        return await self._act(Act.APPROVE, render_id, by, move)

    async def deny(self, render_id: str, by: Moderator, *, reason: str) -> Render:
        """Cancel a render that waited for a yes; its member reads why."""

        async def move(tx: Transaction, render: Render, now: int) -> Render | None:
            return await lifecycle.deny(tx, render.id, at_ms=now, reason=reason, author=str(by.id))

        return await self._act(Act.DENY, render_id, by, move, reason)

    async def bump(self, render_id: str, by: Moderator) -> Render:
        """Put a render before the others of its server."""

        async def move(tx: Transaction, render: Render, now: int) -> Render | None:
            return await queue.bump(tx, render.id, at_ms=now, author=str(by.id))

        return await self._act(Act.BUMP, render_id, by, move)

    async def park(self, render_id: str, by: Moderator) -> Render:
        """Pass a render over until further notice."""

        async def move(tx: Transaction, render: Render, now: int) -> Render | None:
            return await queue.park(tx, render.id, at_ms=now, author=str(by.id))

        return await self._act(Act.PARK, render_id, by, move)

    async def unpark(self, render_id: str, by: Moderator) -> Render:
        """Let a parked render wait its turn again."""

        async def move(tx: Transaction, render: Render, now: int) -> Render | None:
            return await queue.unpark(tx, render.id, at_ms=now, author=str(by.id))

        return await self._act(Act.UNPARK, render_id, by, move)

    async def cancel(self, render_id: str, by: Moderator, *, reason: str = "") -> Render:
        """Take a render out of the queue; its member is told, with the reason."""

        async def move(tx: Transaction, render: Render, now: int) -> Render | None:
            return await _cancelled(tx, render.id, by, reason, now)

        return await self._act(Act.CANCEL, render_id, by, move, reason)

    async def adopt(self, render_id: str, by: Moderator, *, task_id: str) -> Render:
        """Say which task an `unknown` render made; raises TaskInvalid, TaskTaken."""
        task_id = task_id.strip()
        if TASK_ID.fullmatch(task_id) is None:
            raise TaskInvalid(typed=task_id)

        async def move(tx: Transaction, render: Render, now: int) -> Render | None:
            other = await takedowns.with_task(tx, task_id)
            if other is not None:
                same = other.server_id == render.server_id
                raise TaskTaken(task_id=task_id, render_id=other.id if same else None)
            return await rescues.adopted(tx, render, at_ms=now, task_id=task_id, author=str(by.id))

        return await self._act(Act.ADOPT, render_id, by, move, new_value=task_id)

    async def submit_again(self, render_id: str, by: Moderator) -> Render:
        """Queue an `unknown` render once more, for the host, who pays twice; raises NoRoom."""

        async def move(tx: Transaction, render: Render, now: int) -> Render | None:
            host = host_accounts(self._limits, now)
            return await rescues.queued_again(tx, render, at_ms=now, author=str(by.id), host=host)

        return await self._act(Act.SUBMIT_AGAIN, render_id, by, move)

    async def post_again(self, render_id: str, by: Moderator) -> Render | None:
        """Post a kept video in its own channel, else to its member; None: not now."""

        async def move(_tx: Transaction, render: Render, _now: int) -> Render | None:
            return render

        render = await self._act(Act.POST_AGAIN, render_id, by, move)
        under_way = self._engine.is_posting_again(render.id)
        posted = await self._engine.post_again(
            render.id, channel_id=render.channel_id, author_id=by.id
        )
        if posted is None and under_way:
            await self._database.read(lambda tx: _demand_alone(tx, render, by))
        return posted

    async def refund(
        self, render_id: str, by: Moderator, *, reason: str, credits: int | None = None
    ) -> Grant:
        """Give a member back what a render cost, or a part of it; the gift is its event."""
        given: list[Grant] = []

        async def move(tx: Transaction, render: Render, now: int) -> Render | None:
            given.append(await self._give_back(tx, render, by, credits, reason, now))
            return render

        await self._act(Act.REFUND, render_id, by, move, noted=True)
        return given[-1]

    async def take_down(
        self, render_id: str, by: Moderator, *, reason: str, refund: bool = False
    ) -> tuple[Render, tuple[str, ...]]:
        """Have a video deleted wherever it is, and cancel what would make the same again.

        Returns with it what was cancelled. The member is told who did it and why.
        """
        cancelled: list[Render] = []

        async def move(tx: Transaction, render: Render, now: int) -> Render | None:
            down = await takedowns.mark(tx, render.id, at_ms=now, author_id=by.id, reason=reason)
            await thumbnails.drop(tx, render.id)
            for sibling in await takedowns.siblings(tx, render):
                gone = await _cancelled(tx, sibling, by, reason, now)
                if gone:
                    await thumbnails.drop(tx, sibling)
                    await events.add(tx, _event(Act.CANCEL, gone, by, now, reason))
                    cancelled.append(gone)
            if refund and down and down.settled:
                await self._give_back(tx, down, by, None, reason, now)
            return down

        down = await self._act(Act.TAKE_DOWN, render_id, by, move, reason)
        for render in cancelled:
            self._engine.show(render)
        self._engine.remove_soon()
        return down, tuple(render.id for render in cancelled)

    async def pause(self, pause: Pause) -> None:
        """Take no new renders in a server, and start none of those that wait."""

        async def act(tx: Transaction) -> None:
            await drains.end(tx, pause.server_id)
            await settings.pause(tx, pause)
            await events.add(tx, _brake("queue.pause", pause))

        await self._brake(act)

    async def drain(self, drain: Pause) -> None:
        """Take no new renders in a server, while what waits goes on."""

        async def act(tx: Transaction) -> None:
            await settings.resume(tx, drain.server_id, at_ms=drain.at_ms)
            await drains.begin(tx, drain)
            await events.add(tx, _brake("queue.drain", drain))

        await self._brake(act)

    async def resume(self, server_id: int, by: Moderator) -> bool:
        """Take new renders again; say whether they were not taken."""
        now = self._clock.now_ms()
        resumed = Pause(server_id=server_id, author_id=by.id, reason="", at_ms=now)

        async def act(tx: Transaction) -> bool:
            was_drained = await drains.end(tx, server_id)
            was_paused = await settings.resume(tx, server_id, at_ms=now)
            if was_drained or was_paused:
                await events.add(tx, _brake("queue.resume", resumed))
            return was_drained or was_paused

        was_closed = await self._database.transaction(act)
        self._engine.show_brake()
        return was_closed

    async def _give_back(
        self,
        tx: Transaction,
        render: Render,
        by: Moderator,
        credits: int | None,
        reason: str,
        now: int,
    ) -> Grant:
        return await self._treasury.give_back(
            tx,
            render,
            credits=credits,
            reason=reason,
            author_id=by.id,
            by_host=by.host,
            now=now,
        )

    async def _brake(self, act: Callable[[Transaction], Awaitable[None]]) -> None:
        await self._database.transaction(act)
        self._engine.show_brake()

    async def _act(
        self,
        act: Act,
        render_id: str,
        by: Moderator,
        move: Move,
        reason: str = "",
        *,
        new_value: str = "",
        noted: bool = False,
    ) -> Render:
        """Move a render if it is where the act needs it; `noted`: the move writes the event."""

        async def work(tx: Transaction) -> Render:
            now = self._clock.now_ms()
            render = await renders.find(tx, render_id)
            if render is None:
                raise LookupError(render_id)
            possible = act in acts_on(render, host=by.host)
            moved = await move(tx, render, now) if possible else None
            if moved is None:
                raise await _too_late(tx, act, render, by)
            if not noted and act not in _NOTED_BY_QUEUE:
                await events.add(tx, _event(act, moved, by, now, reason, new_value))
            return moved

        moved = await self._database.transaction(work)
        self._engine.show(moved)
        return moved


async def _cancelled(
    tx: Transaction, render_id: str, by: Moderator, reason: str, now: int
) -> Render | None:
    return await lifecycle.cancelled(
        tx,
        render_id,
        at_ms=now,
        cause=Cause.CANCELLED_BY_MODERATOR,
        detail=reason,
        author=str(by.id),
    )


async def _too_late(tx: Transaction, act: Act, render: Render, by: Moderator) -> ActRefused:
    """Say who was first, where a person was; of what is not paid, that."""
    if act is Act.REFUND:
        return NotSettled(state=render.state)
    for event in reversed(await events.of_render(tx, render.id)):
        rival = event.action in RIVALS[act]
        ended = not event.action and event.from_state and event.to_state is render.state
        if event.author.isdecimal() and (rival or ended):
            again = event.author == str(by.id)
            return Overtaken(act=act, render=render, first=event, again=again)
    return NotPossible(act=act, render=render)


async def _demand_alone(tx: Transaction, render: Render, by: Moderator) -> None:
    """Raise Overtaken when somebody else asked for the same just before."""
    now = await renders.find(tx, render.id) or render
    for event in reversed(await events.of_render(tx, render.id)):
        if event.action == Act.POST_AGAIN and event.author != str(by.id):
            raise Overtaken(act=Act.POST_AGAIN, render=now, first=event, again=False)


def _event(
    act: Act, render: Render, by: Moderator, at_ms: int, reason: str, new_value: str = ""
) -> Event:
    return Event(
        render_id=render.id,
        at_ms=at_ms,
        author=str(by.id),
        why=reason,
        server_id=render.server_id,
        action=act,
        target=f"member:{render.member_id}",
        new_value=new_value,
    )


def _brake(action: str, pause: Pause) -> Event:
    return Event(
        render_id=None,
        at_ms=pause.at_ms,
        author=str(pause.author_id),
        why=pause.reason,
        server_id=pause.server_id,
        action=action,
        target="server",
    )
