"""Faults on demand: what goes wrong with which call, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import TYPE_CHECKING

from sandbox.provider.rejections import Rejected, ark, ark_error
from sandbox.provider.status import Status

if TYPE_CHECKING:
    from sandbox.provider.vendors import Vendor


class Where(StrEnum):
    """The places where the bot meets the provider."""

    CREATE = auto()
    QUERY = auto()
    LIST = auto()
    DELETE = auto()
    MODELS = auto()
    FILE = auto()


class Fault(StrEnum):
    """Everything that can be made to go wrong."""

    # Refused by policy: at once, or later as a failed task; the output always later.
    TEXT_REFUSED = auto()
    IMAGE_REFUSED = auto()
    PERSON_REFUSED = auto()
    AUDIO_REFUSED = auto()
    OUTPUT_REFUSED = auto()
    # Answered without any effect.
    BAD_KEY = auto()
    EMPTY_BALANCE = auto()
    RATE_LIMITED = auto()  # with a Retry-After when one is given
    MODEL_NOT_FOUND = auto()
    SERVER_ERROR = auto()
    BAD_GATEWAY = auto()
    HTML = auto()
    TASK_NOT_EXIST = auto()
    # The connection breaks, or the answer is none.
    RESET_BEFORE_READING = auto()
    RESET_BEFORE_CREATION = auto()
    RESET_AFTER_CREATION = auto()
    BAD_GATEWAY_AFTER_CREATION = auto()
    TORN_JSON = auto()
    TORN_BODY = auto()
    NO_ID = auto()
    SLOW = auto()
    # The task itself ends badly.
    TASK_FAILS = auto()
    TASK_EXPIRES = auto()
    TASK_CANCELLED = auto()
    NO_VIDEO_URL = auto()
    # A query tells something odd.
    UNKNOWN_STATUS = auto()
    # The video's link does not give the video.
    VIDEO_FORBIDDEN = auto()
    VIDEO_LEADS_INSIDE = auto()
    VIDEO_NEVER_ENDS = auto()
    VIDEO_STALLS = auto()
    VIDEO_IS_HTML = auto()


POLICY = {
    Fault.TEXT_REFUSED: (
        "InputTextSensitiveContentDetected",
        "The request failed because the input text may contain sensitive information.",
    ),
    Fault.IMAGE_REFUSED: (
        "InputImageSensitiveContentDetected",
        "The request failed because the input image may contain sensitive information.",
    ),
    Fault.PERSON_REFUSED: (
        "InputImageSensitiveContentDetected.PrivacyInformation",
        "The request failed because the input image may contain real person.",
    ),
    Fault.AUDIO_REFUSED: (
        "InputAudioSensitiveContentDetected",
        "The request failed because the input audio may contain sensitive information.",
    ),
    Fault.OUTPUT_REFUSED: (
        "OutputVideoSensitiveContentDetected",
        "The request failed because the output video may contain sensitive information.",
    ),
}
UNEXPECTED = ("InternalServiceError", "The service encountered an unexpected error.")
ENDINGS = {
    Fault.TASK_FAILS: Status.FAILED,
    Fault.TASK_EXPIRES: Status.EXPIRED,
    Fault.TASK_CANCELLED: Status.CANCELLED,
    Fault.NO_VIDEO_URL: Status.SUCCEEDED,
}
ONLY_LATER = {Fault.OUTPUT_REFUSED, *ENDINGS}
HABITAT = {
    Fault.TASK_NOT_EXIST: Where.QUERY,
    Fault.UNKNOWN_STATUS: Where.QUERY,
    Fault.VIDEO_FORBIDDEN: Where.FILE,
    Fault.VIDEO_LEADS_INSIDE: Where.FILE,
    Fault.VIDEO_NEVER_ENDS: Where.FILE,
    Fault.VIDEO_STALLS: Where.FILE,
    Fault.VIDEO_IS_HTML: Where.FILE,
}  # all others: wherever they are wanted, by default at the creation


@dataclass(slots=True, kw_only=True)
class Planned:
    """One fault that waits for its call."""

    fault: Fault
    where: Where
    later: bool = False
    """Let the task fail with it, instead of refusing the call."""
    retry_after: int | None = None
    delay_seconds: float = 0.0
    times: int = 1

    @property
    def ending(self) -> Status:
        """How a task with this fault ends."""
        return ENDINGS.get(self.fault, Status.FAILED)

    def error(self) -> dict[str, str] | None:
        """Return the `error` of a task that ends with this fault."""
        if self.ending is not Status.FAILED:
            return None
        return ark_error(*POLICY.get(self.fault, UNEXPECTED))

    def rejection(self, vendor: Vendor, model: str) -> Rejected | None:
        """Return the answer instead of the real one, if this fault is such an answer."""
        if self.fault in POLICY:
            return ark(400, *POLICY[self.fault])
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after else {}
        return vendor.rejection(self.fault, model, headers)


class Faults:
    """The faults that are still to come, in the order in which they were planned."""

    def __init__(self) -> None:
        self._planned: list[Planned] = []

    def add(self, planned: Planned) -> None:
        """Plan one more."""
        self._planned.append(planned)

    def next(self, where: Where) -> Planned | None:
        """Take the fault for the call that has just come in at this place."""
        for planned in self._planned:
            if planned.where is where:
                planned.times -= 1
                if planned.times == 0:
                    self._planned.remove(planned)
                return planned
        return None

    def clear(self) -> None:
        """Forget what has not happened yet."""
        self._planned.clear()
