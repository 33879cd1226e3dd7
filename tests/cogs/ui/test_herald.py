"""The host is found by the settings, else by who owns the application, be it a team."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from cogs.ui.herald import DiscordHerald
from render.alerts import Alert, Kind

ALERT = Alert(number=7, kind=Kind.NO_MODEL, at_ms=1, facts={})


class Bot:
    """Write to people, if they let it."""

    def __init__(self, *, team: int | None = None) -> None:
        owned = team and SimpleNamespace(owner_id=team)
        self.application = SimpleNamespace(owner=SimpleNamespace(id=1), team=owned)
        self.deaf: set[int] = set()
        self.told: list[int] = []

    async def create_dm(self, person: discord.Object) -> SimpleNamespace:
        if person.id in self.deaf:
            raise discord.DiscordException

        async def send(words: str, *, nonce: str, **_: object) -> None:
            assert words
            assert nonce == "alert.7"
            self.told.append(person.id)

        return SimpleNamespace(send=send)

    def herald(self, *host_ids: int) -> DiscordHerald:
        return DiscordHerald(cast("Any", self), channel_id=None, host_ids=frozenset(host_ids))


@pytest.mark.parametrize(("team", "owner"), [(None, 1), (2, 2)])
async def test_the_owner_is_told(team: int | None, owner: int) -> None:
    bot = Bot(team=team)
    assert await bot.herald().tell(ALERT)
    assert bot.told == [owner]


async def test_all_hosts_are_told_and_one_is_enough() -> None:
    bot = Bot()
    bot.deaf = {3}
    assert await bot.herald(3, 4, 5).tell(ALERT)
    assert sorted(bot.told) == [4, 5]


async def test_a_host_who_cannot_be_written_to_is_not_told() -> None:
    bot = Bot()
    bot.deaf = {3}
    assert not await bot.herald(3).tell(ALERT)
    assert bot.told == []
