"""Hold what a look at one thing found, and look at many things at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from cogs.ui.endings import INTERNAL, STOPPED, TEMPORARY, explain
from cogs.ui.text import doctor as text

LONGEST_LOOK: Final = timedelta(seconds=5)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Say in one line how one thing stands; one that is not well says what to do."""

    topic: str
    words: str
    well: bool = True
    # With which --check ends, where this keeps the bot from starting or from rendering.
    code: int = STOPPED

    @property
    def line(self) -> str:
        """Return topic and words."""
        return f"{self.topic}: {self.words}"


# A look may also find nothing worth a line, or several things.
Look: TypeAlias = Callable[[], Awaitable[tuple[Finding, ...]]]


def fine(topic: str, words: str) -> Finding:
    """Find a thing well."""
    return Finding(topic=topic, words=words)


def wrong(topic: str, words: str, code: int = STOPPED) -> Finding:
    """Find something to do."""
    return Finding(topic=topic, words=words, well=False, code=code)


async def examined(looks: Mapping[str, Look]) -> tuple[Finding, ...]:
    """Look at everything at once, by topic; a look that fails is a finding itself."""
    found = await asyncio.gather(*(_found(topic, look) for topic, look in looks.items()))
    return tuple(finding for findings in found for finding in findings)


async def _found(topic: str, look: Look) -> tuple[Finding, ...]:
    limit = asyncio.timeout(LONGEST_LOOK.total_seconds())
    try:
        async with limit:
            return await look()
    except Exception as error:
        if limit.expired():
            return (wrong(topic, text.took_too_long(LONGEST_LOOK), TEMPORARY),)
        code, words = explain(error)
        if code == INTERNAL:
            log.exception("The look at %s broke", topic)
        return (wrong(topic, words, code),)
