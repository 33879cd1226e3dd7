"""A small Discord in memory: posts once for each nonce, and breaks as it is told."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from render.brakes import Brake
from render.messenger import (
    Destination,
    FileTooLarge,
    MessageDeleted,
    Obstacle,
    Place,
    PlaceClosed,
    Posted,
)
from render.outlook import Outlook
from storage.records import Render, State
from tests.render.virtual_time import VirtualClock

CHANNEL = 333_333_333_333_333_333
DIRECT = 555_555_555_555_555_555


@dataclass(kw_only=True)
class Said:
    """One message as it stands."""

    id: int
    channel_id: int
    nonce: str
    render_id: str
    is_card: bool
    at_ms: int
    state: State
    file: bytes | None = None
    link: str | None = None
    below: int | None = None
    ahead: int = 0
    edits: list[tuple[State, int]] = field(default_factory=list)
    # What each edit said about why nothing starts.
    brakes: list[Brake | None] = field(default_factory=list)
    outlooks: list[Outlook | None] = field(default_factory=list)


class Discord:
    """Play the messenger of the engine."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.said: list[Said] = []
        self.places = [
            Destination(place=Place.CHANNEL, channel_id=CHANNEL),
            Destination(place=Place.DIRECT, channel_id=DIRECT),
        ]
        self.closed: set[int] = set()
        # What stands in the way of all renders, and what the next looks raise.
        self.obstacle_now: Obstacle | None = None
        self.breaks_look: deque[Exception] = deque()
        # Messages that were deleted, by their ids.
        self.deleted: set[int] = set()
        self.largest_file = 10 * 1024 * 1024
        # What the next posts and edits raise: before, or (second) after the effect.
        self.breaks_before: deque[Exception] = deque()
        self.breaks_after: deque[Exception] = deque()
        self.breaks_edit: deque[Exception] = deque()
        self.calls: Counter[str] = Counter()
        self.edits_under_way: Counter[str] = Counter()
        self.most_edits_at_once = 0
        # Edits wait here while it is cleared.
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def cards(self) -> list[Said]:
        return [message for message in self.said if message.is_card]

    @property
    def results(self) -> list[Said]:
        return [message for message in self.said if not message.is_card]

    async def obstacle(self, render: Render, card: Posted | None) -> Obstacle | None:
        self.calls["obstacle"] += 1
        if self.breaks_look:
            raise self.breaks_look.popleft()
        return self.obstacle_now

    async def destinations(
        self, render: Render, *, wanted: int | None = None
    ) -> tuple[Destination, ...]:
        self.calls["destinations"] += 1
        if wanted is None:
            return tuple(self.places)
        return (
            Destination(place=Place.WANTED, channel_id=wanted),
            *(place for place in self.places if place.place is Place.DIRECT),
        )

    async def post_card(
        self,
        render: Render,
        *,
        ahead: int,
        nonce: str,
        brake: Brake | None = None,
        outlook: Outlook | None = None,
    ) -> Posted:
        self.calls["post_card"] += 1
        return self._post(render, render.channel_id, nonce, is_card=True, ahead=ahead)

    async def find_card(self, render: Render, *, since_ms: int) -> Posted | None:
        self.calls["find_card"] += 1
        return self._find(self.cards, render, render.channel_id, since_ms)

    async def edit_card(
        self,
        render: Render,
        posted: Posted,
        *,
        ahead: int,
        brake: Brake | None = None,
        outlook: Outlook | None = None,
    ) -> None:
        self.calls["edit_card"] += 1
        self.edits_under_way[render.id] += 1
        self.most_edits_at_once = max(self.most_edits_at_once, *self.edits_under_way.values())
        await self.gate.wait()
        self.edits_under_way[render.id] -= 1
        if self.breaks_edit:
            raise self.breaks_edit.popleft()
        card = next(card for card in self.cards if card.id == posted.message_id)
        card.edits.append((render.state, ahead))
        card.brakes.append(brake)
        card.outlooks.append(outlook)

    async def post_result(
        self,
        render: Render,
        destination: Destination,
        *,
        nonce: str,
        file: Path | None,
        card: Posted | None,
    ) -> Posted:
        self.calls["post_result"] += 1
        content = file.read_bytes() if file else None  # noqa: ASYNC240 - a test's small file
        if content and len(content) > self.largest_file:
            raise FileTooLarge
        return self._post(
            render,
            destination.channel_id,
            nonce,
            file=content,
            link=render.video_url,
            below=card.message_id if card else None,
        )

    async def delete(self, render: Render, posted: Posted) -> None:
        self.calls["delete"] += 1
        if posted.channel_id in self.closed:
            raise PlaceClosed
        if self.breaks_before:
            raise self.breaks_before.popleft()
        self.deleted.add(posted.message_id)

    async def attachment(self, render: Render, posted: Posted) -> str | None:
        self.calls["attachment"] += 1
        if posted.message_id in self.deleted:
            return None
        return f"https://cdn.example/{posted.message_id}/signed"

    async def find_result(
        self, render: Render, destination: Destination, *, since_ms: int
    ) -> Posted | None:
        self.calls["find_result"] += 1
        return self._find(self.results, render, destination.channel_id, since_ms)

    def _find(
        self, among: list[Said], render: Render, channel_id: int, since_ms: int
    ) -> Posted | None:
        if channel_id in self.closed:
            raise PlaceClosed
        for said in among:
            if said.render_id == render.id and said.channel_id == channel_id:
                assert since_ms <= said.at_ms <= since_ms + 3_600_000
                return Posted(channel_id=said.channel_id, message_id=said.id)
        return None

    def _post(
        self,
        render: Render,
        channel_id: int,
        nonce: str,
        *,
        is_card: bool = False,
        file: bytes | None = None,
        link: str | None = None,
        below: int | None = None,
        ahead: int = 0,
    ) -> Posted:
        if channel_id in self.closed:
            raise PlaceClosed
        if self.breaks_before:
            raise self.breaks_before.popleft()
        now = self.clock.now_ms()
        said = next(
            (one for one in self.said if one.nonce == nonce and now - one.at_ms < 120_000), None
        )
        if said is None:
            said = Said(
                id=700_000_000_000_000_000 + len(self.said),
                channel_id=channel_id,
                nonce=nonce,
                render_id=render.id,
                is_card=is_card,
                at_ms=now,
                state=render.state,
                file=file,
                link=link,
                below=below,
                ahead=ahead,
            )
            self.said.append(said)
        elif said.id in self.deleted:
            raise MessageDeleted
        if self.breaks_after:
            raise self.breaks_after.popleft()
        return Posted(channel_id=channel_id, message_id=said.id)
