"""One task in the provider's own books."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.provider.faults import Fault
from sandbox.provider.status import Status

if TYPE_CHECKING:
    from sandbox.provider.asked import Asked
    from sandbox.provider.faults import Planned


def _now() -> int:
    return int(time.time())


@dataclass(slots=True, kw_only=True)
class Task:
    """What was asked for, how far it is, and what it cost."""

    id: str
    asked: Asked
    # The key that it was made with, and that alone may ask after it.
    key: str
    doom: Planned | None = None
    """The fault that this task will end with."""
    status: Status = Status.QUEUED
    error: dict[str, str] | None = None
    film: bytes = b""
    queries: int = 0
    downloads: int = 0
    deleted: bool = False
    """Nobody can ask after it any more."""
    created_at: int = field(default_factory=_now)
    updated_at: int = field(default_factory=_now)

    @property
    def succeeded(self) -> bool:
        """Whether there is a video."""
        return self.status is Status.SUCCEEDED

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to the task any more."""
        return self.status not in {Status.QUEUED, Status.RUNNING}

    @property
    def billed_usd(self) -> float:
        """What the host pays: a task is charged when it is made, and a failure is given back."""
        return 0.0 if self.ended and not self.succeeded else self.asked.price_usd

    @property
    def hides_its_url(self) -> bool:
        """Whether a query says that the video is there, but not where."""
        return self.doom is not None and self.doom.fault is Fault.NO_VIDEO_URL

    @property
    def tokens(self) -> int:
        """The `usage` of a video."""
        width, height = self.asked.size
        return width * height * (24 * self.asked.seconds + 1) // 1024

    def move(self, status: Status, error: dict[str, str] | None = None) -> None:
        """Go on to the next status."""
        self.status, self.error, self.updated_at = status, error, _now()
