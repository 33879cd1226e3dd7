from __future__ import annotations

import pytest

from sandbox.provider import Fault, Provider
from tests.sandbox.provider.conftest import PROMPT, Caller


@pytest.fixture
async def link(provider: Provider, caller: Caller) -> str:
    await caller.create(f"{PROMPT} --duration 4 --rs 480p")
    await provider.until(lambda: provider.tasks[0].ended)
    return (await caller.query(provider.tasks[0].id)).json["content"]["video_url"]


async def test_the_link_gives_the_video_without_a_key(
    provider: Provider, caller: Caller, link: str
) -> None:
    async with caller.session.get(link) as response:
        assert response.content_type == "video/mp4"
        assert await response.read() == provider.tasks[0].film
    assert provider.tasks[0].downloads == 1


async def test_a_link_that_was_changed_or_ran_out_is_forbidden(
    provider: Provider, caller: Caller, link: str
) -> None:
    provider.files.link_seconds = -5
    expired = (await caller.query(provider.tasks[0].id)).json["content"]["video_url"]
    for wrong in (link[:-1] + "g", link.replace("Expires=", "Expires=9"), expired):
        async with caller.session.get(wrong) as response:
            assert response.status == 403


async def test_sending_the_key_along_is_a_violation(
    provider: Provider, caller: Caller, link: str
) -> None:
    async with caller.session.get(link, headers=caller.headers) as response:
        assert response.status == 400
    assert provider.violations == ["GET a video: the key was sent along"]


@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        (Fault.VIDEO_FORBIDDEN, 403, "application/xml"),
        (Fault.VIDEO_IS_HTML, 200, "text/html"),
    ],
)
async def test_a_link_may_give_something_else(
    provider: Provider, caller: Caller, link: str, fault: Fault, status: int, content_type: str
) -> None:
    provider.fail(fault)
    async with caller.session.get(link) as response:
        assert (response.status, response.content_type) == (status, content_type)


async def test_whoever_follows_a_link_inside_is_noticed(
    provider: Provider, caller: Caller, link: str
) -> None:
    provider.fail(Fault.VIDEO_LEADS_INSIDE, times=2)
    async with caller.session.get(link, allow_redirects=False) as response:
        assert response.status == 302
    assert provider.lured == 0
    async with caller.session.get(link) as response:
        assert response.url.origin() != caller.session._build_url(link).origin()
    assert provider.lured == 1


async def test_a_video_may_never_end(provider: Provider, caller: Caller, link: str) -> None:
    provider.fail(Fault.VIDEO_NEVER_ENDS)
    async with caller.session.get(link) as response:
        received = 0
        while received < 5 * len(provider.tasks[0].film):
            received += len(await response.content.read(64 * 1024))


async def test_a_video_may_stop_in_the_middle(
    provider: Provider, caller: Caller, link: str
) -> None:
    provider.fail(Fault.VIDEO_STALLS)
    half = len(provider.tasks[0].film) // 2
    async with caller.session.get(link) as response:
        assert len(await response.content.readexactly(half)) == half
        assert not response.content.at_eof()
