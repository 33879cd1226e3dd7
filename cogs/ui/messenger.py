"""Post and edit the messages about renders with discord.py, under the bot's own token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import discord
from discord.ext import commands

from cogs.ui.card import card
from cogs.ui.posting import UNKNOWN_MESSAGE, sorted_out
from cogs.ui.result import Result, result
from cogs.ui.rights import lacking
from render.brakes import Brake
from render.messenger import (
    Destination,
    FileTooLarge,
    Obstacle,
    Place,
    PlaceClosed,
    Posted,
    PostingBroken,
)
from render.outlook import Outlook
from render.pace import Pace
from storage.records import Render

_UNKNOWN_MEMBER: Final = frozenset({10007, 10013})
_NOBODY: Final = discord.AllowedMentions.none()
# An attempt, with all that discord.py repeats by itself, never goes on for so long.
_LONGEST_ATTEMPT: Final = timedelta(hours=1)

_Target: TypeAlias = discord.abc.Messageable


class DiscordMessenger:
    """Implement render.messenger.Messenger for one bot."""

    def __init__(self, bot: commands.Bot, pace: Pace) -> None:
        self._bot = bot
        self._pace = pace

    async def obstacle(self, render: Render, card: Posted | None) -> Obstacle | None:
        """Look at the server, the member, the channel and the card, in this order.

        Members and messages are asked for one by one: their events need intents that we do without.
        """
        server = self._bot.get_guild(render.server_id)
        if server is None:
            return Obstacle.SERVER_LEFT
        if server.unavailable:
            raise PostingBroken("the server is unavailable")
        try:
            with sorted_out():
                return (
                    await _trouble_with_member(server, render)
                    or await self._trouble_with_channel(server, render)
                    or await self._trouble_with_card(render, card)
                )
        except PlaceClosed:
            return Obstacle.CHANNEL_CLOSED

    async def destinations(
        self, render: Render, *, wanted: int | None = None
    ) -> tuple[Destination, ...]:
        """Return the channel, the parent of a public thread, and the member, as far as allowed.

        A render from an age-restricted channel goes only to such a channel or to the member. The
        member stands under the own id; the direct messages are opened when something is posted.
        """
        direct = Destination(place=Place.DIRECT, channel_id=render.member_id)
        if wanted is not None:
            here = await self._channel(wanted)
            if here is None or not _admits(here, render):
                return (direct,)
            return (Destination(place=Place.WANTED, channel_id=wanted), direct)
        channel = await self._channel(render.channel_id)
        places: list[Destination] = []
        if channel is not None and _admits(channel, render):
            places.append(Destination(place=Place.CHANNEL, channel_id=render.channel_id))
        if render.parent_id is not None:
            above = await self._channel(render.parent_id)
            if above is not None and _admits(above, render):
                places.append(Destination(place=Place.PARENT, channel_id=render.parent_id))
        return (*places, direct)

    async def post_card(
        self,
        render: Render,
        *,
        ahead: int,
        nonce: str,
        brake: Brake | None = None,
        outlook: Outlook | None = None,
    ) -> Posted:
        """Post the card into the render's channel; `ahead` renders stand before it."""
        with sorted_out():
            message = await self._messageable(render, render.channel_id).send(
                view=card(render, ahead=ahead, pace=self._pace, brake=brake, outlook=outlook),
                nonce=nonce,
                allowed_mentions=_NOBODY,
            )
        return Posted(channel_id=message.channel.id, message_id=message.id)

    async def find_card(self, render: Render, *, since_ms: int) -> Posted | None:
        """Look through the bot's own messages in the render's channel for its card."""
        with sorted_out():
            channel = self._messageable(render, render.channel_id)
            return await self._find(channel, since_ms, lambda said: f"`{render.id}`" in _laid(said))

    async def edit_card(
        self,
        render: Render,
        posted: Posted,
        *,
        ahead: int,
        brake: Brake | None = None,
        outlook: Outlook | None = None,
    ) -> None:
        """Bring the card up to date with the record."""
        channel = self._messageable(render, posted.channel_id)
        with sorted_out():
            await channel.get_partial_message(posted.message_id).edit(
                view=card(render, ahead=ahead, pace=self._pace, brake=brake, outlook=outlook),
                allowed_mentions=_NOBODY,
            )

    async def post_result(
        self,
        render: Render,
        destination: Destination,
        *,
        nonce: str,
        file: Path | None,
        card: Posted | None,
    ) -> Posted:
        """Reply to the card with the video, or with the news that there is none."""
        said = result(render, attached=file is not None)
        with sorted_out():
            target = await self._target(render, destination)
            reference = _reference(render, card, destination)
            if file is None:
                message = await self._send(target, render, said, nonce, reference, [])
            else:
                await self._check_size(render, destination, file)
                with _opened(file, said) as attachment:
                    message = await self._send(target, render, said, nonce, reference, [attachment])
        return Posted(channel_id=message.channel.id, message_id=message.id)

    async def delete(self, render: Render, posted: Posted) -> None:
        """Delete a message of ours; one that is gone already is as good."""
        with sorted_out(), suppress(discord.NotFound):
            target = await self._target_of(render, posted)
            await target.get_partial_message(posted.message_id).delete()

    async def attachment(self, render: Render, posted: Posted) -> str | None:
        """Return a link to the video in a result, which Discord signs anew for each who asks."""
        try:
            with sorted_out():
                target = await self._target_of(render, posted)
                message = await target.fetch_message(posted.message_id)
        except PlaceClosed:
            return None
        return next((one.url for one in message.attachments), None)

    async def find_result(
        self, render: Render, destination: Destination, *, since_ms: int
    ) -> Posted | None:
        """Look through the bot's own messages there for this render's result."""
        with sorted_out():
            target = await self._target(render, destination)
            # The card shows the id too, but not as plain content.
            return await self._find(target, since_ms, lambda said: f"`{render.id}`" in said.content)

    async def _find(
        self, target: _Target, since_ms: int, fits: Callable[[discord.Message], bool]
    ) -> Posted | None:
        """Look through every message that an attempt of a certain time may have become."""
        since = datetime.fromtimestamp(since_ms / 1000, UTC)
        async for message in target.history(limit=None, after=since):
            # Given to `history`, this end would sort out messages, and fetch them all the same.
            if message.created_at > since + _LONGEST_ATTEMPT:
                break
            ours = self._bot.user is not None and message.author.id == self._bot.user.id
            if ours and fits(message):
                return Posted(channel_id=message.channel.id, message_id=message.id)
        return None

    async def _send(
        self,
        target: _Target,
        render: Render,
        said: Result,
        nonce: str,
        reference: discord.MessageReference | None,
        files: list[discord.File],
    ) -> discord.Message:
        mentions = discord.AllowedMentions(
            everyone=False,
            roles=False,
            users=[discord.Object(render.member_id)],
            replied_user=False,
        )
        send = partial(target.send, reference=reference) if reference else target.send
        return await send(
            said.content,
            view=said.view,
            files=files,
            nonce=nonce,
            suppress_embeds=True,
            allowed_mentions=mentions,
        )

    async def _target(self, render: Render, destination: Destination) -> _Target:
        if destination.place is Place.DIRECT:
            return await self._bot.create_dm(discord.Object(render.member_id))
        return self._messageable(render, destination.channel_id)

    async def _target_of(
        self, render: Render, posted: Posted
    ) -> discord.DMChannel | discord.PartialMessageable:
        """Return where a message stands; a direct one is noted under the member's own id."""
        if posted.channel_id == render.member_id:
            return await self._bot.create_dm(discord.Object(render.member_id))
        return self._messageable(render, posted.channel_id)

    def _messageable(self, render: Render, channel_id: int) -> discord.PartialMessageable:
        return self._bot.get_partial_messageable(channel_id, guild_id=render.server_id)

    async def _trouble_with_channel(self, server: discord.Guild, render: Render) -> Obstacle | None:
        channel = await self._channel(render.channel_id)
        if channel is None:
            return Obstacle.CHANNEL_CLOSED
        rights = channel.permissions_for(server.me)
        locked = isinstance(channel, discord.Thread) and channel.locked
        closed = lacking(rights, channel) or (locked and not rights.manage_threads)
        return Obstacle.CHANNEL_CLOSED if closed else None

    async def _trouble_with_card(self, render: Render, card: Posted | None) -> Obstacle | None:
        if card is None:
            return None
        try:
            await self._messageable(render, card.channel_id).fetch_message(card.message_id)
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            return Obstacle.CARD_DELETED
        return None

    async def _check_size(self, render: Render, destination: Destination, file: Path) -> None:
        """Compare with the limit of this moment: boosts come and go."""
        limit = discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
        server = self._bot.get_guild(render.server_id)
        if server is not None and destination.place is not Place.DIRECT:
            limit = server.filesize_limit
        if (await asyncio.to_thread(file.stat)).st_size > limit:
            raise FileTooLarge

    async def _channel(self, channel_id: int) -> discord.abc.GuildChannel | discord.Thread | None:
        """Return a channel of a server, asking Discord where it is not known; None: gone."""
        found = self._bot.get_channel(channel_id)
        if found is None:
            try:
                with sorted_out():
                    found = await self._bot.fetch_channel(channel_id)
            except PlaceClosed:
                return None
        return None if isinstance(found, discord.abc.PrivateChannel) else found


async def _trouble_with_member(server: discord.Guild, render: Render) -> Obstacle | None:
    try:
        member = await server.fetch_member(render.member_id)
    except discord.NotFound as error:
        left = error.code in _UNKNOWN_MEMBER
        return Obstacle.MEMBER_LEFT if left else Obstacle.SERVER_LEFT
    except discord.Forbidden:
        return Obstacle.SERVER_LEFT
    return Obstacle.MEMBER_TIMED_OUT if member.is_timed_out() else None


def _admits(channel: discord.abc.GuildChannel | discord.Thread, render: Render) -> bool:
    if not render.age_restricted:
        return True
    restricted = getattr(channel, "is_nsfw", None)
    return restricted is not None and restricted()


def _reference(
    render: Render, card: Posted | None, destination: Destination
) -> discord.MessageReference | None:
    if card is None or card.channel_id != destination.channel_id:
        return None
    return discord.MessageReference(
        message_id=card.message_id,
        channel_id=card.channel_id,
        guild_id=render.server_id,
        fail_if_not_exists=False,
    )


def _laid(message: discord.Message) -> str:
    """Return what is written in the frames of a laid out message, as a card is one."""
    frames = (one for one in message.components if isinstance(one, discord.Container))
    parts = (part for frame in frames for part in frame.children)
    return "\n".join(part.content for part in parts if isinstance(part, discord.TextDisplay))


@contextmanager
def _opened(file: Path, said: Result) -> Generator[discord.File]:
    attachment = discord.File(file, filename=said.file_name, description=said.alt_text)
    try:
        yield attachment
    finally:
        attachment.close()
