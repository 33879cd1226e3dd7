"""Be the bot: hear commands and buttons, stay connected, load what answers."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.ui.base import Heard, Surface
from cogs.ui.buttons import BUTTONS
from cogs.ui.desk.presses import DeskItem
from cogs.ui.purse import Purses
from cogs.ui.sync import sync_commands
from cogs.ui.text import host as text
from cogs.ui.tree import Tree
from cogs.ui.uploads import Uploads

if TYPE_CHECKING:
    from pathlib import Path

    import aiohttp

    from cogs.ui.gateway import Gateway
    from storage import Database

EXTENSIONS: Final = (
    "cogs.video",
    "cogs.renders",
    "cogs.reports",
    "cogs.queue",
    "cogs.server",
    "cogs.host",
)
# Servers arrive in one go; this much silence means that all are here.
ALL_SERVERS_AFTER: Final = timedelta(seconds=1)

log = logging.getLogger(__name__)


class Paperboat(Surface):
    """Be the bot: slash commands and buttons, in servers only, without privileged intents."""

    gateway: Gateway

    def __init__(
        self,
        *,
        database: Database,
        session: aiohttp.ClientSession,
        api_url: str | None,
        host_ids: frozenset[int],
        spool_folder: Path,
        dev_server_id: int | None,
        application_id: int | None = None,
    ) -> None:
        super().__init__(
            commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            # None, which the library's types leave out, is until the login tells.
            application_id=application_id,  # pyright: ignore[reportArgumentType]
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=False, private_channel=False
            ),
            max_messages=None,
            guild_ready_timeout=ALL_SERVERS_AFTER.total_seconds(),
        )
        self.database = database
        self.heard = Heard()
        self.purses = Purses()
        self.uploads = Uploads(session, api_url)
        self.host_ids = host_ids
        self.spool_folder = spool_folder
        self._dev_server_id = dev_server_id
        self._syncing: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        """Load what hears commands and buttons; what cannot be loaded ends the start."""
        self.add_dynamic_items(*BUTTONS, DeskItem)
        await self.load()
        self._send_commands()

    async def load(self) -> None:
        """Load the commands; they need no connection."""
        for extension in EXTENSIONS:
            await self.load_extension(extension)

    async def on_ready(self) -> None:
        """Say who is online, and when more servers than meant may spend."""
        log.info("Online as %s in %s servers", self.user, len(self.guilds))
        self._warn_when_open()

    async def on_guild_join(self, _: discord.Guild) -> None:
        """Look again at who may spend."""
        self._warn_when_open()

    async def on_commands_change(self) -> None:
        """Send the commands as they are now."""
        self._send_commands()

    def dispatch(self, event_name: str, /, *args: object, **kwargs: object) -> None:
        """Tell no one of what still happens while closing: the library's loop is gone then."""
        if event_name == "socket_event_type":
            self.gateway.hear(str(args[0]))
        if not self.is_closed():
            super().dispatch(event_name, *args, **kwargs)

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected, in our own way."""
        await self.gateway.hold()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Count the session; the pause between two has passed before the connection was made."""
        await self.gateway.identify()

    async def close(self) -> None:
        """Leave the gateway."""
        if self._syncing is not None:
            self._syncing.cancel()
        await super().close()

    def _send_commands(self) -> None:
        """Begin a sync in place of the one before; Discord may hold one up for hours."""
        if self._syncing is not None:
            self._syncing.cancel()
        self._syncing = asyncio.create_task(
            sync_commands(self, self._dev_server_id), name="sync commands"
        )
        self._syncing.add_done_callback(_log_death)

    def _warn_when_open(self) -> None:
        if len(self.guilds) > 1 and not self.limits.allowed_servers:
            log.warning(text.OPEN_TO_ALL, len(self.guilds))


def _log_death(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("The task %r broke", task.get_name(), exc_info=error)
