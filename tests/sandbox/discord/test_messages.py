from __future__ import annotations

import io
from typing import TYPE_CHECKING

import discord
import discord.http
import pytest
from discord import ui

from sandbox.discord import Fault, When
from tests.sandbox.discord.conftest import code_of

if TYPE_CHECKING:
    from tests.sandbox.discord.conftest import Scene


async def test_a_message_is_found_when_it_comes_and_when_it_is_edited(scene: Scene) -> None:
    await scene.start()
    posted = await scene.bot_channel().send("Rendering")
    message = await scene.channel.wait_for(lambda each: "Rendering" in each.text)
    assert message.id == posted.id
    await posted.edit(content="Done")
    assert await scene.channel.wait_for(lambda each: each.text == "Done") is message
    assert message.edits == ["Rendering"]
    with pytest.raises(TimeoutError, match="Done"):
        await scene.channel.wait_for(lambda each: "Failed" in each.text, timeout=0.01)


async def test_the_same_nonce_posts_once(scene: Scene) -> None:
    await scene.start()
    first = await scene.bot_channel().send("x", nonce="ABC.1", file=_file())
    second = await scene.bot_channel().send("x", nonce="ABC.1", file=_file())
    assert first.id == second.id
    assert len(scene.channel.messages) == 1


async def test_a_nonce_is_forgotten_after_a_few_minutes(scene: Scene) -> None:
    await scene.start()
    await scene.bot_channel().send("x", nonce="ABC.1")
    scene.discord.clock.advance(600)
    await scene.bot_channel().send("x", nonce="ABC.1")
    assert len(scene.channel.messages) == 2


async def test_a_nonce_whose_message_was_deleted_is_an_unknown_message(scene: Scene) -> None:
    await scene.start()
    await scene.bot_channel().send("x", nonce="ABC.1")
    scene.channel.messages[0].delete()
    assert await code_of(scene.bot_channel().send("x", nonce="ABC.1")) == 10008


async def test_a_lost_answer_and_a_retry_give_one_message(scene: Scene) -> None:
    await scene.start()
    scene.discord.fail(Fault("POST /channels/*/messages", reset=True, when=When.AFTER))
    with pytest.raises(OSError, match="reset"):
        await scene.bot_channel().send("x", nonce="ABC.1")
    await scene.bot_channel().send("x", nonce="ABC.1")
    assert len(scene.channel.messages) == 1


async def test_only_allowed_mentions_ping(scene: Scene) -> None:
    await scene.start()
    text = f"@everyone {scene.ana.mention} {scene.mia.mention}"
    only_ana = discord.AllowedMentions(
        everyone=False, users=[discord.Object(scene.ana.id)], roles=False
    )
    await scene.bot_channel().send(text, allowed_mentions=discord.AllowedMentions.none())
    await scene.bot_channel().send(text, allowed_mentions=only_ana)
    await scene.bot_channel().send(text)
    pinged = [[person.name for person in each.mentions] for each in scene.channel.messages]
    assert pinged == [[], ["Ana"], ["Ana", "Mia"]]
    assert not any(each.mentions_everyone for each in scene.channel.messages)


async def test_who_may_ping_everybody_does(scene: Scene) -> None:
    await scene.start()
    scene.channel.allow_bot("mention_everyone")
    await scene.bot_channel().send("@here")
    assert scene.channel.messages[0].mentions_everyone


async def test_an_edit_pings_nobody(scene: Scene) -> None:
    await scene.start()
    posted = await scene.bot_channel().send("x")
    await posted.edit(content=scene.ana.mention)
    assert scene.channel.messages[0].mentions == []


async def test_somebody_who_left_is_not_pinged(scene: Scene) -> None:
    await scene.start()
    await scene.ana.leave()
    await scene.bot_channel().send(scene.ana.mention)
    assert scene.channel.messages[0].mentions == []


async def test_a_reply_knows_what_it_answers(scene: Scene) -> None:
    await scene.start()
    card = await scene.bot_channel().send("card")
    await card.reply("result")
    first, second = scene.channel.messages
    assert second.reply_to is first
    assert second.url.endswith(f"/{scene.server.id}/{scene.channel.id}/{second.id}")


async def test_a_reply_to_nothing_is_refused_unless_it_may_stand_alone(scene: Scene) -> None:
    await scene.start()
    card = await scene.bot_channel().send("card")
    scene.channel.messages[0].delete()
    assert await code_of(card.reply("result")) == 50035
    alone = card.to_reference(fail_if_not_exists=False)
    await scene.bot_channel().send("result", reference=alone)
    assert scene.channel.messages[0].reply_to is None


async def test_the_history_can_be_searched(scene: Scene) -> None:
    await scene.start()
    posted = [await scene.bot_channel().send(str(number)) for number in range(5)]

    async def read(**limits: object) -> list[str]:
        return [each.content async for each in scene.bot_channel().history(**limits)]  # pyright: ignore[reportArgumentType] - forwarded

    assert await read() == ["4", "3", "2", "1", "0"]
    assert await read(after=posted[2]) == ["3", "4"]
    assert await read(before=posted[2], limit=1) == ["1"]
    assert await read(around=posted[2], limit=3) == ["3", "2", "1"]
    assert await read(around=posted[2], limit=1) == ["2"]


async def test_deleted_messages_are_gone(scene: Scene) -> None:
    await scene.start()
    posted = await scene.bot_channel().send("x")
    await posted.delete()
    assert scene.channel.messages == []
    assert await code_of(posted.edit(content="y")) == 10008
    assert await code_of(scene.bot_channel().fetch_message(posted.id)) == 10008


async def test_a_deleted_channel_is_unknown_and_its_threads_with_it(scene: Scene) -> None:
    await scene.start()
    thread = scene.channel.add_thread("remix")
    channel = scene.bot_channel()
    await channel.send("x")
    scene.channel.delete()
    assert await code_of(channel.send("x")) == 10003
    assert await code_of(scene.bot.fetch_channel(thread.id)) == 10003
    assert (scene.channel.messages, scene.channel.threads()) == ([], [])


async def test_files_over_the_limit_are_refused_until_the_server_is_boosted(scene: Scene) -> None:
    await scene.start()
    too_large = b"0" * ((10 << 20) + 1)
    assert await code_of(scene.bot_channel().send(file=_file(too_large))) == 40005
    scene.server.boost(2)
    await scene.bot_channel().send(file=_file(too_large))
    assert scene.channel.messages[0].attachments[0].size == len(too_large)


async def test_files_arrive_with_name_bytes_and_description(scene: Scene) -> None:
    await scene.start()
    file = discord.File(io.BytesIO(b"MP4"), "my boat.mp4", description="A paper boat")
    posted = await scene.bot_channel().send(file=file)
    (attachment,) = scene.channel.messages[0].attachments
    assert (attachment.filename, attachment.data) == ("my_boat.mp4", b"MP4")
    assert attachment.description == "A paper boat"
    assert await posted.attachments[0].read() == b"MP4"


async def test_an_edit_keeps_the_listed_files_and_adds_new_ones(scene: Scene) -> None:
    await scene.start()
    posted = await scene.bot_channel().send(files=[_file(b"1", "1.txt"), _file(b"2", "2.txt")])
    await posted.edit(attachments=[posted.attachments[1], _file(b"3", "3.txt")])
    assert [each.data for each in scene.channel.messages[0].attachments] == [b"2", b"3"]
    await posted.edit(content="still there")
    assert len(scene.channel.messages[0].attachments) == 2


async def test_a_v2_message_reads_like_a_page(scene: Scene) -> None:
    await scene.start()
    view = ui.LayoutView()
    box = ui.Container[ui.LayoutView](ui.TextDisplay("# Rendering"), ui.Separator())
    box.add_item(ui.Section("of Ana", accessory=ui.Button(label="Cancel", custom_id="cancel")))
    box.add_item(ui.MediaGallery(discord.MediaGalleryItem("attachment://a.png")))
    box.add_item(ui.File("attachment://a.png"))
    view.add_item(box)
    await scene.bot_channel().send(view=view, file=_file(b"PNG", "a.png"))
    (message,) = scene.channel.messages
    assert message.is_v2
    assert message.text == "# Rendering\nof Ana"
    assert message.buttons == ["Cancel"]
    assert message.components[0]["components"][3]["items"][0]["media"]["url"].startswith("http")


async def test_a_v2_message_takes_no_content(scene: Scene) -> None:
    await scene.start()
    body = {"flags": 1 << 15, "content": "x", "components": [{"type": 10, "content": "y"}]}
    assert await _post_raw(scene, body) == 50035
    del body["content"]
    assert await _post_raw(scene, body) == 0


async def test_an_embed_is_read_too(scene: Scene) -> None:
    await scene.start()
    embed = discord.Embed(title="Queue", description="two").add_field(name="1", value="boat")
    await scene.bot_channel().send(embed=embed)
    assert scene.channel.messages[0].text == "Queue\ntwo\n1\nboat"


async def test_the_errors_of_a_form_are_a_tree(scene: Scene) -> None:
    await scene.start()
    with pytest.raises(discord.HTTPException, match="Must be 2000 or fewer in length") as caught:
        await scene.bot_channel().send("x" * 2001)
    assert (caught.value.status, caught.value.code) == (400, 50035)
    assert "In content" in caught.value.text


async def test_an_empty_message_is_refused(scene: Scene) -> None:
    await scene.start()
    assert await code_of(scene.bot_channel().send("   ")) == 50006


async def test_an_attachment_that_was_not_sent_is_refused(scene: Scene) -> None:
    await scene.start()
    assert await _post_raw(scene, {"content": "x", "attachments": [{"id": 0}]}) == 50035


async def test_the_message_of_another_cannot_be_edited(scene: Scene) -> None:
    await scene.start()
    posted = await scene.bot_channel().send("x")
    scene.channel.messages[0].author = scene.ana.person
    assert await code_of(posted.edit(content="y")) == 50005
    assert await code_of(posted.delete()) == 50013


async def test_old_messages_can_be_edited_only_a_few_times(scene: Scene) -> None:
    await scene.start()
    scene.bot.http.max_ratelimit_timeout = 1.0
    posted = await scene.bot_channel().send("x")
    scene.discord.clock.advance(3601)
    for number in range(3):
        await posted.edit(content=str(number))
    with pytest.raises(discord.RateLimited):
        await posted.edit(content="once more")
    refused = scene.discord.requests[-1]
    assert isinstance(refused.answer, dict)
    assert refused.answer["code"] == 30046


async def test_direct_messages_arrive(scene: Scene) -> None:
    await scene.start()
    user = await scene.bot.fetch_user(scene.ana.id)
    await user.send(f"your video, {scene.ana.mention} @everyone")
    (message,) = scene.ana.direct_messages
    assert (message.mentions, message.mentions_everyone) == ([scene.ana.person], False)
    assert scene.mia.direct_messages == []


async def test_direct_messages_need_an_open_door_and_a_shared_server(scene: Scene) -> None:
    await scene.start()
    user = await scene.bot.fetch_user(scene.ana.id)
    scene.ana.person.close_direct_messages()
    assert await code_of(user.send("x")) == 50007
    stranger = await scene.bot.fetch_user(scene.mia.id)
    await scene.mia.leave()
    assert await code_of(stranger.send("x")) == 50007


async def _post_raw(scene: Scene, body: dict[str, object]) -> int:
    route = discord.http.Route("POST", f"/channels/{scene.channel.id}/messages")
    return await code_of(scene.bot.http.request(route, json=body))


def _file(data: bytes = b"data", name: str = "boat.mp4") -> discord.File:
    return discord.File(io.BytesIO(data), name)
