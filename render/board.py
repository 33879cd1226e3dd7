"""Show a server's desk to its staff: one message, brought up to date, never old, never twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from render.breaker import Outage, outage
from render.clock import Clock
from render.messenger import MessageDeleted, PlaceClosed
from render.pace import Pace, milliseconds
from storage import Database, Transaction, boards, desk, drains, reports, settings
from storage.boards import Board, Post
from storage.desk import Sought, Totals
from storage.records import Pause, Render, State

# A board is edited once in a step at most.
LOOK_SECONDS: Final = 5.0
AGAIN_SECONDS: Final = 30.0
# Discord limits edits of what is older than an hour (30046).
RENEW_AFTER: Final = timedelta(minutes=50)
# Discord may take its time, but not all servers'; real time, whatever the clock.
LONGEST_SHOWING_SECONDS: Final = 10
REPORTED_FOR: Final = timedelta(days=1)
MOST_NEEDS: Final = 10
_NEEDY: Final = frozenset(
    {State.UNKNOWN, State.AWAITING_APPROVAL, State.UNDELIVERED, State.RENDERING}
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Hold what a board tells of all channels of a server; `needs` are the first of the needy."""

    totals: Totals
    needs: tuple[Render, ...]
    # How many were reported of late, by render.
    reported: Mapping[str, int]
    outage: Outage | None
    pause: Pause | None
    drain: Pause | None
    stopped: bool


class Publisher(Protocol):
    """Reach a server's staff channel; implemented by cogs/ui/board.py.

    Raises PlaceClosed when the channel is gone or forbidden, MessageDeleted when the message is,
    another PostingError when it may work later.
    """

    def words(self, sight: Sight) -> str:
        """Write a board; the same words need no edit."""
        ...

    async def post(self, post: Post, words: str, *, at_ms: int) -> int:
        """Post a board under the nonce of its attempt, and return the message's id."""
        ...

    async def edit(self, post: Post, message_id: int, words: str, *, at_ms: int) -> None:
        """Bring the message up to date."""
        ...

    async def delete(self, post: Post, message_id: int) -> None:
        """Delete a message; one that is gone already is as good."""
        ...

    async def find(self, post: Post, *, since_ms: int, known: Collection[int]) -> int | None:
        """Look for a board of ours in the channel of an attempt, which is none of the known."""
        ...


class Boards:
    """Bring boards up to date one after the other; what fails does so for one server alone."""

    def __init__(
        self, *, database: Database, publisher: Publisher, pace: Pace, clock: Clock
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._nonce_life_ms = milliseconds(pace.nonce_life)
        self._clock = clock
        # What each message reads, as far as this process knows.
        self._shown: dict[int, str] = {}
        # A server whose channel cannot be reached now, and until when it rests.
        self._resting: dict[int, float] = {}

    async def step(self) -> float:
        """Show what changed; return after how many seconds to look again."""
        now = self._clock.monotonic()
        for board in await self._database.read(boards.to_do):
            if self._resting.get(board.server_id, now) <= now:
                await self._serve(board)
        return LOOK_SECONDS

    async def _serve(self, board: Board) -> None:
        try:
            async with asyncio.timeout(LONGEST_SHOWING_SECONDS):
                await self._show(board)
                await self._tidy(board)
        except Exception as error:  # whatever broke, the other servers see their boards
            log.warning("The board of server %s waits: %r", board.server_id, error)
            self._resting[board.server_id] = self._clock.monotonic() + AGAIN_SECONDS

    async def _show(self, board: Board) -> None:
        if board.channel_id is None or board.closed_at_ms is not None:
            return
        sight = await self._database.read(
            lambda tx: _sight(tx, board.server_id, self._clock.now_ms())
        )
        words = self._publisher.words(sight)
        try:
            await self._publish(board, board.channel_id, words)
        except PlaceClosed:
            log.warning("Channel %s shows no board: it is gone or forbidden", board.channel_id)
            now = self._clock.now_ms()
            await self._database.transaction(lambda tx: boards.close(tx, board, at_ms=now))

    async def _publish(self, board: Board, channel_id: int, words: str) -> None:
        """Post or edit, unless that is what stands there."""
        newest = next(iter(await self._posts(board)), None)
        if newest and newest.channel_id == channel_id and not _asked_since(board, newest):
            if newest.message_id is None:
                await self._post(newest, words)
                return
            if self._shown.get(newest.message_id) == words:
                return
            if await self._edit(newest, newest.message_id, words):
                return
        now = self._clock.now_ms()
        attempt = await self._database.transaction(
            lambda tx: boards.begin(tx, board.server_id, channel_id, at_ms=now)
        )
        message_id = await self._post(attempt, words)
        if message_id is not None:
            self._shown[message_id] = words

    async def _edit(self, post: Post, message_id: int, words: str) -> bool:
        """Bring a board up to date; False: it is too old for that, or gone."""
        now = self._clock.now_ms()
        if now - post.attempted_at_ms >= milliseconds(RENEW_AFTER):
            return False
        try:
            await self._publisher.edit(post, message_id, words, at_ms=now)
        except MessageDeleted:
            return False
        self._shown[message_id] = words
        return True

    async def _post(self, post: Post, words: str) -> int | None:
        """Post a board, or find what an earlier try posted, which may read otherwise.

        None: it was posted, and somebody has deleted it since.
        """
        now = self._clock.now_ms()
        message_id = None
        if now - post.attempted_at_ms >= self._nonce_life_ms:
            message_id = await self._find(post)
            if message_id is None:
                await self._database.transaction(lambda tx: boards.repeat(tx, post, at_ms=now))
        if message_id is None:
            try:
                message_id = await self._publisher.post(post, words, at_ms=now)
            except MessageDeleted:
                await self._database.transaction(lambda tx: boards.drop(tx, post))
                return None
        await self._database.transaction(lambda tx: boards.posted(tx, post, message_id))
        return message_id

    async def _tidy(self, board: Board) -> None:
        """Delete what is not the board any more."""
        posts = await self._posts(board)
        kept = 1 if posts and posts[0].channel_id == board.channel_id else 0
        for post in posts[kept:]:
            with suppress(PlaceClosed):
                message_id = post.message_id or await self._find(post)
                if message_id is not None:
                    await self._publisher.delete(post, message_id)
                    self._shown.pop(message_id, None)
            await self._database.transaction(lambda tx, post=post: boards.drop(tx, post))

    async def _find(self, post: Post) -> int | None:
        posts = await self._database.read(lambda tx: boards.posts(tx, post.server_id))
        known = {one.message_id for one in posts if one.message_id is not None}
        # Discord's clock and ours may differ, so the look begins a little earlier.
        since_ms = post.attempted_at_ms - self._nonce_life_ms
        return await self._publisher.find(post, since_ms=since_ms, known=known)

    async def _posts(self, board: Board) -> tuple[Post, ...]:
        return await self._database.read(lambda tx: boards.posts(tx, board.server_id))


def _asked_since(board: Board, post: Post) -> bool:
    return post.attempted_at_ms < board.asked_at_ms


async def _sight(tx: Transaction, server_id: int, now_ms: int) -> Sight:
    sought = Sought(server_id=server_id, channel_ids=None, states=_NEEDY)
    found = await desk.page(tx, sought, offset=0, limit=MOST_NEEDS)
    since_ms = now_ms - milliseconds(REPORTED_FOR)
    return Sight(
        totals=await desk.totals(tx, server_id=server_id, channel_ids=None),
        needs=tuple(render for render in found if _needs_a_person(render)),
        reported=await reports.reported_since(tx, server_id, since_ms),
        outage=await outage(tx),
        pause=await settings.paused(tx, server_id),
        drain=await drains.of_server(tx, server_id),
        stopped=await settings.submits_stopped(tx) is not None,
    )


def _needs_a_person(render: Render) -> bool:
    return render.state is not State.RENDERING or render.late_at_ms is not None
