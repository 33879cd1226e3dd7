"""Take secrets, signatures, images and prompts out of words that are kept or logged."""

from __future__ import annotations

import json
import re
from itertools import takewhile

SHORTEST_SECRET = 6  # characters; replacing shorter ones would only garble the text
LONGEST_BEGINNING = 24  # characters that are enough to know a secret by
BOTH = (True, False)

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
            for spelling in (secret, *(json.dumps(secret, ensure_ascii=it)[1:-1] for it in BOTH)):
                text = _hide(text, spelling)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return _UNPRINTABLE.sub(" ", text).strip()[:length]


def _hide(text: str, secret: str) -> str:
    """Replace the secret, also where only its beginning is quoted."""
    parts: list[str] = []
    while (start := text.find(secret[:LONGEST_BEGINNING])) >= 0:
        pairs = zip(text[start:], secret, strict=False)
        quoted = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        parts += text[:start], "[redacted]"
        text = text[start + quoted :]
    return "".join((*parts, text))
