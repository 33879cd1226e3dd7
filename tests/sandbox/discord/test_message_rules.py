from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord.message_rules import check_message
from sandbox.discord.refusals import Refusal

TEXT = {"type": 10, "content": "x"}


def _button(**changes: object) -> dict[str, object]:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go"} | changes


def _row(*components: object) -> dict[str, object]:
    return {"type": 1, "components": list(components)}


def _in_row(**changes: object) -> dict[str, object]:
    return {"components": [_row(_button(**changes))]}


def _select(*values: str) -> dict[str, object]:
    options = [{"label": value, "value": value} for value in values]
    return {"type": 3, "custom_id": "s", "options": options}


def _ids(count: int) -> list[dict[str, object]]:
    return [_button(custom_id=str(number)) for number in range(count)]


GOOD: list[dict[str, Any]] = [
    {"content": "x" * 2000},
    {"content": "x", "nonce": "A" * 25, "allowed_mentions": {"parse": [], "users": ["1"]}},
    {"embeds": [{"title": "x", "fields": [{"name": "a", "value": "b"}], "url": "https://x.y"}]},
    {"embeds": [{"image": {"url": "attachment://a.png"}}]},
    {"components": [_row(*_ids(5))]},
    {"components": [_row(_select("a", "b"))]},
    _in_row(style=5, custom_id=None, url="https://x.y"),
    _in_row(label=None, emoji={"name": "x"}),
]
GOOD_V2: list[dict[str, Any]] = [
    {"components": [TEXT, {"type": 14}, _row(_button())]},
    {"components": [{"type": 17, "components": [TEXT, _row(_button())]}]},
    {"components": [{"type": 9, "components": [TEXT], "accessory": _button()}]},
    {"components": [{"type": 13, "file": {"url": "attachment://a.png"}}]},
    {"components": [{"type": 12, "items": [{"media": {"url": "https://x.y/z"}}]}]},
]
BAD: list[tuple[dict[str, Any], str]] = [
    ({"content": "x" * 2001}, "content"),
    ({"content": "x", "nonce": "A" * 26}, "nonce"),
    (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
    ),
    ({"content": "x", "allowed_mentions": {"parse": ["cats"]}}, "allowed_mentions"),
    ({"content": "x", "allowed_mentions": {"users": ["1"] * 101}}, "allowed_mentions"),
    ({"embeds": [{}]}, "embeds"),
    ({"embeds": [{"title": "x" * 257}]}, "embeds"),
    ({"embeds": [{"title": "x", "url": "file:///x"}]}, "embeds"),
    ({"embeds": [{"title": "x", "fields": [{"name": "a", "value": " "}]}]}, "embeds"),
    ({"embeds": [{"fields": [{"name": "a", "value": "b"}] * 26}]}, "embeds"),
    ({"embeds": [{"description": "x" * 4000}] * 2}, "embeds"),
    ({"embeds": [{"title": "x"}] * 11}, "embeds"),
    ({"components": [TEXT]}, "components"),
    ({"components": [_row()]}, "components"),
    ({"components": [_row(*_ids(6))]}, "components"),
    ({"components": [_row(_button(custom_id=str(number))) for number in range(6)]}, "components"),
    ({"components": [_row(_button(), _button())]}, "components"),
    ({"components": [_row(_button(), _select("a"))]}, "components"),
    ({"components": [_row(_select("a", "a"))]}, "components"),
    ({"components": [_row(_select())]}, "components"),
    (_in_row(custom_id=None), "components"),
    (_in_row(custom_id="x" * 101), "components"),
    (_in_row(label="x" * 81), "components"),
    (_in_row(label=None), "components"),
    (_in_row(url="https://x.y"), "components"),
    (_in_row(style=5, url="https://x.y"), "components"),
    (_in_row(style=5, custom_id=None, url="ftp://x.y"), "components"),
    (_in_row(style=5, custom_id=None, url="https://" + "x" * 512), "components"),
]
BAD_V2: list[tuple[dict[str, Any], str]] = [
    ({"content": "x", "components": [TEXT]}, "content"),
    ({"embeds": [{"title": "x"}], "components": [TEXT]}, "embeds"),
    ({"components": [{"type": 10, "content": ""}]}, "components"),
    ({"components": [{"type": 10, "content": "x" * 2001}] * 2}, "components"),
    ({"components": [TEXT] * 41}, "components"),
    ({"components": [_button()]}, "components"),
    ({"components": [{"type": 17, "components": [{"type": 17, "components": []}]}]}, "components"),
    ({"components": [{"type": 9, "components": [TEXT]}]}, "components"),
    ({"components": [{"type": 9, "components": [], "accessory": _button()}]}, "components"),
    ({"components": [{"type": 13, "file": {"url": "https://x.y"}}]}, "components"),
    ({"components": [{"type": 13, "file": {"url": "attachment://b.png"}}]}, "components"),
    ({"components": [{"type": 12, "items": []}]}, "components"),
    ({"components": [{"type": 12, "items": [{"media": {"url": "file:///x"}}]}]}, "components"),
]


@pytest.mark.parametrize("body", GOOD)
def test_a_good_message_passes(body: dict[str, Any]) -> None:
    check_message(body, v2=False, files={"a.png"})


@pytest.mark.parametrize("body", GOOD_V2)
def test_a_good_v2_message_passes(body: dict[str, Any]) -> None:
    check_message(body, v2=True, files={"a.png"})


@pytest.mark.parametrize(("body", "where"), BAD)
def test_a_bad_message_is_refused_where_it_is_bad(body: dict[str, Any], where: str) -> None:
    _expect_refusal(body, where, v2=False)


@pytest.mark.parametrize(("body", "where"), BAD_V2)
def test_a_bad_v2_message_is_refused_where_it_is_bad(body: dict[str, Any], where: str) -> None:
    _expect_refusal(body, where, v2=True)


@pytest.mark.parametrize("body", [{}, {"content": " \n"}])
def test_a_message_of_nothing_is_empty(body: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        check_message(body, v2=False, files=set())
    assert caught.value.code == 50006


def test_more_than_ten_files_are_refused() -> None:
    with pytest.raises(Refusal) as caught:
        check_message({}, v2=False, files={str(number) for number in range(11)})
    assert caught.value.errors
    assert "attachments" in caught.value.errors


def _expect_refusal(body: dict[str, Any], where: str, *, v2: bool) -> None:
    with pytest.raises(Refusal) as caught:
        check_message(body, v2=v2, files={"a.png"})
    assert (caught.value.status, caught.value.code) == (400, 50035)
    assert caught.value.errors
    assert list(caught.value.errors) == [where]
