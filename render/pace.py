"""Name the measures of time and number that the engine keeps to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from storage.queue import Caps

# Without news each stage of the engine looks again after this time.
IDLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Say how many renders are with the provider at once, and how long everything may take."""

    concurrency: int = 3
    # Of these, for one member and for one server; None: all of them.
    member_concurrency: int | None = None
    server_concurrency: int | None = None
    # A render that found no slot in this time is given up.
    queue_time: timedelta = timedelta(hours=2)
    # What a moderator did not say yes to in this time is given up.
    approval_time: timedelta = timedelta(hours=12)
    # Then the member's credits of a rendering render return.
    late_after: timedelta = timedelta(minutes=60)
    # Then a submit without an answer is taken for lost.
    unknown_after: timedelta = timedelta(minutes=15)
    poll_first: timedelta = timedelta(seconds=20)
    poll_interval: timedelta = timedelta(seconds=10)
    poll_late: timedelta = timedelta(minutes=3)
    polls_per_second: int = 10
    # The provider drops a task that did not end in this time (execution_expires_after).
    task_life: timedelta = timedelta(hours=48)
    # The provider's links to a video live this long.
    link_life: timedelta = timedelta(hours=24)
    # Discord knows a nonce for some minutes; we count on one.
    nonce_life: timedelta = timedelta(seconds=60)
    # Between two edits of a card that only tell a new position.
    card_interval: timedelta = timedelta(seconds=15)

    @property
    def caps(self) -> Caps:
        """Return how many may be with the provider at once."""
        return Caps(
            in_all=self.concurrency,
            per_server=self.server_concurrency,
            per_member=self.member_concurrency,
        )


def milliseconds(span: timedelta) -> int:
    """Return a duration in the unit of the records."""
    return span // timedelta(milliseconds=1)
