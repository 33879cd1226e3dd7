"""An act is one line: who did what to whom, from what to what, and why; it pings nobody."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from cogs.ui.auditor import DiscordAuditor
from cogs.ui.text.acts import act
from render.messenger import PlaceClosed, PostingBroken
from storage.records import Event
from tests.cogs.examples import BORN_MS, CHANNEL_ID, SERVER_ID

MODEL = "doubao-seedance-1-5-pro-251215"
GIVEN = "given_daily_credits"


def event(action: str, **changes: object) -> Event:
    values: dict[str, Any] = {
        "id": 12,
        "render_id": None,
        "at_ms": BORN_MS,
        "author": "4",
        "why": "",
        "server_id": SERVER_ID,
        "action": action,
        "target": "member:7",
    }
    values.update(changes)
    return Event(**values)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            event("refund", render_id="A1B2C3D4", new_value="61", why="it *broke*"),
            "<@4> refunded 61 credits of `A1B2C3D4` to <@7>: it \\*broke\\*",
        ),
        (
            event("report", render_id="A1B2C3D4", why="@everyone"),
            "A member reported `A1B2C3D4` of <@7>: \\@everyone",
        ),
        (
            event("board.set", target="server", why="board.set", new_value="channel_id=9"),
            "<@4> put the board into <#9>.",
        ),
        (event("board.end", target="server", why="board.end"), "<@4> took the board away."),
        (event("grant", target="role:9", new_value="100"), "<@4> gave 100 credits to <@&9>."),
        (event("grant", author="engine", new_value="1"), "The bot gave 1 credit to <@7>."),
        (
            event("reset", old_value="61", why="sorry"),
            "<@4> reset what <@7> had spent, 61 credits: sorry",
        ),
        (
            event(
                "limits.set",
                target="everyone",
                why="limits.set",
                old_value="day_credits=120",
                new_value=f'day_credits=60, renders_at_once=1, models=["{MODEL}"]',
            ),
            "<@4> limited everyone to 60 credits a day, at most 1 at once, only"
            " Seedance 1.5 pro (before: 120 credits a day).",
        ),
        (
            event("limits.clear", target="server", old_value="day_credits=120"),
            "<@4> cleared the limits of the server as a whole, which were: 120 credits a day.",
        ),
        (
            event(
                "approval.set",
                target="place:5",
                why="approval.set",
                old_value="approval=",
                new_value="approval=always",
            ),
            "<@4> set what waits for a moderator's yes, for <#5>: every video"
            " (before: what holds around it).",
        ),
        (
            event("words.add", why="words.add", new_value='refuse=["gory","real *"]'),
            "<@4> put words on the list: refused: gory, real \\*.",
        ),
        (
            event("words.remove", why="words.remove", old_value='approve=["sword"]'),
            "<@4> took words off the list: only after a moderator's yes: sword.",
        ),
        (
            event("newcomers.set", old_value="member_days=0", new_value="member_days=3"),
            "<@4> chose how long members must have been there: in this server for at least 3 days"
            " (before: in this server for at least 0 days).",
        ),
        (
            event(
                "newcomers.pause",
                author="engine",
                why="newcomers.pause",
                old_value="paused_until_ms=",
                new_value=f"paused_until_ms={BORN_MS}",
            ),
            "The bot has new members wait, because too many came at once; it goes on"
            f" <t:{BORN_MS // 1000}:R>.",
        ),
        (event("newcomers.resume", why=""), "<@4> lets new members send videos again."),
        (
            event("block", why="spam", new_value="until=for good"),
            "<@4> stopped the videos of <@7> for good: spam",
        ),
        (
            event("block", new_value=f"until={BORN_MS}"),
            f"<@4> stopped the videos of <@7> until <t:{BORN_MS // 1000}:f>.",
        ),
        (
            event("block", author="engine", new_value=f"until={BORN_MS}"),
            f"The bot paused <@7> until <t:{BORN_MS // 1000}:f>: five of their videos were"
            " refused or failed.",
        ),
        (event("unblock", why="unblock"), "<@4> lets <@7> send videos again."),
        (
            event(
                "refund",
                author="engine",
                render_id="7KQ2M9XA",
                target="member:7",
                new_value="27",
                why="video_missing",
            ),
            "The bot refunded 27 credits of `7KQ2M9XA` to <@7>: the video was lost",
        ),
        (
            event("host.give", target="server", old_value=f"{GIVEN}=", new_value=f"{GIVEN}=500"),
            "<@4> changed what this server may spend: up to 500 credits a day"
            " (before: as much as every server).",
        ),
        (
            event(
                "setup",
                target="server",
                old_value="opened=0, channel_ids=[], staff_channel_id=",
                new_value="opened=1, channel_ids=[5,6], staff_channel_id=8",
            ),
            "<@4> set the bot up: open to members, in <#5> <#6>, staff channel <#8>.",
        ),
        (
            event("setup", old_value="role_ids=[9]", new_value="role_ids=[]"),
            "<@4> set the bot up: for every role (before: for <@&9>).",
        ),
        (
            event("zone.set", old_value="time_zone=", new_value="time_zone=Europe/Zurich"),
            "<@4> changed when days begin: Europe/Zurich (before: the host's time zone).",
        ),
    ],
)
def test_acts_are_one_line_each(said: Event, words: str) -> None:
    assert act(said) == words


def test_the_longest_act_fits_a_message() -> None:
    many = ", ".join(f"name{number}={'*' * 90}" for number in range(90))
    long = event("limits.set", old_value=many, new_value=many, why="*" * 5000)
    assert len(act(long)) <= 2000
    assert "\n" not in act(long)


class Channel:
    """Take messages, or refuse them."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.sent: list[dict[str, Any]] = []

    async def send(self, words: str, **options: object) -> None:
        if self.error:
            raise self.error
        self.sent.append({"words": words, **options})


def auditor(channel: Channel) -> DiscordAuditor:
    def get_partial_messageable(channel_id: int, *, guild_id: int) -> Channel:
        assert (channel_id, guild_id) == (CHANNEL_ID, SERVER_ID)
        return channel

    bot = SimpleNamespace(get_partial_messageable=get_partial_messageable)
    return DiscordAuditor(cast("Any", bot))


def refused(status: int, code: int) -> discord.HTTPException:
    response = cast("Any", SimpleNamespace(status=status, reason=""))
    return discord.HTTPException(response, {"code": code, "message": ""})


async def test_an_act_is_posted_under_its_own_nonce_and_pings_nobody() -> None:
    channel = Channel()
    await auditor(channel).post(CHANNEL_ID, event("grant", new_value="5"))
    (sent,) = channel.sent
    assert sent["words"] == "<@4> gave 5 credits to <@7>."
    assert sent["nonce"] == "act.12"
    assert sent["allowed_mentions"].to_dict() == {"parse": []}


@pytest.mark.parametrize(
    ("status", "code", "expected"), [(403, 50001, PlaceClosed), (503, 0, PostingBroken)]
)
async def test_what_stands_in_the_way_is_sorted(
    status: int, code: int, expected: type[Exception]
) -> None:
    with pytest.raises(expected):
        await auditor(Channel(refused(status, code))).post(CHANNEL_ID, event("grant"))


async def test_an_act_that_was_posted_and_deleted_is_not_posted_again() -> None:
    await auditor(Channel(refused(404, 10008))).post(CHANNEL_ID, event("grant"))
