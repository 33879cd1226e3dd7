"""Hold together what every stage of the engine runs on."""

from __future__ import annotations

from dataclasses import dataclass

from render.clock import Clock
from render.moves import Moves
from render.pace import Pace
from storage import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Gear:
    """Carry the database, the transitions on it, the measures and the time."""

    database: Database
    moves: Moves
    pace: Pace
    clock: Clock
