"""A moderator opens a render, acts, and reads what follows; so does its member."""

from __future__ import annotations

import pytest

from sandbox.discord import ClientRefused, Reply, Upload
from sandbox.provider import Fault as ProviderFault
from storage import Database, renders
from storage.records import Render, State
from tests.cogs.test_renders import id_in, kept
from tests.cogs.test_video import picture
from tests.cogs.ui.desk.moderation import case_of, filled, opened, pressed, waiting
from tests.cogs.world import PROMPT, SMALL, World


async def record(world: World, render_id: str) -> Render:
    async with Database.inspect(world.environment["DATABASE_URL"]) as database:
        found = await database.read(lambda tx: renders.find(tx, render_id))
    assert found
    return found


async def test_a_case_shows_all_that_is_known(sleeping_world: World) -> None:
    world = sleeping_world
    render_id = await waiting(world, prompt="Two *boats* for @everyone")
    shown = await opened(world)
    case = await (await world.moderator.choose(shown, "Open a video", render_id)).settled()
    for part in (
        "**Waits its turn** <t:",
        f"`{render_id}`",
        f"{world.mira.mention} in <#{world.channel.id}> · 4 s · 480p",
        "Place 1 in line.",
        "```\nTwo *boats* for @everyone\n```",
        f"[its card](<{world.cards[0].url}>)",
        f"sent by {world.mira.mention}; 10 credits set aside",
    ):
        assert part in case.text
    assert case.message.buttons == ["Put first", "Park", "Cancel…", "Back to the list"]
    back = await pressed(world.moderator, case, "Back to the list")
    assert "**1** waits" in back.text


FRAMES = ("first_frame", "last_frame")


def pictures_in(case: Reply) -> list[bytes]:
    return [attachment.data for attachment in case.message.attachments]


async def test_both_frames_are_shown_before_and_after_they_are_sent(world: World) -> None:
    frames = {name: Upload(f"{name}.png", picture()) for name in FRAMES}
    world.provider.hold()
    render_id = id_in((await world.video(**frames)).text)
    case = await case_of(world, render_id)
    pictures = pictures_in(case)
    assert len(pictures) == 2
    assert all(one.startswith(b"\xff\xd8") for one in pictures)
    back = await pressed(world.moderator, case, "Back to the list")
    assert back.message.attachments == []
    world.provider.release()
    await world.told(world.mira)
    assert pictures_in(await case_of(world, render_id)) == pictures


async def test_what_is_taken_down_shows_no_frame_any_more(world: World) -> None:
    render_id = id_in((await world.video(first_frame=Upload("boat.png", picture()))).text)
    await world.told(world.mira)
    case = await case_of(world, render_id)
    assert len(pictures_in(case)) == 1
    case = await filled(world.moderator, case, "Take down…", reason="too loud")
    assert pictures_in(case) == []


async def test_parking_and_unparking_shows_on_the_card_at_once(sleeping_world: World) -> None:
    world = sleeping_world
    render_id = await waiting(world)
    case = await pressed(world.moderator, await case_of(world, render_id), "Park")
    assert case.text.startswith("Parked: it keeps its place")
    await world.discord.until(lambda: "put it aside" in world.cards[0].text)
    case = await pressed(world.moderator, case, "Unpark")
    assert "Place 1 in line." in case.text
    await world.discord.until(lambda: "It is next." in world.cards[0].text)


async def test_what_is_put_first_is_first(sleeping_world: World) -> None:
    world = sleeping_world
    await waiting(world)
    render_id = await waiting(world, world.tom)
    case = await case_of(world, render_id)
    assert "Place 2 in line." in case.text
    case = await pressed(world.moderator, case, "Put first")
    assert "Place 1 in line." in case.text
    assert "put first by" in case.text


async def test_a_cancellation_asks_why_and_the_member_reads_it(sleeping_world: World) -> None:
    world = sleeping_world
    render_id = await waiting(world)
    case = await case_of(world, render_id)
    case = await filled(world.moderator, case, "Cancel…", reason="off topic")
    assert f"Cancelled. {world.mira.mention} gets 10 credits back" in case.text
    told = await world.told(world.mira)
    assert "The reason: “off topic”" in told.content
    assert case.message.buttons == ["Back to the list"]


async def test_of_two_moderators_one_acts_and_the_other_reads_who_did(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    other = world.server.add_moderator("Olga")
    render_id = await waiting(world)
    nadias, olgas = await case_of(world, render_id), await case_of(world, render_id, other)
    form = await other.press(olgas, "Cancel…")
    await filled(world.moderator, nadias, "Cancel…", reason="off topic")
    late = await (await other.submit(form, reason="me too")).settled()
    assert late.text.startswith(f"Somebody was faster: {world.moderator.mention} cancelled it <t:")
    assert "“off topic”" in late.text
    assert "Nothing was changed." in late.text


async def test_a_form_that_is_too_late_does_not_open_and_says_who_was_faster(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    other = world.server.add_moderator("Olga")
    render_id = await waiting(world)
    nadias, olgas = await case_of(world, render_id), await case_of(world, render_id, other)
    await filled(world.moderator, nadias, "Cancel…", reason="off topic")
    late = await pressed(other, olgas, "Cancel…")
    assert late.form is None
    assert late.text.startswith(f"Somebody was faster: {world.moderator.mention} cancelled it <t:")


async def test_who_loses_the_role_while_a_form_is_open_changes_nothing(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    render_id = await waiting(world)
    form = await world.moderator.press(await case_of(world, render_id), "Cancel…")
    world.moderator.take(world.moderator.roles[-1])
    late = await (await world.moderator.submit(form, reason="mine")).settled()
    assert f"I find no video “{render_id}”" in late.text
    assert (await record(world, render_id)).state is State.QUEUED


async def test_a_form_is_heard_also_after_a_restart(sleeping_world: World) -> None:
    world = sleeping_world
    render_id = await waiting(world)
    form = await world.moderator.press(await case_of(world, render_id), "Cancel…")
    await world.stop()
    await world.start(UNDO_SECONDS="60")
    case = await (await world.moderator.submit(form, reason="off topic")).settled()
    assert case.text.startswith("Cancelled.")


async def test_a_member_cannot_open_a_case(sleeping_world: World) -> None:
    render_id = await waiting(sleeping_world)
    with pytest.raises(ClientRefused):
        await case_of(sleeping_world, render_id, sleeping_world.mira)


async def test_a_video_is_taken_down_and_the_member_reads_who_and_why(world: World) -> None:
    render_id = id_in((await world.video()).text)
    result = await world.told(world.mira)
    case = await case_of(world, render_id)
    assert case.message.buttons == ["Refund…", "Take down…", "Back to the list"]
    case = await filled(
        world.moderator, case, "Take down…", reason="too *loud*", give_back="Yes, all of them"
    )
    assert case.text.startswith("Taken down.")
    await world.discord.until(lambda: result.deleted)
    notice = await world.told(world.mira)
    assert notice.content == (
        f"{world.mira.mention} {world.moderator.mention} took your video `{render_id}` down. The"
        r" reason: “too \*loud\*”."
    )
    await world.discord.until(lambda: PROMPT not in world.cards[0].text)
    assert "**Taken down**" in world.cards[0].text
    shown = await (await world.mira.command(world.channel, "renders show", id=render_id)).settled()
    assert "A moderator took the video down." in shown.text
    assert "The file" not in shown.text
    assert shown.message.buttons == []
    quota = await (await world.mira.command(world.channel, "quota")).settled()
    assert "10" in quota.text
    assert (await case_of(world, render_id)).message.buttons == ["Refund…", "Back to the list"]


async def test_a_wish_that_is_cancelled_where_a_moderator_does_not_see_it_is_not_named(
    world: World,
) -> None:
    render_id = id_in((await world.video()).text)
    await world.told(world.mira)
    await world.stop()
    async with Database.open(world.environment["DATABASE_URL"]) as database:
        # Or the same wish again would be the same render.
        await database.transaction(
            lambda tx: tx.execute("update renders set created_at_ms = created_at_ms - 60000")
        )
    await world.start(UNDO_SECONDS="60")
    hidden = world.server.add_channel("hidden")
    hidden.hide_from(world.moderator)
    again = await world.mira.command(hidden, "video", prompt=PROMPT, **SMALL)
    await again.settled()
    same = id_in(again.text)
    assert same != render_id
    case = await case_of(world, render_id)
    case = await filled(world.moderator, case, "Take down…", reason="too loud")
    assert (await record(world, same)).state is State.CANCELLED
    assert same not in case.text


async def test_a_video_whose_message_is_gone_is_taken_down_all_the_same(world: World) -> None:
    render_id = id_in((await world.video()).text)
    result = await world.told(world.mira)
    result.delete()
    case = await case_of(world, render_id)
    await filled(world.moderator, case, "Take down…", reason="too loud")
    notice = await world.told(world.mira)
    assert "took your video" in notice.content


async def test_a_kept_video_that_is_taken_down_is_posted_nowhere_even_after_a_restart(
    world: World,
) -> None:
    render_id = await kept(world)
    listed = await (await world.mira.command(world.channel, "renders show", id=render_id)).settled()
    case = await case_of(world, render_id)
    assert case.message.buttons == ["Post it", "Refund…", "Take down…", "Back to the list"]
    await filled(world.moderator, case, "Take down…", reason="too loud")
    await world.told(world.mira)
    await world.stop()
    await world.start()
    pressed_ = await (await world.mira.press(listed, "Post it here")).settled()
    assert pressed_.text == "A moderator took the video down."
    assert not any(message.attachments for message in world.channel.messages)


async def test_a_kept_video_is_posted_from_its_case(world: World) -> None:
    render_id = await kept(world)
    case = await pressed(world.moderator, await case_of(world, render_id), "Post it")
    (result,) = world.results
    assert f"It is posted: [look](<{result.url}>)" in case.text


async def test_a_refund_is_given_from_the_case_and_told(world: World) -> None:
    render_id = id_in((await world.video()).text)
    await world.told(world.mira)
    case = await case_of(world, render_id)
    wrong = await filled(world.moderator, case, "Refund…", credits="ten", reason="sorry")
    assert "“ten” is no whole number" in wrong.text
    case = await filled(world.moderator, wrong, "Refund…", credits="4", reason="sorry")
    assert f"{world.mira.mention} has 4 credits back" in case.text
    assert "4 credits refunded by" in case.text
    case = await filled(world.moderator, case, "Refund…", credits="40", reason="sorry")
    assert "6 credits can still be given back" in case.text


async def lost(world: World) -> str:
    """Send a render to which no answer comes."""
    world.provider.fail(ProviderFault.RESET_AFTER_CREATION)
    render_id = id_in((await world.video()).text)
    await world.discord.until(lambda: "no answer came" in world.cards[0].text)
    return render_id


async def test_a_moderator_names_the_task_of_what_nobody_heard_of_again(world: World) -> None:
    render_id = await lost(world)
    case = await case_of(world, render_id)
    assert "nobody knows whether it is rendered" in case.text
    assert case.message.buttons == ["Found it…", "Back to the list"]
    wrong = await filled(world.moderator, case, "Found it…", task="../models")
    assert "cannot be a number of the video service's" in wrong.text
    (task,) = world.provider.tasks
    await filled(world.moderator, wrong, "Found it…", task=task.id)
    result = await world.told(world.mira)
    assert result.attachments[0].data == task.film
    assert world.provider.create_calls == 1


async def test_only_the_host_sends_once_more_and_is_asked_first(world: World) -> None:
    await world.stop()
    await world.start(HOST_IDS=str(world.moderator.id))
    render_id = await lost(world)
    case = await case_of(world, render_id)
    asked = await pressed(world.moderator, case, "Send once more…")
    assert "you pay for two videos" in asked.text
    assert world.provider.create_calls == 1
    back = await pressed(world.moderator, asked, "No, back")
    assert "Send once more…" in back.message.buttons
    asked = await pressed(world.moderator, back, "Send once more…")
    sent = await pressed(world.moderator, asked, "Yes, send it once more")
    assert sent.text.startswith("It waits its turn once more.")
    await world.told(world.mira)
    assert world.provider.create_calls == 2
