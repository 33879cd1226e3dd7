"""Who can be played: where each vendor answers, what it rents out, and how it says no."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sandbox.provider.faults import Fault
from sandbox.provider.models import Model, Route, ark_models, byteplus_models, default_models
from sandbox.provider.rejections import Rejected, ark, gateway

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Answer = tuple[int, str, str]  # status, code, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One vendor's face."""

    name: str
    # The part of every address that belongs to the base URL which the bot is given.
    base_path: str
    key_setting: str
    routes: tuple[Route, ...]
    models: Callable[[], list[Model]]
    new_id: Callable[[], str]
    envelope: Callable[[int, str, str, dict[str, str] | None], Rejected]
    answers: Mapping[Fault, Answer] = field(hash=False)
    # The codes for a body of another shape, and for one without a model.
    malformed: str
    missing: str
    publishes_models: bool = False
    lists_and_deletes: bool = False

    def rejection(
        self, fault: Fault, model: str = "", headers: dict[str, str] | None = None
    ) -> Rejected | None:
        """Return how the vendor answers with this fault, if it is an answer at all."""
        if fault not in self.answers:
            return None
        status, code, message = self.answers[fault]
        return self.envelope(status, code, message.format(model=model), headers)

    def reject(self, fault: Fault, model: str = "") -> Rejected:
        """Return the vendor's answer with a fault that is one for sure."""
        status, code, message = self.answers[fault]
        return self.envelope(status, code, message.format(model=model), None)

    def malformation(self, message: str) -> Rejected:
        """Reject a body of another shape."""
        return self.envelope(400, self.malformed, message, None)

    def nameless(self) -> Rejected:
        """Reject a body that names no model."""
        return self.envelope(400, self.missing, "model name is required", None)


def _request_like_id() -> str:
    return f"02{secrets.randbelow(10**17):017d}"


def _task_like_id() -> str:
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime())
    return f"cgt-{stamp}-{secrets.token_hex(3)[:5]}"


COMETAPI = Vendor(
    name="cometapi",
    base_path="",
    key_setting="COMETAPI_KEY",
    routes=(Route.TASKS, Route.VIDEOS),
    models=default_models,
    new_id=_request_like_id,
    envelope=gateway,
    malformed="invalid_request",
    missing="",
    answers={
        Fault.BAD_KEY: (401, "", "Invalid token"),
        Fault.EMPTY_BALANCE: (403, "insufficient_user_quota", "quota is not enough"),
        Fault.RATE_LIMITED: (429, "rate_limit_exceeded", "Too many requests"),
        Fault.MODEL_NOT_FOUND: (
            503,
            "model_not_found",
            "no available channel for group default and model {model} (distributor)",
        ),
        Fault.SERVER_ERROR: (500, "do_request_failed", "upstream error"),
        Fault.BAD_GATEWAY: (502, "bad_response_status_code", "bad gateway"),
        Fault.BAD_GATEWAY_AFTER_CREATION: (502, "bad_response", "bad gateway"),
        Fault.TASK_NOT_EXIST: (400, "invalid_request", "task_not_exist"),
    },
    publishes_models=True,
)
# https://www.volcengine.com/docs/82379/1299023; a 502 is not Ark's own, but of what stands before.
ARK = Vendor(
    name="ark",
    base_path="/api/v3",
    key_setting="ARK_API_KEY",
    routes=(Route.DIRECT,),
    models=ark_models,
    new_id=_task_like_id,
    envelope=ark,
    malformed="InvalidParameter",
    missing="MissingParameter",
    answers={
        Fault.BAD_KEY: (401, "AuthenticationError", "The API key doesn't exist."),
        Fault.EMPTY_BALANCE: (403, "AccountOverdueError", "The account has an overdue balance."),
        Fault.RATE_LIMITED: (429, "ModelAccountRpmRateLimitExceeded", "RPM limit exceeded."),
        Fault.MODEL_NOT_FOUND: (
            404,
            "InvalidEndpointOrModel.NotFound",
            "The model or endpoint {model} does not exist or you do not have access to it.",
        ),
        Fault.SERVER_ERROR: (500, "InternalServiceError", "The service met an unexpected error."),
        Fault.BAD_GATEWAY: (502, "", "bad gateway"),
        Fault.BAD_GATEWAY_AFTER_CREATION: (502, "", "bad gateway"),
        Fault.TASK_NOT_EXIST: (404, "NotFound.task", "The specified task is not found."),
    },
    lists_and_deletes=True,
)
BYTEPLUS = replace(ARK, name="byteplus", models=byteplus_models)
