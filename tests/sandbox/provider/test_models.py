from __future__ import annotations

from dataclasses import replace

from sandbox.provider import Provider
from tests.sandbox.provider.conftest import Caller


async def test_the_public_list_names_the_models_with_price_and_endpoint(caller: Caller) -> None:
    answer = (await caller.get("/api/models")).json
    assert answer["success"] is True
    assert answer["total"] == len(answer["data"])
    records = {record["id"]: record for record in answer["data"]}
    assert "gpt-image-2" in records
    assert records["seedance-2-5"]["endpoints"] == ["/v1/videos"]
    assert records["seedance-2-5"]["pricing"]["per_second"] == 0.103


async def test_the_list_comes_in_pages_when_asked(caller: Caller) -> None:
    whole = (await caller.get("/api/models")).json["data"]
    pages = [
        (await caller.get(f"/api/models?page={page}&page_size=2")).json["data"]
        for page in (1, 2, 3, 4)
    ]
    assert [record for page in pages for record in page] == whole


async def test_the_models_can_be_changed(provider: Provider, caller: Caller) -> None:
    provider.models = [replace(provider.models[0], upcoming=True)]
    records = (await caller.get("/api/models")).json["data"]
    assert [record["id"] for record in records if record.get("upcoming")] == [
        provider.models[0].name
    ]
    assert (await caller.create()).status == 503


async def test_an_unknown_address_is_a_page_and_a_violation(
    provider: Provider, caller: Caller
) -> None:
    async with caller.session.get(f"{provider.base_url}/volc/v4/tasks") as response:
        assert (response.status, response.content_type) == (404, "text/html")
    assert provider.violations == ["GET /volc/v4/tasks: no such address"]
