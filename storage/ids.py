"""Make and read the ids of renders: eight characters of Crockford base32."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8

# What hands and eyes confuse, and what people put between groups: https://www.crockford.com/base32.html
_FORGIVEN = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def new_id() -> str:
    """Draw an id at random."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def tidy(text: str) -> str:
    """Write the beginning of an id, as a person typed it, the way ids are stored."""
    return text.upper().translate(_FORGIVEN)


def read_id(text: str) -> str | None:
    """Read an id that a person typed; None when it cannot be one."""
    read = tidy(text)
    return read if len(read) == LENGTH and set(read) <= set(ALPHABET) else None
