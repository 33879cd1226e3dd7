"""Remember for a moment what a member may spend, so that suggestions come at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from cogs.ui.base import Interaction, server_of
from cogs.ui.rights import roles_of
from render.allowance import Allowance
from render.errors import LedgerUnavailable
from storage import StorageError

FRESH_SECONDS: Final = 2.0
# Discord waits 3 s for suggestions; a busy database must leave time to show the plain prices.
PATIENCE_SECONDS: Final = 1.5

log = logging.getLogger(__name__)


class Purses:
    """Hold the allowances that were looked up in the last seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._kept: dict[tuple[int, int], tuple[float, Allowance]] = {}

    async def of(self, interaction: Interaction) -> Allowance | None:
        """Return what who types may spend; None when that cannot be told in time."""
        key = server_of(interaction), interaction.user.id
        self._forget()
        if key in self._kept:
            return self._kept[key][1]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                admission = interaction.client.admission
                allowance = await admission.allowance(*key, roles_of(interaction))
        except (LedgerUnavailable, StorageError, TimeoutError) as error:
            log.info("Suggestions go without what is left: %r", error)
            return None
        self._kept[key] = self._monotonic(), allowance
        return allowance

    def _forget(self) -> None:
        oldest = self._monotonic() - FRESH_SECONDS
        self._kept = {key: kept for key, kept in self._kept.items() if kept[0] > oldest}
