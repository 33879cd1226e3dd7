"""What the API answers when it will not do what was asked, in its two envelopes."""

from __future__ import annotations

import secrets
from typing import Any


class Rejected(Exception):
    """A request is answered with an error."""

    def __init__(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


TYPES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    429: "TooManyRequests",
    500: "InternalServerError",
}


def ark(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Rejected:
    """Reject as Ark does: https://www.volcengine.com/docs/82379/1299023."""
    error = {**ark_error(code, message), "param": "", "type": TYPES.get(status, "")}
    return Rejected(status, {"error": error}, headers)


def ark_error(code: str, message: str) -> dict[str, str]:
    """Return the error of a failed task."""
    return {"code": code, "message": f"{message} Request id: {_request_id()}"}


def gateway(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> Rejected:
    """Reject as CometAPI's own layer does: https://apidoc.cometapi.com/errors/error-codes-handling."""
    error = {
        "code": code,
        "message": f"{message} (request id: {_request_id()})",
        "type": "comet_api_error",
        "param": "",
    }
    return Rejected(status, {"error": error}, headers)


def invalid(message: str) -> Rejected:
    """Reject a parameter."""
    return ark(400, "InvalidParameter", message)


def _request_id() -> str:
    return f"02{secrets.randbelow(10**17):017d}"
