"""How Discord says no to the bot: HTTP status, error code and a tree of what is wrong in a form.

https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.wire import Json

REFUSALS: dict[int, tuple[int, str]] = {
    0: (404, "404: Not Found"),
    10002: (404, "Unknown Application"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    30046: (
        429,
        "Maximum number of edits to messages older than 1 hour reached. Try again later.",
    ),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160002: (400, "Cannot reply without permission to read message history"),
    160005: (400, "Thread is locked"),
}


class Refusal(Exception):
    """Answer a request with one of Discord's errors."""

    def __init__(self, code: int, errors: Json | None = None) -> None:
        super().__init__(code)
        self.status, self.message = REFUSALS[code]
        self.code = code
        self.errors = errors

    def body(self) -> Json:
        """Give the JSON body of the answer."""
        body: Json = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        if self.status == 429:
            body |= {"retry_after": 30.0, "global": False}
        return body


class Form:
    """Collect what is wrong with a request body, and refuse it with a tree of all of it."""

    def __init__(self) -> None:
        self._errors: Json = {}

    def fault(self, path: tuple[str | int, ...], code: str, message: str) -> None:
        """Note one fault of the field at this path."""
        node = self._errors
        for key in path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def require(
        self, path: tuple[str | int, ...], value: object, *, longest: int, shortest: int = 1
    ) -> None:
        """Demand a text of such a length."""
        if not isinstance(value, str):
            self.fault(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not shortest <= len(value) <= longest:
            self.fault(
                path, "BASE_TYPE_BAD_LENGTH", f"Must be between {shortest} and {longest} in length."
            )

    def refusal(self) -> Refusal:
        """Give the refusal with all that was wrong."""
        return Refusal(50035, self._errors)

    def finish(self) -> None:
        """Refuse the request if anything was wrong."""
        if self._errors:
            raise self.refusal()
