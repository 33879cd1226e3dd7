"""Name the edges at which a death is most likely to cost something."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Each is the edge at the end of such a sequence; other edges may come in between.
FORM_SENT = ("after POST .*/callback",) * 2
ASKED = (*FORM_SENT, "after POST .*/callback")
TELLING = {
    "set up, and nobody told": (*FORM_SENT, "after commit"),
    "the staff is told, and that is not stored": (*FORM_SENT, "after POST .*/messages"),
    "accepted, and no card yet": (*ASKED, "after commit"),
    "the card is posted, and its id not stored": (*ASKED, "after POST .*/messages"),
    "about to be submitted": ("before POST .*/tasks",),
    "submitted, and the task's id not stored": ("after POST .*/tasks",),
    "the video is posted, and its message not stored": ("after rename", "after POST .*/messages"),
    "delivered, and the card not edited": (
        "after rename",
        "after POST .*/messages",
        "after commit",
    ),
    "told directly, and the message not stored": ("after POST .*/@me/channels", "after POST .*"),
}


def find(edges: Sequence[str], name: str) -> int:
    """Return the number of a telling edge in a story that passed these."""
    number = 0
    for pattern in TELLING[name]:
        later = [n for n, edge in enumerate(edges, 1) if n > number and re.match(pattern, edge)]
        if not later:
            raise LookupError(f"no {pattern} after edge {number}")
        number = later[0]
    return number
