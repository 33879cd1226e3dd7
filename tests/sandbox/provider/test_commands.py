from __future__ import annotations

import pytest

from sandbox.provider.commands import split
from sandbox.provider.rejections import Rejected


@pytest.mark.parametrize(
    ("text", "words", "settings"),
    [
        ("A boat. --duration 5 --ratio 16:9", "A boat.", {"duration": "5", "ratio": "16:9"}),
        (
            "A boat --rs 720p --rt 1:1 --dur 5 --seed 11 --cf false --wm true",
            "A boat",
            {
                "resolution": "720p", "ratio": "1:1", "duration": "5",
                "seed": "11", "camera_fixed": "false", "watermark": "true",
            },
        ),
        ("A --DUR 9 boat", "A boat", {"duration": "9"}),
        ("A boat --dur\n12", "A boat", {"duration": "12"}),
        ("A well-known boat, 3-2-1", "A well-known boat, 3-2-1", {}),
        ("A boat --slowly now", "A boat --slowly now", {}),
        ("A boat --dur 5 --duration 5", "A boat", {"duration": "5"}),
    ],
)  # fmt: skip
def test_commands_count_wherever_they_stand(
    text: str, words: str, settings: dict[str, str]
) -> None:
    assert split(text) == (words, settings)


def test_two_values_for_one_setting_are_rejected() -> None:
    with pytest.raises(Rejected) as rejected:
        split("A boat --dur 12 --duration 5")
    assert "duration is given twice" in rejected.value.body["error"]["message"]
