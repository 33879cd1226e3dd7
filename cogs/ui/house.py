"""Gather what a server has set, for the forms and sentences of its admins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from render.allowance import ceilings_of, given_to
from render.policy import default_resolution, default_seconds
from storage.records import Holder, Rule, Server, Span

if TYPE_CHECKING:
    from cogs.ui.base import Surface

# So many windows of each length may end in one day.
_IN_A_DAY: Final = {Span.HOUR: 24, Span.DAY: 1, Span.WEEK: 1, Span.MONTH: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Say what is rendered when nothing is chosen; 0 credits while there is no model."""

    credits: int
    seconds: int
    resolution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Carry what a server has set, beside what the bot and its host set for it."""

    server: Server
    rules: tuple[Rule, ...]
    # What the host lets it spend a day.
    given: int
    # What each member may spend a day where nobody set anything.
    usual: int

    @property
    def daily(self) -> int:
        """Return what the whole server may spend a day."""
        own = self._own(Holder.SERVER)
        return self.given if own is None else min(own, self.given)

    @property
    def member_daily(self) -> int:
        """Return what a member without a role or limit of their own may spend a day."""
        own = self._own(Holder.EVERYONE)
        return min(self.usual if own is None else own, self.daily)

    @property
    def busiest(self) -> int:
        """Return what a single member can cost a day at most."""
        limits = [_most_a_day(rule) for rule in self.rules if rule.holder is not Holder.SERVER]
        members = [limit for limit in limits if limit is not None]
        if not any(rule.holder is Holder.EVERYONE and ceilings_of(rule) for rule in self.rules):
            members.append(self.usual)
        return min(self.daily, max(members))

    def _own(self, holder: Holder) -> int | None:
        return next((rule.day_credits for rule in self.rules if rule.holder is holder), None)


def _most_a_day(rule: Rule) -> int | None:
    """Return what the ceilings of a rule let through in a day; None: it sets none."""
    return min((ceiling * _IN_A_DAY[span] for span, ceiling in ceilings_of(rule)), default=None)


async def house_of(bot: Surface, server_id: int) -> House:
    """Read all that is set for a server."""
    server = await bot.treasury.server(server_id)
    return House(
        server=server,
        rules=await bot.treasury.rules(server_id),
        given=given_to(bot.limits, server),
        usual=bot.limits.member_daily_credits,
    )


def clip_of(bot: Surface) -> Clip:
    """Return what is rendered when nothing is chosen, to say amounts in clips."""
    offer = bot.offers.default
    if offer is None:
        return Clip(credits=0, seconds=0, resolution="")
    resolution, seconds = default_resolution(offer), default_seconds(offer)
    return Clip(credits=offer.credits(resolution, seconds), seconds=seconds, resolution=resolution)
