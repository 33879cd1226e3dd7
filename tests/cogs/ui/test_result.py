"""A result says what happened in an ordinary message."""

from __future__ import annotations

import pytest

from cogs.ui.result import result
from storage.records import Cause, State
from tests.cogs.examples import BORN_MS, MEMBER_ID, render


def done(**changes: object) -> str:
    one = render(
        state=State.RENDERED,
        video_url="https://cdn.example/v.mp4?sig=1",
        video_expires_at_ms=BORN_MS,
        **changes,
    )
    return result(one, attached=True).content


def test_a_video_comes_with_mention_prompt_settings_id_and_the_other_copy() -> None:
    assert done().splitlines() == [
        f"<@{MEMBER_ID}> Your video is ready.",
        "> A paper boat drifts on a quiet lake at sunrise",
        "-# 5 s · 720p · 16:9 · Seedance 1.5 pro · 27 credits · `7KQ2M9XA`",
        "[The file at the video service](<https://cdn.example/v.mp4?sig=1>)"
        " · this link ends <t:1790000000:R>",
    ]


def test_a_late_video_is_free() -> None:
    assert "It came late, so it is free." in done(late_at_ms=1)


def test_a_video_without_a_file_points_to_its_link() -> None:
    one = render(state=State.RENDERED, video_url="https://cdn.example/v.mp4")
    content = result(one, attached=False).content
    assert "behind this link" in content
    assert content.endswith("[The file at the video service](<https://cdn.example/v.mp4>)")


def test_a_file_stands_alone_when_the_link_beside_it_would_be_dead() -> None:
    content = result(render(state=State.UNDELIVERED), attached=True).content
    assert content.startswith(f"<@{MEMBER_ID}> Your video is ready.")
    assert content.endswith("`7KQ2M9XA`")


@pytest.mark.parametrize("cause", Cause)
def test_a_failure_says_why_and_that_the_credits_are_back(cause: Cause) -> None:
    one = render(state=State.FAILED, cause=cause, video_url="https://x/y.mp4")
    content = result(one, attached=False).content
    assert content.startswith(f"<@{MEMBER_ID}> There is no video. ")
    assert "Your 27 credits are back." in content
    assert "https://x" not in content


def test_a_result_fits_into_a_message_whatever_the_prompt_and_the_link() -> None:
    for length in (100, 1200, 5000):
        one = render(state=State.RENDERED, prompt="*" * 2000, video_url="https://x/" + "a" * length)
        assert len(result(one, attached=True).content) <= 2000


@pytest.mark.parametrize(
    ("length", "quoted", "linked"), [(100, True, True), (1500, False, True), (3000, True, False)]
)
def test_a_video_that_is_not_attached_is_never_without_a_way_to_it(
    length: int, quoted: bool, linked: bool
) -> None:
    url = "https://x/" + "a" * length
    one = render(state=State.RENDERED, prompt="*" * 2000, video_url=url)
    content = result(one, attached=False).content
    assert len(content) <= 2000
    assert ("\n> " in content, url in content) == (quoted, linked)
    assert ("behind this link" in content, "/renders show id:" in content) == (linked, not linked)


def test_the_prompt_is_harmless_in_alt_text_and_file_name() -> None:
    one = render(state=State.RENDERED, prompt="boat\u202e @everyone\n" + "a" * 2000)
    said = result(one, attached=True)
    assert said.alt_text.startswith("A video made from these words: boat @everyone aaa")
    assert len(said.alt_text) <= 1024
    assert said.file_name.startswith("boat-everyone-")
