"""Answer the host on a terminal, beside a running bot: copy the database, and audit it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

from cogs.ui.endings import CONFIGURATION, STOPPED, explain
from cogs.ui.text import host as text
from storage import Database, StorageError, ledger, migrations
from storage.backup import backup

DIFFERS: Final = 1


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


def complain(error: Exception) -> int:
    """Say what went wrong, and return the exit code for it."""
    code, words = explain(error)
    sys.stderr.write(f"{words}\n")
    return code


def say(words: str) -> None:
    """Print a line for the host."""
    sys.stdout.write(f"{words}\n")
