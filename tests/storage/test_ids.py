from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import ids


def test_a_new_id_is_eight_characters_of_crockford_base32() -> None:
    for _ in range(1000):
        assert len(ids.new_id()) == 8
        assert set(ids.new_id()) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_new_ids_differ() -> None:
    assert len({ids.new_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize("typed", ["K7F2M9QA", "k7f2m9qa", " K7F2-M9QA ", "k7f2 m9qa"])
def test_an_id_is_read_in_the_ways_people_type_it(typed: str) -> None:
    assert ids.read_id(typed) == "K7F2M9QA"


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    assert ids.read_id("iILlOo00") == "11110000"


@pytest.mark.parametrize("typed", ["", "K7F2M9Q", "K7F2M9QAB", "K7F2M9QU", "K7F2M9Qß", "K7F2M9Q%"])
def test_what_cannot_be_an_id_is_not_read(typed: str) -> None:
    assert ids.read_id(typed) is None


@given(st.text())
def test_what_is_read_can_be_read_again(typed: str) -> None:
    read = ids.read_id(typed)
    assert read is None or ids.read_id(read.lower()) == read
