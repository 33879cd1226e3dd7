"""Bring finished videos onto the disk, and keep the links to them alive."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Unpack

from render.gear import Gear
from render.keyring import Keyring
from render.pace import milliseconds
from render.spool import Spool, SpoolError
from seedance import (
    DownloadFailed,
    ProviderBroken,
    RateLimited,
    Route,
    SeedanceError,
    TooLarge,
)
from storage import renders
from storage.records import Render, State

# After so many broken downloads the member gets the link alone.
DOWNLOADS = 5

_WITH_VIDEO = (State.RENDERED, State.UNDELIVERED, State.DELIVERED)

log = logging.getLogger(__name__)


class VideoLost(Exception):
    """The link is dead, and the provider gives no other."""


class Fetcher:
    """Get the video of a render from the spool, from its link, or from a new link."""

    def __init__(self, gear: Gear, *, keyring: Keyring, spool: Spool) -> None:
        self._database = gear.database
        self._keyring = keyring
        self._spool = spool
        self._pace = gear.pace
        self._clock = gear.clock

    async def obtain(self, render: Render, failures: int) -> tuple[Render, Path | None]:
        """Bring the video onto the disk; None in its place means: give the link alone.

        `failures` is how often that broke before. Raises VideoLost.
        """
        if video := self._spool.find(render.spool_name):
            return render, video
        try:
            return render, await self._fetch(render, failures)
        except DownloadFailed:
            render = await self.renew_link(render)
        try:
            return render, await self._fetch(render, failures)
        except DownloadFailed as error:
            raise VideoLost from error

    def lives(self, render: Render) -> bool:
        """Say whether the provider's link is still good, as far as one can know without it."""
        expires_at_ms = render.video_expires_at_ms or 0
        return bool(render.video_url) and self._clock.now_ms() < expires_at_ms

    async def renew_link(self, render: Render) -> Render:
        """Ask the provider for a link again; raises VideoLost when there is no other."""
        client = self._keyring.client_of(render)
        try:
            if client is None:
                raise ProviderBroken(code="KeyNotHere")
            task = await client.query(Route(render.route), render.task_id or "")
        except SeedanceError as error:
            if self.lives(render):
                raise
            raise VideoLost from error
        if task.video_url is None or (
            task.video_url == render.video_url and not self.lives(render)
        ):
            raise VideoLost
        expiry = self._clock.now_ms() + milliseconds(self._pace.link_life)
        return await self._amend(render, video_url=task.video_url, video_expires_at_ms=expiry)

    async def _fetch(self, render: Render, failures: int) -> Path | None:
        try:
            video = await self._spool.fetch(render.id, render.video_url or "")
        except (TooLarge, SpoolError):
            log.exception("The video of render %s cannot be kept here", render.id)
            return None
        except (ProviderBroken, RateLimited):
            if failures < DOWNLOADS:
                raise
            log.warning("The video of render %s did not come, its link goes alone", render.id)
            return None
        await self._amend(render, spool_name=video.name)
        return video

    async def _amend(self, render: Render, **changes: Unpack[renders.Changes]) -> Render:
        amended = await self._database.transaction(
            lambda tx: renders.amend(tx, render.id, expected=_WITH_VIDEO, **changes)
        )
        return amended or render
