"""Hold the models that can be rendered now, and keep them up to date."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

import seedance
from render.clock import Clock
from seedance import Client, Offer, SeedanceError

log = logging.getLogger(__name__)


class Offers:
    """Offer what the provider's list names of the configured models, best first.

    Until there is a list, what the catalogue documents and nobody has announced to end.
    """

    def __init__(self, client: Client, configured: Sequence[str], clock: Clock) -> None:
        self._client = client
        self._configured = tuple(configured)
        today = datetime.fromtimestamp(clock.now_ms() / 1000, UTC).date()
        self._current = tuple(
            offer
            for offer in seedance.offers(self._configured, None)
            if offer.retires is None or today <= offer.retires
        )

    @property
    def current(self) -> tuple[Offer, ...]:
        """Return every offer, in the host's order."""
        return self._current

    @property
    def default(self) -> Offer | None:
        """Return what renders when no model is named."""
        return self._current[0] if self._current else None

    def find(self, name: str) -> Offer | None:
        """Return the offer of a model, by any of the model's names."""
        model = seedance.find(name)
        return next((offer for offer in self._current if offer.model is model), None)

    def remove(self, offer: Offer) -> None:
        """Take out what the provider no longer serves, until its list names it again."""
        gone = (offer.name, offer.route, offer.remote_id)
        self._set(
            tuple(kept for kept in self._current if (kept.name, kept.route, kept.remote_id) != gone)
        )

    async def refresh(self) -> bool:
        """Ask for the provider's list; False: it could not be had, and nothing has changed."""
        try:
            listed = await self._client.list_models()
        except SeedanceError as error:
            log.warning("The list of models could not be had: %s", type(error).__name__)
            return False
        self._set(seedance.offers(self._configured, listed))
        return True

    def _set(self, offers: tuple[Offer, ...]) -> None:
        if offers != self._current:
            names = ", ".join(f"{offer.name} on {offer.route}" for offer in offers)
            log.log(logging.INFO if offers else logging.WARNING, "Models now: %s", names or "none")
        self._current = offers
