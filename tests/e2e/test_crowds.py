from __future__ import annotations

import asyncio

from tests.e2e.conftest import running_bot

PROMPT = "A regatta of paper boats. --dur 4 --rs 480p"


async def test_of_twenty_at_once_exactly_three_fit_under_the_ceiling() -> None:
    async with running_bot(SPEND_DAILY_CREDITS="33") as world:
        members = [world.server.add_member(f"Sailor {number}") for number in range(20)]
        replies = await asyncio.gather(
            *(member.command(world.channel, "video", prompt=PROMPT) for member in members)
        )
        await asyncio.gather(*(reply.settled() for reply in replies))
        await world.discord.until(lambda: len(world.videos) == 3)
        assert len(world.provider.tasks) == world.provider.create_calls == 3
        assert sum(PROMPT.split(" --", maxsplit=1)[0] in reply.text for reply in replies) >= 17


async def test_the_same_interaction_twice_is_one_render_also_after_a_restart() -> None:
    async with running_bot() as world:
        reply = await world.mira.command(world.channel, "video", prompt=PROMPT)
        await world.mira.repeat(reply)
        await reply.settled()
        await world.told(world.mira)
        await world.kill_bot()
        await world.start_bot()
        await world.mira.repeat(reply)
        quota = await world.mira.command(world.channel, "quota")
        await quota.settled()
        assert len(world.videos) == 1
        assert world.provider.create_calls == 1
