"""Sort what ends the bot by whether starting again helps, and say so to its host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import discord

from cogs.ui.base import TROUBLE
from cogs.ui.text import host as text
from storage import (
    DatabaseDamaged,
    DatabaseInUse,
    DatabaseNewer,
    StorageError,
    UnsupportedUrl,
)

# https://man.freebsd.org/cgi/man.cgi?sysexits; 78 tells a host that starting again is no use.
STOPPED: Final = 0
INTERNAL: Final = 70
TEMPORARY: Final = 75
CONFIGURATION: Final = 78

# Close codes of the gateway that no new attempt heals:
# https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway
AUTHENTICATION_FAILED: Final = 4004
HOPELESS_CODES: Final = frozenset({4010, 4011, 4012, 4013, 4014})


class EphemeralDisk(Exception):
    """The host's disk vanishes, and nobody said that this is all right."""


def explain(error: Exception) -> tuple[int, str]:
    """Return the exit code for what ended the bot, and words for its host."""
    match error:
        case EphemeralDisk():
            return CONFIGURATION, text.EPHEMERAL
        case UnsupportedUrl():
            return CONFIGURATION, text.UNSUPPORTED_URL.format(scheme=error.scheme or "no name")
        case DatabaseNewer():
            words = text.DATABASE_NEWER.format(found=error.found, known=error.known)
            return CONFIGURATION, words
        case DatabaseDamaged():
            return CONFIGURATION, text.DATABASE_DAMAGED.format(detail=error.detail)
        case DatabaseInUse():
            return TEMPORARY, text.DATABASE_IN_USE.format(holder=text.holder(error.holder))
        case StorageError():
            return TEMPORARY, text.DATABASE_FAILED.format(detail=error.detail)
        case _:
            return _explain_discord(error)


def _explain_discord(error: Exception) -> tuple[int, str]:
    match error:
        case discord.LoginFailure():
            return CONFIGURATION, text.REFUSED_LOGIN
        case discord.ConnectionClosed(code=code) if code == AUTHENTICATION_FAILED:
            return CONFIGURATION, text.REFUSED_LOGIN
        case discord.ConnectionClosed(code=code) if code in HOPELESS_CODES:
            return CONFIGURATION, text.DISCORD_ENDED.format(code=code)
        case _ if any(isinstance(cause, TROUBLE) for cause in _chain(error)):
            return TEMPORARY, text.DISCORD_SILENT.format(detail=type(error).__name__)
        case _:
            return INTERNAL, text.INTERNAL


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it came from.

    discord.py 2.7.1 hides a gateway that cannot be reached at first behind an AttributeError:
    https://github.com/Rapptz/discord.py/issues/10520
    """
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
