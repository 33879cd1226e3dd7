"""Look at the video service: its key, its models, what is left on the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

import aiohttp

import seedance
from cogs.ui.endings import CONFIGURATION, TEMPORARY
from cogs.ui.finding import Finding, Look, fine, wrong
from cogs.ui.text import doctor as text
from render.clock import Clock
from render.offers import Offers
from render.policy import default_resolution, default_seconds
from seedance import BadKey, Client, Offer, ProviderBroken, RateLimited, SeedanceError
from seedance.balance import balance

SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoService:
    """Ask the provider as the bot does, on the bot's own session."""

    session: aiohttp.ClientSession
    client: Client
    offers: Offers
    # The models that the host named; none means all that are known.
    configured: Sequence[str]
    balance_key: str | None
    clock: Clock

    @property
    def looks(self) -> Mapping[str, Look]:
        """Return every look, by topic."""
        return {text.SERVICE: self.key, text.MODELS: self.models, text.BALANCE: self.left}

    async def key(self) -> tuple[Finding, ...]:
        """Ask after a task that does not exist: only a wrong key makes that an error of the key."""
        try:
            await self.client.query(seedance.Route.TASKS, "paperboat-check")
        except BadKey:
            return (wrong(text.SERVICE, text.KEY_WRONG, CONFIGURATION),)
        except (ProviderBroken, RateLimited) as error:
            return (wrong(text.SERVICE, text.service_silent(error), TEMPORARY),)
        except SeedanceError:
            pass
        return (fine(text.SERVICE, text.KEY_FINE),)

    async def models(self) -> tuple[Finding, ...]:
        """Compare what was configured and is offered with the provider's list of this moment."""
        try:
            listed = await self.client.list_models()
        except SeedanceError:
            return (wrong(text.MODELS, text.LIST_UNKNOWN, TEMPORARY),)
        offers = seedance.offers(self.configured, listed)
        if not offers:
            return (wrong(text.MODELS, text.NO_MODELS, TEMPORARY),)
        return (*self._gone(offers), *self._ending(offers), *self._offered(offers))

    async def left(self) -> tuple[Finding, ...]:
        """Ask what is left, under the key that is for nothing else."""
        if self.balance_key is None:
            return (fine(text.BALANCE, text.BALANCE_NOT_ASKED),)
        try:
            usd = await balance(self.session, self.balance_key)
        except BadKey:
            return (wrong(text.BALANCE, text.BALANCE_KEY_WRONG),)
        except ProviderBroken as error:
            return (wrong(text.BALANCE, text.balance_unknown(error)),)
        offer = self.offers.default
        if usd < (_price_of_a_clip(offer) if offer else 0):
            return (wrong(text.BALANCE, text.balance_low(usd)),)
        return (fine(text.BALANCE, text.balance_fine(usd, offer)),)

    def _gone(self, offers: Sequence[Offer]) -> Iterator[Finding]:
        found = {offer.name for offer in offers}
        for name in self.configured:
            model = seedance.find(name)
            if model is None or model.name not in found:
                yield wrong(text.MODELS, text.model_gone(name))

    def _ending(self, offers: Sequence[Offer]) -> Iterator[Finding]:
        today = datetime.fromtimestamp(self.clock.now_ms() / 1000, UTC).date()
        for offer in offers:
            if offer.retires is not None and offer.retires - today <= SOON:
                yield wrong(text.MODELS, text.model_ends(offer, offer.retires, today))

    def _offered(self, offers: Sequence[Offer]) -> Iterator[Finding]:
        """Name what members can choose, and what the list has and they cannot."""
        current = {offer.name for offer in self.offers.current}
        out = [offer for offer in offers if offer.name not in current]
        yield fine(text.MODELS, text.models_offered(self.offers.current, out))


def _price_of_a_clip(offer: Offer) -> Decimal:
    return offer.price(default_resolution(offer), default_seconds(offer))
