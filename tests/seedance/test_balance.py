"""The balance is read where it can be, and its key shows nowhere."""

from __future__ import annotations

import logging
import traceback
from decimal import Decimal

import aiohttp
import pytest

import seedance.balance
from seedance import BadKey, ProviderBroken
from seedance.balance import balance, read_balance
from tests.seedance import answers, servers

KEY = "sk-balance-only-1234567890"


@pytest.mark.parametrize(
    ("document", "usd"),
    [
        ({"username": "hope", "total_quota": 12.34, "total_used_quota": 3}, "12.34"),
        ({"total_quota": 7}, "7"),
        ({"total_quota": "0.05"}, "0.05"),
        ({"total_quota": -0.02}, "-0.02"),
        ({"success": True, "data": {"total_quota": 1.5}}, "1.5"),
    ],
)
def test_what_is_left_is_read_in_any_spelling(document: object, usd: str) -> None:
    assert read_balance(200, answers.body(document)) == Decimal(usd)


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_named(status: int) -> None:
    with pytest.raises(BadKey):
        read_balance(status, b"{}")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"total_quota": 1}'),
        (302, b""),
        (200, b"<html>"),
        (200, b"{}"),
        (200, b'{"success": false, "message": "no such key"}'),
        (200, b'{"total_quota": null}'),
        (200, b'{"total_quota": "lots"}'),
        (200, b'{"total_quota": 1e999999}'),
    ],
)
def test_an_answer_without_a_balance_is_a_broken_one(status: int, body: bytes) -> None:
    with pytest.raises(ProviderBroken):
        read_balance(status, body)


async def test_it_is_asked_with_the_key_and_without_following_redirects(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with servers.serving(servers.answering(200, {"total_quota": 3})) as server:
        monkeypatch.setattr(seedance.balance, "ADDRESS", f"{server.url}/user/quota")
        assert await balance(session, KEY) == 3
        assert server.talks[0].target == f"/user/quota?key={KEY}"
    moved = servers.answering(302, b"", Location="https://elsewhere.example/")
    async with servers.serving(moved) as server:
        monkeypatch.setattr(seedance.balance, "ADDRESS", f"{server.url}/user/quota")
        with pytest.raises(ProviderBroken):
            await balance(session, KEY)


async def test_the_key_is_in_no_error_and_no_log(
    session: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for behaviour in (
        servers.reset_unread,
        servers.talk_nonsense,
        servers.answer_endlessly,
        servers.answering(403, {"message": f"bad key {KEY}"}),
        servers.answering(500, {"message": f"bad key {KEY}"}),
    ):
        async with servers.serving(behaviour) as server:
            monkeypatch.setattr(seedance.balance, "ADDRESS", f"{server.url}/user/quota")
            with pytest.raises((BadKey, ProviderBroken)) as caught:
                await balance(session, KEY)
            assert KEY not in "".join(traceback.format_exception(caught.value))
            assert caught.value.__context__ is None
    assert KEY not in caplog.text
