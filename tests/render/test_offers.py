"""Which models are offered, before and after the provider's list is known."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from render.offers import KEPT_LIST, Offers
from seedance import Client, Route
from storage import Database, DiskFull, settings
from tests.render.offering import TASKS, V1_5, V2_0, V2_5, VIDEOS
from tests.render.virtual_time import VirtualClock


class Listing:
    """Serve the list of models, as it is at the moment; None breaks."""

    def __init__(self) -> None:
        self.models: dict[str, str] | None = {}
        self.usd_per_second = "0.05"
        application = web.Application()
        application.router.add_get("/api/models", self._answer)
        self.server = TestServer(application)

    async def _answer(self, _: web.Request) -> web.Response:
        if self.models is None:
            return web.Response(status=502, text="<html>")
        data: list[dict[str, Any]] = [
            {"id": name, "endpoint": path, "pricing": {"per_second": self.usd_per_second}}
            for name, path in self.models.items()
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


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with Database.open(f"sqlite:///{tmp_path}/paperboat.db") as opened:
        yield opened


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


async def kept(database: Database) -> str | None:
    return await database.read(lambda tx: settings.get(tx, KEPT_LIST))


async def keep(database: Database, value: str) -> None:
    await database.transaction(lambda tx: settings.put(tx, KEPT_LIST, value))


async def test_the_last_list_counts_after_a_restart_when_none_can_be_had(
    client: Client, listing: Listing, database: Database
) -> None:
    # Past its announced end, on a route that only the hint names, at a price that rose.
    listing.models, listing.usd_per_second = {V1_5: TASKS, V2_5: TASKS, "gpt-9": "/v1/chat"}, "9.5"
    before = Offers(client, (), Winter(), database)
    await before.refresh()
    listing.models = None

    after = Offers(client, (), Winter(), database)
    await after.load()
    assert not await after.refresh()

    assert names(after) == [V1_5, V2_5]
    assert after.current == before.current
    assert "gpt-9" not in (await kept(database) or "")


async def test_a_start_without_a_kept_list_offers_what_is_documented(
    client: Client, database: Database
) -> None:
    offers = Offers(client, (V1_5,), VirtualClock(), database)
    await offers.load()
    assert names(offers) == [V1_5]
    assert await kept(database) is None


async def test_a_kept_list_that_names_nothing_of_ours_offers_nothing(
    client: Client, listing: Listing, database: Database
) -> None:
    listing.models = {"gpt-9": "/v1/chat"}
    await Offers(client, (), VirtualClock(), database).refresh()

    offers = Offers(client, (), VirtualClock(), database)
    await offers.load()

    assert offers.current == ()
    assert not offers.may_come(V1_5)


async def test_a_list_that_another_version_kept_can_be_read(
    client: Client, database: Database
) -> None:
    records = [{"id": V1_5, "regions": ["eu"]}, {"id": V2_5, "paths": [VIDEOS]}, {"name": "x"}]
    await keep(database, json.dumps(records))

    offers = Offers(client, (), VirtualClock(), database)
    await offers.load()

    assert [(offer.name, offer.route) for offer in offers.current] == [
        (V1_5, Route.TASKS),
        (V2_5, Route.VIDEOS),
    ]


async def test_a_list_is_written_only_when_it_changed(
    client: Client, listing: Listing, database: Database
) -> None:
    listing.models = {V2_0: VIDEOS}
    await Offers(client, (), VirtualClock(), database).refresh()
    offers = Offers(client, (), VirtualClock(), database)
    await offers.load()
    await keep(database, "untouched")

    await offers.refresh()
    assert await kept(database) == "untouched"

    listing.usd_per_second = "7"
    await offers.refresh()
    assert '"7"' in (await kept(database) or "")


async def test_a_list_that_cannot_be_written_counts_and_is_written_later(
    client: Client, listing: Listing, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_: object) -> None:
        raise DiskFull("full")

    listing.models = {V2_0: VIDEOS}
    offers = Offers(client, (), VirtualClock(), database)
    with monkeypatch.context() as patched:
        patched.setattr(database, "transaction", full)
        assert await offers.refresh()
    assert names(offers) == [V2_0]
    assert await kept(database) is None

    await offers.refresh()
    assert V2_0 in (await kept(database) or "")


async def test_a_model_may_come_until_a_list_or_an_answer_said_no(
    client: Client, listing: Listing
) -> None:
    offers = Offers(client, (V1_5,), VirtualClock())
    assert offers.default
    assert offers.may_come(V1_5)
    offers.remove(offers.default)
    assert not offers.may_come(V1_5)
    assert offers.may_come(V2_0)

    listing.models = {V2_5: TASKS}
    await offers.refresh()
    assert not offers.may_come(V2_0)


async def test_each_list_that_could_be_had_is_told(client: Client, listing: Listing) -> None:
    offers = Offers(client, (), VirtualClock())
    told: list[list[str]] = []
    offers.on_refresh(lambda: told.append(names(offers)))
    listing.models = {V2_0: VIDEOS}
    await offers.refresh()
    listing.models = None
    await offers.refresh()
    assert told == [[V2_0]]
