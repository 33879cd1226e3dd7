"""Do at the desk what moderators do, and read what they read."""

from __future__ import annotations

from sandbox.discord import Member, Reply
from tests.cogs.test_renders import id_in
from tests.cogs.world import World

LIST = "Everything under way"


async def opened(world: World, who: Member | None = None) -> Reply:
    """Open the list."""
    reply = await (who or world.moderator).command(world.channel, "queue list")
    assert reply.private
    return await reply.settled()


async def case_of(world: World, render_id: str, who: Member | None = None) -> Reply:
    """Open a render by its id."""
    reply = await (who or world.moderator).command(world.channel, "queue show", id=render_id)
    return await reply.settled()


async def pressed(who: Member, on: Reply, label: str) -> Reply:
    return await (await who.press(on, label)).settled()


async def filled(who: Member, on: Reply, label: str, /, **values: object) -> Reply:
    """Press what opens a form, fill it in and send it."""
    form = await who.press(on, label)
    return await (await who.submit(form, **values)).settled()


async def waiting(world: World, who: Member | None = None, /, **options: object) -> str:
    """Start with a long undo where nothing runs yet, and send a render that waits."""
    if world.running is None:
        await world.start(UNDO_SECONDS="60")
    return id_in((await world.video(who, **options)).text)
