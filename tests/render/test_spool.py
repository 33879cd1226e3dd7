from __future__ import annotations

import errno
import tracemalloc
from pathlib import Path

import pytest
from aiohttp import web

from render.spool import SpoolError
from seedance import LinkDead, NotAVideo, ProviderBroken, TooLarge, UnsafeAddress
from tests.render.provider import VIDEO, redirect, status
from tests.render.world import World


def link(world: World) -> str:
    return f"{world.provider.base_url}/films/task-1.mp4"


def files(world: World) -> list[str]:
    return sorted(path.name for path in world.spool_folder.glob("*"))


async def test_a_video_arrives_whole(world: World) -> None:
    video = await world.spool.fetch("RENDER01", link(world))
    assert video.read_bytes() == VIDEO
    assert files(world) == ["RENDER01.mp4"]
    assert world.spool.find("RENDER01.mp4") == video


async def test_an_endless_video_is_cut_and_leaves_nothing(world: World) -> None:
    world.provider.on_download.append(world.provider.endless)
    with pytest.raises(TooLarge):
        await world.spool.fetch("RENDER01", link(world))
    assert files(world) == []


async def test_a_dead_link_leaves_nothing(world: World) -> None:
    world.provider.on_download.append(status(403))
    with pytest.raises(LinkDead):
        await world.spool.fetch("RENDER01", link(world))
    assert files(world) == []


async def test_a_link_into_the_hosts_network_is_not_followed(world: World) -> None:
    world.provider.on_download.append(redirect("https://127.0.0.1/secret.mp4"))
    with pytest.raises(UnsafeAddress):
        await world.spool.fetch("RENDER01", link(world))


async def test_what_is_no_video_is_not_kept(world: World) -> None:
    world.provider.on_download.append(status(200))
    with pytest.raises(NotAVideo):
        await world.spool.fetch("RENDER01", link(world))
    assert files(world) == []


async def test_a_broken_download_says_that_it_may_pass(world: World) -> None:
    world.provider.on_download.append(status(503))
    with pytest.raises(ProviderBroken):
        await world.spool.fetch("RENDER01", link(world))


async def test_a_folder_that_cannot_be_written_is_an_error_of_the_spool(world: World) -> None:
    world.spool_folder.write_text("a file stands where the folder should be")
    with pytest.raises(SpoolError):
        await world.spool.fetch("RENDER01", link(world))


async def test_a_full_disk_is_an_error_of_the_spool_and_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("render.spool.os.fsync", full)
    with pytest.raises(SpoolError):
        await world.spool.fetch("RENDER01", link(world))
    assert files(world) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full disk at hand")
async def test_a_full_disk_is_no_fault_of_the_link_and_keeps_nothing(world: World) -> None:
    world.spool_folder.mkdir()
    (world.spool_folder / "RENDER01.part").symlink_to("/dev/full")
    with pytest.raises(SpoolError) as caught:
        await world.spool.fetch("RENDER01", link(world))
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert files(world) == []


async def test_a_video_larger_than_memory_goes_through_in_pieces(world: World) -> None:
    size = 48 * 1024 * 1024

    async def long(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(VIDEO)
        for _ in range(size // 65536):
            await response.write(bytes(65536))
        return response

    world.provider.on_download.append(long)
    tracemalloc.start()
    try:
        video = await world.make_spool(max_bytes=2 * size).fetch("RENDER01", link(world))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert video.stat().st_size == size + len(VIDEO)
    assert peak < size / 8


async def test_a_video_that_is_not_there_is_not_found(world: World) -> None:
    assert world.spool.find("RENDER01.mp4") is None
    assert world.spool.find(None) is None


async def test_a_posted_video_is_forgotten(world: World) -> None:
    await world.spool.fetch("RENDER01", link(world))
    world.spool.remove("RENDER01")
    world.spool.remove("RENDER01")
    assert files(world) == []


async def test_leftovers_of_a_crash_are_cleaned_away(world: World) -> None:
    world.spool_folder.mkdir()
    for name in ("RENDER01.part", "RENDER02.mp4", "RENDER03.mp4", "notes.txt"):
        (world.spool_folder / name).write_bytes(VIDEO)
    world.spool.clean({"RENDER03.mp4", None})
    assert files(world) == ["RENDER03.mp4", "notes.txt"]


async def test_the_hosts_own_videos_are_not_cleaned_away(world: World) -> None:
    world.spool_folder.mkdir()
    for name in ("Wedding.mp4", "holiday-2025.mp4", "download.part", "render01.mp4"):
        (world.spool_folder / name).write_bytes(VIDEO)
    world.spool.clean(set())
    assert files(world) == ["Wedding.mp4", "download.part", "holiday-2025.mp4", "render01.mp4"]


async def test_a_file_that_cannot_be_removed_is_a_warning(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: Path, *, missing_ok: bool) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refuse)
    world.spool.remove("RENDER01")
    assert "RENDER01.mp4 cannot be removed from the spool: Read-only" in caplog.text
