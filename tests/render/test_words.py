"""Compare prompts with lists of words, however they are written."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.words import consequence_of, fold, pattern_of, words_of
from storage.records import Consequence, Word

# Letters that change by case, accents, width, invisible ones, other scripts, and anything.
TRICKY = st.text(
    st.one_of(
        st.sampled_from(
            "aAäÄßſıİøﬀǅΣς*\u0301\u0336\u200b\u00ad\ufe0f\u20dd裸体はバ\u3099हि็Ａ ｄ-._"
        ),
        st.characters(),
    ),
    max_size=60,
)


def listed(*patterns: str, consequence: Consequence = Consequence.REFUSE) -> list[Word]:
    kept = [pattern_of(pattern) for pattern in patterns]
    return [
        Word(server_id=1, pattern=pattern, consequence=consequence) for pattern in kept if pattern
    ]


def found(prompt: str, *patterns: str) -> bool:
    return consequence_of(prompt, listed(*patterns)) is not None


@given(TRICKY)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TRICKY)
def test_words_are_folded_and_have_neither_gaps_nor_stars(text: str) -> None:
    for word in words_of(text):
        assert word
        assert word == fold(word)
        assert not set(word) & set(" *-._\n")


@given(TRICKY)
def test_a_pattern_that_was_kept_is_kept_the_same_again(text: str) -> None:
    pattern = pattern_of(text)
    assert pattern is None or pattern_of(pattern) == pattern


@given(TRICKY, TRICKY, TRICKY)
def test_a_pattern_without_stars_finds_itself(before: str, word: str, after: str) -> None:
    pattern = pattern_of(word.replace("*", " "))
    if pattern:
        assert found(f"{before} {pattern} {after}", pattern)


@given(st.text("ab* ", max_size=12), st.text("ab ", max_size=20))
def test_any_pattern_on_any_prompt_gives_an_answer(pattern: str, prompt: str) -> None:
    assert found(prompt, pattern) in {True, False}


@given(st.text("ab*", min_size=1, max_size=8), st.text("ab", min_size=1, max_size=8))
def test_stars_fit_as_the_plainest_reading_of_them_does(pattern: str, word: str) -> None:
    def fits(rest: str, of: str) -> bool:
        if not rest:
            return not of
        if rest[0] == "*":
            return fits(rest[1:], of) or (bool(of) and fits(rest, of[1:]))
        return bool(of) and rest[0] == of[0] and fits(rest[1:], of[1:])

    if pattern_of(pattern):
        assert found(word, pattern) == fits(pattern, word)


@pytest.mark.parametrize(
    "prompt",
    [
        "a gory scene",
        "A GORY scene",
        "a ＧＯＲＹ scene",
        "a go\u200bry scene",
        "a g\u00ado\u2060ry scene",
        "a górỹ scene",
        "a go\u0336r\u0336y\u0336 scene",
        "a g\u20ddory scene",
        "a go\u0902r\u0f90y\u09bc scene",
        "a **gory** scene",
        "a “gory”, scene",
        "gory",
        "a_gory_scene",
        "a gøry scene",
        "a 𝐠𝐨𝐫𝐲 scene",
    ],
)
def test_a_word_is_found_however_it_is_written(prompt: str) -> None:
    assert found(prompt, "Gory")


@pytest.mark.parametrize("prompt", ["a category", "a goryx scene", "g o r y", "allegory", ""])
def test_only_whole_words_are_found(prompt: str) -> None:
    assert not found(prompt, "gory")


@pytest.mark.parametrize(
    ("pattern", "prompt", "is_found"),
    [
        ("gor*", "a gory scene", True),
        ("gor*", "gor", True),
        ("gor*", "agor", False),
        ("*gory", "an allegory", True),
        ("*gor*", "a category", True),
        ("g*y", "gray", True),
        ("g*y", "gray day", True),
        ("g*y", "gray dog", True),
        ("g*y", "gas key", False),
        ("ab*ba", "aba", False),
        ("a*a*a", "aba", False),
        ("a*a*a", "abcaba", True),
        ("real person", "a real  person, smiling", True),
        ("real person", "a real-person", True),
        ("real person", "a real nice person", False),
        ("real * person", "a real nice person", True),
        ("real * person", "a real person", False),
        ("real person", "real", False),
        ("real per*", "a person, a real persona", True),
        ("裸体", "一个裸体女人", True),
        ("裸体", "一个裸的体", False),
        ("裸*", "一个裸体女人", True),
        ("हिन्दी", "यह हिन्दी है", True),
        ("straße", "STRASSE", True),
        ("don't", "please don’t stop", True),
    ],
)
def test_stars_and_several_words(pattern: str, prompt: str, is_found: bool) -> None:
    assert found(prompt, pattern) is is_found


@pytest.mark.parametrize("typed", ["", "*", "* *", "***", "  ", "…", "\u200b", "-!?"])
def test_a_pattern_of_nothing_or_of_anything_is_none(typed: str) -> None:
    assert pattern_of(typed) is None


def test_stars_that_say_nothing_more_are_left_out() -> None:
    assert pattern_of("* Foo** * bár *") == "foo* * bar"


def test_the_strictest_of_several_words_decides() -> None:
    words = [*listed("boat", consequence=Consequence.APPROVE), *listed("lake")]
    assert consequence_of("a boat", words) is Consequence.APPROVE
    assert consequence_of("a boat on a lake", words) is Consequence.REFUSE
    assert consequence_of("a sea", words) is None


def test_a_part_may_come_twice_in_a_pattern() -> None:
    assert consequence_of("a golden goat", listed("go* go*")) is Consequence.REFUSE
    assert consequence_of("a golden sheep", listed("go* go*")) is None


@pytest.mark.parametrize(
    ("pattern", "prompt"),
    [
        ("*a" * 30 + "b", "a" * 2000),
        ("a*" * 30 + "b", "a" * 1999 + "c"),
        ("* a " * 30 + "b", "a " * 1000),
        ("x", "\u0301\u0315" * 1000),
        ("x", "ﷺ" * 2000),
    ],
)
def test_no_pattern_and_no_prompt_takes_long(pattern: str, prompt: str) -> None:
    began = time.perf_counter()
    found(prompt, *[f"{pattern}{number}" for number in range(20)])
    assert time.perf_counter() - began < 1.0


def test_a_list_as_long_as_it_may_be_takes_no_time() -> None:
    words = listed(*[f"{'a * ' * 14}zz*{number}" for number in range(500)])
    began = time.perf_counter()
    assert consequence_of("a " * 998 + "zz", words) is None
    assert time.perf_counter() - began < 0.5
