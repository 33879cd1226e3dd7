"""What a prompt may say, what is read out of it, and what never gets through."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from render.errors import (
    PromptEmpty,
    PromptTooLong,
    Refusal,
    SettingTwice,
    SettingUnreadable,
)
from render.prompt import LONGEST_PROMPT, read_prompt
from seedance import Option

NAMES = (
    "duration|dur|resolution|rs|ratio|rt|seed"
    "|frames|fps|framespersecond|camerafixed|cf|watermark|wm"
)
DASHES = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Pd"] + ["−"]
INVISIBLE = [
    "\u200b",
    "\u200d",
    "\ufe0f",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u202e",
    "\u2066",
    "\x00",
    "\u3164",
]


def as_the_provider_may_see_it(text: str) -> str:
    """Fold a text by other means than the product does: whole, and by category."""
    folded = unicodedata.normalize("NFKC", text).lower()
    seen = []
    for character in folded:
        category = unicodedata.category(character)
        if category == "Pd" or character == "−":
            seen.append("-")
        elif character.isspace() or category not in {"Cf", "Cc", "Cs"}:
            seen.append(character)
    return re.sub("[\u115f\u1160\u034f\u17b4\u17b5\ufe00-\ufe0f\u180b-\u180f]", "", "".join(seen))


LENIENT_PARSERS = (
    re.compile(rf"--+\s*({NAMES})(?![^\W\d_])"),
    re.compile(r"--+[a-z]"),
    re.compile(r"(^|\s)-[a-z]"),
    re.compile(r"-\s*$"),
)


def settings(prompt: str) -> dict[str, str]:
    return {option.value: value for option, value in read_prompt(prompt).settings.items()}


@pytest.mark.parametrize(
    ("written", "option", "value"),
    [
        ("--duration 5", Option.DURATION, "5"),
        ("--dur 5", Option.DURATION, "5"),
        ("--duration=5", Option.DURATION, "5"),
        ("--duration:5", Option.DURATION, "5"),
        ("--dur5", Option.DURATION, "5"),
        ("--dur 05s", Option.DURATION, "5"),
        ("--dur -1", Option.DURATION, "-1"),
        ("--DUR 5,", Option.DURATION, "5"),
        ("--ratio 16:9", Option.RATIO, "16:9"),
        ("--rt 9:16", Option.RATIO, "9:16"),
        ("--rt 9x16", Option.RATIO, "9:16"),
        ("--rt Adaptive", Option.RATIO, "adaptive"),
        ("--resolution 720p", Option.RESOLUTION, "720p"),
        ("--rs 1080", Option.RESOLUTION, "1080p"),
        ("--rs 4K", Option.RESOLUTION, "4k"),
        ("--seed 42", Option.SEED, "42"),
    ],
)
def test_every_setting_is_read_in_every_form(written: str, option: Option, value: str) -> None:
    reading = read_prompt(f"A boat {written} drifts")

    assert reading.settings == {option: value}
    assert reading.text == "A boat drifts"


@pytest.mark.parametrize(
    "written",
    [
        "—dur 5",
        "–dur 5",
        "－－ｄｕｒ　５",
        "−−dur 5",
        "-\u200b-dur 5",
        "--d\u00adu\u202er 5",
        "--\ndur\n5",
        "-\n-dur 5",
        "-dur 5",
        "-- dur 5",
        "-- -- dur 5",
        "--𝐝𝐮𝐫 𝟓",
        "--\x00dur\x01 5",
        "⁓⁓dur 5",
        "--\u0332dur 5",
        "-\u0301-\u20dd\u0332dur 5",
    ],
)
def test_a_disguised_setting_is_read(written: str) -> None:
    reading = read_prompt(f"A boat {written} drifts")

    assert reading.settings == {Option.DURATION: "5"}
    assert reading.text == "A boat drifts"


def test_a_setting_that_touches_a_word_is_read_and_parts_the_words() -> None:
    reading = read_prompt("A boat--dur 5, drifts—rt 16:9")

    assert reading.text == "A boat drifts"
    assert reading.settings == {Option.DURATION: "5", Option.RATIO: "16:9"}


def test_settings_without_a_blank_between_are_read() -> None:
    assert settings("boat --dur 5--rs 480p") == {"duration": "5", "resolution": "480p"}


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("boat --frames 29", "boat frames 29"),
        ("boat --fps=24", "boat fps=24"),
        ("boat --watermark false", "boat watermark false"),
        ("boat --wm true", "boat wm true"),
        ("boat --camera-fixed true", "boat camera-fixed true"),
        ("boat --cf true", "boat cf true"),
        ("boat -- fps 24", "boat fps 24"),
        ("boat—fps 24", "boat fps 24"),
        ("boat --ar 16:9 --v 6", "boat ar 16:9 v 6"),
        ("boat--drifting", "boat drifting"),
        ("boat --größe 5", "boat größe 5"),
        ("boat -live", "boat live"),
        ("gardens -- seed by seed", "gardens seed by seed"),
    ],
)
def test_what_else_looks_like_a_setting_loses_its_dashes(typed: str, sent: str) -> None:
    reading = read_prompt(typed)

    assert reading.text == sent
    assert not reading.settings


@pytest.mark.parametrize(
    "text",
    [
        "a well-known mother-in-law counts 3-2-1",
        "a – b, word -- word, light—dark",
        "rock 'n' roll - live",
        "- a boat\n- a lake",
        "high-resolution 4k, low-fps 12",
        "at -5 degrees, from 10-20",
        "一只船——漂流 – 日出",
        "«Привет» — сказал он —Ещё",
        "50 % of ½ … ™ ①，全角：文字",
        "👩‍🚀 👁️‍🗨️ ❤️‍🔥 👍🏽 🏴󠁧󠁢󠁥󠁮󠁧󠁿 5️⃣ #️⃣",
        "قایق کاغذی می\u200cخواهم",
        "סירת נייר\u200f על אגם",
        "क्\u200dष and क्\u200cष",
        "café, naïve, e\u0301",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    reading = read_prompt(text)

    assert reading.text == text
    assert not reading.settings


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a\u202eb\u2066c\u200bd", "abcd"),
        ("a\u200db\u200cc\ufe0f", "abc"),
        ("boat\x00\x07\x7f", "boat"),
        ("boat\ud800", "boat"),
        ("one\r\ntwo\x0bthree\u2028four", "one\ntwo\nthree\nfour"),
        ("boat\U000e0041\U000e0042", "boat"),
        ("👩\u200d --dur 5", "👩"),
        ("👩\u200d－－dur 5 sails", "👩 sails"),
        ("a (--dur 5). b", "a ( ). b"),
        ("boat --", "boat"),
        ("❤\ufe0f \u058a\ufe0f", "❤\ufe0f"),
        ("boat —\n-\u200b ", "boat"),
    ],
)
def test_tricks_are_dropped(typed: str, sent: str) -> None:
    assert read_prompt(typed).text == sent


@pytest.mark.parametrize(
    ("prompt", "written"),
    [
        ("boat --dur five drifts", "--dur five"),
        ("boat --dur", "--dur"),
        ("boat --dur --rs 720p", "--dur"),
        ("boat —duration ten", "—duration ten"),
        ("boat --ratio wide", "--ratio wide"),
        ("boat --rs hd", "--rs hd"),
        ("boat --seed x", "--seed x"),
        ("boat --dur 5-10", "--dur 5-10"),
        ("boat --dur ٥", "--dur ٥"),
        ("boat --d--dur 5ur 5", "--dur 5ur"),
    ],
)
def test_a_setting_that_cannot_be_read_is_refused(prompt: str, written: str) -> None:
    with pytest.raises(SettingUnreadable) as refusal:
        read_prompt(prompt)

    assert refusal.value.written == written


def test_two_values_for_one_setting_are_refused() -> None:
    with pytest.raises(SettingTwice) as refusal:
        read_prompt("--dur 5 --duration 10")

    assert refusal.value.option is Option.DURATION
    assert refusal.value.values == ("5", "10")


def test_the_same_value_twice_is_one_setting() -> None:
    assert settings("boat --rs 720p --resolution 720") == {"resolution": "720p"}


@pytest.mark.parametrize("prompt", ["", " \n\t", "\u200b\u2060\u202e", "--dur 5", "\u3164", "- --"])
def test_a_prompt_that_says_nothing_is_refused(prompt: str) -> None:
    with pytest.raises(PromptEmpty):
        read_prompt(prompt)


def test_the_limit_counts_what_the_member_typed() -> None:
    assert read_prompt("a" * LONGEST_PROMPT).text

    with pytest.raises(PromptTooLong) as refusal:
        read_prompt("a " + "\u200b" * 1999)

    assert (refusal.value.length, refusal.value.limit) == (2001, 2000)


pieces = st.one_of(
    st.sampled_from(DASHES),
    st.just("-"),
    st.just("--"),
    st.sampled_from(INVISIBLE),
    st.sampled_from(
        [" ", "\n", "\u00a0", "\u3000", "=", ":", "(", "'", "a", "é", "漂", "👩", "5", "½"]
    ),
    st.sampled_from(NAMES.split("|")),
    st.sampled_from(["16:9", "720p", "5", "true", "-1", "five"]),
    st.text(max_size=3),
)
trickery = st.one_of(st.lists(pieces, max_size=24).map("".join), st.text(max_size=60))


def read_or_skip(prompt: str) -> tuple[str, dict[Option, str]]:
    try:
        reading = read_prompt(prompt)
    except Refusal:
        assume(False)
        raise
    return reading.text, dict(reading.settings)


@given(trickery)
@example("-- duration-duration")
def test_nothing_that_is_left_can_be_parsed_as_a_setting(prompt: str) -> None:
    text, _ = read_or_skip(prompt)

    seen = as_the_provider_may_see_it(text)
    assert not [parser.pattern for parser in LENIENT_PARSERS if parser.search(seen)]
    assert not [parser.pattern for parser in LENIENT_PARSERS if parser.search(text)]


@given(trickery)
def test_reading_again_finds_nothing_and_changes_nothing(prompt: str) -> None:
    text, _ = read_or_skip(prompt)

    again = read_prompt(text)

    assert again.text == text
    assert not again.settings


@given(st.lists(st.sampled_from(INVISIBLE), min_size=8, max_size=8), st.sampled_from(DASHES))
def test_no_invisible_character_and_no_dash_hides_a_setting(hidden: list[str], dash: str) -> None:
    disguised = "".join(a + b for a, b in zip(f"{dash}{dash}dur 9", hidden, strict=False))

    assert settings(f"boat {disguised}") == {"duration": "9"}


@given(
    st.text(
        st.characters(exclude_categories=["Cc", "Cf", "Cn", "Cs", "Pd", "Mn", "Lo"]), min_size=1
    ).filter(str.strip)
)
def test_text_without_dashes_survives(text: str) -> None:
    assume("−" not in text and len(text) <= LONGEST_PROMPT)

    assert read_prompt(text).text == text.strip().replace("\u2028", "\n").replace("\u2029", "\n")
