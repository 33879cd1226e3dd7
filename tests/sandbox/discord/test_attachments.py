from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from sandbox.discord import Clock, Fault
from sandbox.discord.attachments import Attachment, Cdn, plain_filename

if TYPE_CHECKING:
    from sandbox.discord import Discord
    from tests.sandbox.discord.conftest import Scene


def _cdn(clock: Clock) -> tuple[Cdn, Attachment]:
    cdn = Cdn(clock, b"secret")
    boat = Attachment(cdn, attachment_id=2, place_id=1, filename="boat.png", data=b"PNG")
    return cdn, cdn.keep(boat)


def _query(url: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in url.partition("?")[2].rstrip("&").split("&"))


def test_a_signed_link_gives_the_file() -> None:
    cdn, boat = _cdn(Clock())
    assert set(_query(boat.url)) == {"ex", "is", "hm"}
    assert cdn.read(boat.path, _query(boat.url)) is boat


def test_a_link_expires_after_a_day_and_a_new_one_does_not() -> None:
    clock = Clock()
    cdn, boat = _cdn(clock)
    old = _query(boat.url)
    clock.advance(24 * 3600 + 2)
    assert cdn.read(boat.path, old) is None
    assert cdn.read(boat.path, _query(boat.url)) is boat


@pytest.mark.parametrize("key", ["ex", "is", "hm"])
def test_a_changed_link_is_worth_nothing(key: str) -> None:
    cdn, boat = _cdn(Clock())
    query = _query(boat.url)
    assert cdn.read(boat.path, query | {key: query[key][:-1] + "x"}) is None
    assert cdn.read(boat.path, {name: query[name] for name in query if name != key}) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [("my boat.png", "my_boat.png"), ("böat/../x.png", "bat..x.png"), ("船", "unknown")],
)
def test_filenames_are_made_plain(given: str, kept: str) -> None:
    assert plain_filename(given) == kept


async def test_the_cdn_serves_files_with_their_type(scene: Scene) -> None:
    await scene.start()
    file = scene.server.world.keep_file(scene.channel.id, "boat.png", b"PNG", ephemeral=True)
    async with ClientSession() as session, session.get(file.url) as answer:
        assert (await answer.read(), answer.content_type) == (b"PNG", "image/png")


async def test_a_file_can_vanish(scene: Scene) -> None:
    await scene.start()
    scene.discord.fail(Fault("GET /attachments/*/*/*", status=404))
    file = scene.server.world.keep_file(scene.channel.id, "boat.png", b"PNG")
    async with ClientSession() as session:
        statuses = [(await session.get(file.url)).status for _ in range(2)]
        assert statuses == [404, 200]
        assert (await session.get(file.url.partition("?")[0])).status == 404


async def test_fifty_files_at_once_are_served(stand_in: Discord) -> None:
    channel = stand_in.add_server("Paper Harbor").add_channel("clips")
    file = channel.world.keep_file(channel.id, "boat.png", b"PNG" * 1000)
    async with ClientSession() as session:
        answers = await asyncio.gather(*(session.get(file.url) for _ in range(50)))
        assert {answer.status for answer in answers} == {200}
