"""Answer the host on a terminal: what was looked at, copied and audited, and the log."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import discord

from cogs.ui.endings import CONFIGURATION, STOPPED, TEMPORARY, explain
from cogs.ui.finding import Finding
from cogs.ui.text import doctor as findings
from cogs.ui.text import host as text
from seedance import Offer
from storage import Database, StorageError, ledger, migrations
from storage.backup import backup

DIFFERS: Final = 1
OUR_LOGGERS: Final = ("bot", "cogs", "render", "seedance", "storage")


async def back_up(url: str, destination: Path) -> int:
    """Copy the database to a new file; return the exit code."""
    try:
        async with Database.inspect(url) as database:
            await backup(database, destination)
    except StorageError as error:
        return complain(error)
    say(text.BACKED_UP.format(file=destination))
    return STOPPED


async def audit(url: str, file: Path) -> int:
    """Compare every account with its lines; return 0 when all agree, 1 when any differs."""
    if not await asyncio.to_thread(file.exists):
        sys.stderr.write(f"{text.NO_DATABASE.format(file=file)}\n")
        return CONFIGURATION
    try:
        async with Database.inspect(url) as database:
            version = await database.read(migrations.version)
            if version < len(migrations.known()):
                sys.stderr.write(f"{text.DATABASE_OLDER}\n")
                return CONFIGURATION
            differences = await database.read(ledger.check)
    except StorageError as error:
        return complain(error)
    for line in text.audited(differences):
        say(line)
    return DIFFERS if differences else STOPPED


def checked(found: Sequence[Finding], offers: Sequence[Offer]) -> int:
    """Say what --check found, at last what can be rendered; return the exit code."""
    for finding in found:
        say(findings.for_terminal(finding.line, well=finding.well))
    say(findings.models_now(offers))
    return max(STOPPED if offers else TEMPORARY, *(finding.code for finding in found))


def complain(error: Exception) -> int:
    """Say what went wrong, and return the exit code for it."""
    code, words = explain(error)
    sys.stderr.write(f"{words}\n")
    return code


def say(words: str) -> None:
    """Print a line for the host."""
    sys.stdout.write(f"{words}\n")


def set_up_logging(level: str) -> None:
    """Log ours as the settings say; the libraries tell secrets below INFO."""
    # Two warnings of the library that we cannot make voice calls.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    logging.basicConfig(
        level=max(logging.INFO, logging.getLevelNamesMapping()[level]),
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for name in OUR_LOGGERS:
        logging.getLogger(name).setLevel(level)
