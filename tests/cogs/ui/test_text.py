"""Every refusal, ending and state has plain words with a next step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from cogs.ui.text import (
    commands,
    declines,
    desk,
    host,
    limits,
    quota,
    refusals,
    renders,
    rulebook,
    server,
    setup,
    usage,
)
from render.messenger import Obstacle
from render.pace import Pace
from storage.records import Cause, Message, Pause, Purpose, Review, State
from tests.cogs.examples import BORN_MS, CHANNEL_ID, MEMBER_ID, SERVER_ID, render
from tests.cogs.ui.test_declines import every_decline
from tests.cogs.ui.test_refusals import every_refusal
from tests.cogs.ui.test_rulebook_text import everything_said_of_rules
from tests.cogs.ui.test_server_text import everything_said_to_admins
from tests.cogs.wallets import allowance

PACE = Pace()
MODEL = "doubao-seedance-1-5-pro-251215"
PAUSE = Pause(server_id=SERVER_ID, author_id=4, reason="spam *wave*", at_ms=BORN_MS)


def in_state(state: State, **changes: object) -> str:
    return renders.prospect(render(state=state, **changes), ahead=2, pace=PACE)


def everything_said() -> Iterator[str]:
    yield from commands.COMMANDS.values()
    yield from commands.OPTIONS.values()
    yield from map(refusals.refusal, every_refusal())
    yield from map(declines.declined, every_decline())
    yield from everything_said_to_admins()
    yield from renders.CAUSES.values()
    yield from renders.STATES.values()
    yield from (in_state(state, cause=Cause.TEXT_REFUSED) for state in State)
    yield in_state(State.RENDERING, late_at_ms=1)
    yield from (in_state(State.AWAITING_APPROVAL, review=review) for review in Review)
    yield from everything_said_of_rules()
    for module in (refusals, desk, renders, rulebook, server, setup, limits, usage):
        yield from (
            value
            for name, value in vars(module).items()
            if isinstance(value, str) and name.isupper()
        )
    yield quota.quota(allowance())
    yield desk.paused(PAUSE)
    yield desk.details(render(), ahead=1, pace=PACE, where="")
    yield renders.result_ready(render())
    yield renders.result_failed(render(state=State.FAILED, cause=Cause.PROVIDER_FAILED))


def test_every_cause_and_state_has_words() -> None:
    assert set(renders.CAUSES) == set(Cause)
    assert set(renders.STATES) == set(State)
    assert set(renders.OBSTACLES) == set(Obstacle)
    assert all(in_state(state, cause=Cause.TEXT_REFUSED) for state in State)


def test_the_obstacle_is_named_where_it_is_known() -> None:
    stopped = render(state=State.CANCELLED, cause=Cause.CARD_IMPOSSIBLE)
    assert "could not write" in renders.result_failed(stopped)
    left = render(state=State.CANCELLED, cause=Cause.CARD_IMPOSSIBLE, detail=Obstacle.CARD_DELETED)
    assert "Its card was deleted before its turn came. Your 27 credits are back." in (
        renders.result_failed(left)
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.DELIVERED, "It is posted: here."),
        (State.FAILED, "does not hand it over. Please send it again. Your 27 credits are back."),
        (State.UNDELIVERED, "the video stays kept"),
    ],
)
def test_a_wish_to_post_it_is_answered_by_what_became_of_it(state: State, words: str) -> None:
    cause = Cause.VIDEO_MISSING if state is State.FAILED else None
    assert words in desk.posted_again(render(state=state, cause=cause), "here")


@pytest.mark.parametrize(
    ("state", "channel_id", "words"),
    [
        (State.DELIVERED, CHANNEL_ID, f"/{CHANNEL_ID}/9"),
        (State.DELIVERED, MEMBER_ID, f"in the direct messages of <@{MEMBER_ID}>."),
        (State.FAILED, None, f"<@{MEMBER_ID}> has 27 credits back and is told."),
        (State.UNDELIVERED, None, "the video stays kept"),
        (State.RENDERING, None, "is not kept to be posted: rendering."),
    ],
)
def test_a_moderator_reads_what_became_of_a_members_video(
    state: State, channel_id: int | None, words: str
) -> None:
    result = None
    if channel_id:
        result = Message(
            render_id="7KQ2M9XA",
            number=2,
            purpose=Purpose.RESULT,
            channel_id=channel_id,
            attempted_at_ms=BORN_MS,
            message_id=9,
        )
    assert words in desk.posted_by_moderator(render(state=state), result)


def test_what_was_posted_and_deleted_stands_nowhere() -> None:
    assert desk.posted_again(render(state=State.DELIVERED), "") == desk.POSTED_AND_DELETED


def test_nobody_reads_jargon() -> None:
    jargon = re.compile(
        r"\b(api|provider|task|submit|poll|interaction|exception|database|ledger|hold|settle"
        r"|guild|embed|token|ephemeral|payload|null|http|timeout|callback|invalid|error|failed"
        r"|illegal|ceiling|catalogue|queued|slot)\b",
        re.IGNORECASE,
    )
    for words in everything_said():
        found = jargon.search(words.replace("Embed Links", ""))
        assert found is None, f"{found} in {words!r}"


def test_descriptions_fit_discord() -> None:
    for words in (*commands.COMMANDS.values(), *commands.OPTIONS.values()):
        assert 10 <= len(words) <= 100


def test_what_is_left_is_said_in_clips() -> None:
    assert renders.clips(61, 27, 5) == "about 2 clips of 5 s"
    assert renders.clips(27, 27, 5) == "about 1 clip of 5 s"
    assert renders.clips(26, 27, 5) == "not enough for a clip of 5 s"
    assert renders.clips(None, 27, 5) == ""


def test_a_promise_keeps_itself() -> None:
    words = in_state(State.UNKNOWN, submitted_at_ms=BORN_MS, cost=61)
    by = (BORN_MS + 15 * 60_000) // 1000
    assert words == (
        "We sent it, but no answer came. You need do nothing."
        f" By <t:{by}:t> you have the video, or your 61 credits back."
    )


def test_a_late_render_is_said_to_be_free() -> None:
    assert in_state(State.RENDERING, late_at_ms=1) == (
        "Your 27 credits are back. If the video still comes, it is free."
    )
    assert "free" in in_state(State.DELIVERED, late_at_ms=1, settled=0)


def test_the_price_named_at_the_end_is_the_one_that_was_settled() -> None:
    assert "It cost 26 credits." in in_state(State.DELIVERED, settled=26)


def test_places_in_the_queue_read_well() -> None:
    queued = render()
    assert renders.prospect(queued, ahead=0, pace=PACE).startswith("It is next.")
    assert renders.prospect(queued, ahead=1, pace=PACE).startswith("One before it.")
    assert renders.prospect(queued, ahead=3, pace=PACE).startswith("3 before it.")


def test_one_credit_is_one_credit() -> None:
    assert renders.money_back(render(cost=1)) == "Your credit is back."


def test_a_moderators_reason_is_passed_on() -> None:
    cancelled = render(
        state=State.CANCELLED, cause=Cause.CANCELLED_BY_MODERATOR, detail="not @here"
    )
    assert renders.cause(cancelled).endswith(r"The reason: “not \@here”.")


def test_the_copied_line_makes_the_same_again() -> None:
    line = desk.command_line(render(seed=7, audio=False))
    assert line == (
        "/video prompt:A paper boat drifts on a quiet lake at sunrise duration:5 ratio:16:9"
        f" resolution:720p model:{MODEL} seed:7 audio:False"
    )
    assert "seed 7 · without sound" in renders.settings_line(render(seed=7, audio=False))


def test_acceptance_says_price_rest_crop_and_the_way_back() -> None:
    words = renders.accepted(
        render(),
        card_url="https://x",
        allowance=allowance(),
        crops=True,
        undo=timedelta(seconds=5),
        pace=PACE,
    )
    assert words.splitlines() == [
        "Accepted: [here is its card](<https://x>), `7KQ2M9XA`.",
        "It costs 27 credits with Seedance 1.5 pro."
        " 53 of 120 credits left for today, about 1 clip of 5 s.",
        "Your picture has another shape than 16:9: its edges are cut off.",
        "Cancel within 5 s if you meant something else.",
    ]


def test_acceptance_says_who_must_say_yes_first_and_by_when() -> None:
    words = renders.accepted(
        render(state=State.AWAITING_APPROVAL, review=Review.IMAGES),
        card_url="https://x",
        allowance=allowance(),
        crops=False,
        undo=timedelta(seconds=5),
        pace=PACE,
    )
    by = f"<t:{BORN_MS // 1000 + 12 * 3600}:t>"
    assert words.splitlines()[2:] == [
        "It waits for a moderator. Moderators look at videos with pictures here before they start."
        f" If none has said yes by {by}, you get the 27 credits back."
    ]


@pytest.mark.parametrize("review", [*Review, None])
def test_a_card_says_why_a_moderator_must_say_yes(review: Review | None) -> None:
    words = renders.prospect(
        render(state=State.AWAITING_APPROVAL, review=review), ahead=0, pace=PACE
    )
    assert words.startswith("Moderators look at ")
    assert "If none has said yes by <t:" in words


def test_a_no_says_why_when_somebody_said_so() -> None:
    denied = render(state=State.CANCELLED, cause=Cause.DENIED, detail="no *swords*")
    assert renders.result_failed(denied) == (
        f"<@{MEMBER_ID}> There is no video. A moderator looked at it and said no. The reason:"
        r" “no \*swords\*”. Your 27 credits are back."
    )
    assert "The reason" not in renders.cause(render(cause=Cause.DENIED))


def test_acceptance_says_that_the_last_picture_is_fitted_to_the_first() -> None:
    words = renders.accepted(
        render(ratio="adaptive"),
        card_url="https://x",
        allowance=allowance(),
        crops=True,
        undo=timedelta(),
        pace=PACE,
    )
    assert words.endswith(
        "Your last picture has another shape than the first, and is made to fit it."
    )


def test_a_place_is_a_link_or_the_direct_messages() -> None:
    message = Message(
        render_id="7KQ2M9XA",
        number=1,
        purpose=Purpose.RESULT,
        channel_id=9,
        attempted_at_ms=1,
        message_id=8,
    )
    assert desk.place(render(), message) == (
        f"[look](<https://discord.com/channels/{SERVER_ID}/9/8>)"
    )
    assert desk.place(render(member_id=9), message) == "in your direct messages"
    assert desk.place(render(), None) == ""


def test_a_long_list_says_how_much_it_leaves_out() -> None:
    lines = [desk.line(render(), "[look](<https://x>)")] * 40
    words = desk.listed(lines)
    assert words.endswith("… and 25 more.")
    assert len(words) < 4000


def test_lists_fit_into_a_reply_whatever_the_prompts() -> None:
    where = f"[look](<https://discord.com/channels/{'9' * 20}/{'9' * 20}/{'9' * 20}>)"
    worst = render(state=State.UNDELIVERED, prompt="*" * 2000, cost=99_999)
    assert len(desk.listed([desk.line(worst, where)] * 50)) <= desk.LONGEST_REPLY
    words = quota.quota(allowance(under_way=(worst,) * 50))
    assert len(words) <= desk.LONGEST_REPLY
    assert "… and 35 more." in words


@pytest.mark.parametrize(("length", "linked", "again"), [(900, 1, 1), (2500, 1, 0), (5000, 0, 1)])
def test_the_details_fit_into_a_reply_and_the_link_comes_first(
    length: int, linked: int, again: int
) -> None:
    url = "https://x/" + "a" * length
    words = desk.details(
        render(state=State.DELIVERED, prompt="*" * 2000),
        ahead=0,
        pace=PACE,
        where="",
        video=renders.provider_link(url, None),
    )
    assert len(words) <= desk.LONGEST_REPLY
    assert (words.count(url), words.count("/video prompt:")) == (linked, again)


def test_a_moderator_reads_what_became_of_the_credits() -> None:
    assert desk.cancelled_by_moderator(render()) == (
        f"`7KQ2M9XA` is cancelled. <@{MEMBER_ID}> gets 27 credits back and is told."
    )


def test_the_host_reads_every_fault_of_the_settings() -> None:
    words = host.settings_wrong(["DISCORD_TOKEN is missing", "QUEUE_LENGTH must be a number"])
    assert words.count("\n  ") == 2
