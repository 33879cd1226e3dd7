"""Say why no render of a server is submitted at the moment, although slots may be free."""

from __future__ import annotations

from typing import TypeAlias

from render.breaker import Trouble, outage
from storage import Transaction, settings
from storage.records import Pause

# The provider's trouble stops all servers, a pause by moderators their own.
Brake: TypeAlias = Trouble | Pause


async def brake_on(tx: Transaction, server_id: int) -> Brake | None:
    """Return what keeps a server's queue where it is; a pause before any trouble."""
    pause = await settings.paused(tx, server_id)
    if pause:
        return pause
    found = await outage(tx)
    return found and found.trouble
