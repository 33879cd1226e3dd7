"""/queue lets moderators see and steer the channels that they moderate."""

from __future__ import annotations

import pytest

from cogs.ui.text import desk
from sandbox.discord import ClientRefused, Fault, Member
from sandbox.discord.permissions import Overwrite, Permission
from tests.cogs.test_renders import id_in, kept
from tests.cogs.world import PROMPT, World


async def said(world: World, command: str, who: Member | None = None, /, **options: object) -> str:
    reply = await (who or world.moderator).command(world.channel, f"queue {command}", **options)
    assert reply.private
    return (await reply.settled()).text


def open_to_all(world: World) -> None:
    """Let everybody use every command, as admins can."""
    for command in world.discord.commands:
        command["default_member_permissions"] = None


async def waiting(world: World) -> str:
    """Start with a long undo, so that renders wait; return the id of one."""
    await world.start(UNDO_SECONDS="60")
    return id_in((await world.video()).text)


async def test_the_desk_shows_who_waits_where_since_when_and_for_how_much(
    sleeping_world: World,
) -> None:
    render_id = await waiting(sleeping_world)
    words = await said(sleeping_world, "list")
    for part in (
        f"**Waits its turn** · `{render_id}` · {sleeping_world.mira.mention} · place 1 · <t:",
        "credits",
        sleeping_world.cards[0].url,
    ):
        assert part in words
    assert PROMPT not in words


async def test_an_empty_desk_says_so(world: World) -> None:
    assert "Nothing waits and nothing renders" in await said(world, "list")


async def test_a_moderator_sees_only_the_channels_that_they_see(sleeping_world: World) -> None:
    world = sleeping_world
    render_id = await waiting(world)
    other = world.server.add_channel("lobby")
    world.channel.hide_from(world.moderator)

    reply = await world.moderator.command(other, "queue list")
    assert "Nothing waits" in (await reply.settled()).text
    assert await world.moderator.autocomplete(other, "queue cancel", "id", "") == []
    reply = await world.moderator.command(other, "queue cancel", id=render_id)
    assert "I find no video" in (await reply.settled()).text


async def test_a_moderator_cancels_with_a_reason_and_the_member_reads_it(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    render_id = await waiting(world)
    (choice,) = await world.moderator.autocomplete(world.channel, "queue cancel", "id", "")
    assert choice.value == render_id
    words = await said(world, "cancel", id=render_id, reason="off topic")
    assert f"{world.mira.mention} gets" in words
    told = await world.told(world.mira)
    assert "The reason: “off topic”." in told.content
    assert "credits are back" in told.content
    again = await said(world, "cancel", id=render_id)
    assert again.startswith(f"That is done already: {world.moderator.mention} cancelled it <t:")


async def test_a_moderator_posts_what_could_not_be_posted_in_its_own_channel(world: World) -> None:
    render_id = await kept(world)
    lobby = world.server.add_channel("lobby")
    (choice,) = await world.moderator.autocomplete(lobby, "queue post", "id", render_id[:2])
    assert choice.value == render_id
    for _ in range(2):
        reply = await world.moderator.command(lobby, "queue post", id=render_id)
        assert reply.private
        words = (await reply.settled()).text
        assert world.results[0].url in words
    assert lobby.messages == []
    (result,) = world.results
    assert result.attachments[0].data == world.provider.tasks[0].film
    assert result.mentions == [world.mira.person]
    assert await world.moderator.autocomplete(lobby, "queue post", "id", "") == []


async def test_a_moderator_reads_why_it_still_could_not_be_posted(world: World) -> None:
    render_id = await kept(world)
    world.mira.person.close_direct_messages()
    world.channel.deny_bot("send_messages")
    words = await said(world, "post", id=render_id)
    assert f"neither in the channel of `{render_id}` nor to {world.mira.mention}" in words
    world.discord.fail(Fault("POST /channels/*/messages", status=503, times=1))
    world.channel.allow_bot("send_messages")
    assert "try again in a minute" in await said(world, "post", id=render_id)
    assert "It is posted: " in await said(world, "post", id=render_id)


async def test_what_is_kept_in_a_hidden_channel_is_not_there_for_a_moderator(world: World) -> None:
    render_id = await kept(world)
    lobby = world.server.add_channel("lobby")
    world.channel.hide_from(world.moderator)
    assert await world.moderator.autocomplete(lobby, "queue post", "id", "") == []
    reply = await world.moderator.command(lobby, "queue post", id=render_id)
    assert "I find no video" in (await reply.settled()).text
    assert world.results == []


async def test_what_is_not_kept_is_not_posted(sleeping_world: World) -> None:
    render_id = await waiting(sleeping_world)
    words = await said(sleeping_world, "post", id=render_id)
    assert words == f"`{render_id}` cannot be posted now: waits its turn. Nothing was changed."


async def test_a_pause_refuses_with_who_and_why_and_survives_a_restart(world: World) -> None:
    words = await said(world, "pause", reason="film night")
    assert "until `/queue resume`" in words
    refused = await world.video()
    assert f"{world.moderator.mention} paused new videos" in refused.text
    assert "film night" in refused.text
    assert f"```\n{PROMPT}\n```" in refused.text

    await world.stop()
    await world.start()
    assert "film night" in (await world.video()).text
    assert f"**Paused** by {world.moderator.mention}" in await said(world, "list")

    assert await said(world, "resume") == "New videos are taken again."
    assert "Accepted" in (await world.video()).text
    assert await said(world, "resume") == "New videos were not paused."


async def test_the_desk_is_for_moderators_also_when_admins_opened_the_command(
    world: World,
) -> None:
    with pytest.raises(ClientRefused):
        await world.mira.command(world.channel, "queue list")
    open_to_all(world)
    assert "This is for moderators" in await said(world, "pause", world.mira, reason="no")
    assert "Accepted" in (await world.video()).text


async def test_a_pause_stands_on_the_cards_of_what_waits(sleeping_world: World) -> None:
    world = sleeping_world
    render_id = await waiting(world)
    (card,) = world.cards
    assert "It is next." in card.text
    await said(world, "pause", reason="film night")
    paused = "Moderators paused the videos of this server: “film night”. Your place is kept"
    await world.discord.until(lambda: paused in card.text)
    assert "It is next." not in card.text
    assert "If it has not started by" not in card.text
    shown = await world.mira.command(world.channel, "renders show", id=render_id)
    assert paused in (await shown.settled()).text
    await said(world, "resume")
    await world.discord.until(lambda: "It is next." in card.text)


async def test_a_pause_is_for_who_moderates_the_whole_server(sleeping_world: World) -> None:
    world = sleeping_world
    world.channel.overwrites[world.tom.id] = Overwrite(
        for_member=True, allow=Permission.MANAGE_MESSAGES
    )
    await world.start()
    assert "Nothing waits" in await said(world, "list", world.tom)
    assert "you moderate this channel alone" in await said(world, "pause", world.tom, reason="no")
    assert "Accepted" in (await world.video()).text
    await said(world, "pause", reason="film night")
    assert "you moderate this channel alone" in await said(world, "resume", world.tom)
    assert "film night" in (await world.video()).text


async def test_a_pause_is_also_for_who_manages_the_server_or_is_denied_this_channel(
    sleeping_world: World,
) -> None:
    world = sleeping_world
    admin = world.server.add_member("Ada", permissions=("manage_guild",))
    world.channel.overwrites[world.moderator.id] = Overwrite(
        for_member=True, deny=Permission.MANAGE_MESSAGES
    )
    await world.start()
    open_to_all(world)
    assert "No new videos are taken" in await said(world, "pause", admin, reason="film night")
    assert await said(world, "resume") == desk.RESUMED
