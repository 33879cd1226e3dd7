"""Faults on demand: what goes wrong with which request, before or after its effect."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum


class When(StrEnum):
    """Say whether the request still does what it asks for."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Fault:
    """Describe one kind of failure.

    `pattern` is a method and a path below `/api/v10` (or of the CDN), `*` being one segment, like
    `POST /channels/*/messages` and `GET /ephemeral-attachments/*/*/*`.
    """

    pattern: str
    _: KW_ONLY
    # Answer with this status instead of the real answer.
    status: int | None = None
    # The `code` and `message` of the error body; 0 is what Discord sends for nothing in particular.
    code: int = 0
    message: str = "Made to fail"
    # For a 429: what the body and the headers say.
    retry_after: float = 0.0
    # Without it discord.py takes a 429 for a ban by Cloudflare.
    via: bool = True
    # Drop the connection (RST) instead of answering.
    reset: bool = False
    # Answer late; alone, the answer is the real one.
    delay_seconds: float = 0.0
    when: When = When.BEFORE
    # How often; None = until healed.
    times: int | None = 1

    def matches(self, method: str, path: str) -> bool:
        """Tell whether this request is meant."""
        wanted_method, _, wanted_path = self.pattern.partition(" ")
        pattern = re.escape(wanted_path).replace(r"\*", "[^/]+")
        return method == wanted_method and re.fullmatch(pattern, path) is not None
