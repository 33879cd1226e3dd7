"""Say what /doctor and --check found, each in one line that ends in what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from cogs.ui.markup import quoted
from cogs.ui.text.refusals import PERMISSIONS
from cogs.ui.text.renders import TROUBLES
from render.breaker import Trouble
from render.policy import default_resolution, default_seconds
from seedance import Offer, Option, SeedanceError
from storage.health import Health
from storage.records import State, StopReason, SubmitStop

# Of the 4000 characters that a reply may have; the note about what was left out needs some.
LONGEST_SHEET: Final = 3900
LONGEST_LINE: Final = 600

FINE: Final = "Fine"
TO_DO: Final = "To do"

SETTINGS: Final = "Settings"
DISCORD: Final = "Discord"
COMMANDS: Final = "Commands"
CHANNELS: Final = "Channels"
DATABASE: Final = "Database"
DISK: Final = "Disk"
SPOOL: Final = "Spool"
SERVICE: Final = "Video service"
MODELS: Final = "Models"
BALANCE: Final = "Balance"
CLOCK: Final = "Clock"
SUBMITS: Final = "Submits"
ALERTS: Final = "Alerts"
RENDERS: Final = "Renders"

SETTINGS_FINE: Final = "all of them can be read."
LOGIN_FINE: Final = "the token is that of {name}."
COMMANDS_FINE: Final = "Discord has those of this program."
COMMANDS_OLD: Final = (
    "Discord has not taken those of this program yet. If this line is still here in a few minutes,"
    " look into the log for why, and start the bot again."
)
COMMANDS_TO_COME: Final = "they are not those that Discord has; the next start sends them."
CHANNELS_UNUSED: Final = "nobody has made a video in this server yet."
DATABASE_TO_COME: Final = "not there yet; the first start makes it."
SPOOL_FINE: Final = "videos can be kept there until they are posted."
KEY_FINE: Final = "it answers, and accepts the key."
KEY_WRONG: Final = "it does not accept COMETAPI_KEY. Copy the key again, and start the bot again."
LIST_UNKNOWN: Final = (
    "the list could not be had, so the bot goes by what it knew before. Look again later."
)
NO_MODELS: Final = (
    "the video service lists none of the configured ones. Look at what it lists now, and set"
    " SEEDANCE_MODELS to that, or to nothing."
)
BALANCE_NOT_ASKED: Final = (
    "not asked. To see it here, make a second key with no quota at the video service and set"
    " COMETAPI_BALANCE_KEY to it."
)
BALANCE_KEY_WRONG: Final = "the video service does not accept COMETAPI_BALANCE_KEY; copy it again."
SUBMITS_FINE: Final = "what has its turn is sent."
ALERTS_NONE: Final = "nothing has needed a person yet."
CLOCK_UNKNOWN: Final = "Discord did not say what time it is. Look again later."
STATUS_PAGE: Final = "https://status.cometapi.com/status/models"
ONLY_OWN: Final = "-# What concerns the whole bot is shown to its host."


def models_now(offers: Iterable[Offer]) -> str:
    """Say what can be rendered now: the line that matters."""
    found = [_offer(offer) for offer in offers]
    if not found:
        return "Nothing can render now: the video service lists none of the configured models."
    return f"Can render now: {'; '.join(found)}."


def _offer(offer: Offer) -> str:
    seconds, resolution = default_seconds(offer), default_resolution(offer)
    price = (
        f"{offer.credits(resolution, seconds)} credits ({offer.price(resolution, seconds):.2f} USD)"
    )
    return f"{offer.label}, {_frames(offer)}, {seconds} s in {resolution} for {price}"


def _frames(offer: Offer) -> str:
    if offer.carries(Option.LAST_FRAME):
        return "with a first and a last frame"
    return "with a first frame" if offer.carries(Option.FIRST_FRAME) else "without frames"


def sheet(lines: Sequence[tuple[bool, str]], *, whole: bool) -> str:
    """Lay out a reply: first what there is to do, then as many fine lines as have room."""
    to_do = [f"**{TO_DO}** · {_cut(line)}" for well, line in lines if not well]
    fine = [f"{FINE} · {_cut(line)}" for well, line in lines if well]
    head = f"**{_count(len(to_do), 'thing')} to do.**" if to_do else "**All is well.**"
    shown, length = [head], len(head) + (0 if whole else len(ONLY_OWN) + 1)
    rest = [*to_do, *fine]
    while rest and length + 1 + len(rest[0]) <= LONGEST_SHEET:
        length += 1 + len(rest[0])
        shown.append(rest.pop(0))
    if rest:
        shown.append(f"… and {_count(len(rest), 'line')} more.")
    return "\n".join(shown if whole else [*shown, ONLY_OWN])


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def for_terminal(line: str, *, well: bool) -> str:
    """Write a line of --check."""
    return f"{FINE if well else TO_DO:5}  {line}"


_REMEDIES: Final[Mapping[Trouble, str]] = {
    Trouble.OUT_OF_FUNDS: "Top it up, or raise the spending limit of the key there.",
    Trouble.BAD_KEY: "Write the right key into COMETAPI_KEY, and start the bot again.",
    Trouble.UNREACHABLE: f"Look at {STATUS_PAGE}, and at this machine's network.",
}


def open_to_all(servers: int) -> str:
    """Say that more servers than meant may spend the host's credits."""
    return (
        f"the bot is in {servers} servers and all of them can spend your credits. Name those that"
        " may in ALLOWED_GUILDS."
    )


def took_too_long(limit: timedelta) -> str:
    """Say that nothing is known, because the answer did not come."""
    return f"no answer within {limit.total_seconds():g} s. Look again later."


def channel_lacks(channel_id: int, permissions: Iterable[str]) -> str:
    """Name what the bot lacks in a channel, as Discord's settings name it."""
    names = ", ".join(PERMISSIONS[name] for name in permissions)
    return (
        f"I lack {names} in <#{channel_id}>. Allow that for my role in the permissions of the"
        " channel, or of its category."
    )


def channels_fine(channel_ids: Sequence[int], *, unseen: int) -> str:
    """Name the channels that were used lately and in which nothing is missing."""
    words = [f"I have what I need in {', '.join(f'<#{one}>' for one in channel_ids)}."]
    if unseen:
        words.append(f"{_count(unseen, 'other')} used lately cannot be seen any more.")
    return " ".join(words if channel_ids else words[1:])


def database_fine(health: Health) -> str:
    """Say that the database is whole, and what it is."""
    facts = (
        f"version {health.version}, {health.journal.upper()}, SQLite {health.sqlite},"
        f" {size(health.size_bytes)}."
    )
    if health.version < health.newest_version:
        # Its books are not kept as this program reads them.
        return f"whole; {facts} The next start brings it to version {health.newest_version}."
    return f"whole, and every account is the sum of its lines; {facts}"


def books_differ(number: int) -> str:
    """Say that the books do not balance."""
    return (
        f"the books do not balance, in {_count(number, 'account')}. Keep a copy of the file,"
        " put back your last backup, and report it."
    )


def no_log(journal: str) -> str:
    """Say that the disk cannot carry a write-ahead log."""
    return (
        f"it keeps no write-ahead log (journal: {journal}), so its disk is probably a network's."
        " Set DATABASE_URL to a file on a disk of this machine."
    )


def disk_fine(free: Mapping[str, int]) -> str:
    """Say how much room there is."""
    return f"{', '.join(f'{size(left)} free for the {what}' for what, left in free.items())}."


def disk_full(what: str, folder: Path, left: int) -> str:
    """Say that there is too little room for the next videos."""
    return f"only {size(left)} free for the {what} ({folder}). Make room there."


def spool_closed(folder: Path) -> str:
    """Say that no video can be kept."""
    return (
        f"I may not write into {folder}, so no video can be posted as a file. Let the bot's user"
        " write there, or set SPOOL_DIR to another folder."
    )


def service_silent(error: SeedanceError) -> str:
    """Say that the service does not work as it should."""
    return (
        f"it does not answer as it should ({error.status or error.code}). Look at"
        f" {STATUS_PAGE}, and here again later."
    )


def models_offered(current: Iterable[Offer], out: Iterable[Offer]) -> str:
    """Name what members can choose, and what is listed and they cannot."""
    words = f"offered are {', '.join(offer.label for offer in current) or 'none'}."
    names = ", ".join(offer.label for offer in out)
    if not names:
        return words
    return f"{words} Listed, but not offered before the list is read again (6 hours): {names}."


def model_gone(name: str) -> str:
    """Name what was configured and is not sold."""
    return (
        f"SEEDANCE_MODELS names {name}, which the video service does not list. Take it out, or put"
        " another one in its place."
    )


def model_ends(offer: Offer, ends: date, today: date) -> str:
    """Say that a model is about to be withdrawn."""
    when = (
        f"was to end on {ends} and may fail at any moment"
        if ends < today
        else f"ends on {ends}, in {_count((ends - today).days, 'day')}"
    )
    return f"{offer.label} {when}. Put another one first in SEEDANCE_MODELS, and tell your members."


def balance_fine(left: Decimal, offer: Offer | None) -> str:
    """Say what is left, in clips too where there is one to reckon with."""
    words = f"{left:.2f} USD left"
    if offer is None:
        return f"{words}."
    seconds, resolution = default_seconds(offer), default_resolution(offer)
    number = int(left / offer.price(resolution, seconds))
    return f"{words}, about {_count(number, 'clip')} of {seconds} s with {offer.label}."


def balance_unknown(error: SeedanceError) -> str:
    """Say that the balance could not be read."""
    return f"it could not be read ({error.status or error.code}). Look here again later."


def balance_low(left: Decimal) -> str:
    """Say that the next clip cannot be paid."""
    return f"{left:.2f} USD left, which pays for no clip. Top up the account at the video service."


def clock_fine(most: timedelta) -> str:
    """Say that the clock agrees with Discord's."""
    return f"less than {most.total_seconds():g} s from Discord's."


def clock_off(ahead: timedelta) -> str:
    """Say by how much the clock is off."""
    way = "ahead of" if ahead > timedelta() else "behind"
    return (
        f"{age(abs(ahead))} {way} Discord's. Let this machine set its clock by the network (NTP):"
        " days, ceilings and promised times go by it."
    )


def submits_stopped(stop: SubmitStop, now_ms: int) -> str:
    """Say that nothing is sent: the host wants it so, or the database may be an old copy."""
    if stop.reason is StopReason.HOST:
        note = f" You noted: {quoted(stop.note, limit=300)}." if stop.note else ""
        since = timedelta(milliseconds=now_ms - stop.since_ms)
        return f"nothing is sent. You stopped it {age(since)} ago.{note} To go on, send /host go."
    unused = timedelta(milliseconds=stop.since_ms - stop.last_beat_ms)
    return (
        f"nothing is sent. The database had not been in use for {age(unused)}, so it may be an old"
        " backup, whose renders another bot has sent since. If so, put the latest one in its place;"
        " if this is the latest, send /host go."
    )


def submits_pause(trouble: Trouble, since: timedelta) -> str:
    """Say that nothing is sent, because the video service takes nothing."""
    return f"nothing has been sent for {age(since)}: {TROUBLES[trouble]}. {_REMEDIES[trouble]}"


def alert_delivered(since: timedelta, words: str) -> str:
    """Repeat the last alert."""
    return f"the last one reached you {age(since)} ago. {words}"


def alert_undelivered(words: str) -> str:
    """Repeat the last alert, and say how the next may arrive."""
    return (
        "the last one reached nobody. Set ALERT_CHANNEL_ID to a channel in which the bot may write,"
        f" or let it write to you directly. {words}"
    )


def under_way(counts: Mapping[State, int]) -> str:
    """Count what is not finished, by state."""
    parts = [f"{counts[state]} {state}" for state in State if counts.get(state)]
    return f"{', '.join(parts)}." if parts else "nothing is under way."


def hanging(state: State, number: int, render_id: str, waited: timedelta, *, overdue: bool) -> str:
    """Say since when the oldest one waits for its turn, or for an answer."""
    words = f"{_count(number, 'render')} {state}, the oldest ({render_id}) for {age(waited)}."
    if not overdue:
        return words
    return f"{words} That is longer than it should be: look into the log, start the bot again."


def late(number: int, render_id: str, since: timedelta) -> str:
    """Say since when the oldest one is late."""
    return (
        f"{_count(number, 'render')} late, the oldest ({render_id}) for {age(since)}. The members"
        f" have their credits back, and the bot goes on asking. Look at {STATUS_PAGE}. If you have"
        " changed the key or the address of the video service, it needs the old ones for that."
    )


def undelivered(number: int, render_id: str, since: timedelta) -> str:
    """Say since when the oldest one could not be posted."""
    return (
        f"{_count(number, 'render')} could not be posted, the oldest ({render_id})"
        f" {age(since)} ago. Give the bot back what it lacks in that channel; then its member sends"
        f" /renders show id:{render_id}."
    )


def size(number: int) -> str:
    """Write a number of bytes."""
    value = float(number)
    for unit in ("bytes", "KB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def age(span: timedelta) -> str:
    """Write a duration in its largest unit."""
    seconds = round(span.total_seconds())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return _count(seconds // length, unit)
    return _count(seconds, "second")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
