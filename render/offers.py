"""Hold the models that can be rendered now, and keep them up to date."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import seedance
from render.clock import Clock
from seedance import Client, ListedModel, Offer, SeedanceError
from storage import Database, StorageError, settings

log = logging.getLogger(__name__)

KEPT_LIST: Final = "models"


class Offers:
    """Offer what the provider's last list names of the configured models, best first.

    Until there ever was a list, what the catalogue documents and nobody has announced to end.
    Without a database the list is kept for this process alone.
    """

    def __init__(
        self,
        client: Client,
        configured: Sequence[str],
        clock: Clock,
        database: Database | None = None,
    ) -> None:
        self._client = client
        self._configured = tuple(configured)
        self._database = database
        self._kept: tuple[ListedModel, ...] | None = None
        self._listed = False
        self._gone: set[str] = set()
        self._tell: Callable[[], None] = lambda: None
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

    def may_come(self, name: str) -> bool:
        """Say whether a model that is not offered may be so once there is a first list."""
        return not self._listed and name not in self._gone

    def on_refresh(self, tell: Callable[[], None]) -> None:
        """Have it told after each list that could be had."""
        self._tell = tell

    def remove(self, offer: Offer) -> None:
        """Take out what the provider no longer serves, until its list names it again."""
        self._gone.add(offer.name)
        gone = (offer.name, offer.route, offer.remote_id)
        self._set(
            tuple(kept for kept in self._current if (kept.name, kept.route, kept.remote_id) != gone)
        )

    async def load(self) -> None:
        """Offer what the last list named that was had before this start."""
        if self._database is None:
            return
        kept = await self._database.read(lambda tx: settings.get(tx, KEPT_LIST))
        if kept is not None:
            self._kept = _thawed(kept)
            self._take(self._kept)

    async def refresh(self) -> bool:
        """Ask for the provider's list; False: it could not be had, and nothing has changed."""
        try:
            found = await self._client.list_models()
        except SeedanceError as error:
            log.warning("The list of models could not be had: %s", type(error).__name__)
            return False
        listed = tuple(record for record in found if seedance.find(record.id))
        self._take(listed)
        self._tell()
        await self._keep(listed)
        return True

    def _take(self, listed: tuple[ListedModel, ...]) -> None:
        self._listed = True
        self._set(seedance.offers(self._configured, listed))

    async def _keep(self, listed: tuple[ListedModel, ...]) -> None:
        """Write the list down for a start at which none can be had."""
        if self._database is None or listed == self._kept:
            return
        frozen = _frozen(listed)
        try:
            await self._database.transaction(lambda tx: settings.put(tx, KEPT_LIST, frozen))
        except StorageError as error:
            log.warning("The list of models could not be kept: %r", error)
        else:
            self._kept = listed

    def _set(self, offers: tuple[Offer, ...]) -> None:
        if offers != self._current:
            names = ", ".join(f"{offer.name} on {offer.route}" for offer in offers)
            log.log(logging.INFO if offers else logging.WARNING, "Models now: %s", names or "none")
        self._current = offers


def _frozen(listed: Iterable[ListedModel]) -> str:
    return json.dumps(
        [
            {
                "id": record.id,
                "paths": record.paths,
                "usd_per_second": None if (usd := record.usd_per_second) is None else str(usd),
            }
            for record in listed
        ]
    )


def _thawed(frozen: str) -> tuple[ListedModel, ...]:
    """Read what any version of the program wrote; what it did not know is missing."""
    records: list[dict[str, Any]] = json.loads(frozen)
    return tuple(
        ListedModel(
            id=record["id"],
            paths=tuple(record.get("paths") or ()),
            usd_per_second=Decimal(usd) if (usd := record.get("usd_per_second")) else None,
        )
        for record in records
        if record.get("id")
    )
