"""Foretell in which order waiting renders are claimed; pure, so that one pass serves all."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import NamedTuple

# Later than any bump.
NEVER_MS = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Say how many renders may be with the provider at once; None: as many as there are."""

    in_all: int | None = None
    per_server: int | None = None
    per_member: int | None = None


class Waiting(NamedTuple):
    """Describe what matters of a render that waits; there may be thousands."""

    bumped_at_ms: int
    created_at_ms: int
    id: str
    server_id: int
    member_id: int


class Slot(NamedTuple):
    """Describe a render with the provider, by the render that it followed: see Turn."""

    server_id: int
    member_id: int
    after_ms: int | None
    rounds: int


class Turn(NamedTuple):
    """Foretell a claim: how many come before it, and for the time of how many renders it waits."""

    ahead: int
    # The first of those renders was submitted at this moment; None: it is not submitted yet.
    after_ms: int | None
    # Renders one after the other, for which it waits; 0: there is a free slot.
    rounds: int

    def starts_at_ms(self, now_ms: int, each_ms: int) -> int:
        """Return when it is claimed if every render takes the same time with the provider."""
        if self.after_ms is None:
            return now_ms + self.rounds * each_ms
        return max(now_ms, self.after_ms + each_ms) + (self.rounds - 1) * each_ms


class _Head(NamedTuple):
    """Stand for the next render of a member; the least is served first, and no two are equal."""

    bumped_at_ms: int
    served: int
    created_at_ms: int
    id: str
    member_id: int


@dataclass(slots=True, kw_only=True)
class _Member:
    served: int
    busy: int = 0
    line: deque[Waiting] = field(default_factory=deque[Waiting])


@dataclass(slots=True, kw_only=True)
class _Server:
    served: int
    busy: int = 0
    members: dict[int, _Member] = field(default_factory=dict[int, _Member])
    # A heap of the members who wait and are not capped.
    heads: list[_Head] = field(default_factory=list[_Head])


class _House:
    """Hold all lines, and who of them may be served."""

    def __init__(
        self,
        waiting: Iterable[Waiting],
        slots: Iterable[Slot],
        served: Mapping[tuple[int, int], int],
        caps: Caps,
    ) -> None:
        self._per_server = inf if caps.per_server is None else caps.per_server
        self._per_member = inf if caps.per_member is None else caps.per_member
        # Whoever is served from now on was served later than anybody before.
        self._next_served = count(max(served.values(), default=0) + 1)
        self._servers: dict[int, _Server] = {}
        # A heap of the servers that wait and are not capped; an entry is void when its head or its
        # time is no longer the server's.
        self._open: list[tuple[int, _Head, int]] = []
        self._line_up(waiting, served)
        for slot in slots:
            self._count_in(slot)
        for server_id, server in self._servers.items():
            for member_id in server.members:
                self._line_up_again(server, member_id)
            self._open_up(server_id, server)

    def take(self) -> Waiting | None:
        """Claim whose turn it is; None while all that wait are capped."""
        while self._open:
            served, head, server_id = heappop(self._open)
            server = self._servers[server_id]
            if server.served == served and server.heads and server.heads[0] is head:
                return self._serve(server_id, server)
        return None

    def release(self, slot: Slot) -> None:
        """Note that a render left the provider."""
        server = self._servers.get(slot.server_id)
        if server is None:
            return
        server.busy -= 1
        member = server.members.get(slot.member_id)
        if member:
            was_capped = member.busy >= self._per_member
            member.busy -= 1
            if was_capped:
                self._line_up_again(server, slot.member_id)
        self._open_up(slot.server_id, server)

    def _line_up(self, waiting: Iterable[Waiting], served: Mapping[tuple[int, int], int]) -> None:
        for one in sorted(waiting):
            server = self._servers.get(one.server_id)
            if server is None:
                server = _Server(served=served.get((one.server_id, 0), 0))
                self._servers[one.server_id] = server
            member = server.members.get(one.member_id)
            if member is None:
                member = _Member(served=served.get((one.server_id, one.member_id), 0))
                server.members[one.member_id] = member
            member.line.append(one)

    def _count_in(self, slot: Slot) -> None:
        if server := self._servers.get(slot.server_id):
            server.busy += 1
            if member := server.members.get(slot.member_id):
                member.busy += 1

    def _serve(self, server_id: int, server: _Server) -> Waiting:
        member_id = heappop(server.heads).member_id
        member = server.members[member_id]
        found = member.line.popleft()
        server.served = member.served = next(self._next_served)
        server.busy += 1
        member.busy += 1
        self._line_up_again(server, member_id)
        self._open_up(server_id, server)
        return found

    def _line_up_again(self, server: _Server, member_id: int) -> None:
        member = server.members[member_id]
        if member.line and member.busy < self._per_member:
            bumped_at_ms, created_at_ms, render_id, *_ = member.line[0]
            head = _Head(bumped_at_ms, member.served, created_at_ms, render_id, member_id)
            heappush(server.heads, head)

    def _open_up(self, server_id: int, server: _Server) -> None:
        if server.heads and server.busy < self._per_server:
            heappush(self._open, (server.served, server.heads[0], server_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineup:
    """Hold what decides about turns, as read at one moment."""

    waiting: Sequence[Waiting]
    # The renders with the provider, in the order of their submits.
    slots: Sequence[Slot]
    # When servers (with member 0) and members in them were served last.
    served: Mapping[tuple[int, int], int]

    def turns(self, caps: Caps) -> dict[str, Turn]:
        """Foretell the turn of all that wait; that takes a while where thousands do."""
        return foretell(self.waiting, self.slots, served=self.served, caps=caps)


def foretell(
    waiting: Iterable[Waiting],
    slots: Iterable[Slot],
    *,
    served: Mapping[tuple[int, int], int],
    caps: Caps,
) -> dict[str, Turn]:
    """Return the turn of all that wait, if nobody else asks and what began first ends first."""
    busy = deque(slots)
    house = _House(waiting, busy, served, caps)
    in_all = inf if caps.in_all is None else caps.in_all
    turns: dict[str, Turn] = {}
    ended: tuple[int | None, int] = (None, 0)
    while True:
        found = house.take() if len(busy) < in_all else None
        if found is not None:
            turns[found.id] = Turn(len(turns), *ended)
            after_ms, rounds = ended
            busy.append(Slot(found.server_id, found.member_id, after_ms, rounds + 1))
        elif busy:
            slot = busy.popleft()
            ended = (slot.after_ms, slot.rounds)
            house.release(slot)
        else:
            return turns
