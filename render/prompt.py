"""Read a prompt: take out the settings that are written in it, and let no other through.

The provider still parses `--name value` in the text, for every model, and bills what it finds
(https://docs.byteplus.com/en/docs/ModelArk/1520757). So a prompt is looked at as the most lenient
parser could see it: NFKC, lower case, invisible characters gone, every dash a dash.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from render.errors import PromptEmpty, PromptTooLong, SettingTwice, SettingUnreadable
from seedance import Option

LONGEST_PROMPT = 2000

_OFFERED = {
    "duration": Option.DURATION,
    "dur": Option.DURATION,
    "resolution": Option.RESOLUTION,
    "rs": Option.RESOLUTION,
    "ratio": Option.RATIO,
    "rt": Option.RATIO,
    "seed": Option.SEED,
}
_KNOWN = {*_OFFERED, "frames", "fps", "framespersecond", "camerafixed", "cf", "watermark", "wm"}

# How each value may be written, and its one plain form.
_FORMS = {
    Option.DURATION: (re.compile(r"(-?[0-9]{1,6})s?"), "{}"),
    Option.RESOLUTION: (re.compile(r"([0-9]{3,4})p?"), "{}p"),
    Option.RATIO: (re.compile(r"([0-9]{1,2})[:x/]([0-9]{1,2})"), "{}:{}"),
    Option.SEED: (re.compile(r"(-?[0-9]{1,12})"), "{}"),
}
_WORDS = {Option.RESOLUTION: "4k", Option.RATIO: "adaptive"}

# Unicode's Default_Ignorable_Code_Point, control characters and halves of surrogate pairs.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
HIDDEN = re.compile(f"[{_INVISIBLE}]")
# Some have a use: emoji are joined and varied, flags are tagged, the letters of Persian and of
# Indian scripts are joined and parted, Arabic and Hebrew carry marks of direction.
_USED_OR_HIDDEN = re.compile(
    rf"""
    (?P<used>
        (?: [^\s\x00-\x7f{_INVISIBLE}] | [0-9\#*] (?=\ufe0f\u20e3) )
        (?: (?<=\U0001f3f4) [\U000e0020-\U000e007e]+ \U000e007f )?
        [\ufe00-\ufe0f\u061c\u200e\u200f\U000e0100-\U000e01ef]?
        (?: [\u200c\u200d] (?= [^\s\x00-\x7f{_INVISIBLE}] ) )?
    )
    | [{_INVISIBLE}]
    """,
    re.VERBOSE,
)
_LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")

# As _View shows them, "-" is a hyphen and "–" any longer dash, such as keyboards make of two.
_CANDIDATE = re.compile(
    r"""
    (?<![-–]) (?<![-–]\s) (?P<dashes> [-–] (?:\s*[-–])*+ ) (?P<gap> \s*+ )
    (?P<name> [^\W\d_]++ (?:[-_][^\W\d_]++)*+ )
    (?= \s* [=:]? \s* (?P<value> \S*? ) (?: [-–]{2} | \s | $ ) )
    """,
    re.VERBOSE,
)
# Settings of ours are sent behind the prompt, and must not meet dashes there.
_LOOSE_END = "-– \t\n\u1680"
_CLOSING = ",;.!?)]}>\"'”’»*_~`|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Carry what is sent of a prompt, and the settings that stood in it in their plain form."""

    text: str
    settings: Mapping[Option, str]


def read_prompt(typed: str) -> Reading:
    """Read a prompt as a member typed it; raises a Refusal when that cannot be done."""
    if len(typed) > LONGEST_PROMPT:
        raise PromptTooLong(length=len(typed), limit=LONGEST_PROMPT)
    found: list[tuple[Option, str]] = []
    before, text = None, typed
    # What is taken out may bring the halves of a setting together: again until nothing changes.
    while text != before:
        before, text = text, _without_settings(_without_tricks(text), found)
    settings = _agreed(found)
    if not text:
        raise PromptEmpty
    return Reading(text=text, settings=settings)


def _agreed(found: list[tuple[Option, str]]) -> dict[Option, str]:
    settings: dict[Option, str] = {}
    for option, value in found:
        if settings.setdefault(option, value) != value:
            raise SettingTwice(option=option, values=(settings[option], value))
    return settings


def _without_tricks(text: str) -> str:
    """Drop the invisible characters that no script and no emoji needs."""
    return _LINE_BREAK.sub("\n", _USED_OR_HIDDEN.sub(lambda match: match["used"] or "", text))


class _View:
    """Show a text as a lenient parser sees it, and lead back to it."""

    def __init__(self, source: str) -> None:
        folded: list[str] = []
        last = ""
        for character in source:
            # An accent that stands upon a dash would part it from the name.
            accent = unicodedata.category(character) in {"Mn", "Me"}
            folded.append("" if accent and last in {"-", "–"} else _fold(character))
            last = folded[-1][-1:] or last
        self.text = "".join(folded)
        self._source = source
        self._origins = [i for i, characters in enumerate(folded) for _ in characters]
        self._origins.append(len(source))

    def source(self, start: int, end: int) -> str:
        """Return the piece of the source that is seen between two places."""
        return self._source[self._origins[start] : self._origins[end]]


def _fold(character: str) -> str:
    return "".join(map(_fold_dash, unicodedata.normalize("NFKC", character).lower()))


def _fold_dash(character: str) -> str:
    if character in "-\u2010":
        return "-"
    # The two have Unicode's property Dash without being of its category.
    if character in "\u2053\u2212" or unicodedata.category(character) == "Pd":
        return "–"
    return "" if HIDDEN.match(character) else character


def _without_settings(text: str, found: list[tuple[Option, str]]) -> str:
    """Take settings and loose ends out, and add the settings that are offered to `found`."""
    view = _View(text)
    pieces: list[str] = []
    kept_to = searched_to = 0
    while match := _CANDIDATE.search(view.text, searched_to):
        searched_to = match.end()
        if (end := _end_of_setting(view, match, found)) is not None:
            pieces.append(view.source(kept_to, match.start()))
            if pieces[-1] and not pieces[-1][-1].isspace():
                pieces.append(" ")
            kept_to = searched_to = end
    end = max(kept_to, len(view.text.rstrip(_LOOSE_END)))
    return "".join([*pieces, view.source(kept_to, end)]).strip()


def _end_of_setting(
    view: _View, match: re.Match[str], found: list[tuple[Option, str]]
) -> int | None:
    """Return where what must go ends: behind the value, or behind the dashes; None: all stays."""
    words = re.split("[-_]", match["name"])
    certain = _is_setting(match)
    if not certain and not (_may_be_setting(match) and _KNOWN & {words[0], "".join(words)}):
        return None
    if option := _OFFERED.get("".join(words)):
        written = match["value"].rstrip(_CLOSING)
        if value := _plain(option, written):
            found.append((option, value))
            rest = view.text[match.start("value") + len(written) :]
            return len(view.text) - len(rest.lstrip(",; \t"))
        if certain:
            raise SettingUnreadable(written=view.source(match.start(), match.end("value")).strip())
    return match.start("name")


def _is_setting(match: re.Match[str]) -> bool:
    """Say whether this is a setting whatever its name: `--x`, ` -x`; not `a-x`, `-- x`, `——漂`."""
    if match["gap"] or ("–" in match["dashes"] and not match["name"][0].isascii()):
        return False
    return len(match["dashes"]) > 1 or _starts_word(match)


def _may_be_setting(match: re.Match[str]) -> bool:
    """Say whether this is one if the name is a setting's: `-- x`, `a—x`; not `- x`, `a-x`."""
    return len(match["dashes"]) > 1 if match["gap"] else match["dashes"] == "–"


def _starts_word(match: re.Match[str]) -> bool:
    return match.start() == 0 or match.string[match.start() - 1].isspace()


def _plain(option: Option, written: str) -> str | None:
    """Return the plain form of a value, or None when it cannot be read."""
    form, template = _FORMS[option]
    if match := form.fullmatch(written.replace("–", "-")):
        return template.format(*map(int, match.groups()))
    return written if written == _WORDS.get(option) else None
