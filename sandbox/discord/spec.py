"""Check what was said against Discord's own descriptions of its API.

`openapi.json` of https://github.com/discord/discord-api-spec describes the requests and answers;
JSON Schemas beside it (`Ready.schema.json`, …, made from discord-api-types) describe events.
"""

from __future__ import annotations

import importlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.wire import Json

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
        self._folder = path.parent
        _accept_more(self._document)
        # Templates with fewest parameters first, so that @me wins over {user_id}.
        templates = sorted(self._document["paths"], key=lambda template: template.count("{"))
        self._templates = [(_pattern(template), template) for template in templates]
        # By JSON pointer or by file; None: there is no such schema.
        self._validators: dict[str, Any] = {}

    def complaints(self, exchange: Exchange) -> list[str]:
        """Say what is wrong with a request and with its answer."""
        where = f"{exchange.method} {exchange.path}"
        steps = ("paths", self._template(exchange.path), exchange.method.lower())
        if self._at(steps) is None:
            return [f"{where}: not in the specification"]
        found: list[str] = []
        # What was refused is not held against the bot twice.
        if exchange.body is not None and exchange.status < 400:
            found += self._check(f"{where} asks", (*steps, "requestBody"), exchange.body)
        if exchange.answer is not None:
            answer = (*steps, "responses", str(exchange.status))
            found += self._check(f"{where} answers {exchange.status}", answer, exchange.answer)
        return found

    def complaints_about_event(self, name: str, data: Json) -> list[str]:
        """Say what is wrong with an event, if there is a schema for it."""
        stem = EVENT_SCHEMAS.get((name, data.get("type"))) or EVENT_SCHEMAS.get((name, None))
        # Of commands the schemas describe those that are typed, of components the buttons.
        in_a_menu = stem == "ChatInput" and data["data"]["type"] != 1
        chosen = stem == "Button" and data["data"]["component_type"] != 2
        if stem is None or in_a_menu or chosen:
            return []
        if stem not in self._validators:
            schema = _event_schema(self._folder / f"{stem}.schema.json")
            self._validators[stem] = schema and _validator("Draft7Validator", schema)
        return _complaints(name, self._validators[stem], data)

    def _check(self, where: str, steps: tuple[str, ...], value: object) -> list[str]:
        steps = (*steps, "content", "application/json", "schema")
        pointer = "/".join(quote(step.replace("~", "~0").replace("/", "~1")) for step in steps)
        if pointer not in self._validators:
            known = self._at(steps) is not None
            # The whole file, with another beginning: so all its references can be followed.
            schema = self._document | {"$ref": f"#/{pointer}"} if known else None
            self._validators[pointer] = schema and _validator("Draft202012Validator", schema)
        return _complaints(where, self._validators[pointer], value)

    def _at(self, steps: tuple[str, ...]) -> Json | None:
        node: Any = self._document
        for step in steps:
            node = node.get(step)
            if node is None:
                return None
        return node

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


def _accept_more(document: Json) -> None:
    """Widen the two types where the file is narrower than Discord."""
    schemas = document.get("components", {}).get("schemas", {})
    if "SnowflakeType" in schemas:
        # discord.py sends some as numbers.
        schemas["SnowflakeType"]["type"] = ["string", "integer"]
    if "ChannelTypes" in schemas:
        # Media channels are in Discord's documentation and in the preview of the file.
        schemas["ChannelTypes"]["oneOf"].append({"title": "GUILD_MEDIA", "const": 16})


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template)))


def _event_schema(file: Path) -> Json | None:
    """Read a schema, and let bit fields be any number: the file lists only the single bits."""
    if not file.exists():
        return None
    schema: Json = json.loads(file.read_text())
    bit_fields = (name for name in schema["definitions"] if name.endswith("Flags"))
    schema["definitions"] |= {name: {"type": "integer"} for name in bit_fields}
    return schema


def _validator(kind: str, schema: Json) -> Any:  # noqa: ANN401 - jsonschema is partly typed
    # Loaded only where it is needed: without DISCORD_SPEC nobody has to have it.
    return getattr(importlib.import_module("jsonschema"), kind)(schema)


def _complaints(where: str, validator: Any, value: object) -> list[str]:  # noqa: ANN401 - as above
    if validator is None:
        return []
    exceptions = importlib.import_module("jsonschema.exceptions")
    error = exceptions.best_match(validator.iter_errors(value))
    return [f"{where}: {error.json_path}: {error.message}"[:LONGEST_COMPLAINT]] if error else []
