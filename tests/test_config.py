"""Settings are read once, and every fault is told at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from config import Settings, SettingsInvalid, read_environment

NEEDED = {"DISCORD_TOKEN": "a.b.c", "COMETAPI_KEY": "sk-1"}


def faults_of(**written: str) -> tuple[str, ...]:
    with pytest.raises(SettingsInvalid) as caught:
        Settings.from_env(NEEDED | written)
    return caught.value.faults


def test_two_lines_are_enough() -> None:
    settings = Settings.from_env(NEEDED)
    assert settings.quota_daily_credits == 120
    assert settings.undo_seconds == timedelta(seconds=5)
    assert settings.timezone.key == "UTC"
    assert settings.allowed_guilds == frozenset()
    assert settings.dev_guild_id is None


def test_ceilings_that_one_can_do_without_are_none_until_they_are_written() -> None:
    settings = Settings.from_env(NEEDED)
    assert (settings.spend_hourly_credits, settings.spend_weekly_credits) == (None, None)
    written = Settings.from_env(NEEDED | {"SPEND_HOURLY_CREDITS": "0"})
    assert written.spend_hourly_credits == 0


def test_an_empty_line_means_the_default() -> None:
    assert Settings.from_env(NEEDED | {"QUEUE_LENGTH": " "}).queue_length == 20


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        Settings.from_env({"QUEUE_LENGTH": "many", "TIMEZONE": "Mars/Base", "LOG_LEVEL": "loud"})
    names = [fault.split()[0] for fault in caught.value.faults]
    assert names == ["DISCORD_TOKEN", "COMETAPI_KEY", "QUEUE_LENGTH", "TIMEZONE", "LOG_LEVEL"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISCORD_TOKEN", "two words"),
        ("SPEND_DAILY_CREDITS", "-1"),
        ("SPEND_DAILY_CREDITS", "1.5"),
        ("SPEND_DAILY_CREDITS", "10000000000"),
        ("SPEND_DAILY_CREDITS", "١٢"),
        ("SPEND_HOURLY_CREDITS", "-1"),
        ("SPEND_WEEKLY_CREDITS", "none"),
        ("SERVER_DAILY_CREDITS", "1e3"),
        ("QUOTA_RENDERS_AT_ONCE", "0"),
        ("QUEUE_HOURS", "0"),
        ("QUEUE_HOURS", "1e9"),
        ("QUEUE_HOURS", "999999999999999999999"),
        ("UNDO_SECONDS", "-1"),
        ("LATE_MINUTES", "soon"),
        ("TIMEZONE", "../../etc/passwd"),
        ("TIMEZONE", "/etc/passwd"),
        ("ALLOWED_GUILDS", "the-harbor"),
        ("HOST_IDS", "12"),
        ("DEV_GUILD_ID", "123456789012345678, 123456789012345679"),
        ("SEEDANCE_BASE_URL", "http://api.example.com"),
        ("SEEDANCE_BASE_URL", "https://api.example.com:99999"),
        ("SEEDANCE_BASE_URL", "https://api..example.com"),
        ("SEEDANCE_BASE_URL", "https://user@api.example.com"),
        ("SEEDANCE_BASE_URL", "https://api.example.com?key=1"),
        ("SEEDANCE_BASE_URL", "ftp://127.0.0.1/x"),
        ("SEEDANCE_BASE_URL", "https://[broken"),
        ("DISCORD_API_URL", "nonsense"),
        ("ALLOW_EPHEMERAL_DATABASE", "yes"),
    ],
)
def test_a_bad_value_is_named_and_explained(name: str, value: str) -> None:
    (fault,) = faults_of(**{name: value})
    assert fault.startswith(f"{name} ")
    assert " must be " in fault


def test_ids_may_be_divided_by_commas_or_blanks() -> None:
    settings = Settings.from_env(
        NEEDED | {"HOST_IDS": "123456789012345678, 223456789012345678\t323456789012345678"}
    )
    assert len(settings.host_ids) == 3


def test_an_address_loses_its_trailing_slash() -> None:
    settings = Settings.from_env(NEEDED | {"DISCORD_API_URL": "http://127.0.0.1:8081/api/v10/"})
    assert settings.discord_api_url == "http://127.0.0.1:8081/api/v10"


def test_decimals_make_short_times() -> None:
    settings = Settings.from_env(NEEDED | {"UNDO_SECONDS": "0", "POLL_INTERVAL_SECONDS": "0.05"})
    assert settings.undo_seconds == timedelta(0)
    assert settings.poll_interval_seconds == timedelta(milliseconds=50)


def test_an_unknown_model_is_named_with_the_known_ones() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        Settings.from_env(
            NEEDED | {"SEEDANCE_MODELS": "sora-9, paper-1"}, known_models=("paper-1", "paper-2")
        )
    (fault,) = caught.value.faults
    assert "sora-9" in fault
    assert "paper-1, paper-2" in fault


def test_secrets_do_not_show_in_a_printed_object() -> None:
    shown = repr(
        Settings.from_env(
            NEEDED | {"COMETAPI_BALANCE_KEY": "sk-2", "COMETAPI_KEY_PREVIOUS": "sk-0"}
        )
    )
    assert "a.b.c" not in shown
    assert "sk-1" not in shown
    assert "sk-2" not in shown
    assert "sk-0" not in shown


@pytest.mark.parametrize("name", ["COMETAPI_BALANCE_KEY", "COMETAPI_KEY_PREVIOUS"])
def test_a_key_that_one_can_do_without_is_none_when_it_is_not_written(name: str) -> None:
    assert getattr(Settings.from_env(NEEDED), name.lower()) is None
    assert faults_of(**{name: "two words"})


def test_a_file_is_read_and_the_process_has_the_last_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("QUEUE_LENGTH=7\nQUOTA_RENDERS_AT_ONCE=5\n", encoding="utf-8")
    monkeypatch.setenv("QUEUE_LENGTH", "9")
    environment = read_environment(tmp_path)
    assert environment["QUEUE_LENGTH"] == "9"
    assert environment["QUOTA_RENDERS_AT_ONCE"] == "5"


def test_a_file_that_is_no_text_is_a_fault_in_words(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("QUEUE_LENGTH=7\n", encoding="utf-16")
    with pytest.raises(SettingsInvalid, match=r"\.env is not written in UTF-8"):
        read_environment(tmp_path)


def test_a_file_that_cannot_be_read_is_a_fault_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("config.dotenv_values", refuse)
    with pytest.raises(SettingsInvalid, match=r"\.env cannot be read: Permission denied"):
        read_environment(tmp_path)


@pytest.mark.parametrize("slip", ["SPEND_DAILY_CREDIT", "quota_daily_credits", "DISCORD_TOKENS"])
def test_a_slip_in_a_name_is_not_taken_for_somebody_elses_setting(
    tmp_path: Path, slip: str
) -> None:
    (tmp_path / ".env").write_text(f"{slip}=1\nPYTHONUNBUFFERED=1\n", encoding="utf-8")
    with pytest.raises(SettingsInvalid) as caught:
        read_environment(tmp_path)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{slip} is no setting; ")


def test_a_server_may_have_all_that_is_with_the_provider_unless_it_is_limited() -> None:
    assert Settings.from_env(NEEDED).server_concurrency is None
    assert Settings.from_env(NEEDED | {"SERVER_CONCURRENCY": "2"}).server_concurrency == 2
    with pytest.raises(SettingsInvalid, match="SERVER_CONCURRENCY must be"):
        Settings.from_env(NEEDED | {"SERVER_CONCURRENCY": "0"})
