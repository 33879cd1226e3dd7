"""What Discord refuses in forms (its modals), beyond what its OpenAPI file says.

https://docs.discord.com/developers/components/reference#label
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.component_rules import LONGEST_TEXT, check_custom_ids, check_select
from sandbox.discord.components import SELECTS, Kind, children, walk
from sandbox.discord.wire import Json, listed

if TYPE_CHECKING:
    from sandbox.discord.refusals import Form

Path = tuple[str | int, ...]

MOST_FIELDS = 5
# What may stand in what. File uploads and boxes to tick are for when somebody needs them.
INSIDE: dict[int, frozenset[int]] = {
    Kind.LABEL: frozenset(SELECTS) | {Kind.TEXT_INPUT},
    Kind.ACTION_ROW: frozenset({Kind.TEXT_INPUT}),
    Kind.TEXT_DISPLAY: frozenset(),
}


def check_modal(form: Form, data: Json) -> None:
    """Check a form that is to be opened."""
    components: list[Json] = listed(data, "components")
    form.require(("data", "title"), data.get("title"), longest=45)
    form.require(("data", "custom_id"), data.get("custom_id"), longest=100)
    if not 1 <= len(components) <= MOST_FIELDS:
        form.fault(
            ("data", "components"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length."
        )
    for index, component in enumerate(components):
        _check(form, component, ("data", "components", index))
    check_custom_ids(form, list(walk(components)))


def _check(form: Form, component: Json, path: Path) -> None:
    fields = children(component)
    allowed = INSIDE.get(component["type"])
    if allowed is None or any(field["type"] not in allowed for field in fields):
        form.fault(path, "UNION_TYPE_CHOICES", "Nothing that a form takes there")
        return
    if component["type"] == Kind.TEXT_DISPLAY:
        form.require((*path, "content"), component.get("content"), longest=LONGEST_TEXT)
    elif len(fields) != 1:
        form.fault((*path, "components"), "BASE_TYPE_BAD_LENGTH", "Must be 1 in length.")
    if component["type"] == Kind.LABEL:
        form.require((*path, "label"), component.get("label"), longest=45)
        if component.get("description") is not None:
            form.require((*path, "description"), component["description"], longest=100)
    for field in fields:
        _check_field(form, field, component, path)


def _check_field(form: Form, field: Json, around: Json, path: Path) -> None:
    if field["type"] == Kind.TEXT_INPUT:
        _check_text_input(form, field, around, path)
        return
    check_select(form, field, path)
    if field.get("disabled"):
        form.fault((*path, "disabled"), "COMPONENT_DISABLED", "Nothing in a modal is disabled")
    if field.get("required", True) and field.get("min_values", 1) < 1:
        form.fault((*path, "min_values"), "BASE_TYPE_BAD_LENGTH", "Required, so at least 1")


def _check_text_input(form: Form, field: Json, around: Json, path: Path) -> None:
    form.require((*path, "custom_id"), field.get("custom_id"), longest=100)
    if around["type"] == Kind.ACTION_ROW:
        form.require((*path, "label"), field.get("label"), longest=45)
    if field.get("style") not in {1, 2}:
        form.fault((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2}.")
    if len(field.get("placeholder") or "") > 100:
        form.fault((*path, "placeholder"), "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer.")
    fewest, most = field.get("min_length") or 0, field.get("max_length") or LONGEST_TEXT
    if not 0 <= fewest <= most <= LONGEST_TEXT:
        form.fault((*path, "max_length"), "BASE_TYPE_BAD_LENGTH", "Not min_length to 4000.")
    if len(field.get("value") or "") > most:
        form.fault((*path, "value"), "BASE_TYPE_MAX_LENGTH", "Longer than max_length")
