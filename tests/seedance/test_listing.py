from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from seedance import (
    ListedModel,
    ProviderBroken,
    RateLimited,
    Route,
    models_request,
    read_models,
)
from seedance.listing import read_models_page
from tests.seedance import answers


def models(*records: object) -> tuple[ListedModel, ...]:
    return read_models(200, {}, answers.body(answers.page(*records)))


def test_the_documented_list_is_read() -> None:
    assert models(answers.LISTED_IMAGE) == (ListedModel(id="gpt-image-2"),)


def test_models_that_are_only_announced_are_left_out() -> None:
    upcoming = answers.listed("seedance-3") | {"upcoming": True}
    served = answers.listed("seedance-2-5") | {"upcoming": False}
    assert [model.id for model in models(upcoming, served)] == ["seedance-2-5"]


@pytest.mark.parametrize("record", [None, 7, "x", [], {}, {"id": None}, {"id": ""}])
def test_a_record_without_an_id_is_left_out(record: object) -> None:
    assert models(record, answers.listed("seedance-2-5")) == (ListedModel(id="seedance-2-5"),)


@pytest.mark.parametrize(
    "endpoints",
    [
        "/v1/videos",
        ["/v1/videos"],
        {"openai-video": {"path": "/v1/videos", "method": "POST"}},
        '{"openai-video": {"path": "/v1/videos"}}',
        "https://api.cometapi.com/v1/videos",
        ["/v1/videos/{id}"],
    ],
)
def test_the_endpoint_hint_is_read_in_any_shape(endpoints: object) -> None:
    (model,) = models(answers.listed("seedance-2-5", endpoints))
    assert model.routes == {Route.VIDEOS}


def test_a_hint_may_name_both_routes() -> None:
    hint = ["/v1/videos", "/volc/v3/contents/generations/tasks"]
    (model,) = models(answers.listed("seedance-2-5", hint))
    assert model.paths == tuple(hint)
    assert model.routes == set(Route)


@pytest.mark.parametrize("hint", ["/v1/video/generations", "/v1/videos-beta", "openai", None, []])
def test_other_paths_name_no_route(hint: object) -> None:
    (model,) = models(answers.listed("seedance-2-5", hint))
    assert model.routes == set()


@pytest.mark.parametrize(
    ("per_second", "usd"),
    [
        (0.08, Decimal("0.08")),
        (1, Decimal(1)),
        ("0.231", Decimal("0.231")),
        (None, None),
        (0, None),
        (-1, None),
        ("free", None),
        (1e9, None),
        ([], None),
    ],
)
def test_the_live_price_is_read_exactly(per_second: object, usd: Decimal | None) -> None:
    (model,) = models(answers.listed("seedance-2-5", per_second=per_second))
    assert model.usd_per_second == usd


def test_a_price_that_is_no_number_of_json_breaks_the_list() -> None:
    with pytest.raises(ProviderBroken):
        read_models(200, {}, b'{"data": [{"id": "a", "pricing": {"per_second": NaN}}]}')


def test_the_request_carries_no_key_and_names_a_page_only_when_asked() -> None:
    assert (models_request().method, models_request().path) == ("GET", "/api/models")
    assert models_request(2).path == "/api/models?page=2"


@pytest.mark.parametrize(
    ("number", "size", "total", "last"),
    [(0, 0, 301, True), (1, 2, 3, False), (2, 2, 3, True), (1, 2, 2, True), (1, 0, 3, False)],
)
def test_the_last_page_is_known(number: int, size: int, total: int, last: bool) -> None:
    document = answers.page(answers.listed("a"), number=number, size=size, total=total)
    assert read_models_page(200, {}, answers.body(document)).last is last


def test_an_empty_page_is_the_last() -> None:
    document = answers.page(number=1, size=10, total=99)
    assert read_models_page(200, {}, answers.body(document)).last


@pytest.mark.parametrize(
    ("status", "raw"),
    [
        (200, b""),
        (200, answers.HTML),
        (200, b"[]"),
        (200, b'{"success": true}'),
        (200, b'{"data": {}}'),
        (301, b""),
        (404, b'{"data": []}'),
        (500, answers.body(answers.ERROR_AS_TEXT)),
    ],
)
def test_anything_but_a_list_is_a_broken_provider(status: int, raw: bytes) -> None:
    with pytest.raises(ProviderBroken) as caught:
        read_models(status, {}, raw)
    assert caught.value.status == status


def test_a_list_asked_for_too_often_says_when_to_come_back() -> None:
    with pytest.raises(RateLimited) as caught:
        read_models(429, {"Retry-After": "3"}, b"")
    assert caught.value.retry_after == timedelta(seconds=3)
