"""Read what a member asks for: the settings out of the prompt, the frames decoded."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from render.errors import LastFrameAlone
from render.frames import prepare, thumbnail
from render.policy import Choice
from render.prompt import read_prompt
from seedance import Option
from storage.records import Frame, FrameRole
from storage.thumbnails import Thumbnail


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Carry what a member asks for; None leaves a choice to us."""

    interaction_id: int
    server_id: int
    channel_id: int
    member_id: int
    age_restricted: bool
    prompt: str
    # Discord's word of the moment: since when there is the account, and since when it is here.
    account_made_at_ms: int
    joined_at_ms: int
    # The member's roles, and whether they may set the bot up.
    role_ids: frozenset[int] = frozenset()
    admin: bool = False
    # What the channel lies under, the nearest first: the parent of a thread, a category.
    place_ids: tuple[int, ...] = ()
    # The channel above a public thread; what is made in a private one must not come up there.
    parent_id: int | None = None
    model: str | None = None
    duration_seconds: int | None = None
    resolution: str | None = None
    ratio: str | None = None
    seed: int | None = None
    audio: bool | None = None
    first_frame: bytes | None = None
    last_frame: bytes | None = None

    def files(self) -> dict[FrameRole, bytes]:
        """Return the frames that were sent, the first before the last."""
        sent = {FrameRole.FIRST: self.first_frame, FrameRole.LAST: self.last_frame}
        return {role: data for role, data in sent.items() if data is not None}

    def wanted(self) -> dict[Option, str]:
        """Return the options that were chosen, in their plain form."""
        chosen = {
            Option.DURATION: self.duration_seconds,
            Option.RESOLUTION: self.resolution,
            Option.RATIO: self.ratio,
            Option.SEED: self.seed,
            Option.AUDIO: self.audio,
        }
        return {option: str(value).lower() for option, value in chosen.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Carry a request as it was read."""

    request: Request
    prompt: str
    options: Mapping[Option, str]
    pictures: tuple[Frame, ...]
    picture_digests: tuple[str, ...]
    thumbnails: tuple[Thumbnail, ...]

    def digest(self, choice: Choice) -> str:
        """Return a hash of all that decides what is rendered."""
        decisive = [
            self.prompt,
            choice.offer.name,
            choice.duration_seconds,
            choice.resolution,
            choice.ratio,
            choice.seed,
            choice.audio,
            *self.picture_digests,
        ]
        return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()


async def read(request: Request) -> Wish:
    """Read a request; raises a Refusal for what no model could render."""
    reading, files = read_prompt(request.prompt), request.files()
    if FrameRole.LAST in files and FrameRole.FIRST not in files:
        raise LastFrameAlone
    pictures = await asyncio.gather(*(prepare(data, role) for role, data in files.items()))
    return Wish(
        request=request,
        prompt=reading.text,
        options={**reading.settings, **request.wanted()},
        pictures=tuple(pictures),
        picture_digests=tuple(hashlib.sha256(picture.data).hexdigest() for picture in pictures),
        thumbnails=tuple(await asyncio.gather(*map(thumbnail, pictures))),
    )
