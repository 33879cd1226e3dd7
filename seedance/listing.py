"""Read the provider's public list of models (https://apidoc.cometapi.com/overview/models.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from seedance.errors import ProviderBroken
from seedance.exchange import HttpRequest, JsonObject, as_object, as_objects, read_object
from seedance.faults import as_kind, read_words, sort_fault
from seedance.models import Route

PATH = "/api/models"

_PATH_IN_HINT = re.compile(r"/[\w./{}:-]+")
_ROUTE_PATHS = {
    Route.TASKS: re.compile(r"/contents/generations/tasks(?:/|$)"),
    Route.VIDEOS: re.compile(r"/v1/videos(?:/|$)"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """Hold one record: the id, the paths that its endpoint hint names, its live price."""

    id: str
    paths: tuple[str, ...] = ()
    usd_per_second: Decimal | None = None

    @property
    def routes(self) -> frozenset[Route]:
        """Return the routes that the hint names."""
        return frozenset(
            route
            for route, pattern in _ROUTE_PATHS.items()
            if any(pattern.search(path) for path in self.paths)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsPage:
    """Hold one page of the list; `last` is False while the provider says that there is more."""

    models: tuple[ListedModel, ...]
    last: bool


def models_request(page: int | None = None) -> HttpRequest:
    """Ask for the list, or for one page of it. No key is needed, so none is sent."""
    return HttpRequest(method="GET", path=PATH if page is None else f"{PATH}?page={page}")


def read_models(status: int, headers: Mapping[str, str], body: bytes) -> tuple[ListedModel, ...]:
    """Return the models of one answer; raise ProviderBroken or RateLimited."""
    return read_models_page(status, headers, body).models


def read_models_page(status: int, headers: Mapping[str, str], body: bytes) -> ModelsPage:
    """Return one page; page 0, or no page at all, is the whole list."""
    if status == 429:
        raise sort_fault(read_words(body), status, headers)
    document = read_object(body)
    records = as_objects(document.get("data")) if document else None
    if status != 200 or document is None or records is None:
        raise as_kind(ProviderBroken, read_words(body), status)
    page, size, total = (_count(document.get(key)) for key in ("page", "page_size", "total"))
    return ModelsPage(
        models=tuple(model for record in records if (model := _read_record(record))),
        last=not records or not page or page * size >= total,
    )


def _read_record(record: JsonObject) -> ListedModel | None:
    model_id = record.get("id")
    if not isinstance(model_id, str) or not model_id or record.get("upcoming"):
        return None
    pricing = as_object(record.get("pricing")) or {}
    return ListedModel(
        id=model_id, paths=_hinted_paths(record), usd_per_second=_usd(pricing.get("per_second"))
    )


def _hinted_paths(record: JsonObject) -> tuple[str, ...]:
    """Take paths from the endpoint hint, whatever its shape: text, list or object."""
    hints = [value for key, value in record.items() if "endpoint" in key.lower() and value]
    found = (
        path for hint in hints for path in _PATH_IN_HINT.findall(json.dumps(hint, default=str))
    )
    return tuple(dict.fromkeys(found))


def _usd(value: object) -> Decimal | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,12})?", value):
        value = Decimal(value)
    if isinstance(value, int | Decimal) and 0 < value < 1_000_000:
        return Decimal(value)
    return None


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
