"""Decide what a member may spend and do now, who said so, and which credits go first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from render.errors import NotAllowed
from render.policy import Ceilings, Limits, default_resolution, default_seconds, lines_of
from seedance import Offer, Option
from storage.records import (
    Account,
    Grant,
    Holder,
    Movement,
    Render,
    Rule,
    Server,
    Span,
    State,
    Subject,
)

# A part of a price: paid by a grant, or (None) by the member's own allowance.
Part = tuple[Grant | None, int]

# Sevenths of a month of 30 days, so that a week's part of it is whole.
_IN_A_MONTH = {Span.HOUR: 5040, Span.DAY: 210, Span.WEEK: 30, Span.MONTH: 7}
# How many days' gift of the host a longer window may hold.
_DAYS = {Span.HOUR: 1, Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 31}
# Nothing is done for these now.
_AT_REST = frozenset({State.UNDELIVERED, State.UNKNOWN})
_KINDS = ("renders_at_once", "queue_length", "longest_seconds", "highest_resolution", "models")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Say what applies to a member; None and no models mean that nothing is limited there."""

    # Whose credits these are; None: the bot's default.
    holder: Holder | None
    # The best of the member's roles that has a rule.
    role_id: int | None
    # The shortest span first.
    ceilings: Ceilings
    renders_at_once: int
    queue_length: int
    longest_seconds: int | None
    highest_resolution: str | None
    models: tuple[str, ...]
    # Who set each of the limits above, by its name; what is missing is the bot's default.
    holders: Mapping[str, Holder]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """Hold every account that a member's next render is paid from, the shortest window first."""

    host: tuple[Account, ...]
    server: tuple[Account, ...]
    member: tuple[Account, ...]
    # With something left, the soonest end first.
    grants: tuple[Grant, ...]

    @property
    def account(self) -> Account:
        """Return the member's own window with the least left, of equals the last to end."""
        return _narrowest(self.member)

    @property
    def own(self) -> int:
        """Return what is left of the member's own allowance."""
        return _left(self.account)

    @property
    def granted(self) -> int:
        """Return what is left of the member's grants."""
        return sum(grant.left for grant in self.grants)

    @property
    def left(self) -> int:
        """Return what the member has."""
        return self.own + self.granted

    @property
    def binding(self) -> Account:
        """Return the account that leaves the least: the host's, the server's or the member's."""
        others = min((_narrowest(self.host), _narrowest(self.server)), key=_left)
        return others if _left(others) < self.left else self.account

    @property
    def spendable(self) -> int:
        """Return what fits under everything that binds."""
        return min(self.left, *map(_left, (*self.host, *self.server)))

    def short_of(self, cost: int) -> Account | None:
        """Return the host's, else the server's, else the member's account that it does not fit.

        Of several windows it is the last to end, since only then it fits. None: it fits.
        """
        for windows, granted in ((self.host, 0), (self.server, 0), (self.member, self.granted)):
            if short := [one for one in windows if _left(one) + granted < cost]:
                return max(short, key=lambda one: one.key.ends_at_ms)
        return None

    def split(self, cost: int) -> tuple[Part, ...]:
        """Divide a price that fits: what ends soonest is spent first."""
        ends = self.account.key.ends_at_ms
        sooner = [grant for grant in self.grants if grant.expires_at_ms < ends]
        parts: list[Part] = []
        for grant in (*sooner, None, *self.grants[len(sooner) :]):
            if part := min(self.own if grant is None else grant.left, cost):
                parts.append((grant, part))
                cost -= part
        return tuple(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Show a member what is left, what is under way and what happened last."""

    wallet: Wallet
    terms: Terms
    # Who set the limit of the account that binds; None: the bot's default, or the host.
    holder: Holder | None
    # What a clip of the member's first model, of the usual length and resolution costs; 0: none.
    clip_credits: int
    clip_seconds: int
    under_way: tuple[Render, ...]
    # The newest first.
    movements: tuple[Movement, ...]

    @property
    def account(self) -> Account:
        """Return the member's own window with the least left."""
        return self.wallet.account

    @property
    def left(self) -> int:
        """Return what the member has, grants included."""
        return self.wallet.left

    @property
    def spendable(self) -> int:
        """Return what fits under everything that binds."""
        return self.wallet.spendable

    @property
    def at_once(self) -> int:
        """Return how many count as under way at once, as admission counts them."""
        return sum(one.state not in _AT_REST and one.late_at_ms is None for one in self.under_way)

    @property
    def set_aside(self) -> int:
        """Return what is held of the member's; what is late was given back, the rest is paid."""
        holding = (one for one in self.under_way if one.state is not State.UNDELIVERED)
        return sum(one.cost for one in holding if one.late_at_ms is None)


def terms_of(limits: Limits, rules: Sequence[Rule]) -> Terms:
    """Return what applies to a member whose own, whose roles' and whose server's rules these are.

    The member's own rule comes before the best role's, that before everyone's, that before the
    bot's default. The credits of a rule are one group; each other kind falls back by itself.
    """
    everyone = [rule for rule in rules if rule.holder is Holder.EVERYONE]
    own = [rule for rule in rules if rule.holder is Holder.MEMBER]
    usual = next((ceilings_of(rule) for rule in everyone if ceilings_of(rule)), _default(limits))
    roles = sorted(
        (rule for rule in rules if rule.holder is Holder.ROLE),
        key=lambda rule: (-_monthly(ceilings_of(rule) or usual), rule.holder_id),
    )[:1]
    chain = (*own, *roles, *everyone)
    payer = next((rule for rule in chain if ceilings_of(rule)), None)
    found = {kind: rule for rule in reversed(chain) for kind in _KINDS if getattr(rule, kind)}
    values = {kind: getattr(rule, kind) for kind, rule in found.items()}
    return Terms(
        holder=payer and payer.holder,
        role_id=roles[0].holder_id if roles else None,
        ceilings=ceilings_of(payer) if payer else _default(limits),
        renders_at_once=values.get("renders_at_once", limits.renders_at_once),
        queue_length=values.get("queue_length", limits.queue_length),
        longest_seconds=values.get("longest_seconds"),
        highest_resolution=values.get("highest_resolution"),
        models=values.get("models", ()),
        holders={kind: rule.holder for kind, rule in found.items()},
    )


def ceilings_of(rule: Rule | None) -> Ceilings:
    """Return the credits that a rule sets, of the shortest span first."""
    if rule is None:
        return ()
    spans = ((span, rule.credits(span)) for span in Span)
    return tuple((span, ceiling) for span, ceiling in spans if ceiling is not None)


def given_to(limits: Limits, server: Server) -> int:
    """Return how much the host lets a server spend in a day."""
    given = server.given_daily_credits
    return limits.server_daily_credits if given is None else given


def most_of(span: Span, given: int) -> int:
    """Return the most that a server may set for a span of a gift for the day."""
    return given * _DAYS[span]


def server_ceilings(limits: Limits, server: Server, rules: Sequence[Rule]) -> Ceilings:
    """Return the ceilings of a server as a whole: its own, and never above the host's."""
    own = {
        span: ceiling
        for rule in rules
        if rule.holder is Holder.SERVER
        for span, ceiling in ceilings_of(rule)
    }
    given = given_to(limits, server)
    ceilings = own | {Span.DAY: min(given, own.get(Span.DAY, given))}
    return tuple((span, ceilings[span]) for span in Span if span in ceilings)


def holder_of(account: Account, terms: Terms, rules: Sequence[Rule]) -> Holder | None:
    """Return whose rule set the ceiling of an account; None: the default, or the host."""
    match account.key.subject:
        case Subject.MEMBER:
            return terms.holder
        case Subject.SERVER:
            own = (rule.credits(account.key.span) for rule in rules if rule.holder is Holder.SERVER)
            return Holder.SERVER if account.ceiling in own else None
        case _:
            return None


def offers_within(terms: Terms, offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Return the models that a member may choose from, in their order."""
    return tuple(offer for offer in offers if not terms.models or offer.name in terms.models)


def seconds_within(terms: Terms, offer: Offer) -> tuple[int, ...]:
    """Return the durations of a model that a member may choose."""
    longest = terms.longest_seconds
    return tuple(n for n in offer.durations if longest is None or n <= longest)


def resolutions_within(terms: Terms, offer: Offer) -> tuple[str, ...]:
    """Return the resolutions of a model that a member may choose."""
    highest = terms.highest_resolution
    return tuple(
        name for name in offer.resolutions if highest is None or lines_of(name) <= lines_of(highest)
    )


def within(terms: Terms, offer: Offer, wanted: Mapping[Option, str]) -> dict[Option, str]:
    """Return what is wanted, and in place of a usual value over a limit the next one under it.

    Raises NotAllowed for what was chosen over a limit, and where nothing is under it.
    """
    chosen = dict(wanted)
    for option, (kind, usual, offered, allowed) in _bounds(terms, offer).items():
        value = wanted.get(option, usual)
        # What the model does not have at all is refused as that.
        if value in allowed or value not in offered:
            continue
        if option in wanted or not allowed:
            holder = terms.holders.get(kind)
            raise NotAllowed(option=option, value=value, allowed=allowed, holder=holder)
        chosen[option] = allowed[-1]
    return chosen


def _bounds(
    terms: Terms, offer: Offer
) -> Mapping[Option, tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Return for each option with a limit: its kind, usual, offered and allowed values."""
    usual_seconds, seconds = str(default_seconds(offer)), tuple(map(str, offer.durations))
    allowed_seconds = tuple(map(str, seconds_within(terms, offer)))
    usual, resolutions = default_resolution(offer), resolutions_within(terms, offer)
    return {
        Option.DURATION: ("longest_seconds", usual_seconds, seconds, allowed_seconds),
        Option.RESOLUTION: ("highest_resolution", usual, offer.resolutions, resolutions),
    }


def _narrowest(windows: Sequence[Account]) -> Account:
    """Return the window with the least left; of equals there is more when the last one ends."""
    return min(windows, key=lambda account: (_left(account), -account.key.ends_at_ms))


def _left(account: Account) -> int:
    """Return what an account leaves; each that a member meets has a ceiling."""
    return account.left or 0


def _default(limits: Limits) -> Ceilings:
    return ((Span.DAY, limits.member_daily_credits),)


def _monthly(ceilings: Ceilings) -> int:
    """Return how much may be spent in a month, in sevenths of credits."""
    return min(ceiling * _IN_A_MONTH[span] for span, ceiling in ceilings)
