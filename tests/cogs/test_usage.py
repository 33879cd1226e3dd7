"""/server usage says what was used, and hands it out as a file that no spreadsheet reckons with."""

from __future__ import annotations

from tests.cogs.world import World


async def test_what_was_used_is_listed(world: World) -> None:
    for member in (world.mira, world.tom):
        await world.video(member)
        await world.told(member)
    reply = await world.admin.command(world.channel, "server usage", by="member", per="week")
    lines = (await reply.settled()).text.splitlines()
    assert reply.private
    assert "and 2 videos this week, since <t:" in lines[0]
    assert {lines[1].split(" · ")[0][3:], lines[2].split(" · ")[0][3:]} == {
        world.mira.mention,
        world.tom.mention,
    }
    assert not reply.message.mentions
    for by, expected in (
        ("channel", f"<#{world.channel.id}>"),
        ("model", "Seedance"),
        ("role", "no role"),
    ):
        reply = await world.admin.command(world.channel, "server usage", by=by, per="day")
        assert f"1. {expected}" in (await reply.settled()).text


async def test_the_month_before_can_be_asked_for(world: World) -> None:
    await world.video()
    await world.told(world.mira)
    reply = await world.admin.command(
        world.channel, "server usage", by="member", per="month", back=1
    )
    assert (await reply.settled()).text.startswith("Nothing was spent from <t:")


async def test_the_file_comes_with_the_answer(world: World) -> None:
    await world.video()
    await world.told(world.mira)
    reply = await world.admin.command(
        world.channel, "server usage", by="member", per="month", csv=True
    )
    await reply.settled()
    assert "Day by day in the file" in reply.text
    (file,) = reply.message.attachments
    assert file.filename == "usage.csv"
    head, *days = file.data.decode().splitlines()
    assert head == "day,member,videos,credits"
    assert any(f",member {world.mira.id},1," in line for line in days)


async def test_a_server_reads_its_own_use_only(world: World) -> None:
    await world.video()
    await world.told(world.mira)
    other = world.discord.add_server("Elsewhere")
    channel, admin = other.add_channel("far"), other.add_admin("Ada")
    reply = await admin.command(channel, "server usage", by="member", per="month")
    assert (await reply.settled()).text.startswith("Nothing was spent this month, since <t:")
