"""Look at the machine, the database, the renders and Discord: quickly, and changing nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import aiohttp
import discord

from cogs.ui.endings import CONFIGURATION, explain
from cogs.ui.finding import Finding, fine, wrong
from cogs.ui.rights import lacking
from cogs.ui.text import doctor as text
from cogs.ui.text.alerts import words as alert_words
from render import alerts, breaker
from render.clock import Clock
from render.pace import Pace
from render.spool import LARGEST_VIDEO
from storage import Database, DatabaseDamaged, Transaction, queue, renders, settings
from storage.health import examine
from storage.records import FINAL_STATES, Render, State

LARGEST_SKEW: Final = timedelta(seconds=5)
LEAST_FREE_BYTES: Final = 2 * LARGEST_VIDEO
# What the engine does by itself has happened by then.
SLACK: Final = timedelta(minutes=5)
# So many renders back a channel counts as used.
LATELY: Final = 20
UNDER_WAY: Final = frozenset(State) - FINAL_STATES


async def database(opened: Database) -> tuple[Finding, ...]:
    """Look whether the file is whole, the books balance, and the log is written ahead."""
    health = await examine(opened)
    if health.damage:
        code, words = explain(DatabaseDamaged("; ".join(health.damage)))
        return (wrong(text.DATABASE, words, code),)
    if health.differences:
        words = text.books_differ(len(health.differences))
        return (wrong(text.DATABASE, words, CONFIGURATION),)
    if health.journal != "wal":
        return (wrong(text.DATABASE, text.no_log(health.journal)),)
    return (fine(text.DATABASE, text.database_fine(health)),)


async def kept(url: str, *, pace: Pace, now_ms: int) -> tuple[Finding, ...]:
    """Look into a database that another process may be using."""
    async with Database.inspect(url) as opened:
        return (
            *await database(opened),
            *await submits(opened, now_ms),
            *await under_way(opened, server_id=None, pace=pace, now_ms=now_ms),
        )


async def disk(database_file: Path, spool: Path) -> tuple[Finding, ...]:
    """Look whether there is room for the next videos, and whether they may be kept."""
    return tuple(await asyncio.to_thread(lambda: list(_disk(database_file, spool))))


def _disk(database_file: Path, spool: Path) -> Iterator[Finding]:
    places = {"database": _existing(database_file.parent), "videos": _existing(spool)}
    free = {what: shutil.disk_usage(place).free for what, place in places.items()}
    full = [what for what, left in free.items() if left < LEAST_FREE_BYTES]
    for what in full:
        yield wrong(text.DISK, text.disk_full(what, places[what], free[what]))
    if not full:
        yield fine(text.DISK, text.disk_fine(free))
    place = places["videos"]
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        yield fine(text.SPOOL, text.SPOOL_FINE)
    else:
        yield wrong(text.SPOOL, text.spool_closed(spool), CONFIGURATION)


def _existing(folder: Path) -> Path:
    """Return the folder, or the one in which it would be made."""
    folder = folder.absolute()
    return next(place for place in (folder, *folder.parents) if place.exists())


async def clock(
    session: aiohttp.ClientSession, discord_api_url: str, own: Clock
) -> tuple[Finding, ...]:
    """Compare the machine's clock with the one that Discord stamps its answers with."""
    before = own.now_ms()
    async with session.get(f"{discord_api_url}/gateway", allow_redirects=False) as response:
        stamp = response.headers.get("Date", "")
    try:
        told_ms = parsedate_to_datetime(stamp).timestamp() * 1000
    except ValueError:
        return (fine(text.CLOCK, text.CLOCK_UNKNOWN),)
    # The stamp has whole seconds, cut off, and was made somewhere between question and answer.
    ahead = timedelta(milliseconds=(before + own.now_ms()) / 2 - told_ms - 500)
    if abs(ahead) > LARGEST_SKEW:
        return (wrong(text.CLOCK, text.clock_off(ahead)),)
    return (fine(text.CLOCK, text.clock_fine(LARGEST_SKEW)),)


async def submits(opened: Database, now_ms: int) -> tuple[Finding, ...]:
    """Look whether renders are sent, or why not."""
    stop = await opened.read(settings.submits_stopped)
    if stop is not None:
        return (wrong(text.SUBMITS, text.submits_stopped(stop, now_ms)),)
    outage = await opened.read(breaker.outage)
    if outage is not None:
        since = timedelta(milliseconds=now_ms - outage.since_ms)
        return (wrong(text.SUBMITS, text.submits_pause(outage.trouble, since)),)
    return (fine(text.SUBMITS, text.SUBMITS_FINE),)


async def last_alert(opened: Database, now_ms: int) -> tuple[Finding, ...]:
    """Look whether the host was reached the last time that something needed a person."""
    last = await opened.read(alerts.last)
    if last is None:
        return (fine(text.ALERTS, text.ALERTS_NONE),)
    words = alert_words(last.alert)
    if not last.delivered:
        return (wrong(text.ALERTS, text.alert_undelivered(words)),)
    since = timedelta(milliseconds=now_ms - last.tried_at_ms)
    return (fine(text.ALERTS, text.alert_delivered(since, words)),)


async def under_way(
    opened: Database, *, server_id: int | None, pace: Pace, now_ms: int
) -> tuple[Finding, ...]:
    """Count what is not finished, in one server or in all, and look at what hangs."""

    async def read(tx: Transaction) -> tuple[tuple[Render, ...], tuple[Render, ...]]:
        line = await queue.in_line(tx)
        if server_id is None:
            return await renders.unfinished(tx), line
        here = await renders.of_server(tx, server_id=server_id, states=UNDER_WAY)
        return here, tuple(render for render in line if render.server_id == server_id)

    found, line = await opened.read(read)
    counts = Counter(render.state for render in found)
    return (
        fine(text.RENDERS, text.under_way(counts)),
        *_hanging(line, State.QUEUED, pace.queue_time, now_ms),
        *_hanging(found, State.UNKNOWN, pace.unknown_after, now_ms),
        *_late(found, now_ms),
        *_undelivered(found, now_ms),
    )


def _hanging(
    found: Collection[Render], state: State, limit: timedelta, now_ms: int
) -> Iterator[Finding]:
    """Name the oldest in a state that the engine ends after so long."""
    among = [render for render in found if render.state is state]
    if not among:
        return
    oldest = min(among, key=lambda render: render.waiting_since_ms)
    waited = timedelta(milliseconds=now_ms - oldest.waiting_since_ms)
    overdue = waited > limit + SLACK
    words = text.hanging(state, len(among), oldest.id, waited, overdue=overdue)
    yield Finding(topic=text.RENDERS, words=words, well=not overdue)


def _late(found: Collection[Render], now_ms: int) -> Iterator[Finding]:
    late = [
        (render.late_at_ms, render.id)
        for render in found
        if render.state is State.RENDERING and render.late_at_ms is not None
    ]
    if late:
        late_at_ms, render_id = min(late)
        since = timedelta(milliseconds=now_ms - late_at_ms)
        yield wrong(text.RENDERS, text.late(len(late), render_id, since))


def _undelivered(found: Collection[Render], now_ms: int) -> Iterator[Finding]:
    kept = [render for render in found if render.state is State.UNDELIVERED]
    if kept:
        oldest = min(kept, key=lambda render: render.state_at_ms)
        since = timedelta(milliseconds=now_ms - oldest.state_at_ms)
        yield wrong(text.RENDERS, text.undelivered(len(kept), oldest.id, since))


async def channels(server: discord.Guild, opened: Database) -> tuple[Finding, ...]:
    """Look what the bot lacks in the channels in which videos were made lately."""
    latest = await opened.read(
        lambda tx: renders.starting_with(tx, server_id=server.id, prefix="", limit=LATELY)
    )
    used = dict.fromkeys(render.channel_id for render in latest)
    if not used:
        return (fine(text.CHANNELS, text.CHANNELS_UNUSED),)
    known = [one for channel_id in used if (one := server.get_channel_or_thread(channel_id))]
    lacks = {one.id: lacking(one.permissions_for(server.me), one) for one in known}
    closed = {channel_id: names for channel_id, names in lacks.items() if names}
    well = [channel_id for channel_id, names in lacks.items() if not names]
    findings = [wrong(text.CHANNELS, text.channel_lacks(*one)) for one in closed.items()]
    if len(closed) < len(used):
        unseen = len(used) - len(known)
        findings.append(fine(text.CHANNELS, text.channels_fine(well, unseen=unseen)))
    return tuple(findings)


async def token(secret: str) -> tuple[Finding, ...]:
    """Ask Discord whose token this is."""
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        await client.login(secret)
        return (fine(text.DISCORD, text.LOGIN_FINE.format(name=client.user)),)
