"""The looks at the video service, each when it is well and when it is not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import aiohttp
import pytest

import seedance.balance
from cogs.ui.endings import CONFIGURATION, STOPPED, TEMPORARY
from cogs.ui.finding import Finding
from cogs.ui.service import VideoService
from render.offers import Offers
from sandbox.provider import Fault, Provider, Where
from seedance import Client
from tests.cogs.examples import StoppedClock
from tests.seedance import servers

DOCUMENTED = "doubao-seedance-1-5-pro-251215"
LONG_BEFORE = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with await Provider.serve() as served:
        yield served


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def service(
    provider: Provider,
    session: aiohttp.ClientSession,
    *,
    configured: Sequence[str] = (),
    key: str | None = None,
    balance_key: str | None = None,
    today: datetime = LONG_BEFORE,
) -> VideoService:
    client = Client(session, base_url=provider.base_url, key=key or provider.key)
    clock = StoppedClock(today)
    offers = Offers(client, configured, clock)
    await offers.refresh()
    return VideoService(
        session=session,
        client=client,
        offers=offers,
        configured=configured,
        balance_key=balance_key,
        clock=clock,
    )


def only(found: tuple[Finding, ...]) -> Finding:
    (finding,) = found
    return finding


def to_do(found: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in found if not finding.well]


async def test_a_key_that_is_accepted_is_fine(
    provider: Provider, session: aiohttp.ClientSession
) -> None:
    found = only(await (await service(provider, session)).key())
    assert found.well
    assert found.line == "Video service: it answers, and accepts the key."
    assert provider.create_calls == 0


async def test_a_wrong_key_is_to_be_copied_again(
    provider: Provider, session: aiohttp.ClientSession
) -> None:
    found = only(await (await service(provider, session, key="sk-wrong")).key())
    assert not found.well
    assert "Copy the key again" in found.words
    assert found.code == CONFIGURATION


async def test_a_broken_service_is_a_matter_of_time(
    provider: Provider, session: aiohttp.ClientSession
) -> None:
    looked_at = await service(provider, session)
    async with servers.serving(servers.answering(502, {})) as broken:
        client = Client(session, base_url=broken.url, key=provider.key)
        found = only(await replace(looked_at, client=client).key())
    assert "(502)" in found.words
    assert "https://status.cometapi.com" in found.words
    assert found.code == TEMPORARY


async def test_the_models_on_offer_are_named(
    provider: Provider, session: aiohttp.ClientSession
) -> None:
    found = only(await (await service(provider, session)).models())
    assert found.well
    assert found.words.startswith("offered are Seedance 1.5 pro, Seedance 2.5, Seedance 2.0,")


async def test_a_list_that_cannot_be_had_is_said(
    provider: Provider, session: aiohttp.ClientSession
) -> None:
    looked_at = await service(provider, session)
    provider.fail(Fault.SERVER_ERROR, where=Where.MODELS)
    found = only(await looked_at.models())
    assert not found.well
    assert found.code == TEMPORARY


async def test_a_configured_model_that_is_not_listed_is_gone(
    provider: Provider, session: aiohttp.ClientSession
) -> None:
    configured = ("seedance-2-5", "doubao-seedance-1-0-pro")
    found = await (await service(provider, session, configured=configured)).models()
    (gone,) = to_do(found)
    assert "doubao-seedance-1-0-pro" in gone.words
    assert "Take it out" in gone.words
    assert gone.code == STOPPED
    assert found[-1].words == "offered are Seedance 2.5."


async def test_no_model_at_all_stops_renders(
    provider: Provider, session: aiohttp.ClientSession
) -> None:
    provider.models = []
    found = only(await (await service(provider, session)).models())
    assert "lists none of the configured ones" in found.words
    assert found.code == TEMPORARY


async def test_a_model_that_the_service_refused_lately_is_listed_but_not_offered(
    provider: Provider, session: aiohttp.ClientSession
) -> None:
    looked_at = await service(provider, session)
    offer = looked_at.offers.default
    assert offer is not None
    looked_at.offers.remove(offer)
    found = only(await looked_at.models())
    assert found.words.endswith("(6 hours): Seedance 1.5 pro.")


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (datetime(2026, 10, 12, tzinfo=UTC), "ends on 2026-11-11, in 30 days."),
        (datetime(2026, 11, 10, tzinfo=UTC), "ends on 2026-11-11, in 1 day."),
        (datetime(2026, 11, 12, tzinfo=UTC), "was to end on 2026-11-11 and may fail"),
    ],
)
async def test_a_model_that_soon_ends_is_named_with_its_day(
    provider: Provider, session: aiohttp.ClientSession, today: datetime, words: str
) -> None:
    looked_at = await service(provider, session, configured=(DOCUMENTED,), today=today)
    (ending,) = to_do(await looked_at.models())
    assert words in ending.words
    assert "SEEDANCE_MODELS" in ending.words


async def test_a_model_that_ends_in_31_days_is_fine_yet(
    provider: Provider, session: aiohttp.ClientSession
) -> None:
    today = datetime(2026, 10, 11, tzinfo=UTC)
    assert not to_do(await (await service(provider, session, today=today)).models())


async def test_without_a_key_of_its_own_the_balance_is_not_asked(
    provider: Provider, session: aiohttp.ClientSession
) -> None:
    found = only(await (await service(provider, session)).left())
    assert found.well
    assert found.words.startswith("not asked.")
    assert "COMETAPI_BALANCE_KEY" in found.words


@pytest.mark.parametrize(
    ("status", "answer", "well", "words"),
    [
        (200, {"total_quota": 12.5}, True, "12.50 USD left, about 47 clips of 5 s with Seedance"),
        (200, {"total_quota": 0.2}, False, "0.20 USD left, which pays for no clip. Top up"),
        (200, {"total_quota": -1}, False, "-1.00 USD left, which pays for no clip. Top up"),
        (401, {}, False, "does not accept COMETAPI_BALANCE_KEY; copy it again"),
        (500, {}, False, "could not be read (500)"),
    ],
)
async def test_the_balance_is_told_in_dollars_and_clips(
    provider: Provider,
    session: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    answer: object,
    well: bool,
    words: str,
) -> None:
    async with servers.serving(servers.answering(status, answer)) as server:
        monkeypatch.setattr(seedance.balance, "ADDRESS", f"{server.url}/user/quota")
        found = only(await (await service(provider, session, balance_key="sk-balance")).left())
    assert found.well is well
    assert words in found.words
    assert "sk-balance" not in found.words
    assert server.talks[0].target.endswith("?key=sk-balance")


async def test_without_an_offer_the_balance_is_told_in_dollars(
    provider: Provider, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.models = []
    async with servers.serving(servers.answering(200, {"total_quota": 3})) as server:
        monkeypatch.setattr(seedance.balance, "ADDRESS", server.url)
        found = only(await (await service(provider, session, balance_key="sk-balance")).left())
    assert found.words == "3.00 USD left."
