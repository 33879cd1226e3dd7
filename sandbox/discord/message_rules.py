"""What Discord refuses in messages, beyond what its OpenAPI file says.

https://docs.discord.com/developers/resources/message#create-message
"""

from __future__ import annotations

from sandbox.discord.component_rules import check_components
from sandbox.discord.refusals import Form, Refusal
from sandbox.discord.wire import Json, inner, listed

Path = tuple[str | int, ...]

LONGEST_CONTENT = 2000
LONGEST_EMBEDS = 6000
LONGEST_NONCE = 25
MOST_EMBEDS = MOST_FILES = 10
MENTION_TYPES = frozenset({"users", "roles", "everyone"})


def check_message(body: Json, *, v2: bool, files: set[str]) -> None:
    """Refuse a message as it would stand afterwards; `files` are the names of its attachments."""
    form = Form()
    content: str = body.get("content") or ""
    embeds: list[Json] = listed(body, "embeds")
    components: list[Json] = listed(body, "components")
    if v2 and (content or embeds):
        form.fault(
            ("content" if content else "embeds",),
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            "The 'content' and 'embeds' fields cannot be used when using Components V2",
        )
    if len(content) > LONGEST_CONTENT:
        form.fault(("content",), "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
    if len(str(body.get("nonce") or "")) > LONGEST_NONCE:
        form.fault(("nonce",), "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    if len(files) > MOST_FILES:
        form.fault(("attachments",), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    _check_embeds(form, embeds)
    _check_mentions(form, inner(body, "allowed_mentions"))
    check_components(form, components, v2=v2, files=files)
    form.finish()
    if not (content.strip() or embeds or components or files):
        raise Refusal(50006)


def _check_embeds(form: Form, embeds: list[Json]) -> None:
    if len(embeds) > MOST_EMBEDS:
        form.fault(("embeds",), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    total = sum(_check_embed(form, embed, index) for index, embed in enumerate(embeds))
    if total > LONGEST_EMBEDS:
        form.fault(
            ("embeds",), "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000"
        )


def _check_embed(form: Form, embed: Json, index: int) -> int:
    """Check one embed and count its characters."""
    texts = _texts(embed)
    for path, text, longest in texts:
        if len(text) > longest:
            complaint = f"Must be {longest} or fewer in length."
            form.fault(("embeds", index, *path), "BASE_TYPE_MAX_LENGTH", complaint)
        if path[0] == "fields" and not text.strip():
            form.fault(("embeds", index, *path), "BASE_TYPE_REQUIRED", "This field is required")
    if len(listed(embed, "fields")) > 25:
        form.fault(
            ("embeds", index, "fields"), "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length."
        )
    _check_links(form, embed, index)
    size = sum(len(text) for _, text, _ in texts)
    if not size and not any(embed.get(key) for key in ("image", "thumbnail", "video")):
        form.fault(("embeds", index), "BASE_TYPE_REQUIRED", "This field is required")
    return size


def _texts(embed: Json) -> list[tuple[Path, str, int]]:
    """Give the texts of an embed, each with its place and its greatest length."""
    texts: list[tuple[Path, str, int]] = [
        (("title",), embed.get("title") or "", 256),
        (("description",), embed.get("description") or "", 4096),
        (("footer", "text"), inner(embed, "footer").get("text") or "", 2048),
        (("author", "name"), inner(embed, "author").get("name") or "", 256),
    ]
    for number, field in enumerate(listed(embed, "fields")):
        texts.append((("fields", number, "name"), field.get("name") or "", 256))
        texts.append((("fields", number, "value"), field.get("value") or "", 1024))
    return texts


def _check_links(form: Form, embed: Json, index: int) -> None:
    links = {"url": embed.get("url")}
    links |= {key: inner(embed, key).get("url") for key in ("image", "thumbnail", "author")}
    for key, link in links.items():
        if link and not link.startswith(("http://", "https://", "attachment://")):
            form.fault(
                ("embeds", index, key),
                "URL_TYPE_INVALID_SCHEME",
                "Scheme must be one of ('http', 'https').",
            )


def _check_mentions(form: Form, allowed: Json) -> None:
    parse = listed(allowed, "parse")
    for key in ("users", "roles"):
        if key in parse and allowed.get(key):
            form.fault(
                ("allowed_mentions",),
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.',
            )
        if len(listed(allowed, key)) > 100:
            form.fault(
                ("allowed_mentions", key),
                "BASE_TYPE_MAX_LENGTH",
                "Must be 100 or fewer in length.",
            )
    if not MENTION_TYPES.issuperset(parse):
        form.fault(("allowed_mentions", "parse"), "BASE_TYPE_CHOICES", "Unknown type of mention")
