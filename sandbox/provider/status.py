"""Where a task stands."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where a task stands, in Ark's words."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
