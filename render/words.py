"""Compare prompts with a server's words: as a reader takes them, whole words, in linear time.

What is compared is folded: NFKC, case, invisible characters, accents. Scripts that part no words,
like Chinese, are compared by the character. `*` stands for any letters of a word; alone between two
words it stands for one word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from render.prompt import HIDDEN
from storage.records import Consequence, Word

ANY = "*"

_STARS = re.compile(r"\*+")


def _signs() -> str:
    """Return every sign that combines with the letter before it, as a set of an expression."""
    found = (chr(one) for one in range(0x300, 0x1F000) if unicodedata.category(chr(one)) == "Mn")
    return "".join(found)


# Accents by their combining class: of European letters, Hebrew points, Arabic signs; overlays.
# Marks of other classes are vowels and signs without which a word is another one.
_ACCENTS = frozenset({1, *range(10, 36), *range(200, 241)})
# Signs of other scripts, which mean nothing on a Latin, Greek, Cyrillic or Armenian letter.
_ADDED = re.compile(rf"([a-zA-Z\u00df-\u024f\u0370-\u052f\u0531-\u0588])[{_signs()}]+")
# Letters with a stroke are letters of their own to Unicode, and an accent to whoever evades.
_STROKES = str.maketrans("đħłøŧı", "dhloti")
# First and last of each range of scripts that do not part words by spaces: Thai, Lao, Burmese,
# Khmer, kana, Chinese characters.
_UNPARTED = (
    ("\u0e00", "\u0eff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u3005", "\u3007"),
    ("\u3041", "\u30ff"),
    ("\u3400", "\u9fff"),
    ("\U00020000", "\U0003ffff"),
)


def fold(text: str) -> str:
    """Return a text as it is compared; folding twice is folding once."""
    before = None
    # Taking a case or an accent away may bring out more of the kind; it soon comes to rest.
    while text != before:
        before = text
        parts = unicodedata.normalize("NFKD", HIDDEN.sub("", text))
        plain = _ADDED.sub(r"\1", "".join(filter(_is_no_accent, parts)))
        text = unicodedata.normalize("NFKC", plain.casefold().translate(_STROKES))
    return text


def words_of(text: str, *, also: str = "") -> tuple[str, ...]:
    """Cut a text into its words, folded; what is in `also` counts as a letter."""
    text = fold(text)
    words: list[str] = []
    start = 0
    for place, character in enumerate(text):
        of_a_word = character in also or _is_letter(character)
        if of_a_word and not _is_unparted(character):
            continue
        if start < place:
            words.append(text[start:place])
        if of_a_word:
            words.append(character)
        start = place + 1
    return tuple([*words, text[start:]] if start < len(text) else words)


def pattern_of(typed: str) -> str | None:
    """Return a pattern as it is kept; None when it would fit anything, or nothing."""
    words = [_STARS.sub(ANY, word) for word in words_of(typed, also=ANY)]
    while words and words[0] == ANY:
        words.pop(0)
    while words and words[-1] == ANY:
        words.pop()
    return " ".join(words) or None


def consequence_of(prompt: str, listed: Iterable[Word]) -> Consequence | None:
    """Return what becomes of a prompt, the strictest of all that fit; None: no word does."""
    words = words_of(prompt)
    places: dict[str, int] = {}
    for place, word in enumerate(words):
        places[word] = places.get(word, 0) | 1 << place
    known = _Known(places=places, text=" ".join(words), everywhere=(1 << len(words)) - 1)
    found = {word.consequence for word in listed if known.has(word.pattern.split(" "))}
    return next((one for one in (Consequence.REFUSE, Consequence.APPROVE) if one in found), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Hold at which places of a prompt each of its words stands, one bit a place.

    So a pattern of many words is compared with all places at once: however long the list, nobody
    waits for it.
    """

    places: Mapping[str, int]
    text: str
    everywhere: int
    of_parts: dict[str, int] = field(default_factory=dict[str, int])

    def has(self, pattern: Sequence[str]) -> bool:
        """Say whether these parts stand somewhere one after the other."""
        starts = self.everywhere
        for number, part in enumerate(pattern):
            starts &= self._where(part) >> number
            if not starts:
                return False
        return True

    def _where(self, part: str) -> int:
        """Return where one part of a pattern fits."""
        if part == ANY:
            return self.everywhere
        if ANY not in part:
            return self.places.get(part, 0)
        if part not in self.of_parts:
            # Most patterns have a piece that a prompt has nowhere. No two words share a place.
            may = all(piece in self.text for piece in part.split(ANY))
            fitting = (places for word, places in self.places.items() if _fits(part, word))
            self.of_parts[part] = sum(fitting) if may else 0
        return self.of_parts[part]


def _fits(pattern: str, word: str) -> bool:
    """Say whether a word fits a part with a `*`; each piece is looked for once, in its turn."""
    first, *middle, last = pattern.split(ANY)
    end = len(word) - len(last)
    if end < len(first) or not word.startswith(first) or not word.endswith(last):
        return False
    place = len(first)
    for piece in middle:
        place = word.find(piece, place, end)
        if place < 0:
            return False
        place += len(piece)
    return True


# Of each character only once: a prompt of 2000 may fold into 36 000, of few kinds.
@lru_cache(maxsize=4096)
def _is_no_accent(character: str) -> bool:
    if unicodedata.category(character) == "Me":
        return False
    return unicodedata.combining(character) not in _ACCENTS


@lru_cache(maxsize=4096)
def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


@lru_cache(maxsize=4096)
def _is_unparted(character: str) -> bool:
    return any(first <= character <= last for first, last in _UNPARTED)
