"""Which models are offered, before and after the provider's list is known."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from render.offers import Offers
from seedance import Client, Route
from tests.render.offering import TASKS, V1_5, V2_0, V2_5, VIDEOS
from tests.render.virtual_time import VirtualClock


class Listing:
    """Serve the list of models, as it is at the moment; None breaks."""

    def __init__(self) -> None:
        self.models: dict[str, str] | None = {}
        application = web.Application()
        application.router.add_get("/api/models", self._answer)
        self.server = TestServer(application)

    async def _answer(self, _: web.Request) -> web.Response:
        if self.models is None:
            return web.Response(status=502, text="<html>")
        data: list[dict[str, Any]] = [
            {"id": name, "endpoint": path} for name, path in self.models.items()
        ]
        return web.json_response({"success": True, "data": data})


@pytest.fixture
async def listing() -> AsyncGenerator[Listing]:
    served = Listing()
    async with served.server:
        yield served


@pytest.fixture
async def client(listing: Listing) -> AsyncGenerator[Client]:
    async with aiohttp.ClientSession() as session:
        yield Client(session, base_url=str(listing.server.make_url("")), key="sk-key")


def names(offers: Offers) -> list[str]:
    return [offer.name for offer in offers.current]


class Winter(VirtualClock):
    """A day after the model that is documented first was taken down."""

    def now_ms(self) -> int:
        return super().now_ms() + 70 * 86_400_000


async def test_before_the_list_is_known_the_documented_models_are_offered(client: Client) -> None:
    offers = Offers(client, (), VirtualClock())

    assert names(offers)[0] == V1_5
    assert offers.default == offers.current[0]


async def test_a_model_past_its_announced_end_waits_for_the_list(
    client: Client, listing: Listing
) -> None:
    listing.models = {V1_5: TASKS}
    offers = Offers(client, (V1_5,), Winter())
    assert offers.default is None

    await offers.refresh()

    assert names(offers) == [V1_5]


async def test_the_list_decides_which_of_the_configured_models_are_offered(
    client: Client, listing: Listing
) -> None:
    listing.models = {V2_0: VIDEOS, V2_5: TASKS, V1_5: TASKS, "gpt-9": "/v1/chat"}
    offers = Offers(client, (V2_5, V2_0), VirtualClock())

    assert await offers.refresh()

    assert [(o.name, o.route) for o in offers.current] == [
        (V2_5, Route.TASKS),
        (V2_0, Route.VIDEOS),
    ]


async def test_a_list_that_cannot_be_had_changes_nothing(client: Client, listing: Listing) -> None:
    listing.models = {V2_0: VIDEOS}
    offers = Offers(client, (), VirtualClock())
    await offers.refresh()
    listing.models = None

    assert not await offers.refresh()

    assert names(offers) == [V2_0]


async def test_a_model_is_found_by_any_of_its_names(client: Client) -> None:
    offers = Offers(client, (V2_0,), VirtualClock())

    assert offers.find(V2_0) == offers.find("Seedance-2-0") == offers.default
    assert offers.find(V2_5) is None
    assert offers.find("sora") is None


async def test_a_model_that_is_gone_is_out_at_once_until_the_list_names_it_again(
    client: Client, listing: Listing, caplog: pytest.LogCaptureFixture
) -> None:
    listing.models = {V2_0: VIDEOS}
    offers = Offers(client, (), VirtualClock())
    await offers.refresh()
    assert offers.default

    offers.remove(offers.default)
    offers_without = names(offers)
    await offers.refresh()

    assert offers_without == []
    assert "Models now: none" in caplog.text
    assert names(offers) == [V2_0]


async def test_only_the_route_that_failed_is_taken_out(client: Client, listing: Listing) -> None:
    listing.models = {V2_5: TASKS}
    offers = Offers(client, (V2_5,), VirtualClock())
    await offers.refresh()
    stale = offers.default
    assert stale
    listing.models = {V2_5: VIDEOS}
    await offers.refresh()

    offers.remove(stale)

    assert names(offers) == [V2_5]
