"""Decide which models can be offered now, on which route and at what price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, Decimal

from seedance.listing import ListedModel
from seedance.models import ADAPTIVE, CATALOGUE, Carriage, Model, Option, Route, Service
from seedance.providers import COMETAPI, Provider

__all__ = [
    "ADAPTIVE",
    "CATALOGUE",
    "Carriage",
    "Model",
    "Offer",
    "Option",
    "Route",
    "Service",
    "find",
    "known_names",
    "offers",
]

FRAMES_PER_SECOND = 24
USD_PER_CREDIT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Describe a model on the one route that it is rendered on now."""

    provider: Provider
    model: Model
    route: Route
    remote_id: str
    durations: tuple[int, ...]
    resolutions: tuple[str, ...]
    ratios: tuple[str, ...]
    options: Mapping[Option, Carriage] = field(hash=False)
    # By resolution; the greatest of the token price, the published rate and the live rate.
    usd_per_second: Mapping[str, Decimal] = field(hash=False)

    @property
    def name(self) -> str:
        """Return the name by which hosts and records know the model."""
        return self.model.name

    @property
    def label(self) -> str:
        """Return the name that members read."""
        return self.model.label

    @property
    def retires(self) -> date | None:
        """Return the day that was announced as the last on this route."""
        return self.provider.services[self.model.name][self.route].retires

    def carries(self, option: Option) -> bool:
        """Say whether the option can travel on this route."""
        return option in self.options

    def pixels(self, resolution: str, ratio: str) -> tuple[int, int]:
        """Return width and height; for `adaptive` the largest that it may become."""
        return _pixels(self.model, resolution, ratio)

    def price(self, resolution: str, seconds: int) -> Decimal:
        """Return the list price in USD, the ratio being the dearest."""
        per_token = self.model.usd_per_million_tokens[resolution] / 1_000_000
        return max(
            per_token * tokens(_pixels(self.model, resolution, ADAPTIVE), seconds),
            self.usd_per_second[resolution] * seconds,
        )

    def credits(self, resolution: str, seconds: int) -> int:
        """Return the price in credits, rounded up to a whole one."""
        usd = self.price(resolution, seconds)
        return int((usd / USD_PER_CREDIT).to_integral_value(ROUND_CEILING))


def _pixels(model: Model, resolution: str, ratio: str) -> tuple[int, int]:
    sizes = model.sizes[resolution]
    if ratio == ADAPTIVE:
        return max(sizes.values(), key=lambda size: size[0] * size[1])
    return sizes[ratio]


def tokens(size: tuple[int, int], seconds: int) -> int:
    """Count tokens as Ark bills them: the published formula with its one frame more."""
    return size[0] * size[1] * (FRAMES_PER_SECOND * seconds + 1) // 1024


def known_names() -> tuple[str, ...]:
    """Return the names that a host can choose from."""
    return tuple(model.name for model in CATALOGUE)


def find(name: str) -> Model | None:
    """Return the model of this name, alias or remote id, in any case."""
    wanted = name.casefold()
    return next((model for model in CATALOGUE if wanted in _spellings(model)), None)


def offers(
    configured: Sequence[str],
    listed: Sequence[ListedModel] | None,
    provider: Provider = COMETAPI,
) -> tuple[Offer, ...]:
    """Return what can be rendered now: one offer for each model, in the configured order.

    Nothing configured means the whole catalogue. `listed` is the provider's list; None, when it
    cannot be had, means what the catalogue documents. Names that `find` does not know are left out.
    """
    wanted = [find(name) for name in configured] if configured else CATALOGUE
    candidates = (_offer(provider, model, listed) for model in dict.fromkeys(wanted) if model)
    return tuple(offer for offer in candidates if offer)


def documented_models(provider: Provider) -> tuple[ListedModel, ...]:
    """Return what stands for the list of a provider that publishes none."""
    return tuple(
        ListedModel(id=service.remote_ids[0])
        for services in provider.services.values()
        for service in services.values()
        if service.documented
    )


def _offer(provider: Provider, model: Model, listed: Sequence[ListedModel] | None) -> Offer | None:
    services = provider.services.get(model.name, {})
    for route in (route for route in Route if route in services):
        service = services[route]
        if listed is not None:
            for record in _of_model(model, listed):
                if _serves(record, route, service):
                    return _make_offer(provider, model, route, record)
        elif service.documented:
            return _make_offer(provider, model, route, ListedModel(id=service.remote_ids[0]))
    return None


def _of_model(model: Model, listed: Iterable[ListedModel]) -> list[ListedModel]:
    """Return the list's records of this model, the best known spelling first."""
    spellings = _spellings(model)
    records = [record for record in listed if record.id.casefold() in spellings]
    return sorted(records, key=lambda record: spellings.index(record.id.casefold()))


def _spellings(model: Model) -> list[str]:
    remote_ids = [name for service in model.services.values() for name in service.remote_ids]
    return [name.casefold() for name in (model.name, *remote_ids, *model.aliases)]


def _serves(record: ListedModel, route: Route, service: Service) -> bool:
    """Believe the list's hint where there is one, else the documentation."""
    if record.paths:
        return route in record.routes
    return service.documented and record.id.casefold() in service.remote_ids


def _make_offer(provider: Provider, model: Model, route: Route, record: ListedModel) -> Offer:
    service = provider.services[model.name][route]
    published = model.usd_per_second if provider.bills_by_second else dict[str, Decimal]()
    return Offer(
        provider=provider,
        model=model,
        route=route,
        remote_id=record.id,
        durations=service.durations,
        resolutions=service.resolutions,
        ratios=service.ratios,
        options=service.options,
        usd_per_second={
            resolution: max(
                _token_rate(model, resolution),
                published.get(resolution, Decimal(0)),
                record.usd_per_second or Decimal(0),
            )
            for resolution in service.resolutions
        },
    )


def _token_rate(model: Model, resolution: str) -> Decimal:
    """Return what a second costs in tokens, in USD."""
    width, height = _pixels(model, resolution, ADAPTIVE)
    per_token = model.usd_per_million_tokens[resolution] / 1_000_000
    return per_token * width * height * FRAMES_PER_SECOND / 1024
