"""Members report videos; the moderators read of it, and who made the video does not."""

from __future__ import annotations

import pytest

from cogs.ui.text.reports import MENU
from render import audit
from sandbox.discord import Member, Message, Reply
from sandbox.provider import Fault
from tests.cogs.ui.desk.moderation import case_of, filled
from tests.cogs.world import World

WHY = "It shows my flat."


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "LOOK_SECONDS", 0.02)


async def reported(world: World, who: Member, result: Message, why: str = "") -> str:
    """Press the button, fill in the form, and return what is said."""
    return await sent(who, await who.press(result, "Report"), why)


async def sent(who: Member, form: Reply, why: str = "") -> str:
    filled = {"What is wrong with it?": why} if why else {}
    reply = await who.submit(form, **filled)
    assert reply.private
    return (await reply.settled()).text


async def video(world: World) -> Message:
    await world.video()
    return await world.told(world.mira)


def id_of(result: Message) -> str:
    return result.text.rpartition("· `")[2].partition("`")[0]


async def test_a_report_reaches_the_moderators_and_names_nobody_who_made_it(world: World) -> None:
    staff = world.server.add_channel("staff")
    await (await world.admin.command(staff, "server audit", channel=staff)).settled()
    result = await video(world)
    words = await reported(world, world.tom, result, WHY)
    assert words.startswith("Thank you. The moderators of this server see that `")
    line = await staff.wait_for(lambda message: "reported" in message.text)
    assert line.text.startswith("A member reported `")
    assert line.text.endswith(f"of {world.mira.mention}: It shows my flat.")
    assert world.tom.mention not in line.text
    assert line.mentions == []
    assert world.mira.direct_messages == []


async def test_a_report_from_the_menu_of_the_message_is_the_same_report(world: World) -> None:
    result = await video(world)
    form = await world.tom.choose_in_menu(result, MENU)
    assert "Thank you" in await sent(world.tom, form)
    assert "You reported this video already" in await reported(world, world.tom, result)
    assert "Thank you" in await reported(world, world.moderator, result)


async def test_only_a_result_of_the_bot_can_be_reported_from_the_menu(world: World) -> None:
    await video(world)
    reply = await world.tom.choose_in_menu(world.cards[0], MENU)
    assert reply.private
    assert "There is no video of mine here" in (await reply.settled()).text


async def test_what_ended_without_a_video_has_no_button(world: World) -> None:
    world.provider.fail(Fault.TEXT_REFUSED)
    result = await video(world)
    assert "Report" not in result.buttons


async def test_what_was_taken_down_while_the_form_was_open_says_so(world: World) -> None:
    result = await video(world)
    form = await world.tom.press(result, "Report")
    case = await case_of(world, id_of(result))
    await filled(world.moderator, case, "Take down…", reason="too loud")
    assert "A moderator took this video down already" in await sent(world.tom, form)


async def test_a_moderator_reads_the_report_at_the_desk_without_a_name(world: World) -> None:
    result = await video(world)
    await reported(world, world.tom, result, WHY)
    words = (await case_of(world, id_of(result))).text
    assert "**Reported once**, last <t:" in words
    assert "It shows my flat" in words
    assert world.tom.mention not in words


async def test_a_form_that_discord_delivers_twice_is_one_report(world: World) -> None:
    form = await world.tom.press(await video(world), "Report")
    reply = await world.tom.submit(form)
    await world.tom.repeat(reply)
    assert "Thank you" in (await reply.settled()).text
