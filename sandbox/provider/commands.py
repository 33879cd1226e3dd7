"""Read the settings that are written into a prompt, as the API still does for every model.

https://www.volcengine.com/docs/82379/1520757 calls it the old way: `--duration 5 --rs 720p`.
"""

from __future__ import annotations

import re

from sandbox.provider.rejections import invalid

NAMES = {
    "resolution": "resolution", "rs": "resolution",
    "ratio": "ratio", "rt": "ratio",
    "duration": "duration", "dur": "duration",
    "frames": "frames",
    "framespersecond": "fps", "fps": "fps",
    "seed": "seed",
    "camerafixed": "camera_fixed", "cf": "camera_fixed",
    "watermark": "watermark", "wm": "watermark",
}  # fmt: skip
COMMAND = re.compile(rf"--({'|'.join(NAMES)})[\s=]+(\S+)", re.IGNORECASE)


def split(text: str) -> tuple[str, dict[str, str]]:
    """Return the words without their commands, and the commands by their full names.

    They count wherever they stand. A second, different value for a setting is rejected: which of
    the two the API takes is documented nowhere, so nobody who cares about the price sends both.
    """
    found: dict[str, str] = {}
    for match in COMMAND.finditer(text):
        name, value = NAMES[match[1].lower()], match[2]
        if found.setdefault(name, value) != value:
            raise invalid(f"The parameter {name} is given twice: {found[name]} and {value}.")
    return " ".join(COMMAND.sub(" ", text).split()), found
