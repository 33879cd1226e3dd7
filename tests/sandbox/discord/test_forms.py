from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import discord.http
import pytest
from discord import ui

from sandbox.discord import ClientRefused
from sandbox.discord.components import Kind
from tests.sandbox.discord.conftest import code_of

if TYPE_CHECKING:
    from sandbox.discord import Reply
    from tests.sandbox.discord.conftest import Scene

Got = dict[str, Any]


class Setup(ui.Modal, title="Set up"):
    """One field of each kind."""

    where = ui.Label["Setup"](
        text="Where",
        description="Nothing: everywhere",
        component=ui.ChannelSelect["Setup"](
            custom_id="where",
            placeholder="Everywhere",
            channel_types=[discord.ChannelType.text],
            min_values=0,
            max_values=2,
            required=False,
        ),
    )
    who = ui.Label["Setup"](
        text="Who",
        component=ui.RoleSelect["Setup"](custom_id="who", max_values=2, required=True),
    )
    credits = ui.Label["Setup"](
        text="Credits a day",
        component=ui.TextInput["Setup"](custom_id="credits", default="500", max_length=5),
    )
    pace = ui.Label["Setup"](
        text="Pace",
        component=ui.Select["Setup"](
            custom_id="pace",
            options=[
                discord.SelectOption(label="Slow", value="s", default=True),
                discord.SelectOption(label="Quick", value="q"),
            ],
        ),
    )
    judge = ui.Label["Setup"](
        text="Judge",
        component=ui.MentionableSelect["Setup"](custom_id="judge", required=False, min_values=0),
    )

    def __init__(self, got: Got) -> None:
        super().__init__()
        self.got = got

    async def on_submit(self, interaction: discord.Interaction) -> None:
        for name in ("where", "who", "pace", "judge"):
            component = getattr(self, name).component
            self.got[name] = [getattr(each, "name", each) for each in component.values]
        assert isinstance(self.credits.component, ui.TextInput)
        self.got["credits"] = self.credits.component.value
        await interaction.response.send_message("done", ephemeral=True)


async def opened(scene: Scene, got: Got | None = None) -> Reply:
    """Let Ana open the form by a command."""

    @scene.bot.tree.command(description="Set up")
    async def setup(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Setup({} if got is None else got))

    await scene.start()
    return await scene.ana.command(scene.channel, "setup")


async def test_what_is_filled_in_reaches_the_bot(scene: Scene) -> None:
    got: Got = {}
    role = scene.server.add_role("Artists")
    form = await opened(scene, got)
    reply = await scene.ana.submit(
        form, Where=[scene.channel], Who=role, Pace="Quick", Judge=scene.mia
    )
    assert (reply.text, reply.private) == ("done", True)
    assert got == {
        "where": ["clips"],
        "who": ["Artists"],
        "credits": "500",
        "pace": ["q"],
        "judge": ["mia"],
    }


async def test_a_form_shows_its_fields(scene: Scene) -> None:
    form = await opened(scene)
    assert form.form
    assert form.form["title"] == "Set up"
    assert [(each.label, each.kind, each.required, each.value) for each in form.fields] == [
        ("Where", Kind.CHANNEL_SELECT, False, ()),
        ("Who", Kind.ROLE_SELECT, True, ()),
        ("Credits a day", Kind.TEXT_INPUT, True, "500"),
        ("Pace", Kind.STRING_SELECT, True, ("s",)),
        ("Judge", Kind.MENTIONABLE_SELECT, False, ()),
    ]
    where = form.fields[0]
    assert (where.description, where.placeholder) == ("Nothing: everywhere", "Everywhere")
    assert form.fields[3].options == ("Slow", "Quick")


async def test_a_client_sends_nothing_that_the_form_does_not_take(scene: Scene) -> None:
    form = await opened(scene)
    role = scene.server.add_role("Artists")
    elsewhere = scene.discord.add_server("Elsewhere")
    hidden = scene.server.add_channel("hidden")
    hidden.hide_from(scene.ana)
    wrong: list[tuple[str, object, str]] = [
        ("Who", (), "who takes 1 to 2, not 0"),
        ("Who", [role, role], "the same twice"),
        ("Who", [role, scene.server.everyone, role], "not 3"),
        ("Who", scene.mia, "who does not take"),
        ("Who", elsewhere.add_role("Strangers"), "who does not take"),
        ("Where", elsewhere.add_channel("clips"), "where does not take"),
        ("Where", hidden, "where does not take"),
        ("Where", scene.server.add_category("Art"), r"channels of types \[0\], not of 4"),
        ("Where", "clips", "where does not take"),
        ("Credits a day", "", "1 to 5 characters"),
        ("Credits a day", "100000", "1 to 5 characters"),
        ("Pace", "Warp", "does not offer"),
        ("Judge", scene.channel, "judge does not take"),
        ("Colour", "red", "no Colour"),
    ]
    for name, value, why in wrong:
        with pytest.raises(ClientRefused, match=why):
            await scene.ana.submit(form, **{"Who": role, name: value})


async def test_what_was_chosen_before_is_sent_again(scene: Scene) -> None:
    role, gone = scene.server.add_role("Artists"), scene.server.add_role("Gone")
    got: list[str] = []

    class Again(ui.Modal, title="Again"):
        who = ui.Label["Again"](
            text="Who",
            component=ui.RoleSelect["Again"](
                max_values=2, default_values=[discord.Object(role.id), discord.Object(gone.id)]
            ),
        )

        async def on_submit(self, interaction: discord.Interaction) -> None:
            assert isinstance(self.who.component, ui.RoleSelect)
            got.extend(each.name for each in self.who.component.values)
            await interaction.response.send_message("done")

    @scene.bot.tree.command(description="Set up")
    async def setup(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Again())

    await scene.start()
    scene.server.delete_role(gone)
    await scene.ana.submit(await scene.ana.command(scene.channel, "setup"))
    assert got == ["Artists"]


async def test_a_form_is_for_who_opened_it(scene: Scene) -> None:
    form = await opened(scene)
    with pytest.raises(ClientRefused, match="no form was opened for Mia"):
        await scene.mia.submit(form, Who=scene.server.add_role("Artists"))
    scene.channel.hide_from(scene.ana)
    with pytest.raises(ClientRefused, match="does not see"):
        await scene.ana.submit(form, Who=scene.server.everyone)


async def test_a_form_that_is_sent_twice_can_be_answered_once(scene: Scene) -> None:
    got: Got = {}
    form = await opened(scene, got)
    reply = await scene.ana.submit(form, Who=scene.server.everyone)
    got.clear()
    await scene.ana.repeat(reply)
    await scene.hears_all()
    assert [message.text for message in reply.messages] == ["done"]


async def test_a_form_that_discord_would_not_open_is_refused(scene: Scene) -> None:
    codes: list[int] = []

    class Stubborn(ui.Modal, title="Stubborn"):
        who = ui.Label["Stubborn"](
            text="Who", component=ui.RoleSelect["Stubborn"](min_values=0, required=True)
        )

    @scene.bot.tree.command(description="Set up")
    async def setup(interaction: discord.Interaction) -> None:
        codes.append(await code_of(interaction.response.send_modal(Stubborn())))
        await interaction.response.send_message("sorry")

    await scene.start()
    reply = await scene.ana.command(scene.channel, "setup")
    assert (codes, reply.form, reply.text) == ([50035], None, "sorry")


async def test_a_button_of_a_private_reply_opens_a_form_too(scene: Scene) -> None:
    got: Got = {}

    class Offer(ui.View):
        @ui.button(label="Change")
        async def change(self, interaction: discord.Interaction, _: ui.Button[Offer]) -> None:
            await interaction.response.send_modal(Setup(got))
            with pytest.raises(discord.InteractionResponded):
                await interaction.response.send_modal(Setup(got))

    @scene.bot.tree.command(description="Show")
    async def show(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("As it is", view=Offer(), ephemeral=True)

    await scene.start()
    shown = await scene.ana.command(scene.channel, "show")
    form = await scene.ana.press(shown, "Change")
    reply = await scene.ana.submit(form, who=scene.server.everyone)
    assert (shown.text, reply.text, got["who"]) == ("As it is", "done", ["@everyone"])


async def test_a_form_after_another_answer_is_refused(scene: Scene) -> None:
    codes: list[int] = []

    @scene.bot.tree.command(description="Defer, then ask")
    async def late(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        route = discord.http.Route(
            "POST", f"/interactions/{interaction.id}/{interaction.token}/callback"
        )
        modal = {"type": 9, "data": Setup({}).to_dict()}
        codes.append(await code_of(scene.bot.http.request(route, json=modal)))
        await interaction.edit_original_response(content="sorry")

    await scene.start()
    reply = await scene.ana.command(scene.channel, "late")
    await reply.settled()
    assert (codes, reply.form) == ([40060], None)
