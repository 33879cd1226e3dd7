from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedance.redaction import redact


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Authorization: Bearer abc.def-123 was bad", "Authorization: Bearer [key] was bad"),
        ("key sk-abcDEF123456 is wrong", "key [key] is wrong"),
        (
            "at https://x.example/a.mp4?X-Sig=1&b=2 now",
            "at https://x.example/a.mp4?[signature] now",
        ),
        ("image data:image/png;base64,iVBORw0KGgo= bad", "image [image] bad"),
        ('{"revised_prompt": "a \\"cat\\"", "n": 1}', '{"revised_prompt": "[prompt]", "n": 1}'),
        ('{"type":"text","text":"a cat"}', '{"type":"text","text":"[prompt]"}'),
        ("two\nlines\u202e and\x00 more\ud800", "two lines  and  more"),
        ("nothing here", "nothing here"),
    ],
)
def test_what_must_not_be_kept_is_replaced(text: str, clean: str) -> None:
    assert redact(text, length=200) == clean


@pytest.mark.parametrize("prompt", ["a paper boat", 'say "ahoy"\nloudly', "ein Boot für Zoë 小猫"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_secret_is_found_in_every_spelling_of_json(prompt: str, ascii_only: bool) -> None:
    text = json.dumps({"message": f"cannot draw {prompt} today"}, ensure_ascii=ascii_only)
    assert redact(text, prompt, length=200) == '{"message": "cannot draw [redacted] today"}'


def test_a_secret_that_is_quoted_in_part_is_hidden_as_far_as_it_goes() -> None:
    prompt = "A paper boat drifts on a quiet lake at sunrise."
    text = f"bad: {prompt[:30]}... and {prompt} and {prompt[5:]}"
    assert redact(text, prompt, length=200) == (
        f"bad: [redacted]... and [redacted] and {prompt[5:]}"
    )


def test_a_secret_too_short_to_be_one_garbles_nothing() -> None:
    assert redact("a cat sat", "a", length=200) == "a cat sat"


@given(st.text(), st.integers(0, 50))
def test_the_result_is_short_and_can_be_stored(text: str, length: int) -> None:
    clean = redact(text, length=length)
    assert len(clean) <= length
    assert "\n" not in clean
    clean.encode()
