"""Read every setting from the environment, once, into one frozen object."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

T = TypeVar("T")

LARGEST_AMOUNT = 1_000_000_000
LONGEST = timedelta(days=30)
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsInvalid(Exception):
    """Carry every fault of the settings; each begins with the setting's name."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def text(raw: str) -> str:
    """Take the words as they are; they may not be empty."""
    if not raw:
        raise ValueError("is empty; write a value or take the line out")
    return raw


def secret(raw: str) -> str:
    """Take a token or key; blanks inside it are a slip of the clipboard."""
    if not raw or re.search(r"\s", raw):
        raise ValueError("must be one word without blanks; copy it again")
    return raw


def amount(raw: str) -> int:
    """Read a number of credits or things, 0 or more."""
    if not re.fullmatch(r"[0-9]+", raw) or int(raw) > LARGEST_AMOUNT:
        raise ValueError(f"must be a whole number from 0 to {LARGEST_AMOUNT}, like 120")
    return int(raw)


def amount_or_none(raw: str) -> int | None:
    """Read a number of credits; nothing means no ceiling."""
    return amount(raw) if raw else None


def count(raw: str) -> int:
    """Read a number of things, 1 or more."""
    if not re.fullmatch(r"[0-9]+", raw) or not 1 <= int(raw) <= 10_000:
        raise ValueError("must be a whole number from 1 to 10000, like 3")
    return int(raw)


def count_or_none(raw: str) -> int | None:
    """Read a number of things, 1 or more; nothing means no limit."""
    return count(raw) if raw else None


def _duration(unit: str, *, zero: bool) -> Callable[[str], timedelta]:
    def read(raw: str) -> timedelta:
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", raw):
            value = timedelta(**{unit: float(raw)}) if float(raw) < 10**7 else LONGEST * 2
            if (zero or value) and value <= LONGEST:
                return value
        low = "0" if zero else "more than 0"
        raise ValueError(f"must be a number of {unit}, {low} to 30 days, like 5")

    return read


def snowflakes(raw: str) -> frozenset[int]:
    """Read Discord ids, divided by commas or blanks; nothing means none."""
    words = [word for word in re.split(r"[\s,]+", raw) if word]
    if not all(re.fullmatch(r"[0-9]{15,20}", word) for word in words):
        raise ValueError("must be Discord ids of 15 to 20 digits, divided by commas")
    return frozenset(int(word) for word in words)


def snowflake(raw: str) -> int:
    """Read one Discord id."""
    ids = snowflakes(raw)
    if len(ids) != 1:
        raise ValueError("must be one Discord id of 15 to 20 digits")
    return next(iter(ids))


def words(raw: str) -> tuple[str, ...]:
    """Read names, divided by commas or blanks; nothing means the bot's own choice."""
    return tuple(word for word in re.split(r"[\s,]+", raw) if word)


def address(raw: str) -> str:
    """Read a web address without a trailing slash: https, or http on this machine."""
    try:
        parts = urlsplit(raw)
        # What only fails when it is read: a port beyond 65535, a name with an empty part.
        _ = parts.port, (parts.hostname or "").encode("idna")
    except ValueError:
        parts = urlsplit("")
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    plain = not (parts.query or parts.fragment or parts.username)
    safe = parts.scheme == "https" or (parts.scheme == "http" and local)
    if not (parts.hostname and plain and safe):
        raise ValueError("must be an https:// address without a question mark or a name in it")
    return raw.rstrip("/")


def time_zone(raw: str) -> ZoneInfo:
    """Read an IANA time zone name."""
    try:
        return ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be a time zone like Europe/Zurich or UTC") from error


def log_level(raw: str) -> str:
    """Read how much is logged."""
    if raw.upper() not in LOG_LEVELS:
        raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
    return raw.upper()


def yes_or_no(raw: str) -> bool:
    """Read 1 or 0."""
    if raw not in {"0", "1"}:
        raise ValueError("must be 1 or 0")
    return raw == "1"


def _setting(  # noqa: ANN202 - like dataclasses.field, it stands for a value of any type
    read: Callable[[str], Any], default: str | None, about: str, *, hidden: bool = False
):
    """Declare one setting: how it is read, what it is when absent, what it is for."""
    return field(metadata={"read": read, "default": default, "about": about}, repr=not hidden)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Hold every setting; the field's name in capitals is the variable's name."""

    discord_token: str = _setting(secret, None, "The bot's token.", hidden=True)
    cometapi_key: str = _setting(secret, None, "The CometAPI key.", hidden=True)
    cometapi_key_previous: str | None = _setting(
        lambda raw: secret(raw) if raw else None,
        "",
        "The key before this one, for the renders that were started with it; empty: none.",
        hidden=True,
    )
    cometapi_balance_key: str | None = _setting(
        lambda raw: secret(raw) if raw else None,
        "",
        "A second key, with no quota of its own, to ask for the balance with; empty: not asked.",
        hidden=True,
    )
    seedance_base_url: str = _setting(
        address, "https://api.cometapi.com", "Where the provider answers."
    )
    seedance_models: tuple[str, ...] = _setting(
        words, "", "Models to offer, best first; empty: all that the bot knows."
    )
    seedance_concurrency: int = _setting(count, "3", "Renders with the provider at once.")
    member_concurrency: int = _setting(count, "2", "Of these, at once for one member.")
    server_concurrency: int | None = _setting(
        count_or_none, "", "Of these, at once for one server; empty: all."
    )
    spend_daily_credits: int = _setting(
        amount, "500", "The host's ceiling per day; 1 credit is 0.01 USD at list price."
    )
    spend_monthly_credits: int = _setting(amount, "10000", "The host's ceiling per month.")
    spend_hourly_credits: int | None = _setting(
        amount_or_none, "", "The host's ceiling per hour; empty: none."
    )
    spend_weekly_credits: int | None = _setting(
        amount_or_none, "", "The host's ceiling per week; empty: none."
    )
    server_daily_credits: int = _setting(
        amount, "500", "A server's ceiling per day, unless the host gives it another."
    )
    quota_daily_credits: int = _setting(amount, "120", "A member's ceiling per day.")
    quota_renders_at_once: int = _setting(count, "2", "A member's renders under way at once.")
    queue_length: int = _setting(count, "20", "Renders that may wait in one server.")
    queue_hours: timedelta = _setting(
        _duration("hours", zero=False), "2", "How long a render may wait before it is given up."
    )
    undo_seconds: timedelta = _setting(
        _duration("seconds", zero=True), "5", "How long a render can still be cancelled for sure."
    )
    late_minutes: timedelta = _setting(
        _duration("minutes", zero=False),
        "60",
        "When a member gets the credits of a late render back.",
    )
    poll_first_seconds: timedelta = _setting(
        _duration("seconds", zero=False),
        "20",
        "Wait before a task is asked after for the first time.",
    )
    poll_interval_seconds: timedelta = _setting(
        _duration("seconds", zero=False), "10", "Wait between two questions after one task."
    )
    timezone: ZoneInfo = _setting(
        time_zone,
        "UTC",
        "Where hours, days, weeks and months begin; a server may choose its own.",
    )
    database_url: str = _setting(
        text, "sqlite:///data/paperboat.db", "Where the ledger lives; a path on a disk that stays."
    )
    allow_ephemeral_database: bool = _setting(
        yes_or_no, "0", "1: start although this host's disk is known to vanish."
    )
    spool_dir: Path = _setting(
        lambda raw: Path(text(raw)), "data/spool", "Where videos wait to be posted."
    )
    allowed_guilds: frozenset[int] = _setting(
        snowflakes, "", "Servers that may render; empty: every server the bot is in."
    )
    host_ids: frozenset[int] = _setting(
        snowflakes, "", "Who hosts the bot; empty: the application's owner."
    )
    alert_channel_id: int | None = _setting(
        lambda raw: snowflake(raw) if raw else None,
        "",
        "A channel where the host is told what needs a person; empty: direct messages to the host.",
    )
    dev_guild_id: int | None = _setting(
        lambda raw: snowflake(raw) if raw else None,
        "",
        "A server that gets the commands at once, for developers; empty: none.",
    )
    log_level: str = _setting(log_level, "INFO", "How much is logged.")
    discord_api_url: str | None = _setting(
        lambda raw: address(raw) if raw else None,
        "",
        "Advanced: a REST proxy or the sandbox, like http://127.0.0.1:8081/api/v10.",
    )
    # Set by the platform, not by people: a Heroku dyno's disk is gone after a restart.
    dyno: str = _setting(lambda raw: raw, "", "")

    @classmethod
    def from_env(
        cls, environment: Mapping[str, str], *, known_models: Collection[str] = ()
    ) -> Settings:
        """Read all settings, or raise SettingsInvalid with every fault at once.

        `known_models` are the names that SEEDANCE_MODELS may hold; without any, all may stand.
        """
        values: dict[str, Any] = {}
        faults: list[str] = []
        for setting in fields(cls):
            name = setting.name.upper()
            raw = environment.get(name, "").strip() or setting.metadata["default"]
            try:
                if raw is None:
                    raise ValueError("is missing")
                values[setting.name] = setting.metadata["read"](raw)
            except ValueError as error:
                faults.append(f"{name} {error}")
        for name in values.get("seedance_models", ()):
            if known_models and name not in known_models:
                faults.append(
                    f"SEEDANCE_MODELS names {name}, which is unknown;"
                    f" the known models are {', '.join(known_models)}"
                )
        if faults:
            raise SettingsInvalid(tuple(faults))
        return cls(**values)


def read_environment(folder: Path) -> dict[str, str]:
    """Merge the .env file of a folder under the process's own environment.

    Raises SettingsInvalid when the file cannot be read, and for a name in it that is nearly, but
    not quite, a setting's: what it was meant to limit would not be limited.
    """
    try:
        written = dotenv_values(folder / ".env")
    except UnicodeDecodeError as error:
        raise SettingsInvalid((".env is not written in UTF-8; save it so",)) from error
    except OSError as error:
        raise SettingsInvalid((f".env cannot be read: {error.strerror}",)) from error
    known = [setting.name.upper() for setting in fields(Settings)]
    meant = {
        name: get_close_matches(name.upper(), known, n=1, cutoff=0.85)
        for name in written
        if name not in known
    }
    if slips := [
        f"{name} is no setting; {nearest[0]} is" for name, nearest in meant.items() if nearest
    ]:
        raise SettingsInvalid(tuple(slips))
    return {name: value or "" for name, value in written.items()} | dict(os.environ)
