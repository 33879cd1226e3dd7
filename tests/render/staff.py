"""A staff channel as the board's stage meets it, as strict as Discord."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from render.board import Sight
from render.clock import Clock
from render.messenger import MessageDeleted, PostingBroken
from storage.boards import Post

HOUR_MS = 3_600_000
NONCE_LIFE_MS = 300_000


@dataclass
class Shown:
    id: int
    channel_id: int
    nonce: str
    at_ms: int
    words: str
    edited_at_ms: list[int] = field(default_factory=list[int])


class Staff:
    """Stand for Discord as a board meets it: nonces, the age of what is edited, closed channels."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.messages: list[Shown] = []
        self.deleted: list[Shown] = []
        self.seen: Sight | None = None
        self.breaks: dict[int, Exception] = {}
        self._attempts = Counter[str]()
        # What a test must not let pass.
        self.wrongs: list[str] = []
        # Post, and break before anybody hears of it.
        self.answers_get_lost = False

    def words(self, sight: Sight) -> str:
        self.seen = sight
        needs = [one.id for one in sight.needs]
        return f"{sight.totals} {needs} {sight.reported} {sight.pause}"

    async def post(self, post: Post, words: str, *, at_ms: int) -> int:
        self._attempts[post.nonce] += 1
        self._demand_open(post)
        self._demand(len(post.nonce) <= 25, "a nonce is too long")
        for one in [*self.messages, *self.deleted]:
            if one.nonce == post.nonce and self._clock.now_ms() - one.at_ms < NONCE_LIFE_MS:
                if one in self.deleted:
                    raise MessageDeleted
                return one.id
        number = 1000 + len(self.messages) + len(self.deleted)
        made = Shown(number, post.channel_id, post.nonce, self._clock.now_ms(), words)
        self.messages.append(made)
        if self.answers_get_lost:
            raise PostingBroken
        return made.id

    async def edit(self, post: Post, message_id: int, words: str, *, at_ms: int) -> None:
        self._demand_open(post)
        message = self._find(message_id)
        if message is None:
            raise MessageDeleted
        self._demand(self._clock.now_ms() - message.at_ms < HOUR_MS, "30046")
        # What an attempt became that was made twice, nobody knows before it is edited.
        once = self._attempts[message.nonce] == 1
        self._demand(message.words != words or not once, "an edit that changes nothing")
        message.words = words
        message.edited_at_ms.append(self._clock.now_ms())

    async def delete(self, post: Post, message_id: int) -> None:
        self._demand_open(post)
        if message := self._find(message_id):
            self.messages.remove(message)
            self.deleted.append(message)

    async def find(self, post: Post, *, since_ms: int, known: Collection[int]) -> int | None:
        self._demand_open(post)
        for one in self.messages:
            if one.channel_id == post.channel_id and one.at_ms >= since_ms and one.id not in known:
                return one.id
        return None

    def _demand(self, holds: bool, otherwise: str) -> None:
        """Remember what is wrong: the stage outlives whatever is raised here."""
        if not holds:
            self.wrongs.append(otherwise)

    def _demand_open(self, post: Post) -> None:
        if error := self.breaks.get(post.channel_id):
            raise error

    def _find(self, message_id: int) -> Shown | None:
        return next((one for one in self.messages if one.id == message_id), None)

    @property
    def only(self) -> Shown:
        (message,) = self.messages
        return message

    @property
    def edits(self) -> int:
        return sum(len(one.edited_at_ms) for one in [*self.messages, *self.deleted])
