"""Keep each video on disk from the provider's link until it is posted."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Collection
from contextlib import aclosing, suppress
from pathlib import Path
from typing import BinaryIO

import aiohttp

from seedance import download
from storage import ids

LARGEST_VIDEO = 200 * 1024 * 1024  # bytes; no place of Discord takes more than half of it

log = logging.getLogger(__name__)


class SpoolError(Exception):
    """The disk does not take the video: full, gone, or not writable."""


class Spool:
    """A folder of whole videos; one that is still arriving ends in `.part`.

    `own_origin` is the provider's address, the only one that need not be public.
    """

    def __init__(
        self,
        folder: Path,
        session: aiohttp.ClientSession,
        *,
        own_origin: str,
        max_bytes: int = LARGEST_VIDEO,
    ) -> None:
        self._folder = folder
        self._session = session
        self._own_origin = own_origin
        self._max_bytes = max_bytes

    async def fetch(self, render_id: str, url: str) -> Path:
        """Bring the video behind a link onto the disk, whole or not at all.

        Raises SpoolError, and what `seedance.download.stream` raises.
        """
        part = self._folder / f"{render_id}.part"
        try:
            return await self._write(part, url)
        except OSError as error:
            raise SpoolError from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    async def _write(self, part: Path, url: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            chunks = download.stream(
                self._session, url, own_origin=self._own_origin, max_bytes=self._max_bytes
            )
            async with aclosing(chunks):
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_sync, file)
        return await asyncio.to_thread(part.rename, part.with_suffix(".mp4"))

    def find(self, name: str | None) -> Path | None:
        """Return the whole video of this name, if it is there."""
        if name is None or not (path := self._folder / name).is_file():
            return None
        return path

    def remove(self, render_id: str) -> None:
        """Forget the video of a render."""
        self._unlink(self._folder / f"{render_id}.mp4")

    def clean(self, keep: Collection[str | None]) -> None:
        """Remove what a crash left behind: torn videos, and whole ones of other renders.

        What is not named after a render was put there by somebody else, and stays.
        """
        for path in (*self._folder.glob("*.part"), *self._folder.glob("*.mp4")):
            if path.name not in keep and ids.read_id(path.stem) == path.stem:
                self._unlink(path)

    def _unlink(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s cannot be removed from the spool: %s", path.name, error.strerror)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
