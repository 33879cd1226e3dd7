"""Tell the host, on a terminal, why the bot does not start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

USAGE: Final = (
    "Use `python bot.py` to start the bot, `python bot.py --check` to look first, or"
    " `python bot.py --backup FILE` to copy its database, also while it runs."
)
DESTINATION_TAKEN: Final = (
    "There is something at {path} already, and it stays as it is. Name a file that is not there."
)
BACKED_UP: Final = "The database is copied to {file}."
REFUSED_LOGIN: Final = (
    "Discord does not accept DISCORD_TOKEN. Copy it again from the Bot page of your application"
    " at https://discord.com/developers/applications; a token is shown once, so reset it there"
    " if you have lost it."
)
EPHEMERAL: Final = (
    "This host (DYNO is set) forgets its disk at every restart, and with it every credit and"
    " render. Use a host with a disk that stays; or set ALLOW_EPHEMERAL_DATABASE=1 if losing all"
    " of it is all right, as in a trial."
)
DISCORD_SILENT: Final = (
    "Discord did not answer, or refused for now ({detail}). Nothing is lost. Start the bot again"
    " in a minute; a host that restarts it by itself does that for you."
)
DISCORD_ENDED: Final = (
    "Discord does not want to be connected to this version of the bot any more (code {code})."
    " Look for a newer one."
)
DISCORD_GARBLED: Final = (
    "Discord sends what this version of the bot cannot read ({event}). Nothing is lost. Start the"
    " bot again; if it ends like this again, look for a newer version."
)
TOO_MANY_SERVERS: Final = (
    "The bot is in more servers than one connection to Discord may serve (code {code}). Remove it"
    " from some of them."
)
REFUSED_INTENTS: Final = (
    "Discord refuses the events that the bot wants to hear (code {code}). Look at the intents on"
    " the Bot page of your application at https://discord.com/developers/applications, or for a"
    " newer version of the bot."
)
DATABASE_IN_USE: Final = (
    "Another bot uses this database{holder}. Stop that one, or wait until it has stopped; two at"
    " once would pay twice."
)
DATABASE_NEWER: Final = (
    "The database was written by a later version of Paperboat (its version is {found}, this"
    " program knows {known}). Start that version, or put back a backup from before."
)
DATABASE_DAMAGED: Final = (
    "The database is damaged ({detail}). Keep a copy of the file, then put back your last backup."
)
STRAY_WAL: Final = (
    "The file {path} belongs to another database than the one beside it, as it does when a backup"
    " was put in the place of a database. Move that file away, then start the bot again."
)
DISK_FULL: Final = (
    "The disk has no room for the database. Nothing is lost. Make room, then start the bot again."
)
DATABASE_FAILED: Final = (
    "The database cannot be opened ({detail}). Look at DATABASE_URL, at the rights of its folder"
    " and at the free space of the disk."
)
UNSUPPORTED_URL: Final = (
    "DATABASE_URL begins with {scheme}, and this version knows SQLite files only, like"
    " sqlite:///data/paperboat.db."
)
ENGINE_DIED: Final = (
    "A part of the bot ({stage}) broke again and again. The log above says how; please report it"
    " if you cannot tell why. Renders under way are safe: the next start goes on with them."
)
INTERNAL: Final = (
    "Something broke that should not have. The log above says what; please report it. Renders"
    " under way are safe: the next start goes on with them."
)

OPEN_TO_ALL: Final = (
    "The bot is in %s servers and ALLOWED_GUILDS is empty, so all of them can spend your credits"
)


def settings_wrong(faults: Sequence[str]) -> str:
    """Name every fault of the settings."""
    lines = "".join(f"\n  {fault}" for fault in faults)
    return f"The settings are not right yet. Look into .env:{lines}"


def holder(name: str) -> str:
    """Name who holds the database, where that is known."""
    return f" ({name})" if name else ""
