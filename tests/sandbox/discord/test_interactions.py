from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import discord
import discord.http
import pytest
from discord import app_commands, ui

from sandbox.discord import Choice, ClientRefused, Fault, NoAnswer, Upload, When
from tests.sandbox.discord.conftest import code_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.sandbox.discord.conftest import Scene


class DeleteButton(ui.View):
    """One button, for the tests to say what it does."""

    def __init__(self, on_press: Callable[[discord.Interaction], Awaitable[None]]) -> None:
        super().__init__(timeout=None)
        self.on_press = on_press

    @ui.button(label="Delete", custom_id="delete:1")
    async def press(
        self, interaction: discord.Interaction, button: ui.Button[DeleteButton]
    ) -> None:
        await self.on_press(interaction)


async def test_a_deferred_reply_thinks_in_private_until_it_is_edited(scene: Scene) -> None:
    go = asyncio.Event()

    @scene.bot.tree.command(description="Render")
    async def video(interaction: discord.Interaction, prompt: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await go.wait()
        await interaction.edit_original_response(content=f"Rendering {prompt}")

    await scene.start()
    reply = await scene.ana.command(scene.channel, "video", prompt="A paper boat")
    assert reply.thinking
    go.set()
    await reply.settled()
    assert (reply.private, reply.thinking, reply.text) == (True, False, "Rendering A paper boat")
    assert scene.channel.messages == []
    assert 0 < reply.acknowledged_after < 1


async def test_a_public_answer_stands_in_the_channel(scene: Scene) -> None:
    scene.teach_hello()
    await scene.start()
    reply = await scene.ana.command(scene.channel, "hello")
    assert not reply.private
    assert scene.channel.messages == [reply.message]


async def test_the_first_follow_up_takes_the_place_of_thinking(scene: Scene) -> None:
    @scene.bot.tree.command(description="Say two things")
    async def two(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send("one")
        await interaction.followup.send("two", ephemeral=True)

    await scene.start()
    reply = await scene.ana.command(scene.channel, "two")
    await scene.discord.until(lambda: len(reply.messages) == 2)
    assert reply.text == "one\ntwo"
    assert all(message.private_to is scene.ana.person for message in reply.messages)


async def test_silence_for_three_seconds_is_no_answer(scene: Scene) -> None:
    @scene.bot.tree.command(description="Say nothing")
    async def silent(interaction: discord.Interaction) -> None:
        scene.discord.clock.advance(3)

    await scene.start()
    with pytest.raises(NoAnswer):
        await scene.ana.command(scene.channel, "silent")


async def test_an_answer_after_three_seconds_is_unknown(scene: Scene) -> None:
    codes: list[int] = []

    @scene.bot.tree.command(description="Be late")
    async def late(interaction: discord.Interaction) -> None:
        scene.discord.clock.advance(4)
        codes.append(await code_of(interaction.response.defer()))

    await scene.start()
    with pytest.raises(NoAnswer):
        await scene.ana.command(scene.channel, "late")
    await scene.discord.requested("POST /interactions/*/*/callback")
    await scene.hears_all()
    assert codes == [10062]


async def test_the_same_interaction_can_be_answered_only_once(scene: Scene) -> None:
    codes: list[int] = []

    @scene.bot.tree.command(description="Answer")
    async def once(interaction: discord.Interaction) -> None:
        codes.append(await code_of(interaction.response.send_message(str(interaction.id))))

    await scene.start()
    reply = await scene.ana.command(scene.channel, "once")
    await scene.ana.repeat(reply)
    await scene.discord.requested("POST /interactions/*/*/callback", times=2)
    await scene.hears_all()
    assert codes == [0, 40060]
    assert reply.text == str(reply.interaction.id)


async def test_the_token_dies_after_fifteen_minutes(scene: Scene) -> None:
    codes: list[int] = []

    @scene.bot.tree.command(description="Answer late")
    async def slow(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        scene.discord.clock.advance(15 * 60 + 1)
        codes.append(await code_of(interaction.edit_original_response(content="done")))
        scene.discord.clock.advance(1)

    await scene.start()
    await scene.ana.command(scene.channel, "slow")
    await scene.discord.requested("PATCH /webhooks/*/*/messages/@original")
    await scene.hears_all()
    assert codes == [50027]


async def test_there_is_nothing_to_edit_before_the_acknowledgement(scene: Scene) -> None:
    codes: list[int] = []

    @scene.bot.tree.command(description="Do it the wrong way round")
    async def wrong(interaction: discord.Interaction) -> None:
        codes.append(await code_of(interaction.followup.send("too early")))
        await interaction.response.send_message("now")

    await scene.start()
    await scene.ana.command(scene.channel, "wrong")
    assert codes == [10015]


async def test_an_acknowledgement_may_be_lost_on_its_way_back(scene: Scene) -> None:
    errors: list[BaseException] = []

    @scene.bot.tree.command(description="Answer")
    async def answer(interaction: discord.Interaction) -> None:
        try:
            await interaction.response.defer(ephemeral=True)
        except OSError as error:
            errors.append(error)

    await scene.start()
    scene.discord.fail(Fault("POST /interactions/*/*/callback", reset=True, when=When.AFTER))
    reply = await scene.ana.command(scene.channel, "answer")
    assert reply.private
    await scene.hears_all()
    assert len(errors) == 1


async def test_a_button_changes_its_own_message(scene: Scene) -> None:
    async def press(interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content="pressed", view=None)

    await scene.start()
    await scene.bot_channel().send("press me", view=DeleteButton(press))
    message = await scene.channel.wait_for(lambda each: "press me" in each.text)
    assert message.buttons == ["Delete"]
    reply = await scene.mia.press(message, "Delete")
    assert (reply.message, message.text, message.buttons) == (message, "pressed", [])


async def test_a_deferred_press_settles_when_the_message_is_deleted(scene: Scene) -> None:
    async def press(interaction: discord.Interaction) -> None:
        assert interaction.message
        await interaction.response.defer()
        await interaction.message.delete()

    await scene.start()
    await scene.bot_channel().send("delete me", view=DeleteButton(press))
    message = await scene.channel.wait_for(lambda each: "delete me" in each.text)
    reply = await scene.ana.press(message, custom_id="delete:1")
    await reply.settled()
    assert message.deleted
    assert reply.messages == []
    with pytest.raises(ClientRefused):
        await scene.ana.press(message, "Delete")


async def test_a_button_of_a_private_reply_is_for_its_reader_only(scene: Scene) -> None:
    async def press(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("yours", ephemeral=True)

    @scene.bot.tree.command(description="Offer a button")
    async def offer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("?", view=DeleteButton(press), ephemeral=True)

    await scene.start()
    offered = await scene.ana.command(scene.channel, "offer")
    assert (await scene.ana.press(offered, "Delete")).text == "yours"
    with pytest.raises(ClientRefused):
        await scene.mia.press(offered, "Delete")
    with pytest.raises(ClientRefused, match="no button 'Keep'"):
        await scene.ana.press(offered, "Keep")


async def test_a_button_in_direct_messages_works(scene: Scene) -> None:
    async def press(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"for {interaction.user.name}")

    await scene.start()
    user = await scene.bot.fetch_user(scene.ana.id)
    await user.send("here", view=DeleteButton(press))
    (message,) = scene.ana.direct_messages
    assert (await scene.ana.press(message, "Delete")).text == "for ana"
    with pytest.raises(ClientRefused):
        await scene.mia.press(message, "Delete")


async def test_a_disabled_button_cannot_be_pressed(scene: Scene) -> None:
    await scene.start()
    view = ui.View().add_item(ui.Button(label="No", custom_id="no", disabled=True))
    await scene.bot_channel().send(
        "look", view=view.add_item(ui.Button(label="Go", url="https://x.y"))
    )
    for label in ("No", "Go"):
        with pytest.raises(ClientRefused, match="disabled or a link"):
            await scene.ana.press(scene.channel.messages[0], label)


async def test_suggestions_depend_on_what_was_typed_and_filled_in(scene: Scene) -> None:
    @scene.bot.tree.command(description="Render")
    async def video(interaction: discord.Interaction, model: str, seconds: int = 5) -> None: ...

    @video.autocomplete("model")
    async def suggest(
        interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        seconds = interaction.namespace.seconds
        return [app_commands.Choice(name=f"{typed} {seconds!r}", value=typed)]

    await scene.start()
    choices = await scene.ana.autocomplete(scene.channel, "video", "model", "see", seconds=7)
    assert choices == [Choice(name="see '7'", value="see")]  # numbers are still texts then
    with pytest.raises(ClientRefused, match="suggests nothing"):
        await scene.ana.autocomplete(scene.channel, "video", "seconds", "1")


async def test_a_form_is_opened_filled_in_and_sent(scene: Scene) -> None:
    class Reason(ui.Modal, title="Why?"):
        why = ui.TextInput["Reason"](label="Reason", max_length=20)
        more = ui.Label["Reason"](text="More", component=ui.TextInput(required=False))

        async def on_submit(self, interaction: discord.Interaction) -> None:
            assert isinstance(self.more.component, ui.TextInput)
            text = f"because {self.why.value}{self.more.component.value}"
            await interaction.response.send_message(text)

    @scene.bot.tree.command(description="Ask")
    async def ask(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Reason())

    await scene.start()
    form = await scene.ana.command(scene.channel, "ask")
    assert form.form
    assert form.form["title"] == "Why?"
    with pytest.raises(ClientRefused, match="1 to 20"):
        await scene.ana.submit(form)
    with pytest.raises(ClientRefused, match="no Colour"):
        await scene.ana.submit(form, Reason="x", Colour="red")
    reply = await scene.ana.submit(form, Reason="of ", More="you")
    assert reply.text == "because of you"


async def test_the_interaction_says_what_the_bot_may_do_and_upload(scene: Scene) -> None:
    seen: list[discord.Interaction] = []

    @scene.bot.tree.command(description="Look")
    async def look(interaction: discord.Interaction) -> None:
        seen.append(interaction)
        await interaction.response.send_message("seen")

    await scene.start()
    scene.channel.deny_bot("attach_files")
    await scene.mia.command(scene.channel, "look")
    (interaction,) = seen
    assert not interaction.app_permissions.attach_files
    assert interaction.app_permissions.send_messages
    assert interaction.permissions.manage_messages
    assert interaction.filesize_limit == 10 << 20


async def test_a_file_given_to_a_command_reaches_the_bot(scene: Scene) -> None:
    got: list[tuple[str, bytes]] = []

    @scene.bot.tree.command(description="Take")
    async def take(interaction: discord.Interaction, frame: discord.Attachment) -> None:
        await interaction.response.defer(ephemeral=True)
        got.append((frame.filename, await frame.read()))
        await interaction.edit_original_response(content=f"{frame.size} bytes")

    await scene.start()
    reply = await scene.ana.command(scene.channel, "take", frame=Upload("my boat.png", b"PNG"))
    await reply.settled()
    assert reply.text == "3 bytes"
    assert got == [("my_boat.png", b"PNG")]


async def test_a_refused_answer_is_not_the_first_answer(scene: Scene) -> None:
    codes: list[int] = []

    @scene.bot.tree.command(description="Update the message that is not there")
    async def update(interaction: discord.Interaction) -> None:
        callback = f"/interactions/{interaction.id}/{interaction.token}/callback"
        route = discord.http.Route("POST", callback)
        codes.append(await code_of(scene.bot.http.request(route, json={"type": 7, "data": {}})))
        deferral = {"type": 5, "data": {"flags": 1 << 15}}
        codes.append(await code_of(scene.bot.http.request(route, json=deferral)))
        codes.append(await code_of(interaction.response.send_message("")))
        await interaction.response.send_message("sorry")

    await scene.start()
    reply = await scene.ana.command(scene.channel, "update")
    assert (codes, reply.text) == ([50035, 50035, 50006], "sorry")


@pytest.mark.parametrize("v2", [False, True])
async def test_a_private_answer_may_carry_a_file(scene: Scene, v2: bool) -> None:
    view = ui.LayoutView()
    view.add_item(ui.TextDisplay("Here")).add_item(ui.File("attachment://usage.csv"))

    @scene.bot.tree.command(description="Count")
    async def usage(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        table = discord.File(io.BytesIO(b"member,credits\n1,61\n"), "usage.csv")
        if v2:
            await interaction.edit_original_response(view=view, attachments=[table])
        else:
            await interaction.edit_original_response(content="Here", attachments=[table])

    await scene.start()
    reply = await scene.ana.command(scene.channel, "usage")
    await reply.settled()
    (file,) = reply.message.attachments
    assert (file.filename, file.data) == ("usage.csv", b"member,credits\n1,61\n")
    assert (reply.private, reply.text) == (True, "Here")


class ColourSelect(ui.View):
    """Two selects, which say what was chosen."""

    @ui.select(
        placeholder="A colour",
        custom_id="colour",
        options=[discord.SelectOption(label="Red", value="r"), discord.SelectOption(label="Blue")],
    )
    async def colour(
        self, interaction: discord.Interaction, select: ui.Select[ColourSelect]
    ) -> None:
        await interaction.response.edit_message(content=f"chosen {select.values}")

    @ui.select(cls=ui.UserSelect, placeholder="Who", custom_id="who", min_values=0)
    async def who(
        self, interaction: discord.Interaction, select: ui.UserSelect[ColourSelect]
    ) -> None:
        await interaction.response.edit_message(
            content=f"chosen {[user.name for user in select.values]}"
        )


async def test_a_select_sends_what_it_offers_and_nothing_else(scene: Scene) -> None:
    await scene.start()
    await scene.bot_channel().send("choose", view=ColourSelect())
    message = await scene.channel.wait_for(lambda each: "choose" in each.text)
    assert (await scene.mia.choose(message, "A colour", "Red")).text == "chosen ['r']"
    assert (await scene.mia.choose(message, "Who", scene.ana)).text == "chosen ['ana']"
    assert (await scene.mia.choose(message, "Who")).text == "chosen []"
    for name, things in (("A colour", ["Green"]), ("A colour", []), ("Who", ["Red"]), ("x", [])):
        with pytest.raises(ClientRefused):
            await scene.mia.choose(message, name, *things)
