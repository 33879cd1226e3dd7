from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands

from sandbox.discord import ClientRefused, Upload

if TYPE_CHECKING:
    from tests.sandbox.discord.conftest import Scene


def _teach(scene: Scene) -> list[dict[str, object]]:
    """Teach the bot commands that only note what they were given."""
    got: list[dict[str, object]] = []

    @scene.bot.tree.command(description="Render")
    @app_commands.choices(ratio=[app_commands.Choice(name="Wide", value="16:9")])
    async def video(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, 10],
        seconds: app_commands.Range[int, 2, 12] = 5,
        ratio: str = "",
        audio: bool = False,
        speed: float = 1.0,
        frame: discord.Attachment | None = None,
    ) -> None:
        got.append({"prompt": prompt, "seconds": seconds, "ratio": ratio, "audio": audio})
        got[-1] |= {"speed": speed, "frame": frame and frame.filename}
        await interaction.response.send_message("ok", ephemeral=True)

    queue = app_commands.Group(
        name="queue",
        description="The desk",
        default_permissions=discord.Permissions(manage_messages=True),
    )

    @queue.command(name="list", description="List")
    async def list_(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("nothing", ephemeral=True)

    scene.bot.tree.add_command(queue)
    return got


async def test_options_reach_the_bot_as_they_were_filled_in(scene: Scene) -> None:
    got = _teach(scene)
    await scene.start()
    frame = Upload("a.png", b"PNG")
    await scene.ana.command(
        scene.channel, "video", prompt="boat", seconds=7, ratio="Wide", audio=True, frame=frame
    )
    assert got == [
        {
            "prompt": "boat",
            "seconds": 7,
            "ratio": "16:9",
            "audio": True,
            "speed": 1.0,
            "frame": "a.png",
        }
    ]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "requires prompt"),
        ({"prompt": ""}, "length of prompt is 0"),
        ({"prompt": "x" * 11}, "length of prompt is 11"),
        ({"prompt": 5}, "does not take 5"),
        ({"prompt": "x", "colour": "red"}, "no 'colour'"),
        ({"prompt": "x", "seconds": 13}, "seconds is 13"),
        ({"prompt": "x", "seconds": "5"}, "does not take '5'"),
        ({"prompt": "x", "seconds": True}, "does not take True"),
        ({"prompt": "x", "ratio": "4:3"}, "one of Wide"),
        ({"prompt": "x", "frame": b"PNG"}, "does not take b'PNG'"),
        ({"prompt": "x", "frame": Upload("a", bytes((10 << 20) + 1))}, "over the limit"),
    ],
)
async def test_a_client_sends_nothing_that_the_command_does_not_take(
    scene: Scene, options: dict[str, Any], why: str
) -> None:
    got = _teach(scene)
    await scene.start()
    with pytest.raises(ClientRefused, match=why):
        await scene.ana.command(scene.channel, "video", **options)
    assert got == []


async def test_nitro_lifts_the_limit_of_uploads(scene: Scene) -> None:
    got = _teach(scene)
    await scene.start()
    rich = scene.server.add_member("Ria", nitro=True)
    large = Upload("a.png", bytes((10 << 20) + 1))
    await rich.command(scene.channel, "video", prompt="x", frame=large)
    assert got[0]["frame"] == "a.png"


async def test_a_subcommand_is_named_with_a_space(scene: Scene) -> None:
    _teach(scene)
    await scene.start()
    assert (await scene.mia.command(scene.channel, "queue list")).text == "nothing"
    with pytest.raises(ClientRefused, match="needs a subcommand: list"):
        await scene.mia.command(scene.channel, "queue")
    with pytest.raises(ClientRefused, match="no 'burn'"):
        await scene.mia.command(scene.channel, "queue burn")


async def test_who_lacks_the_default_permission_does_not_see_the_command(scene: Scene) -> None:
    _teach(scene)
    await scene.start()
    with pytest.raises(ClientRefused, match="may not use"):
        await scene.ana.command(scene.channel, "queue list")
    assert (await scene.server.owner.command(scene.channel, "queue list")).text == "nothing"


async def test_an_age_restricted_command_stays_in_such_channels(scene: Scene) -> None:
    @scene.bot.tree.command(description="Adults", nsfw=True)
    async def adult(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("ok")

    await scene.start()
    with pytest.raises(ClientRefused, match="age-restricted"):
        await scene.ana.command(scene.channel, "adult")
    night = scene.server.add_channel("night", age_restricted=True)
    assert (await scene.ana.command(night.add_thread("later"), "adult")).text == "ok"


async def test_an_unknown_command_is_not_sent(scene: Scene) -> None:
    _teach(scene)
    await scene.start()
    with pytest.raises(ClientRefused, match="there are"):
        await scene.ana.command(scene.channel, "film")


async def test_commands_of_one_server_are_only_there(scene: Scene) -> None:
    scene.teach_hello()
    await scene.start()
    scene.bot.tree.copy_global_to(guild=discord.Object(scene.server.id))
    scene.bot.tree.clear_commands(guild=None)
    await scene.bot.tree.sync()
    await scene.bot.tree.sync(guild=discord.Object(scene.server.id))
    assert (await scene.ana.command(scene.channel, "hello")).text == "hello"
    elsewhere = scene.discord.add_server("Elsewhere")
    with pytest.raises(ClientRefused):
        await elsewhere.owner.command(elsewhere.add_channel("clips"), "hello")


async def test_a_command_keeps_its_id_when_it_is_registered_again(scene: Scene) -> None:
    scene.teach_hello()
    await scene.start()
    (first,) = await scene.bot.tree.sync()
    (second,) = await scene.bot.tree.fetch_commands()
    assert first.id == second.id
    await second.delete()
    assert scene.discord.commands == []
