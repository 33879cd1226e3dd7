"""Compose Paperboat and run it: settings → database → session → provider → engine → bot."""

from __future__ import annotations

import os
import signal
import sys

if __name__ == "__main__" and not sys.argv[1:]:
    # The imports take about a second, in which nothing is begun that a stop would have to wait for.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: os._exit(0))

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import aiohttp
import discord
import yarl
from discord.http import Route as DiscordRoute

import seedance
from cogs.ui import diagnosis
from cogs.ui.auditor import DiscordAuditor
from cogs.ui.board import DiscordBoards
from cogs.ui.endings import CONFIGURATION, INTERNAL, STOPPED, EphemeralDisk, explain
from cogs.ui.finding import Finding, examined, fine
from cogs.ui.gateway import Gateway, turn_discord_to
from cogs.ui.herald import DiscordHerald
from cogs.ui.identifies import IdentifyBudget
from cogs.ui.leaving import Deadline, finish_handlers, last_deadline, stop_on_signals, unless
from cogs.ui.messenger import DiscordMessenger
from cogs.ui.paperboat import Paperboat
from cogs.ui.service import VideoService
from cogs.ui.sync import are_sent
from cogs.ui.terminal import audit, back_up, checked, set_up_logging
from cogs.ui.text import doctor as findings
from cogs.ui.text import host as text
from config import Settings, SettingsInvalid, read_environment
from render.admission import Admission, Origin
from render.alerts import Alerts
from render.audit import Audit
from render.board import Boards
from render.clock import Clock, SystemClock
from render.desk import Desk
from render.engine import Engine, Step
from render.offers import Offers
from render.pace import Pace
from render.policy import Limits
from render.readings import Readings
from render.reports import Reports
from render.rulebook import Rulebook
from render.spool import Spool
from render.treasury import Treasury
from seedance.balance import balance
from storage import Database

log = logging.getLogger("bot")

LIST_TIMEOUT: Final = timedelta(seconds=10)
# The stand-in for Discord; it counts no sessions.
SANDBOX_HOST: Final = "127.0.0.1"
# Together less than the last deadline.
GRACE: Final = timedelta(seconds=5)
CLOSE_TIMEOUT: Final = timedelta(seconds=1)


@asynccontextmanager
async def composed(settings: Settings) -> AsyncGenerator[Paperboat]:
    """Open everything in order, and close it in the opposite one."""
    if settings.dyno and not settings.allow_ephemeral_database:
        raise EphemeralDisk
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.open(settings.database_url))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        await turn_discord_to(session, settings.discord_api_url)
        client = provider(session, settings, settings.cometapi_key)
        old_key = settings.cometapi_key_previous
        offers = Offers(client, settings.seedance_models, clock, database)
        await offers.load()
        await refresh(offers)
        bot = await stack.enter_async_context(paperboat_of(settings, database, session))
        bot.clock, bot.offers = clock, offers
        offers.on_refresh(partial(bot.dispatch, "offers_refresh"))
        bot.service = service_of(settings, session, offers, clock)
        bot.gateway = Gateway(bot, budget_of(bot, settings), clock)
        bot.pace, bot.limits = pace_of(settings), limits_of(settings)
        origin = Origin(
            provider="cometapi",
            base_url=settings.seedance_base_url,
            key_fingerprint=client.fingerprint,
        )
        alerts = Alerts(database=database, herald=herald_of(bot, settings), clock=clock)
        bot.admission = Admission(database, offers, bot.limits, clock, origin, alerts)
        bot.treasury = Treasury(database, bot.limits, clock)
        bot.rulebook = Rulebook(database, clock)
        bot.reports = Reports(database, clock)
        bot.readings = readings_of(bot, settings, session)
        bot.engine = Engine(
            database=database,
            client=client,
            offers=offers,
            messenger=DiscordMessenger(bot, bot.pace),
            spool=Spool(settings.spool_dir, session, own_origin=settings.seedance_base_url),
            limits=bot.limits,
            origin=origin,
            alerts=alerts,
            pace=bot.pace,
            clock=clock,
            previous=provider(session, settings, old_key) if old_key else None,
            also=stages_beside(bot),
        )
        bot.desk = Desk(database, bot.engine, bot.treasury, clock, limits=bot.limits)
        yield bot


def paperboat_of(
    settings: Settings,
    database: Database,
    session: aiohttp.ClientSession,
    application_id: int | None = None,
) -> Paperboat:
    """Make the bot itself; it learns the application's id when it logs in, unless it is given."""
    return Paperboat(
        database=database,
        session=session,
        api_url=settings.discord_api_url,
        host_ids=settings.host_ids,
        spool_folder=settings.spool_dir,
        dev_server_id=settings.dev_guild_id,
        application_id=application_id,
    )


def provider(session: aiohttp.ClientSession, settings: Settings, key: str) -> seedance.Client:
    """Make the client of the provider for one key."""
    return seedance.Client(session, base_url=settings.seedance_base_url, key=key)


def service_of(
    settings: Settings, session: aiohttp.ClientSession, offers: Offers, clock: Clock
) -> VideoService:
    """Make what looks at the provider for the host."""
    return VideoService(
        session=session,
        client=provider(session, settings, settings.cometapi_key),
        offers=offers,
        configured=settings.seedance_models,
        balance_key=settings.cometapi_balance_key,
        clock=clock,
    )


def readings_of(
    bot: Paperboat, settings: Settings, session: aiohttp.ClientSession
) -> Readings | None:
    """Make what keeps the provider's balance; None where the host gave no key for it."""
    key = settings.cometapi_balance_key
    if key is None:
        return None
    ask = partial(balance, session, key)
    zone = settings.timezone
    return Readings(database=bot.database, ask=ask, time_zone=zone, clock=bot.clock)


def stages_beside(bot: Paperboat) -> Mapping[str, Step]:
    """Return the engine's stages that move no render."""
    audit_stage = Audit(database=bot.database, auditor=DiscordAuditor(bot), clock=bot.clock)
    board_stage = Boards(
        database=bot.database, publisher=DiscordBoards(bot), pace=bot.pace, clock=bot.clock
    )
    steps: dict[str, Step] = {"audit": audit_stage.step, "board": board_stage.step}
    if bot.readings is not None:
        steps["readings"] = bot.readings.step
    return steps


def herald_of(bot: Paperboat, settings: Settings) -> DiscordHerald:
    """Make the way to the host."""
    return DiscordHerald(bot, channel_id=settings.alert_channel_id, host_ids=settings.host_ids)


def pace_of(settings: Settings) -> Pace:
    """Take the engine's measures from the settings."""
    return Pace(
        concurrency=settings.seedance_concurrency,
        member_concurrency=settings.member_concurrency,
        server_concurrency=settings.server_concurrency,
        queue_time=settings.queue_hours,
        late_after=settings.late_minutes,
        poll_first=settings.poll_first_seconds,
        poll_interval=settings.poll_interval_seconds,
    )


def limits_of(settings: Settings) -> Limits:
    """Take the limits of spending from the settings."""
    return Limits(
        host_hourly_credits=settings.spend_hourly_credits,
        host_daily_credits=settings.spend_daily_credits,
        host_weekly_credits=settings.spend_weekly_credits,
        host_monthly_credits=settings.spend_monthly_credits,
        server_daily_credits=settings.server_daily_credits,
        member_daily_credits=settings.quota_daily_credits,
        renders_at_once=settings.quota_renders_at_once,
        queue_length=settings.queue_length,
        undo=settings.undo_seconds,
        time_zone=settings.timezone,
        allowed_servers=settings.allowed_guilds,
    )


def budget_of(bot: Paperboat, settings: Settings) -> IdentifyBudget | None:
    """Make what counts sessions with Discord; None where nobody minds."""
    api_url = settings.discord_api_url
    if api_url is not None and yarl.URL(api_url).host == SANDBOX_HOST:
        return None
    return IdentifyBudget(bot, bot.database, bot.clock)


async def refresh(offers: Offers) -> bool:
    """Ask for the list of models, but do not wait long: the engine asks again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LIST_TIMEOUT.total_seconds()):
            return await offers.refresh()
    return False


async def run(
    settings: Settings, stop: asyncio.Event | None = None, deadline: Deadline = lambda _: None
) -> int:
    """Run the bot until it is asked to stop, or cannot go on; return the exit code."""
    stop = stop or asyncio.Event()
    try:
        async with AsyncExitStack() as stack:
            bot = await unless(stop, stack.enter_async_context(composed(settings)))
            if bot is not None:
                await _serve(bot, settings.discord_token, stop, deadline)
    except Exception as error:
        code, words = explain(error)
        if code == INTERNAL:
            log.exception("The bot broke")
        sys.stderr.write(f"{words}\n")
        return code
    return STOPPED


async def _serve(bot: Paperboat, token: str, stop: asyncio.Event, deadline: Deadline) -> None:
    """Listen and work until a stop is asked for; raise what ends either before."""
    listening = asyncio.create_task(bot.start(token), name="discord")
    tasks = (
        asyncio.create_task(stop.wait(), name="stop"),
        listening,
        asyncio.create_task(_work(bot), name="engine"),
    )
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        ended = next(task for task in tasks if task.done())
        error = ended.exception()
        deadline(explain(error)[0] if isinstance(error, Exception) else STOPPED)
    finally:
        listening.cancel()
        await asyncio.gather(bot.engine.stop(GRACE), finish_handlers(GRACE))
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT.total_seconds()):
                await bot.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    ended.result()


async def _work(bot: Paperboat) -> None:
    """Let the engine work once the servers are known, since results need them."""
    await bot.wait_until_ready()
    await bot.engine.run()


async def check(settings: Settings) -> int:
    """Look at everything that a start needs, without starting; also beside a running bot."""
    clock = SystemClock()
    async with aiohttp.ClientSession() as session:
        client = provider(session, settings, settings.cometapi_key)
        offers = Offers(client, settings.seedance_models, clock)
        listed = await refresh(offers)
        api_url = settings.discord_api_url or DiscordRoute.BASE
        found = await examined(
            {
                findings.DISCORD: partial(_check_token, session, settings),
                findings.CLOCK: partial(diagnosis.clock, session, api_url, clock),
                findings.DATABASE: partial(_check_database, settings, clock),
                findings.DISK: partial(diagnosis.disk, database_file(settings), settings.spool_dir),
                **service_of(settings, session, offers, clock).looks,
            }
        )
        # Without a list nobody knows which options a start would give /video.
        if listed and not any(finding.code for finding in found):
            look = partial(_check_commands, settings, session, offers, clock)
            found += await examined({findings.COMMANDS: look})
    return checked((fine(findings.SETTINGS, findings.SETTINGS_FINE), *found), offers.current)


async def _check_token(session: aiohttp.ClientSession, settings: Settings) -> tuple[Finding, ...]:
    await turn_discord_to(session, settings.discord_api_url)
    return await diagnosis.token(settings.discord_token)


async def _check_database(settings: Settings, clock: Clock) -> tuple[Finding, ...]:
    if settings.dyno and not settings.allow_ephemeral_database:
        raise EphemeralDisk
    url = settings.database_url
    if url.startswith("sqlite:///") and not await asyncio.to_thread(database_file(settings).exists):
        return (fine(findings.DATABASE, findings.DATABASE_TO_COME),)
    return await diagnosis.kept(url, pace=pace_of(settings), now_ms=clock.now_ms())


async def _check_commands(
    settings: Settings, session: aiohttp.ClientSession, offers: Offers, clock: Clock
) -> tuple[Finding, ...]:
    """Compare what a start would tell Discord with what an earlier one told it, if any did."""
    if not await asyncio.to_thread(database_file(settings).exists):
        return ()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(discord.Client(intents=discord.Intents.none()))
        await client.login(settings.discord_token)
        database = await stack.enter_async_context(Database.inspect(settings.database_url))
        bot = paperboat_of(settings, database, session, client.application_id)
        bot.offers, bot.clock = offers, clock
        await bot.load()
        sent = await are_sent(bot)
    return (fine(findings.COMMANDS, findings.COMMANDS_FINE if sent else findings.COMMANDS_TO_COME),)


def database_file(settings: Settings) -> Path:
    """Return where the database lies, or will lie."""
    return Path(settings.database_url.removeprefix("sqlite:///"))


async def run_until_signalled(settings: Settings, deadline: Deadline) -> int:
    """Run the bot until the system or the keyboard ends it."""
    code = await run(settings, stop_on_signals(deadline), deadline)
    deadline(code)
    return code


def main(arguments: Sequence[str]) -> int:
    """Read the settings and start the bot, look, back up or audit; return the exit code."""
    if len(arguments) != {"--check": 1, "--backup": 2, "--audit": 1}.get("".join(arguments[:1]), 0):
        sys.stderr.write(f"{text.USAGE}\n")
        return CONFIGURATION
    try:
        settings = Settings.from_env(
            read_environment(Path.cwd()), known_models=seedance.known_names()
        )
    except SettingsInvalid as error:
        sys.stderr.write(f"{text.settings_wrong(error.faults)}\n")
        return CONFIGURATION
    # What --check has to tell is in its lines; with the log between them nobody finds the last.
    set_up_logging("ERROR" if arguments else settings.log_level)
    match arguments:
        case ["--check"]:
            return asyncio.run(check(settings))
        case ["--backup", file]:
            return asyncio.run(back_up(settings.database_url, Path(file)))
        case ["--audit"]:
            return asyncio.run(audit(settings.database_url, database_file(settings)))
        case _:
            return asyncio.run(run_until_signalled(settings, last_deadline()))


if __name__ == "__main__":
    exit_code = main(sys.argv[1:])
    # While the interpreter ends, another signal would end it with a code of its own.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(exit_code)
