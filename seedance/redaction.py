"""Take secrets, signatures, images and prompts out of words that are kept or logged."""

from __future__ import annotations

import json
import re

SHORTEST_SECRET = 6  # replacing shorter ones would only garble the text

_PATTERNS = (
    (re.compile(r"(?i)\bbearer\s+[^\s\"']+"), "Bearer [key]"),
    (re.compile(r"\bsk-[\w-]{6,}"), "[key]"),
    (re.compile(r"data:[\w/+.-]{0,40};base64,[\w+/=-]*"), "[image]"),
    (re.compile(r"(https?://[^\s\"'?#]*)[?#][^\s\"']*"), r"\1?[signature]"),
    (re.compile(r'("(?:\w*prompt|text)"\s*:\s*")(?:[^"\\]|\\.)*'), r"\1[prompt]"),
)
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+"
)


def redact(text: str, *secrets: str, length: int) -> str:
    """Return one printable line of at most `length` characters without any secret."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            for spelling in {secret, json.dumps(secret)[1:-1], _json_unescaped(secret)}:
                text = text.replace(spelling, "[redacted]")
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return _UNPRINTABLE.sub(" ", text).strip()[:length]


def _json_unescaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
