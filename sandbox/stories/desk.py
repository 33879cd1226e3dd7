"""What moderators do at the desk, one video at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord import Member, Message, Reply
    from sandbox.transcript import Transcript
    from sandbox.world import World

OPEN = "Open a video"


async def open_case(
    world: World, tell: Transcript, prompt: str, who: Member | None = None
) -> Reply:
    """Let a moderator open the list, and in it the video with this prompt."""
    moderator = who or world.moderator
    shown = await tell.command(moderator, world.channel, "queue list")
    options = shown.message.select(OPEN)["options"]
    (label,) = [option["label"] for option in options if option["description"] == prompt]
    return await tell.choose(moderator, shown, OPEN, label)


async def act(
    world: World, tell: Transcript, prompt: str, label: str, /, **values: object
) -> Reply:
    """Let the moderator open a video, press a button, and fill in the form that it opens."""
    reply = await tell.press(world.moderator, await open_case(world, tell, prompt), label)
    return await tell.submit(world.moderator, reply, **values) if reply.form else reply


def open_to_everybody(world: World) -> None:
    """Let an admin open every command to everybody, which must open nothing."""
    for command in world.discord.commands:
        command["default_member_permissions"] = None


async def tells(world: World, member: Member, words: str) -> Message:
    """Wait for the message that pings a member and has these words."""
    return await world.channel.wait_for(
        lambda message: member.person in message.mentions and words in message.text
    )


async def card(world: World, prompt: str, words: str) -> Message:
    """Wait until the card of a video has these words."""
    return await world.channel.wait_for(
        lambda message: prompt in message.text and words in message.text
    )
