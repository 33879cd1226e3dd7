from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from config import Settings
from sandbox.bot import Bot, setting_names


def test_every_setting_of_the_product_is_known() -> None:
    assert {*setting_names(), "DYNO"} == {field.name.upper() for field in fields(Settings)}


def test_nothing_of_the_persons_own_settings_reaches_the_bot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COMETAPI_KEY", "sk-of-the-person")
    monkeypatch.setenv("QUOTA_DAILY_CREDITS", "7")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    environment = Bot({"DISCORD_TOKEN": "token"}, tmp_path).environment
    assert environment["COMETAPI_KEY"] == ""
    assert environment["QUOTA_DAILY_CREDITS"] == ""
    assert environment["DISCORD_TOKEN"] == "token"
    assert environment["HOME"] == str(tmp_path)
    assert "HTTPS_PROXY" not in environment
