"""Translate what the provider says into why a render ended."""

from __future__ import annotations

from collections.abc import Mapping

from seedance.errors import (
    BadInput,
    BadKey,
    ModelGone,
    OutOfFunds,
    RefusalReason,
    Refused,
    SeedanceError,
)
from storage.records import Cause

_REFUSALS: Mapping[RefusalReason, Cause] = {
    RefusalReason.TEXT: Cause.TEXT_REFUSED,
    RefusalReason.IMAGE: Cause.IMAGE_REFUSED,
    RefusalReason.REAL_PERSON: Cause.REAL_PERSON_REFUSED,
    RefusalReason.AUDIO: Cause.AUDIO_REFUSED,
    RefusalReason.OUTPUT: Cause.OUTPUT_REFUSED,
    RefusalReason.OUTPUT_AUDIO: Cause.OUTPUT_REFUSED,
}
_CAUSES: Mapping[type[SeedanceError], Cause] = {
    BadInput: Cause.BAD_INPUT,
    BadKey: Cause.BAD_KEY,
    ModelGone: Cause.MODEL_GONE,
    OutOfFunds: Cause.OUT_OF_FUNDS,
}


def cause_of(error: SeedanceError | None) -> Cause:
    """Return the cause that members are told; PROVIDER_FAILED where nothing better is known."""
    if isinstance(error, Refused):
        return _REFUSALS[error.reason]
    return _CAUSES.get(type(error), Cause.PROVIDER_FAILED) if error else Cause.PROVIDER_FAILED
