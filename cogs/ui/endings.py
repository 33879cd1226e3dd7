"""Sort what ends the bot by whether starting again helps, and say so to its host."""

from __future__ import annotations

from typing import Final

import discord
from discord.ext import commands

from cogs.ui.base import TROUBLE
from cogs.ui.text import host as text
from render.engine import EngineDied
from storage import (
    DatabaseDamaged,
    DatabaseInUse,
    DatabaseNewer,
    DestinationTaken,
    DiskFull,
    StorageError,
    StrayWal,
    UnsupportedUrl,
)

# https://man.freebsd.org/cgi/man.cgi?sysexits; 78 tells a host that starting again is no use.
STOPPED: Final = 0
INTERNAL: Final = 70
TEMPORARY: Final = 75
CONFIGURATION: Final = 78

# Close codes of the gateway that no new attempt heals:
# https://docs.discord.com/developers/events/gateway-close-events
FINAL_CODES: Final = {
    4004: text.REFUSED_LOGIN,
    4010: text.DISCORD_ENDED,
    4011: text.TOO_MANY_SERVERS,
    4012: text.DISCORD_ENDED,
    4013: text.REFUSED_INTENTS,
    4014: text.REFUSED_INTENTS,
}


class EphemeralDisk(Exception):
    """The host's disk vanishes, and nobody said that this is all right."""


class GatewayGarbled(Exception):
    """Too much of what Discord sends cannot be read; `event` names the last of it."""

    def __init__(self, event: str) -> None:
        super().__init__(event)
        self.event = event


def explain(error: Exception) -> tuple[int, str]:
    """Return the exit code for what ended the bot, and words for its host."""
    match error:
        case EphemeralDisk():
            return CONFIGURATION, text.EPHEMERAL
        case EngineDied():
            return INTERNAL, text.ENGINE_DIED.format(stage=error.stage)
        case StorageError():
            return _explain_storage(error)
        case _:
            return _explain_discord(error)


def _explain_storage(error: StorageError) -> tuple[int, str]:
    match error:
        case UnsupportedUrl():
            return CONFIGURATION, text.UNSUPPORTED_URL.format(scheme=error.scheme or "no name")
        case DatabaseNewer():
            words = text.DATABASE_NEWER.format(found=error.found, known=error.known)
            return CONFIGURATION, words
        case DatabaseDamaged():
            return CONFIGURATION, text.DATABASE_DAMAGED.format(detail=error.detail)
        case StrayWal():
            return CONFIGURATION, text.STRAY_WAL.format(path=error.path)
        case DatabaseInUse():
            return TEMPORARY, text.DATABASE_IN_USE.format(holder=text.holder(error.holder))
        case DestinationTaken():
            return CONFIGURATION, text.DESTINATION_TAKEN.format(path=error.path)
        case DiskFull():
            return TEMPORARY, text.DISK_FULL
        case _:
            return TEMPORARY, text.DATABASE_FAILED.format(detail=error.detail)


def _explain_discord(error: Exception) -> tuple[int, str]:
    match error:
        case discord.LoginFailure() | discord.HTTPException(status=401):
            return CONFIGURATION, text.REFUSED_LOGIN
        case discord.ConnectionClosed(code=code) if code in FINAL_CODES:
            return CONFIGURATION, FINAL_CODES[code].format(code=code)
        case GatewayGarbled():
            return TEMPORARY, text.DISCORD_GARBLED.format(event=error.event or "?")
        case commands.ExtensionError():
            return INTERNAL, text.INTERNAL
        case _ if isinstance(error, TROUBLE):
            return TEMPORARY, text.DISCORD_SILENT.format(detail=type(error).__name__)
        case _:
            return INTERNAL, text.INTERNAL
