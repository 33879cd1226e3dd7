from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from sandbox.discord import Member, Message
from sandbox.provider import Fault, Where
from sandbox.world import World
from tests.e2e.conftest import ask_for_a_video, running_bot

# One bot meets all of these faults in turn, each with another member and an empty ledger.
pytestmark = pytest.mark.asyncio(loop_scope="module")

WHOLE_ALLOWANCE = "120 of 120 left"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_world() -> AsyncGenerator[World]:
    async with running_bot(
        SPEND_DAILY_CREDITS="10000",
        SERVER_DAILY_CREDITS="10000",
        POLL_FIRST_SECONDS="0.05",
        POLL_INTERVAL_SECONDS="0.1",
    ) as world:
        world.provider.queue_seconds = world.provider.render_seconds = 0
        yield world


@pytest.fixture
def world(shared_world: World) -> World:
    shared_world.provider.heal()
    shared_world.provider.tasks.clear()
    shared_world.provider.create_calls = 0
    return shared_world


@pytest.fixture
def member(world: World, request: pytest.FixtureRequest) -> Member:
    return world.server.add_member(request.node.name[:30])


async def quota_of(world: World, member: Member) -> str:
    reply = await member.command(world.channel, "quota")
    return (await reply.settled()).text


async def the_video_of(world: World, member: Member) -> Message:
    """Give the video that a member was sent, which must be the only one and paid for once."""
    message = await world.told(member)
    videos = [video for video in world.videos if member.person in video.mentions]
    assert videos == [message]
    assert len(world.provider.billed) == 1
    return message


@pytest.mark.parametrize(
    ("fault", "later", "words"),
    [
        (Fault.TEXT_REFUSED, True, "does not render these words"),
        (Fault.IMAGE_REFUSED, False, "does not take one of the pictures"),
        (Fault.PERSON_REFUSED, False, "real person"),
        (Fault.AUDIO_REFUSED, False, "refused the sound"),
        (Fault.TASK_FAILS, True, "Something broke at the video service"),
        (Fault.TASK_EXPIRES, True, "did not finish it"),
        (Fault.TASK_CANCELLED, True, "The video service cancelled it"),
        (Fault.NO_VIDEO_URL, True, "does not hand it over"),
    ],
)
async def test_a_failure_is_told_in_plain_words_and_costs_nothing(
    world: World, member: Member, fault: Fault, later: bool, words: str
) -> None:
    world.provider.fail(fault, later=later)
    await ask_for_a_video(world, member)
    assert words in (await world.told(member)).text
    assert WHOLE_ALLOWANCE in await quota_of(world, member)
    assert world.provider.create_calls == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault.RESET_BEFORE_READING,
        Fault.RESET_BEFORE_CREATION,
        Fault.RESET_AFTER_CREATION,
        Fault.SERVER_ERROR,
        Fault.BAD_GATEWAY_AFTER_CREATION,
        Fault.TORN_JSON,
        Fault.TORN_BODY,
        Fault.NO_ID,
        Fault.HTML,
    ],
)
async def test_a_submit_without_a_clear_answer_keeps_the_hold_and_is_not_repeated(
    world: World, member: Member, fault: Fault
) -> None:
    world.provider.fail(fault)
    await ask_for_a_video(world, member)
    await world.channel.wait_for(
        lambda message: "no answer came" in message.text and member.mention in message.text
    )
    assert world.provider.create_calls == 1
    assert WHOLE_ALLOWANCE not in await quota_of(world, member)


@pytest.mark.parametrize(
    ("fault", "words"),
    [(Fault.EMPTY_BALANCE, "is empty; your"), (Fault.BAD_KEY, "does not let this bot in; your")],
)
async def test_a_service_that_takes_no_renders_only_delays(
    world: World, member: Member, fault: Fault, words: str
) -> None:
    world.provider.fail(fault, times=0)
    await ask_for_a_video(world, member)
    await world.channel.wait_for(
        lambda message: words in message.text and member.mention in message.text
    )
    world.provider.heal()
    await the_video_of(world, member)
    assert WHOLE_ALLOWANCE not in await quota_of(world, member)


async def test_a_rate_limit_only_delays(world: World, member: Member) -> None:
    world.provider.fail(Fault.RATE_LIMITED, retry_after=1)
    await ask_for_a_video(world, member)
    await the_video_of(world, member)
    assert world.provider.create_calls == 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault.SERVER_ERROR,
        Fault.RATE_LIMITED,
        Fault.RESET_BEFORE_READING,
        Fault.TORN_BODY,
        Fault.HTML,
        Fault.UNKNOWN_STATUS,
        Fault.TASK_NOT_EXIST,
    ],
)
async def test_a_query_that_fails_is_asked_again(
    world: World, member: Member, fault: Fault
) -> None:
    world.provider.fail(fault, where=Where.QUERY, times=2)
    await ask_for_a_video(world, member)
    await the_video_of(world, member)
    assert world.provider.tasks[0].queries >= 3


@pytest.mark.parametrize(
    "fault", [Fault.VIDEO_FORBIDDEN, Fault.VIDEO_IS_HTML, Fault.VIDEO_LEADS_INSIDE]
)
async def test_a_link_that_fails_is_tried_again(world: World, member: Member, fault: Fault) -> None:
    world.provider.fail(fault)
    await ask_for_a_video(world, member)
    await the_video_of(world, member)
    assert world.provider.lured == 0


async def test_a_model_that_is_gone_is_offered_no_more(world: World, member: Member) -> None:
    before = await member.autocomplete(world.channel, "video", "model", "")
    world.provider.fail(Fault.MODEL_NOT_FOUND)
    await ask_for_a_video(world, member)
    assert "no longer offers this model" in (await world.told(member)).text
    assert WHOLE_ALLOWANCE in await quota_of(world, member)
    after = await member.autocomplete(world.channel, "video", "model", "")
    assert [one.value for one in after] == [one.value for one in before[1:]]
