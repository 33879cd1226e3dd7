"""What can go wrong with the provider, by what one does about it.

    SeedanceError
    ├── Refused          policy said no: tell the member, never retry by oneself
    ├── BadInput         the parameters are wrong: the same request fails again
    ├── RateLimited      certainly no task: try again later
    ├── OutOfFunds       the account is empty: the host must pay
    ├── BadKey           the key is wrong or blocked: the host must look
    ├── ModelGone        nobody serves this model here: take it out of the offers
    ├── ProviderBroken   query, list, download: ask again later
    ├── NotSent          create only: provably no byte of the request was accepted
    ├── Ambiguous        create only: a task may exist, so never send it again
    ├── TaskMissing      query: unknown id, which may be start-up lag
    └── DownloadFailed   the result cannot be had from this link
        ├── UnsafeAddress    the link leads to where the bot must not go
        ├── TooLarge         more bytes than wanted
        ├── LinkDead         403, 404, 410: expired or gone
        └── NotAVideo        what came is no MP4

A create ends in an id or in Refused, BadInput, RateLimited, OutOfFunds, BadKey, ModelGone (all of
them: certainly no task), NotSent or Ambiguous.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


class SeedanceError(Exception):
    """Carry what the provider said: its status, its code, its words (redacted, cut)."""

    def __init__(self, *, status: int | None = None, code: str = "", detail: str = "") -> None:
        super().__init__(status, code, detail)
        self.status = status
        self.code = code
        self.detail = detail


class RefusalReason(StrEnum):
    """What the provider's policy objected to."""

    TEXT = "text"
    IMAGE = "image"
    REAL_PERSON = "real_person"
    AUDIO = "audio"
    OUTPUT = "output"
    OUTPUT_AUDIO = "output_audio"


class Refused(SeedanceError):
    """Report a refusal by policy."""

    def __init__(
        self, reason: RefusalReason, *, status: int | None = None, code: str = "", detail: str = ""
    ) -> None:
        super().__init__(status=status, code=code, detail=detail)
        self.reason = reason


class BadInput(SeedanceError):
    """Report parameters that the provider does not take, or that the offer cannot carry."""


class RateLimited(SeedanceError):
    """Report that now is not the time; `retry_after` is the provider's own delay, where given."""

    def __init__(
        self,
        retry_after: timedelta | None = None,
        *,
        status: int | None = None,
        code: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(status=status, code=code, detail=detail)
        self.retry_after = retry_after


class OutOfFunds(SeedanceError):
    """Report an empty balance or a spending limit of the account."""


class BadKey(SeedanceError):
    """Report a key that is wrong, blocked or not allowed to do this."""


class ModelGone(SeedanceError):
    """Report that no channel serves this model on this route."""


class ProviderBroken(SeedanceError):
    """Report a provider that does not work: 5xx, broken body, network; or an unexplained failure.

    As the `error` of a failed task it means: failed, and the reason is none of the other classes.
    """


class NotSent(SeedanceError):
    """Report a create of which provably nothing was accepted: refused, no such host, TLS."""


class Ambiguous(SeedanceError):
    """Report a create that may have made a task, and nobody can tell."""


class TaskMissing(SeedanceError):
    """Report a task id that the provider does not know (or not yet)."""


class DownloadFailed(SeedanceError):
    """Report that this link does not give the video."""


class UnsafeAddress(DownloadFailed):
    """Report a link or redirect to an address that is not public, or not https."""


class TooLarge(DownloadFailed):
    """Report more bytes than the cap."""


class LinkDead(DownloadFailed):
    """Report a link that has expired or was removed."""


class NotAVideo(DownloadFailed):
    """Report content that is no MP4."""
