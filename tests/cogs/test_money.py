"""The host's brakes and figures, refunds, and prices before the click, as people use them."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from cogs.ui import purse
from sandbox.discord import Member
from tests.cogs.test_renders import id_in
from tests.cogs.world import PROMPT, World


def host_of(world: World) -> Member:
    """Let the application's owner join, without any right in the server."""
    return world.server.add_member(world.discord.host)


async def said(world: World, who: Member, command: str, /, **options: object) -> str:
    reply = await who.command(world.channel, command, **options)
    assert reply.private
    words = (await reply.settled()).text
    assert len(words) <= 4000
    return words


async def test_a_stop_holds_at_once_and_across_restarts_until_the_host_says_go(
    world: World,
) -> None:
    host = host_of(world)
    assert "From now on no video starts" in await said(world, host, "host stop", reason="$ 99 gone")
    for _ in range(2):
        refused = await world.video()
        assert "host has stopped new videos" in refused.text
        assert PROMPT in refused.text
        assert "99" not in refused.text
        await world.stop()
        await world.start()
    assert "You noted: “$ 99 gone”" in await said(world, host, "host stop")
    assert "You stopped it" in await said(world, host, "doctor")
    assert world.provider.create_calls == 0

    assert "Videos start again." in await said(world, host, "host go")
    await world.video()
    assert (await world.told(world.mira)).attachments


async def test_what_renders_is_delivered_and_what_waits_keeps_its_place_meanwhile(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    host = host_of(world)
    await world.start(SEEDANCE_CONCURRENCY="1")
    world.provider.hold()
    await world.video()
    await world.provider.created()
    await world.video(world.tom)
    await said(world, host, "host stop")
    world.provider.release()
    assert (await world.told(world.mira)).attachments
    assert world.provider.create_calls == 1
    await said(world, host, "host go")
    assert (await world.told(world.tom)).attachments


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("host spend", {}),
        ("host stop", {}),
        ("host go", {}),
        ("host give", {"server": "Lakeside", "credits": 5}),
    ],
)
async def test_what_is_the_hosts_is_the_hosts_alone(
    world: World, command: str, options: dict[str, object]
) -> None:
    words = await said(world, world.admin, command, **options)
    assert words == "This is for the bot's host. Nothing was changed."
    assert "Accepted" in (await world.video()).text


async def test_spend_shows_dollars_by_server(world: World) -> None:
    host = host_of(world)
    await world.video()
    await world.told(world.mira)
    words = await said(world, host, "host spend")
    assert "**Today**" in words
    assert "of $5.00 spent, and $0.00 held" in words
    assert "of $100.00 spent" in words
    assert "COMETAPI_BALANCE_KEY lets me" in words
    assert "\nLakeside: $0." in words


async def test_spend_compares_with_the_services_own_figure(
    sleeping_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, left = sleeping_world, [Decimal("20.00")]

    async def balance(*_: object) -> Decimal:
        return left[0]

    monkeypatch.setattr("bot.balance", balance)
    host = host_of(world)
    await world.start(COMETAPI_BALANCE_KEY="sk-only-to-look")
    assert "The video service took $0.00 since" in await said(world, host, "host spend")
    left[0] = Decimal("19.50")
    words = await said(world, host, "host spend")
    assert "took $0.50 since" in words
    assert "the ledger says $0.00 for that time, $0.50 less." in words


async def test_the_host_gives_a_server_more_or_less(world: World) -> None:
    host = host_of(world)
    (choice,) = await host.autocomplete(world.channel, "host give", "server", "lake")
    assert choice.value == str(world.server.id)
    words = await said(world, host, "host give", server=choice.value, credits=5)
    assert words.startswith("Lakeside may spend up to 5 credits ($0.05) a day.")
    assert "Accepted" not in (await world.video()).text
    await said(world, host, "host give", server="lakeside", credits=900)
    assert "Accepted" in (await world.video()).text
    words = await said(world, host, "host give", server="lakeside")
    assert words.startswith(
        "Lakeside may spend what every server may: up to 500 credits ($5.00) a day, and what you"
        " set for all later."
    )
    shown = await said(world, world.admin, "server limits show")
    assert "The host gave it 500 credits ($5) a day." in shown


async def test_nobody_else_learns_the_servers_and_unknown_ones_are_named(world: World) -> None:
    assert await world.admin.autocomplete(world.channel, "host give", "server", "") == []
    words = await said(world, host_of(world), "host give", server="Atlantis", credits=5)
    assert words.startswith("I am in no server “Atlantis”")


async def refund(world: World, who: Member, render_id: str, **options: object) -> str:
    return await said(world, who, "queue refund", id=render_id, reason="it *broke*", **options)


async def test_a_moderator_refunds_and_the_member_is_told_and_sees_it(world: World) -> None:
    render_id = id_in((await world.video()).text)
    result = await world.told(world.mira)
    await world.discord.until(lambda: "**Done**" in world.cards[0].text)
    (choice,) = await world.moderator.autocomplete(world.channel, "queue refund", "id", "")
    assert choice.value == render_id
    assert choice.name.startswith(f"{render_id} · ")
    words = await refund(world, world.moderator, render_id, credits=3)
    assert f"{world.mira.mention} has 3 credits back for `{render_id}`" in words
    assert "was told so under the video" in words
    reply = await world.channel.wait_for(
        lambda message: "You have 3 credits back" in message.content
    )
    assert reply.mentions == [world.mira.person]
    assert "“it \\*broke\\*”" in reply.content
    assert result.id != reply.id
    quota = await said(world, world.mira, "quota")
    assert "Gift: 3 left" in quota
    assert f"+3 · `{render_id}` · <t:" in quota


async def test_no_more_is_refunded_than_was_paid(world: World) -> None:
    render_id = id_in((await world.video()).text)
    await world.told(world.mira)
    await world.discord.until(lambda: "**Done**" in world.cards[0].text)
    assert "can still be given back" in await refund(world, world.moderator, render_id, credits=500)
    assert "back for" in await refund(world, world.moderator, render_id)
    assert "given back already" in await refund(world, world.moderator, render_id)


async def test_more_than_a_moderator_may_give_back_needs_the_host(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("render.treasury.MODERATORS_CREDITS", 2)
    host = world.server.add_moderator(world.discord.host)
    render_id = id_in((await world.video()).text)
    await world.told(world.mira)
    await world.discord.until(lambda: "**Done**" in world.cards[0].text)
    words = await refund(world, world.moderator, render_id, credits=3)
    assert "please ask the bot's host" in words
    assert "has 3 credits back" in await refund(world, host, render_id, credits=3)


async def test_a_host_who_is_a_plain_member_refunds_and_moderates_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As when the server's admins opened the command to them.
    for each in world.discord.commands:
        monkeypatch.setitem(each, "default_member_permissions", None)
    host = host_of(world)
    render_id = id_in((await world.video()).text)
    await world.told(world.mira)
    await world.discord.until(lambda: "**Done**" in world.cards[0].text)
    (choice,) = await host.autocomplete(world.channel, "queue refund", "id", "")
    assert choice.value == render_id
    assert "has 3 credits back" in await refund(world, host, render_id, credits=3)
    assert "I find no video" in await said(world, host, "queue show", id=render_id)
    assert "in the whole server" in await said(world, host, "queue pause")
    assert render_id not in await said(world, host, "queue list")
    assert "Manage Messages" in await refund(world, world.tom, render_id)


async def test_what_is_not_paid_cannot_be_refunded(world: World) -> None:
    world.provider.hold()
    render_id = id_in((await world.video()).text)
    await world.provider.created()
    assert "is not paid yet" in await refund(world, world.moderator, render_id)


async def test_a_refund_is_shown_in_the_audit_channel_and_pings_nobody(world: World) -> None:
    audit = world.server.add_channel("audit")
    await said(world, world.admin, "server audit", channel=audit)
    render_id = id_in((await world.video()).text)
    await world.told(world.mira)
    await world.discord.until(lambda: "**Done**" in world.cards[0].text)
    await refund(world, world.moderator, render_id, credits=3)
    shown = await audit.wait_for(lambda message: render_id in message.content)
    assert shown.content == (
        f"{world.moderator.mention} refunded 3 credits of `{render_id}` to {world.mira.mention}:"
        " it \\*broke\\*"
    )
    assert shown.mentions == []


async def names(world: World, option: str, **filled: object) -> list[str]:
    found = await world.mira.autocomplete(world.channel, "video", option, "", **filled)
    return [choice.name for choice in found]


async def test_prices_stand_beside_durations_resolutions_and_models(world: World) -> None:
    durations = await names(world, "duration", resolution="480p")
    assert durations[0].startswith("4 s · ")
    assert all("credits" in name for name in durations)
    assert any(name.startswith("720p · ") for name in await names(world, "resolution"))
    assert (await names(world, "model"))[0].startswith("Seedance 1.5 pro · 5 s · 27 credits")


async def test_what_is_more_than_the_member_has_says_so_before_the_click(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    await world.start(QUOTA_DAILY_CREDITS="27")
    durations = {name.split(" · ")[0]: name for name in await names(world, "duration")}
    assert durations["5 s"] == "5 s · 27 credits"
    assert durations["10 s"].endswith("credits · more than you have")


async def test_what_a_limit_forbids_says_so_before_the_click(world: World) -> None:
    await said(
        world, world.admin, "server limits set", who="everyone", longest="5", resolution="480p"
    )
    durations = {name.split(" · ")[0]: name for name in await names(world, "duration")}
    assert durations["10 s"].endswith(" · not allowed here")
    assert "not allowed" not in durations["5 s"]
    resolutions = {name.split(" · ")[0]: name for name in await names(world, "resolution")}
    assert resolutions["720p"].endswith(" · not allowed here")


async def test_a_busy_database_leaves_the_plain_prices(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purse, "PATIENCE_SECONDS", 0.01)

    async def busy(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("render.admission.Admission.allowance", busy)
    assert "5 s · 27 credits" in await names(world, "duration")


async def test_the_allowance_is_read_once_for_quick_typing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from render.admission import Admission

    reads: list[object] = []
    read = Admission.allowance

    async def counted(*asked: object) -> object:
        reads.append(asked)
        return await read(*asked)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(Admission, "allowance", counted)
    for _ in range(3):
        await names(world, "duration")
    assert len(reads) == 1
