"""Hold one request and read one JSON answer, without I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn, cast

MOST_WRAPPINGS = 4  # answers are known to be wrapped in `data` twice
DEEPEST = 32  # levels of a document that is read at all

JsonObject = dict[str, Any]

# A gateway is known to label plain bodies as compressed when compression is offered.
PLAIN: Mapping[str, str] = {"Accept": "application/json", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """Describe a request; the key and the host are the client's business.

    `json` is sent as JSON, `form` as multipart/form-data; at most one of them is set.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=lambda: PLAIN)
    json: JsonObject | None = None
    form: Mapping[str, str] | None = None

    def encode(self) -> bytes:
        """Return the JSON body, in ASCII."""
        return json.dumps(self.json, separators=(",", ":")).encode("ascii")

    def digest(self) -> str:
        """Return a SHA-256 over route and content: equal for equal requests."""
        content = json.dumps([self.method, self.path, self.json, self.form], sort_keys=True)
        return hashlib.sha256(content.encode("ascii")).hexdigest()


def read_object(body: bytes) -> JsonObject | None:
    """Return the body's JSON object; None when it is anything else."""
    try:
        document: object = json.loads(
            body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse
        )
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return as_object(document) if _is_shallow(document) else None


def as_object(value: object) -> JsonObject | None:
    """Return the value where it is a JSON object."""
    return cast("JsonObject", value) if isinstance(value, dict) else None


def as_objects(value: object) -> list[JsonObject] | None:
    """Return the JSON objects of the value where it is a list."""
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    return [item for raw in items if (item := as_object(raw)) is not None]


def layers(document: JsonObject) -> Iterator[JsonObject]:
    """Yield the object and what it wraps in `data`, from outside to inside."""
    layer: JsonObject | None = document
    for _ in range(MOST_WRAPPINGS):
        if layer is None:
            return
        yield layer
        layer = as_object(layer.get("data"))


def _is_shallow(document: object) -> bool:
    """Say whether it is safe to walk the document by recursion."""
    level = [document]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _members(value)]
        if not level:
            return True
    return False


def _members(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are not JSON
