"""Keep books in the plainest way, to compare the real ones with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from storage.records import Owner, Span, Subject
from tests.storage.examples import DAY_MS, HOST, key, member, server

QUARTER_MS = 15 * 60 * 1000


@dataclass(slots=True)
class Pot:
    """Hold what an owner used in a quarter of an hour, or what is left of a grant."""

    owner: Owner
    starts_at_ms: int
    ends_at_ms: int = 0
    # Of a grant, what was given and not spent is less than nothing spent.
    spent: int = 0
    held: Counter[str] = field(default_factory=Counter[str])
    # What each render spent and no reset gave back; of a server, and was not lost.
    paid: Counter[str] = field(default_factory=Counter[str])

    @property
    def used(self) -> int:
        return self.spent + self.held.total()


@dataclass(slots=True)
class Books:
    """Say what every account must come to."""

    ceilings: dict[tuple[Owner, Span], int] = field(default_factory=dict[tuple[Owner, Span], int])
    pots: list[Pot] = field(default_factory=list[Pot])
    # In the order in which they were held.
    holds: dict[str, list[Pot]] = field(default_factory=dict[str, list[Pot]])
    refunded: Counter[str] = field(default_factory=Counter[str])

    def used(self, owner: Owner, span: Span, at_ms: int) -> tuple[int, int]:
        """Return what an owner has held and spent in a window."""
        window = key(owner, span, at_ms)
        among = [
            pot
            for pot in self.pots
            if pot.owner == owner and window.starts_at_ms <= pot.starts_at_ms < window.ends_at_ms
        ]
        return sum(pot.held.total() for pot in among), sum(pot.spent for pot in among)

    def limits(self, owner: Owner) -> list[tuple[Span, int]]:
        return [
            (span, ceiling) for (whose, span), ceiling in self.ceilings.items() if whose == owner
        ]

    def fits(self, owner: Owner, amount: int, at_ms: int) -> bool:
        return all(
            sum(self.used(owner, span, at_ms)) + amount <= ceiling
            for span, ceiling in self.limits(owner)
        )

    def grants(self, whose: Owner, at_ms: int) -> list[Pot]:
        """Return a member's open grants, what ends soonest first."""
        owner = grant_of(whose)
        found = [pot for pot in self.pots if pot.owner == owner and pot.ends_at_ms > at_ms]
        return sorted((pot for pot in found if pot.used < 0), key=lambda pot: pot.ends_at_ms)

    def give(self, whose: Owner, amount: int, at_ms: int, ends_at_ms: int) -> None:
        self.pots.append(Pot(grant_of(whose), at_ms, ends_at_ms, spent=-amount))

    def hold(self, render_id: str, owner: Owner, amount: int, at_ms: int) -> None:
        starts_at_ms = at_ms - at_ms % QUARTER_MS
        for pot in self.pots:
            if (pot.owner, pot.starts_at_ms) == (owner, starts_at_ms):
                break
        else:
            pot = Pot(owner, starts_at_ms)
            self.pots.append(pot)
        self.put(render_id, pot, amount)

    def put(self, render_id: str, pot: Pot, amount: int) -> None:
        pot.held[render_id] += amount
        self.holds.setdefault(render_id, []).append(pot)

    def end(self, render_id: str, subjects: set[Subject], amount: int | None, at_ms: int) -> None:
        """Settle for an amount, or release for None."""
        owed = amount or 0
        for pot in list(self.holds.get(render_id, [])):
            own = pot.owner.subject in {Subject.MEMBER, Subject.GRANT}
            whose = Subject.MEMBER if own else pot.owner.subject
            if not (whose in subjects or pot.owner.subject in subjects):
                continue
            held = pot.held.pop(render_id)
            self.holds[render_id].remove(pot)
            paid = min(held, owed if own else amount or 0)
            owed -= paid if own else 0
            if pot.owner == HOST and amount is not None:
                paid = amount
            pot.spent += paid
            pot.paid[render_id] += paid
            if pot.owner.subject is Subject.GRANT and paid < held and pot.ends_at_ms <= at_ms:
                pot.ends_at_ms = at_ms + DAY_MS

    def lose(self, render_id: str, whose: Owner, at_ms: int) -> None:
        """Refund what the server and the member paid."""
        of_server = server(whose.server_id)
        for pot in self.pots:
            if pot.owner == of_server:
                pot.spent -= pot.paid.pop(render_id, 0)
        if left := self.returnable(render_id, whose):
            self.refunded[render_id] += left
            self.give(whose, left, at_ms, at_ms + 7 * DAY_MS)

    def returnable(self, render_id: str, whose: Owner) -> int:
        """Return what nobody gave back yet of what a member paid."""
        own = [pot for pot in self.pots if pot.owner in {whose, grant_of(whose)}]
        return sum(pot.paid[render_id] for pot in own) - self.refunded[render_id]

    def reset(self, whose: Owner, span: Span, at_ms: int) -> None:
        window = key(whose, span, at_ms)
        for pot in self.pots:
            if pot.owner == whose and window.starts_at_ms <= pot.starts_at_ms < window.ends_at_ms:
                for render_id in list(pot.paid):
                    back = min(pot.paid[render_id], self.returnable(render_id, whose))
                    pot.paid[render_id] -= back
                    pot.spent -= back


def grant_of(whose: Owner) -> Owner:
    return Owner(subject=Subject.GRANT, server_id=whose.server_id, member_id=whose.member_id)


SERVERS = (server(1), server(2))
MEMBERS = tuple(member(number, of.server_id) for of in SERVERS for number in (5, 6))
OWNERS = (HOST, *SERVERS, *MEMBERS)
