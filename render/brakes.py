"""Say why a queued render is not submitted at the moment, although slots may be free."""

from __future__ import annotations

from enum import Enum, auto
from typing import TypeAlias

from render.breaker import Trouble
from storage.records import Pause


class Parked(Enum):
    """Say that moderators have a render wait until further notice."""

    PARKED = auto()


# The provider's trouble stops all servers, a pause by moderators their own, parking one render.
Brake: TypeAlias = Trouble | Pause | Parked
