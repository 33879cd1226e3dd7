"""/video has the options that the models of the moment can carry, also after they changed."""

from __future__ import annotations

import pytest

from render import engine
from sandbox.discord import Fault, Upload
from tests.cogs.test_video import picture
from tests.cogs.world import World

COMMANDS = "PUT /applications/*/commands"


def options_of_video(world: World) -> set[str]:
    (video,) = [one for one in world.discord.commands if one["name"] == "video"]
    return {option["name"] for option in video["options"]}


@pytest.fixture
def quick_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "REFRESH_OFFERS_SECONDS", 0.05)
    monkeypatch.setattr(engine, "REFRESH_AGAIN_SECONDS", 0.05)


async def test_only_options_that_some_model_carries_are_offered(sleeping_world: World) -> None:
    world = sleeping_world
    await world.start(SEEDANCE_MODELS="seedance-2-5")
    assert options_of_video(world) == {"prompt", "model", "duration", "ratio", "resolution"}


@pytest.mark.usefixtures("quick_lists")
async def test_options_follow_the_list_without_a_restart(sleeping_world: World) -> None:
    world = sleeping_world
    models = world.provider.models
    world.provider.models = [model for model in models if model.name == "seedance-2-5"]
    await world.start()
    assert "first_frame" not in options_of_video(world)

    world.provider.models = models
    await world.discord.until(lambda: "first_frame" in options_of_video(world))
    reply = await world.video(first_frame=Upload("first.png", picture()), seed=7)
    assert "Accepted" in reply.text
    await world.told(world.mira)
    assert world.provider.tasks[0].asked.seed == 7

    world.provider.retire("doubao-seedance-1-5-pro-251215")
    await world.discord.until(lambda: "first_frame" not in options_of_video(world))
    assert len(await world.discord.requested(COMMANDS)) == 3


@pytest.mark.usefixtures("quick_lists")
async def test_a_list_without_a_model_changes_no_options(world: World) -> None:
    host = world.server.add_member(world.discord.host).person
    world.provider.models = []
    await world.discord.until(lambda: bool(host.direct_messages))
    reply = await world.video(seed=7)
    assert "offers none of the models" in reply.text
    assert len(await world.discord.requested(COMMANDS)) == 1


@pytest.mark.usefixtures("quick_lists")
async def test_new_options_that_cannot_be_sent_stop_nothing(
    sleeping_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world = sleeping_world
    models = world.provider.models
    world.provider.models = [model for model in models if model.name == "seedance-2-5"]
    await world.start()
    world.discord.fail(Fault(COMMANDS, status=400))
    world.provider.models = models
    await world.discord.requested(COMMANDS, times=2)
    assert "Accepted" in (await world.video()).text
    assert (await world.told(world.mira)).attachments
    assert "The commands could not be sent" in caplog.text
