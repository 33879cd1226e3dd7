"""What Discord refuses in components, beyond what its OpenAPI file says.

https://docs.discord.com/developers/components/reference
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.components import (
    LINK_STYLE,
    SELECTS,
    Kind,
    children,
    media_of,
    texts_of,
    walk,
)
from sandbox.discord.wire import Json, inner, listed

if TYPE_CHECKING:
    from sandbox.discord.refusals import Form

Path = tuple[str | int, ...]

ONLY_V2 = frozenset({9, 10, 11, 12, 13, 14, 17})
# Which components may stand where. None: at the top of a V2 message.
INSIDE: dict[Kind | None, frozenset[int]] = {
    None: frozenset({1, 9, 10, 12, 13, 14, 17}),
    Kind.ACTION_ROW: frozenset(SELECTS) | {2},
    Kind.SECTION: frozenset({10}),
    Kind.CONTAINER: frozenset({1, 9, 10, 12, 13, 14}),
}
LONGEST_TEXT = 4000
MOST_COMPONENTS = 40
MOST_ROWS = 5
MOST_CHOSEN = 25
LONGEST_PLACEHOLDER = 150


def check_components(form: Form, components: list[Json], *, v2: bool, files: set[str]) -> None:
    """Check the components of a message; `files` are the names that `attachment://` may use."""
    allowed = INSIDE[None] if v2 else frozenset({Kind.ACTION_ROW})
    for index, component in enumerate(components):
        _check(form, component, ("components", index), allowed, files)
    everything = list(walk(components))
    if v2 and len(everything) > MOST_COMPONENTS:
        form.fault(("components",), "BASE_TYPE_MAX_LENGTH", "Total number of components exceeds 40")
    if not v2 and len(components) > MOST_ROWS:
        form.fault(("components",), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    if sum(map(len, texts_of(components))) > LONGEST_TEXT:
        form.fault(("components",), "COMPONENT_MAX_TOTAL_TEXT_SIZE", "Total text size exceeds 4000")
    check_custom_ids(form, everything)


def check_custom_ids(form: Form, everything: list[Json]) -> None:
    """Demand that custom ids differ."""
    ids = [each["custom_id"] for each in everything if each.get("custom_id")]
    if len(ids) != len(set(ids)):
        form.fault(
            ("components",),
            "COMPONENT_CUSTOM_ID_DUPLICATED",
            "Component custom id cannot be duplicated",
        )


def _check(
    form: Form, component: Json, path: Path, allowed: frozenset[int], files: set[str]
) -> None:
    kind = component.get("type")
    if kind not in allowed:
        choices = ", ".join(map(str, sorted(allowed)))
        form.fault(
            (*path, "type"),
            "UNION_TYPE_CHOICES",
            f'Value of field "type" must be one of ({choices}).',
        )
        return
    kind = Kind(component["type"])
    match kind:
        case Kind.BUTTON:
            _check_button(form, component, path)
        case _ if kind in SELECTS:
            check_select(form, component, path)
        case Kind.ACTION_ROW:
            _check_row(form, component, path)
        case Kind.TEXT_DISPLAY:
            form.require((*path, "content"), component.get("content"), longest=LONGEST_TEXT)
        case Kind.SECTION:
            _check_section(form, component, path, files)
        case _:
            _check_media(form, component, path, files)
    if kind in INSIDE:
        for index, child in enumerate(listed(component, "components")):
            _check(form, child, (*path, "components", index), INSIDE[kind], files)


def _check_button(form: Form, button: Json, path: Path) -> None:
    if not button.get("label") and not button.get("emoji"):
        form.fault(path, "BUTTON_COMPONENT_INVALID_EMOJI", "A button needs a label or an emoji")
    if len(button.get("label") or "") > 80:
        form.fault((*path, "label"), "BASE_TYPE_MAX_LENGTH", "Must be 80 or fewer in length.")
    if button.get("style") == LINK_STYLE:
        if button.get("custom_id") or not button.get("url"):
            form.fault(
                path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A link needs only a url"
            )
        _check_url(form, button.get("url") or "", (*path, "url"), longest=512)
        return
    form.require((*path, "custom_id"), button.get("custom_id"), longest=100)
    if button.get("url"):
        form.fault(
            path,
            "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
            "A custom id and url cannot both be specified",
        )


def check_select(form: Form, select: Json, path: Path) -> None:
    """Check a select of a message or of a form."""
    form.require((*path, "custom_id"), select.get("custom_id"), longest=100)
    if len(select.get("placeholder") or "") > LONGEST_PLACEHOLDER:
        form.fault((*path, "placeholder"), "BASE_TYPE_MAX_LENGTH", "Must be 150 or fewer.")
    fewest, most = select.get("min_values", 1), select.get("max_values", 1)
    if not 0 <= fewest <= most <= MOST_CHOSEN or most < 1:
        form.fault((*path, "max_values"), "BASE_TYPE_BAD_LENGTH", "Not min_values to 25.")
    if select["type"] == Kind.STRING_SELECT:
        _check_options(form, select, path)
    defaults: list[Json] = listed(select, "default_values")
    if defaults and not fewest <= len(defaults) <= most:
        form.fault((*path, "default_values"), "BASE_TYPE_BAD_LENGTH", "Not min to max_values.")
    if not SELECTS[select["type"]] >= {f"{each['type']}s" for each in defaults}:
        form.fault((*path, "default_values"), "BASE_TYPE_CHOICES", "Not what this select offers")


def _check_options(form: Form, select: Json, path: Path) -> None:
    options: list[Json] = listed(select, "options")
    values = [option.get("value") for option in options]
    if not 1 <= len(options) <= MOST_CHOSEN:
        form.fault(
            (*path, "options"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length."
        )
    if len(values) != len(set(values)):
        form.fault(
            (*path, "options"),
            "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
            "The specified option value is already used",
        )


def _check_row(form: Form, row: Json, path: Path) -> None:
    standing = children(row)
    selects = sum(child.get("type") in SELECTS for child in standing)
    if not 1 <= len(standing) <= 5 or (selects and len(standing) > 1):
        form.fault(
            (*path, "components"),
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "A row takes 1 to 5 buttons or one select",
        )


def _check_section(form: Form, section: Json, path: Path, files: set[str]) -> None:
    if not 1 <= len(listed(section, "components")) <= 3:
        form.fault((*path, "components"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 3.")
    accessory = inner(section, "accessory")
    allowed = frozenset({int(Kind.BUTTON), int(Kind.THUMBNAIL)})
    _check(form, accessory, (*path, "accessory"), allowed, files)


def _check_media(form: Form, component: Json, path: Path, files: set[str]) -> None:
    if component["type"] == Kind.MEDIA_GALLERY and not 1 <= len(component["items"]) <= 10:
        form.fault((*path, "items"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 10 in length.")
    for media in media_of(component):
        url: str = media["url"]
        name = url.removeprefix("attachment://")
        if name != url and name not in files:
            form.fault(path, "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", f"No {name}")
        elif name == url and component["type"] == Kind.FILE:
            form.fault(path, "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('attachment',).")
        elif name == url:
            _check_url(form, url, path, longest=2048)


def _check_url(form: Form, url: str, path: Path, *, longest: int) -> None:
    if not url.startswith(("http://", "https://", "discord://")):
        form.fault(path, "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https').")
    if len(url) > longest:
        form.fault(path, "BASE_TYPE_MAX_LENGTH", f"Must be {longest} or fewer in length.")
