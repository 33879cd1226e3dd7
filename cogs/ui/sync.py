"""Tell Discord the commands, only when they changed: new ones are counted per day."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable

import discord

from cogs.ui.base import TROUBLE, Surface
from storage import settings

log = logging.getLogger(__name__)


async def sync_commands(bot: Surface, dev_server_id: int | None) -> None:
    """Send the commands, and a copy to the developers' server; a failure stops nothing."""
    await _sync(bot, None)
    if dev_server_id is not None:
        server = discord.Object(dev_server_id)
        bot.tree.copy_global_to(guild=server)
        await _sync(bot, server)


async def are_sent(bot: Surface, server: discord.Object | None = None) -> bool:
    """Say whether the commands that Discord took last are those of this program."""
    name = _name(bot, server)
    return await bot.database.read(lambda tx: settings.get(tx, name)) == commands_digest(bot)


async def _sync(bot: Surface, server: discord.Object | None) -> None:
    try:
        if await are_sent(bot, server):
            return
        # Of what is sent; the commands may change before Discord has answered.
        digest = commands_digest(bot)
        await bot.tree.sync(guild=server)
    except TROUBLE as error:
        log.warning("The commands could not be sent to Discord; the old ones stay: %r", error)
        return
    name = _name(bot, server)
    await bot.database.transaction(lambda tx: settings.put(tx, name, digest))
    log.info("Sent the commands to Discord")


def _name(bot: Surface, server: discord.Object | None) -> str:
    return f"commands {bot.application_id} {server.id if server else 'everywhere'}"


def commands_digest(bot: Surface) -> str:
    """Return a hash of all that Discord is told about the commands."""
    payload: Iterable[object] = [command.to_dict(bot.tree) for command in bot.tree.get_commands()]
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
