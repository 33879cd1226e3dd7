"""/video turns a sentence into a posted video, or says why not and gives the prompt back."""

from __future__ import annotations

import asyncio
import re
from io import BytesIO

import discord
import pytest
from PIL import Image

from cogs.ui.uploads import Uploads
from cogs.video import FRAMED_AT_ONCE
from sandbox.discord import Channel, Fault, NoAnswer, Upload, When
from sandbox.provider import Fault as ProviderFault
from storage.records import FrameRole
from tests.cogs.world import PROMPT, SMALL, World

CALLBACK = "POST /interactions/*/*/callback"
POSTING = "POST /channels/*/messages"


def picture(width: int = 640, height: int = 480, kind: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), "navy").save(file, kind)
    return file.getvalue()


def hands_back(text: str, prompt: str = PROMPT) -> bool:
    return f"```\n{prompt}\n```" in text


async def test_a_sentence_becomes_a_video_in_reply_to_its_card(world: World) -> None:
    reply = await world.video()
    result = await world.told(world.mira)

    (card,) = world.cards
    assert reply.private
    assert "Accepted" in reply.text
    assert card.url in reply.text
    assert "credits left for today" in reply.text
    assert result.reply_to is card
    assert result.mentions == [world.mira.person]
    assert result.attachments[0].data == world.provider.tasks[0].film
    assert PROMPT in (result.attachments[0].description or "")
    assert result.attachments[0].filename.startswith("a-paper-boat-drifts")
    await world.discord.until(lambda: "**Done**" in card.text)
    assert len(world.provider.billed) == 1
    assert not world.discord.violations
    assert not world.provider.violations


async def test_many_frames_at_once_do_not_fill_the_memory(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way: list[int] = []
    most = 0
    fetch = Uploads.fetch

    async def count(uploads: Uploads, attachment: discord.Attachment, role: FrameRole) -> bytes:
        nonlocal most
        under_way.append(1)
        most = max(most, len(under_way))
        await asyncio.sleep(0.01)
        under_way.pop()
        return await fetch(uploads, attachment, role)

    monkeypatch.setattr(Uploads, "fetch", count)
    members = [world.server.add_member(f"Member {n}") for n in range(2 * FRAMED_AT_ONCE)]
    replies = await asyncio.gather(
        *(world.video(member, first_frame=Upload("f.png", picture())) for member in members)
    )
    assert all("Accepted" in reply.text for reply in replies)
    assert most == FRAMED_AT_ONCE


async def test_two_frames_travel_and_the_settings_are_shown(world: World) -> None:
    reply = await world.video(
        first_frame=Upload("first.png", picture()),
        last_frame=Upload("last.jpg", picture(kind="JPEG")),
        seed=7,
    )
    assert "Accepted" in reply.text
    await world.told(world.mira)

    asked = world.provider.tasks[0].asked
    assert asked.first is not None
    assert asked.last is not None
    assert asked.seed == 7
    assert "seed 7" in world.cards[0].text


async def test_a_failure_is_told_by_a_reply_and_costs_nothing(world: World) -> None:
    world.provider.fail(ProviderFault.TEXT_REFUSED)
    await world.video()
    told = await world.told(world.mira)

    assert "does not render these words" in told.content
    assert "credits are back" in told.content
    await world.discord.until(lambda: "**No video**" in world.cards[0].text)
    quota = await (await world.mira.command(world.channel, "quota")).settled()
    assert "Today: 120 of 120 left" in quota.text


@pytest.mark.parametrize(
    "prompt",
    [
        "**loud** [x](https://evil.example) `code` ||s||",
        "@everyone @here <@1> <@&2> look",
        "boat \u202edaol\u202c https://evil.example",
        "# heading with discord.gg/abc",
    ],
)
async def test_no_prompt_pings_links_or_formats(world: World, prompt: str) -> None:
    reply = await world.video(prompt=prompt)
    result = await world.told(world.mira)

    for message in (world.cards[0], result):
        assert not message.mentions_everyone
        assert "\u202e" not in message.text
        assert not re.search(r"(?<!\\)\*\*loud|https?://evil|(?<!\\)@(everyone|here)", message.text)
    assert world.cards[0].mentions == []
    assert result.mentions == [world.mira.person]
    assert not result.embeds
    assert "Accepted" in reply.text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"prompt": " \u200b "}, "There is nothing to see in this prompt"),
        ({"prompt": "boat --dur 5 --duration 8", "duration": None}, "sets the duration twice"),
        ({"prompt": "boat --duration five", "duration": None}, "I cannot read"),
        ({"duration": 99}, "has no duration “99”. You can choose: 4, 5"),
        ({"ratio": "7:1"}, "has no ratio"),
        ({"model": "sora"}, "There is no model “sora” here"),
        ({"model": "seedance-2-5", "seed": 7}, "takes no seed"),
        ({"duration": 12, "resolution": "1080p"}, "and you have 120 of 120 left for today"),
        ({"last_frame": Upload("l.png", picture())}, "needs a first one"),
        ({"first_frame": Upload("f.png", b"only text")}, "is no picture that I can open"),
        ({"first_frame": Upload("f.png", picture(200, 5000))}, "(200 × 5000 pixels)"),
        ({"first_frame": Upload("f.gif", picture(kind="GIF"))}, "is of a kind"),
    ],
)
async def test_a_refusal_says_why_and_gives_the_prompt_back(
    world: World, options: dict[str, object], words: str
) -> None:
    reply = await world.video(**options)

    assert words in reply.text
    assert "Nothing was charged." in reply.text
    assert hands_back(reply.text, str(options.get("prompt", PROMPT)))
    assert reply.private
    assert not world.channel.messages
    assert not world.provider.create_calls


async def test_the_longest_prompt_is_handed_back_whole(world: World) -> None:
    prompt = "```" + "a" * 1990 + "```*"
    reply = await world.video(prompt=prompt, model="sora")
    assert "a" * 1990 in reply.text


async def test_a_picture_of_30_mb_is_not_even_fetched(world: World) -> None:
    world.server.boost(2)
    reply = await world.video(first_frame=Upload("f.png", bytes(30_000_001)))
    assert "is too large a file (30 MB)" in reply.text
    assert not [one for one in world.discord.requests if "attachments" in one.path]


async def test_a_picture_that_vanished_is_asked_for_again(world: World) -> None:
    world.discord.fail(Fault("GET /ephemeral-attachments/*/*/*", status=404))
    reply = await world.video(first_frame=Upload("f.png", picture()))
    assert "could not be fetched from Discord. Please attach it again." in reply.text


@pytest.mark.parametrize("permission", ["attach_files", "send_messages", "embed_links"])
async def test_a_missing_permission_is_named_before_anything_is_held(
    world: World, permission: str
) -> None:
    world.channel.deny_bot(permission)
    reply = await world.video()
    assert permission.replace("_", " ").title() in reply.text
    assert hands_back(reply.text)
    assert not world.provider.create_calls


async def test_in_a_thread_the_permission_for_threads_counts(world: World) -> None:
    thread = world.channel.add_thread("boats")
    world.channel.deny_bot("send_messages_in_threads")
    reply = await world.mira.command(thread, "video", prompt=PROMPT)
    assert "Send Messages in Threads" in (await reply.settled()).text


async def test_of_20_at_once_exactly_those_that_fit_pass(sleeping_world: World) -> None:
    world = sleeping_world
    await world.start(SPEND_DAILY_CREDITS="36", QUOTA_RENDERS_AT_ONCE="20")
    members = [world.server.add_member(f"Member {number}") for number in range(20)]
    replies = await asyncio.gather(*(world.video(member) for member in members))
    accepted = [reply for reply in replies if "Accepted" in reply.text]
    refused = [reply for reply in replies if "The bot's budget is used up for today." in reply.text]
    assert (len(accepted), len(refused)) == (3, 17)
    assert len(world.cards) == 3


async def test_a_third_at_once_is_refused(world: World) -> None:
    world.provider.hold()
    await world.video()
    await world.video(prompt="another")
    reply = await world.video(prompt="a third")
    assert "You have 2 videos under way, and that is the limit" in reply.text


async def test_the_same_interaction_twice_is_one_render(world: World) -> None:
    reply = await world.video()
    await world.mira.repeat(reply)
    await world.told(world.mira)
    assert len(world.cards) == 1
    assert len(world.provider.tasks) == 1
    assert "Accepted" in reply.text


async def test_the_same_wish_twice_in_a_row_is_one_render(sleeping_world: World) -> None:
    world = sleeping_world
    await world.start(UNDO_SECONDS="5")
    first = await world.video()
    second = await world.video()
    assert "Accepted" in first.text
    assert "it is under way once" in second.text
    assert world.cards[0].url in second.text
    assert len(world.cards) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(CALLBACK, status=404, code=10062),
        Fault(CALLBACK, status=400, code=40060),
        Fault(CALLBACK, status=500, times=None),
        Fault(CALLBACK, status=500, when=When.AFTER),
        Fault(CALLBACK, reset=True),
        Fault(CALLBACK, reset=True, when=When.AFTER),
        Fault(CALLBACK, status=429, via=False, retry_after=9),
    ],
)
async def test_nothing_is_held_unless_the_acknowledgement_plainly_succeeded(
    world: World, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The library repeats a 5xx after a second; the member's client waits for three.
    monkeypatch.setattr("cogs.ui.base.ACKNOWLEDGE_SECONDS", 1.2)
    world.discord.fail(fault)
    command = asyncio.create_task(world.mira.command(world.channel, "video", prompt=PROMPT))
    told = await _excuse(world, command)
    assert "nothing was charged" in told or "charged nothing" in told
    assert not world.cards
    world.discord.heal()
    quota = await (await world.mira.command(world.channel, "quota")).settled()
    assert "Today: 120 of 120 left" in quota.text


async def _excuse(world: World, command: asyncio.Task[object]) -> str:
    """Return what the member reads: a private follow-up, or a message in the channel."""
    await world.discord.until(lambda: bool(world.channel.messages) or command.done())
    if command.done():
        reply = command.result()
        return (await reply.settled()).text  # type: ignore[attr-defined]
    words = world.channel.messages[0].content
    world.discord.clock.advance(5)
    with pytest.raises(NoAnswer):
        await command
    return words


async def test_a_member_who_cannot_be_reached_at_all_is_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.discord.fail(Fault(CALLBACK, reset=True))
    world.discord.fail(Fault(POSTING, status=403, code=50013))
    command = asyncio.create_task(world.mira.command(world.channel, "video", prompt=PROMPT))
    await world.discord.requested(POSTING)
    await asyncio.sleep(0.05)
    assert "could not be answered at all" in caplog.text
    assert PROMPT not in caplog.text
    world.discord.clock.advance(5)
    with pytest.raises(NoAnswer):
        await command


async def test_a_card_that_cannot_be_posted_gives_everything_back(world: World) -> None:
    world.discord.fail(Fault(POSTING, status=403, code=50013))
    reply = await world.video()
    assert "I could not write in this channel" in reply.text
    assert hands_back(reply.text)
    quota = await (await world.mira.command(world.channel, "quota")).settled()
    assert "Today: 120 of 120 left" in quota.text


async def test_suggestions_follow_the_models_and_show_prices(world: World) -> None:
    models = await world.mira.autocomplete(world.channel, "video", "model", "1.5")
    assert [choice.value for choice in models] == ["doubao-seedance-1-5-pro-251215"]
    assert models[0].name.startswith("Seedance 1.5 pro · 5 s · ")
    durations = await world.mira.autocomplete(
        world.channel, "video", "duration", "", resolution="480p"
    )
    assert durations[0].value == 4
    assert "credits" in durations[0].name
    ratios = await world.mira.autocomplete(world.channel, "video", "ratio", "9:16")
    assert [choice.value for choice in ratios] == ["9:16"]
    resolutions = await world.mira.autocomplete(
        world.channel, "video", "resolution", "", model="seedance-2-5"
    )
    assert [choice.value for choice in resolutions] == ["480p", "720p"]


async def test_a_server_that_the_host_did_not_open_is_told_so(sleeping_world: World) -> None:
    world = sleeping_world
    await world.start(ALLOWED_GUILDS="123456789012345678")
    reply = await world.video()
    assert "Only the bot's host can open it" in reply.text


async def test_a_result_that_was_posted_in_spite_of_a_reset_is_posted_once(world: World) -> None:
    world.provider.hold()
    await world.video()
    await world.discord.until(lambda: "**Rendering**" in world.cards[0].text)
    world.discord.fail(Fault(POSTING, reset=True, when=When.AFTER))
    world.provider.release()
    await world.told(world.mira)
    await world.discord.until(lambda: "**Done**" in world.cards[0].text)
    assert len(world.results) == 1


async def test_a_result_whose_channel_is_gone_comes_to_the_member(world: World) -> None:
    world.provider.hold()
    await world.video()
    await world.provider.created()
    world.channel.delete()
    world.provider.release()
    await world.discord.until(lambda: bool(world.mira.direct_messages))
    (message,) = world.mira.direct_messages
    assert message.attachments


async def test_a_result_too_large_for_the_server_comes_as_a_link(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord.Guild.filesize_limit", 10)
    await world.video()
    result = await world.told(world.mira)
    assert "It is behind this link." in result.content
    assert not result.attachments
    assert world.provider.base_url in result.content


async def end_while_the_bot_is_down(world: World, thread: Channel) -> None:
    """Let Mira ask in a thread, and the thread go before her video is there."""
    world.provider.hold()
    reply = await world.mira.command(thread, "video", prompt=PROMPT, **SMALL)
    assert "Accepted" in (await reply.settled()).text
    await world.provider.created()
    await world.stop()
    thread.delete()
    world.provider.release()
    await world.start()


async def test_a_public_thread_that_went_meanwhile_leaves_the_video_to_its_channel(
    world: World,
) -> None:
    await end_while_the_bot_is_down(world, world.channel.add_thread("boats"))
    assert (await world.told(world.mira)).attachments
    assert world.mira.direct_messages == []


async def test_a_private_thread_that_went_meanwhile_leaves_the_video_to_its_member(
    world: World,
) -> None:
    thread = world.channel.add_thread("secret", private=True, members=(world.mira,))
    await end_while_the_bot_is_down(world, thread)
    await world.discord.until(lambda: bool(world.mira.direct_messages))
    assert world.mira.direct_messages[0].attachments
    assert world.channel.messages == []
