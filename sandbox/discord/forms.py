"""Forms (the API's modals) as a person sees them, fills them in and sends them.

https://docs.discord.com/developers/components/using-modal-components
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sandbox.discord.client import ClientRefused
from sandbox.discord.components import SELECTS, Kind, walk
from sandbox.discord.wire import Json, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.discord.resolved import Resolved

LONGEST_VALUE = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form."""

    label: str
    description: str
    kind: Kind
    custom_id: str
    required: bool
    placeholder: str
    # What stands in it before anybody types: a text, or what a select has chosen, by value or id.
    value: str | tuple[str, ...]
    # What a select of texts offers, by label.
    options: tuple[str, ...]


def fields_of(components: list[Json]) -> list[Field]:
    """Give the fields in the order of reading."""
    return [
        Field(
            label=around.get("label") or field.get("label") or "",
            description=around.get("description") or "",
            kind=Kind(field["type"]),
            custom_id=field["custom_id"],
            required=_is_required(field),
            placeholder=field.get("placeholder") or "",
            value=(field.get("value") or "") if _is_text(field) else tuple(_chosen_before(field)),
            options=tuple(option["label"] for option in listed(field, "options")),
        )
        for around in components
        if (field := _field_in(around))
    ]


def fill_form(
    components: list[Json], values: Mapping[str, object], resolved: Resolved
) -> list[Json]:
    """Fill in a form's fields by label or custom_id, and give the components to send.

    A text input takes a text, a select what it offers, or a list of that.
    """
    left = dict(values)
    sent = [_fill(component, left, resolved) for component in components]
    if left:
        raise ClientRefused(f"the form has no {', '.join(left)}")
    return sent


def _fill(around: Json, left: dict[str, object], resolved: Resolved) -> Json:
    shell = {"type": around["type"], "id": around["id"]}
    field = _field_in(around)
    if field is None:
        return shell
    names = (field["custom_id"], around.get("label"), field.get("label"))
    given = [left.pop(name) for name in names if name in left]
    filled = {"type": field["type"], "id": field["id"], "custom_id": field["custom_id"]}
    if _is_text(field):
        filled["value"] = _typed(field, given)
    else:
        filled["values"] = chosen(field, given, resolved)
    if around["type"] == Kind.LABEL:
        return shell | {"component": filled}
    return shell | {"components": [filled]}


def _typed(field: Json, given: list[object]) -> str:
    value = str(given[0]) if given else field.get("value") or ""
    shortest = field.get("min_length") or int(_is_required(field))
    longest = field.get("max_length") or LONGEST_VALUE
    if not (shortest if value or _is_required(field) else 0) <= len(value) <= longest:
        raise ClientRefused(
            f"{field['custom_id']} must have {shortest} to {longest} characters, not {len(value)}"
        )
    return value


def chosen(field: Json, given: list[object], resolved: Resolved) -> list[str]:
    """Give what a select sends: what was picked, or else what it had chosen before."""
    name: str = field["custom_id"]
    if given:
        several = isinstance(given[0], list | tuple)
        things = cast("Sequence[object]", given[0]) if several else given
        values = [_pick(field, thing, resolved) for thing in things]
    else:
        values = [resolved.again(value) for value in _chosen_before(field)]
    fewest, most = field.get("min_values", 1), field.get("max_values") or 1
    if not (max(fewest, 1) if values or _is_required(field) else 0) <= len(values) <= most:
        raise ClientRefused(f"{name} takes {fewest} to {most}, not {len(values)}")
    if len(set(values)) != len(values):
        raise ClientRefused(f"{name} cannot have the same twice")
    return values


def _pick(field: Json, thing: object, resolved: Resolved) -> str:
    kind = Kind(field["type"])
    if kind != Kind.STRING_SELECT:
        return resolved.add(
            field["custom_id"], thing, SELECTS[kind], listed(field, "channel_types")
        )
    for option in listed(field, "options"):
        if thing in {option["label"], option["value"]}:
            return option["value"]
    raise ClientRefused(f"{field['custom_id']} does not offer {thing!r}")


def _chosen_before(field: Json) -> list[str]:
    options = [each["value"] for each in listed(field, "options") if each.get("default")]
    return options + [str(each["id"]) for each in listed(field, "default_values")]


def _field_in(around: Json) -> Json | None:
    fields = [each for each in walk([around]) if _is_text(each) or each["type"] in SELECTS]
    return fields[0] if fields else None


def _is_text(field: Json) -> bool:
    return field["type"] == Kind.TEXT_INPUT


def _is_required(field: Json) -> bool:
    return field.get("required", True)
