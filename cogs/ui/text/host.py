"""Tell the host, on a terminal, why the bot does not start."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from storage.ledger import Difference
from storage.records import Subject

USAGE: Final = (
    "Use `python bot.py` to start the bot, `python bot.py --check` to look first,"
    " `python bot.py --backup FILE` to copy its database, or `python bot.py --audit` to compare"
    " every account with its lines. All but the first work beside a running bot too."
)
DESTINATION_TAKEN: Final = (
    "There is something at {path} already, and it stays as it is. Name a file that is not there."
)
BACKED_UP: Final = "The database is copied to {file}."
NO_DATABASE: Final = (
    "There is no database at {file}, so there is nothing to audit. Look at DATABASE_URL; the first"
    " start of the bot makes the database."
)
DATABASE_OLDER: Final = (
    "The database was written by an earlier version of Paperboat. Start the bot once, which brings"
    " it up to date, and audit it then."
)
BOOKS_DIFFER: Final = "Keep a copy of the file, put back your last backup, and report it."
BALANCED: Final = "The books balance: every account and every total is the sum of its lines."
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


def audited(differences: Sequence[Difference]) -> list[str]:
    """Say that all is well in one line, or name in a line each what differs."""
    if not differences:
        return [BALANCED]
    head = f"The books do not balance, in {_times(len(differences), 'place')}:"
    return [head, *(f"  {_difference(one)}" for one in differences), BOOKS_DIFFER]


def _difference(one: Difference) -> str:
    at = datetime.fromtimestamp(one.starts_at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if one.renders or one.renders_by_lines:
        return (
            f"{_owner(one)}, from {at}: the total says {_times(one.renders, 'render')} for"
            f" {one.spent} credits, and its lines say {_times(one.renders_by_lines, 'render')} for"
            f" {one.spent_by_lines}."
        )
    return (
        f"{_owner(one)}, from {at}: the account says {one.held} held and {one.spent} spent, and its"
        f" lines say {one.held_by_lines} held and {one.spent_by_lines} spent."
    )


def _owner(one: Difference) -> str:
    where = f"server {one.server_id}"
    match one.subject:
        case Subject.HOST:
            return "the host"
        case Subject.SERVER if not one.member_id:
            return where
        case Subject.GRANT:
            return f"a gift to member {one.member_id} of {where}"
        case _:
            return f"member {one.member_id} of {where}"


def _times(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
