"""Check what was said against Discord's own descriptions of its API.

`openapi.json` of https://github.com/discord/discord-api-spec describes the requests and answers; JSON
Schemas beside it (`Ready.schema.json`, …, made from discord-api-types) describe events.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jsonschema import Draft7Validator, Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.wire import Json

SPEC = "urn:discord"
LONGEST_COMPLAINT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer."""

    method: str
    # Below `/api/v10`.
    path: str
    # 0: the connection was dropped.
    status: int
    # The JSON of the request, without files, and of the answer.
    body: Any
    answer: Any


class Spec:
    """The OpenAPI file, and the events' schemas beside it."""

    def __init__(self, path: Path) -> None:
        self._document: Json = json.loads(path.read_text())
        _accept_numbers_as_snowflakes(self._document)
        resource = DRAFT202012.create_resource(self._document)
        self._registry: Registry[Any] = Registry().with_resource(SPEC, resource)
        self._folder = path.parent
        self._validators: dict[str, Draft202012Validator | None] = {}
        self._events: dict[str, Draft7Validator | None] = {}
        # Templates with fewest parameters first, so that @me wins over {user_id}.
        templates = sorted(self._document["paths"], key=lambda template: template.count("{"))
        self._templates = [(_pattern(template), template) for template in templates]

    def complaints(self, exchange: Exchange) -> list[str]:
        """Say what is wrong with a request and with its answer."""
        template = self._template(exchange.path)
        operation = self._document["paths"].get(template, {}).get(exchange.method.lower())
        where = f"{exchange.method} {exchange.path}"
        if operation is None:
            return [f"{where}: not in the specification"]
        pointer = ("paths", template, exchange.method.lower())
        found: list[str] = []
        if exchange.body is not None and exchange.status < 400:
            schema = (*pointer, "requestBody", "content", "application/json", "schema")
            found += self._check(f"{where} request", schema, exchange.body)
        if exchange.answer is not None and str(exchange.status) in operation["responses"]:
            status = str(exchange.status)
            schema = (*pointer, "responses", status, "content", "application/json", "schema")
            found += self._check(f"{where} {status}", schema, exchange.answer)
        return found

    def complaints_about_event(self, name: str, data: Json) -> list[str]:
        """Say what is wrong with an event, if there is a schema for it."""
        stem = EVENT_SCHEMAS.get((name, data.get("type"))) or EVENT_SCHEMAS.get((name, None))
        if stem is None:
            return []
        if stem not in self._events:
            file = self._folder / f"{stem}.schema.json"
            schema = json.loads(file.read_text()) if file.exists() else None
            self._events[stem] = Draft7Validator(schema) if schema else None
        validator = self._events[stem]
        return _complaints(name, validator, data) if validator else []

    def _check(self, where: str, pointer: tuple[str, ...], value: object) -> list[str]:
        key = "/".join(quote(part.replace("~", "~0").replace("/", "~1")) for part in pointer)
        if key not in self._validators:
            self._validators[key] = self._validator(pointer, key)
        validator = self._validators[key]
        return _complaints(where, validator, value) if validator else []

    def _validator(self, pointer: tuple[str, ...], key: str) -> Draft202012Validator | None:
        node: Any = self._document
        for part in pointer:
            node = node.get(part)
            if node is None:
                return None
        return Draft202012Validator({"$ref": f"{SPEC}#/{key}"}, registry=self._registry)

    def _template(self, path: str) -> str:
        for pattern, template in self._templates:
            if pattern.fullmatch(path):
                return template
        return ""


# By event and by the type of the interaction.
EVENT_SCHEMAS: dict[tuple[str, int | None], str] = {
    ("READY", None): "Ready",
    ("GUILD_CREATE", None): "GuildCreate",
    ("MESSAGE_CREATE", None): "MessageCreate",
    ("INTERACTION_CREATE", 2): "ChatInput",
    ("INTERACTION_CREATE", 3): "Button",
    ("INTERACTION_CREATE", 4): "Autocomplete",
    ("INTERACTION_CREATE", 5): "ModalSubmit",
}


def _accept_numbers_as_snowflakes(document: Json) -> None:
    """Widen the one type where the file is narrower than Discord: discord.py sends some as int."""
    schemas = document.get("components", {}).get("schemas", {})
    if "SnowflakeType" in schemas:
        schemas["SnowflakeType"]["type"] = ["string", "integer"]


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template)))


def _complaints(
    where: str, validator: Draft202012Validator | Draft7Validator, value: object
) -> list[str]:
    error = best_match(validator.iter_errors(value))
    if error is None:
        return []
    return [f"{where}: {error.json_path}: {error.message}"[:LONGEST_COMPLAINT]]
