"""Let a server's admins say where, who and what: each act checked, in one transaction, kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from render.clock import Clock
from render.errors import NoSuchWord, WordInvalid
from render.rulings import demand_amount
from render.words import pattern_of
from storage import Database, Transaction, approvals, blocks, newcomers, servers, words
from storage.records import (
    Approval,
    ApprovalKind,
    ApprovalRule,
    Block,
    Consequence,
    Newcomers,
    Server,
    Word,
)

T = TypeVar("T")

# As many as the form of /server setup shows.
MOST_PLACES = 25
MOST_WORDS = 500
LONGEST_WORD = 60
MOST_DAYS = 3650


class Rulebook:
    """Keep a server's rules of conduct; what is refused (ActRefused) changes nothing.

    Who may change them is the caller's to know.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def set_channels(
        self, server_id: int, channel_ids: frozenset[int], *, author_id: int
    ) -> Server:
        """Have videos made in these channels and categories only; none named: everywhere."""
        demand_amount("channel_ids", len(channel_ids), least=0, most=MOST_PLACES)

        async def act(tx: Transaction, now: int) -> Server:
            server = replace(await servers.find(tx, server_id), channel_ids=channel_ids)
            await servers.put(tx, server, author=str(author_id), at_ms=now, action="channels.set")
            return server

        return await self._act(act)

    async def approvals(self, server_id: int) -> tuple[ApprovalRule, ...]:
        """Return where, and for whom, a moderator says yes first."""
        return await self._database.read(lambda tx: approvals.of_server(tx, server_id))

    async def set_approval(
        self,
        server_id: int,
        kind: ApprovalKind,
        holder_id: int,
        approval: Approval | None,
        *,
        author_id: int,
    ) -> bool:
        """Set what a moderator says yes to first; None: what holds around it. False: it was so."""
        return await self._act(
            lambda tx, now: approvals.put(
                tx,
                server_id=server_id,
                kind=kind,
                holder_id=holder_id,
                approval=approval,
                author=str(author_id),
                at_ms=now,
            )
        )

    async def words(self, server_id: int) -> tuple[Word, ...]:
        """Return the list of a server."""
        return await self._database.read(lambda tx: words.of_server(tx, server_id))

    async def add_words(
        self, server_id: int, typed: str, consequence: Consequence, *, author_id: int
    ) -> tuple[Word, ...]:
        """Add what was typed, with commas between, to the list; return it as it is compared."""
        added = tuple(
            Word(server_id=server_id, pattern=pattern, consequence=consequence)
            for pattern in _patterns(typed)
        )

        async def act(tx: Transaction, now: int) -> tuple[Word, ...]:
            await words.put(tx, added, server_id=server_id, author=str(author_id), at_ms=now)
            count = len(await words.of_server(tx, server_id))
            demand_amount("words", count, least=0, most=MOST_WORDS)
            return added

        return await self._act(act)

    async def remove_words(self, server_id: int, typed: str, *, author_id: int) -> tuple[Word, ...]:
        """Take what was typed, with commas between, off the list; return what was on it."""
        patterns = _patterns(typed)

        async def act(tx: Transaction, now: int) -> tuple[Word, ...]:
            gone = await words.drop(
                tx, patterns, server_id=server_id, author=str(author_id), at_ms=now
            )
            if not gone:
                raise NoSuchWord(typed=typed)
            return gone

        return await self._act(act)

    async def newcomers(self, server_id: int) -> Newcomers:
        """Return what holds for newcomers."""
        return await self._database.read(lambda tx: newcomers.find(tx, server_id))

    async def set_newcomers(
        self,
        server_id: int,
        *,
        account_days: int | None,
        member_days: int | None,
        author_id: int,
    ) -> Newcomers:
        """Set how old accounts and memberships must be; None: as it was."""
        wanted = {"account_days": account_days, "member_days": member_days}
        changes = {name: days for name, days in wanted.items() if days is not None}
        for name, days in changes.items():
            demand_amount(name, days, least=0, most=MOST_DAYS)

        async def act(tx: Transaction, now: int) -> Newcomers:
            rules = replace(await newcomers.find(tx, server_id), **changes)
            author = str(author_id)
            await newcomers.put(tx, rules, author=author, at_ms=now, action="newcomers.set")
            return rules

        return await self._act(act)

    async def let_newcomers_in(self, server_id: int, *, author_id: int) -> bool:
        """End the pause that a burst of first-time users began; False: there was none."""

        async def act(tx: Transaction, now: int) -> bool:
            rules = await newcomers.find(tx, server_id)
            if (rules.paused_until_ms or 0) <= now:
                return False
            rules, author = replace(rules, paused_until_ms=now), str(author_id)
            await newcomers.put(tx, rules, author=author, at_ms=now, action="newcomers.resume")
            return True

        return await self._act(act)

    async def block_of(self, server_id: int, member_id: int) -> Block | None:
        """Return the block of a member that holds now."""
        block = await self._database.read(lambda tx: blocks.find(tx, server_id, member_id))
        return block if block and block.holds(self._clock.now_ms()) else None

    async def blocks(self, server_id: int) -> tuple[Block, ...]:
        """Return every block of a server that holds now, the newest first."""
        now = self._clock.now_ms()
        return await self._database.read(lambda tx: blocks.in_force(tx, server_id, now))

    async def _act(self, act: Callable[[Transaction, int], Awaitable[T]]) -> T:
        return await self._database.transaction(lambda tx: act(tx, self._clock.now_ms()))


def _patterns(typed: str) -> Sequence[str]:
    """Read words with commas between them; raises WordInvalid and AmountInvalid."""
    return tuple(_pattern(one) for one in typed.split(",") if one.strip()) or (_pattern(typed),)


def _pattern(typed: str) -> str:
    pattern = pattern_of(typed)
    if pattern is None:
        raise WordInvalid(typed=typed.strip())
    demand_amount("word_length", len(pattern), least=1, most=LONGEST_WORD)
    return pattern
