"""Components of messages and forms: what is in them, and what Discord adds to them.

https://docs.discord.com/developers/components/reference
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.discord.wire import Json, inner, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.attachments import Attachment


class Kind(IntEnum):
    """The types of components."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19


LINK_STYLE = 5
# The selects, each with the sections of `resolved` that it offers; a text is in none.
SELECTS: dict[int, frozenset[str]] = {
    Kind.STRING_SELECT: frozenset(),
    Kind.USER_SELECT: frozenset({"users"}),
    Kind.ROLE_SELECT: frozenset({"roles"}),
    Kind.MENTIONABLE_SELECT: frozenset({"users", "roles"}),
    Kind.CHANNEL_SELECT: frozenset({"channels"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button: what it says and whether it can be pressed; a link has a url and no custom_id."""

    label: str
    custom_id: str | None
    url: str | None
    disabled: bool
    style: int


def children(component: Json) -> list[Json]:
    """Give what stands directly inside a component."""
    alone = [component[key] for key in ("accessory", "component") if key in component]
    return listed(component, "components") + alone


def walk(components: list[Json]) -> Iterator[Json]:
    """Give every component, at every depth, in the order of reading."""
    for component in components:
        yield component
        yield from walk(children(component))


def texts_of(components: list[Json]) -> list[str]:
    """Give the text displays."""
    return [each["content"] for each in walk(components) if each["type"] == Kind.TEXT_DISPLAY]


def buttons_of(components: list[Json]) -> list[Button]:
    """Give the buttons."""
    return [
        Button(
            label=each.get("label") or inner(each, "emoji").get("name", ""),
            custom_id=each.get("custom_id"),
            url=each.get("url"),
            disabled=each.get("disabled", False),
            style=each["style"],
        )
        for each in walk(components)
        if each["type"] == Kind.BUTTON
    ]


def media_of(component: Json) -> list[Json]:
    """Give the media items of one component: `{"url": …}` each."""
    match component["type"]:
        case Kind.THUMBNAIL:
            return [component["media"]]
        case Kind.FILE:
            return [component["file"]]
        case Kind.MEDIA_GALLERY:
            return [item["media"] for item in component["items"]]
        case _:
            return []


def number(components: list[Json]) -> None:
    """Give each component a number, where the bot gave it none."""
    taken = {each["id"] for each in walk(components) if each.get("id")}
    free = (number for number in range(1, 1000) if number not in taken)
    for component in walk(components):
        if not component.get("id"):
            component["id"] = next(free)


def finish(components: list[Json], attachments: list[Attachment], first_media_id: int) -> None:
    """Fill in what Discord adds: numbers for the components, real links for `attachment://`."""
    number(components)
    by_name = {attachment.filename: attachment for attachment in attachments}
    media_id = first_media_id
    for component in walk(components):
        _fill_defaults(component, by_name)
        for media in media_of(component):
            _resolve(media, by_name, media_id)
            media_id += 1


def _resolve(media: Json, by_name: dict[str, Attachment], media_id: int) -> None:
    attachment = by_name.get(media["url"].removeprefix("attachment://"))
    url = attachment.url if attachment else media["url"]
    media |= {
        "id": str(attachment.id if attachment else media_id),
        "url": url,
        "proxy_url": url,
        "width": None,
        "height": None,
        "content_type": attachment.content_type if attachment else None,
        "loading_state": 2,
        "flags": 0,
    }
    if attachment:
        media["attachment_id"] = str(attachment.id)


def _fill_defaults(component: Json, by_name: dict[str, Attachment]) -> None:
    match component["type"]:
        case Kind.FILE:
            file = by_name[component["file"]["url"].removeprefix("attachment://")]
            component |= {"name": file.filename, "size": file.size}
            component.setdefault("spoiler", False)
        case Kind.THUMBNAIL:
            component.setdefault("description", None)
            component.setdefault("spoiler", False)
        case Kind.MEDIA_GALLERY:
            for item in component["items"]:
                item.setdefault("description", None)
                item.setdefault("spoiler", False)
        case Kind.CONTAINER:
            component.setdefault("accent_color", None)
            component.setdefault("spoiler", False)
        case _:
            pass
