"""Read error bodies of every known shape, and sort them into the tree of errors.

Codes: https://www.volcengine.com/docs/82379/1299023 (Ark),
https://apidoc.cometapi.com/errors/error-codes-handling (CometAPI's gateway).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime

from seedance.errors import (
    BadInput,
    BadKey,
    ModelGone,
    OutOfFunds,
    ProviderBroken,
    RateLimited,
    RefusalReason,
    Refused,
    SeedanceError,
)
from seedance.exchange import JsonObject, as_object, layers, read_object
from seedance.redaction import redact

LONGEST_DETAIL = 300
LONGEST_CODE = 100
LONGEST_DELAY = timedelta(days=1)
NESTED = 3  # gateways put the upstream's error body, as text, into their own message

_FINE = frozenset({"", "0", "200", "success", "ok", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the provider said about an error; raw, so for sorting only."""

    code: str
    message: str


def read_words(body: bytes) -> Words | None:
    """Return the provider's own error words; None when the body has none."""
    document = read_object(body)
    return words_in(document) if document is not None else None


def words_in(document: JsonObject) -> Words | None:
    """Find error words in what the object wraps, else in itself: the upstream's say more."""
    inwards = tuple(layers(document))
    return next((words for layer in reversed(inwards) if (words := _words_of(layer))), None)


def _words_of(layer: JsonObject) -> Words | None:
    error, reason = layer.get("error"), layer.get("fail_reason")
    pair = _pair(as_object(error) or layer)
    if isinstance(error, str) and error:
        pair = Words(code="", message=error)
    elif {pair.code.casefold(), pair.message.casefold()} <= _FINE:
        if not isinstance(reason, str) or not reason:
            return None
        pair = Words(code="", message=reason)
    return _unwrap(pair)


def _pair(fields: JsonObject) -> Words:
    code, message = fields.get("code"), fields.get("message")
    return Words(
        code=str(code) if isinstance(code, str | int) else "",
        message=message if isinstance(message, str) else "",
    )


def _unwrap(words: Words) -> Words:
    """Prefer the upstream's error where it is the message itself, as text."""
    for _ in range(NESTED):
        inner = read_object(words.message.encode("utf-8", "replace")) or {}
        upstream = _pair(as_object(inner.get("error")) or inner)
        if not (upstream.code or upstream.message):
            break
        words = upstream
    return words


_POLICY_CODE = re.compile(
    r"(input|output)(text|image|video|audio)(?:sensitivecontentdetected|riskdetection)", re.I
)
# Ark's own sentence, for gateways that lose the code on the way.
_POLICY_SENTENCE = re.compile(
    r"the request failed because the (input|output) (text|image|video|audio) may ", re.I
)
_POLICY_IN_GENERAL = re.compile(r"sensitivecontentdetected|riskdetection|policyviolation", re.I)
_REASONS = {
    ("input", "text"): RefusalReason.TEXT,
    ("input", "image"): RefusalReason.IMAGE,
    ("input", "video"): RefusalReason.IMAGE,
    ("input", "audio"): RefusalReason.AUDIO,
    ("output", "audio"): RefusalReason.OUTPUT_AUDIO,
}

# By the beginning of the code; the first that matches decides.
_KINDS: tuple[tuple[re.Pattern[str], type[SeedanceError]], ...] = tuple(
    (re.compile(beginnings, re.I), kind)
    for beginnings, kind in (
        (
            r"accountoverdue|operationdenied\.serviceoverdue|setlimitexceeded|quotaexceeded"
            r"|insufficient_(?:user_)?quota|pre_consume_token_quota_failed",
            OutOfFunds,
        ),
        (
            r"model_not_found|invalidendpoint|modelnotopen|unsupportedmodel|notfound"
            r"|operationdenied\.servicenotopen",
            ModelGone,
        ),
        (r"authenticationerror|invalidaccountstatus|accessdenied|operationdenied", BadKey),
        (
            r"\w*ratelimitexceeded|inflightbatchsizeexceeded|requestbursttoofast|serveroverloaded"
            # The moderation service itself failed; nothing was judged and nothing was made.
            r"|contentsecuritydetectionerror",
            RateLimited,
        ),
        (r"missingparameter|invalidparameter|invalidargument|invalidimageurl", BadInput),
    )
)
# The statuses that say by themselves, together with an error body, that there is no task.
DEFINITE: Mapping[int, type[SeedanceError]] = {
    400: BadInput,
    401: BadKey,
    402: OutOfFunds,
    403: BadKey,
    404: ModelGone,
    413: BadInput,
    422: BadInput,
    429: RateLimited,
}


def sort_fault(
    words: Words | None,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    secrets: Collection[str] = (),
) -> SeedanceError:
    """Return the error that the words mean; where they mean nothing known, what the status means.

    An error of a failed task has no status of its own, and is ProviderBroken when unexplained.
    """
    words = words or Words(code="", message="")
    code = redact(words.code, *secrets, length=LONGEST_CODE)
    detail = redact(words.message, *secrets, length=LONGEST_DETAIL)
    if reason := _refusal(words):
        return Refused(reason, status=status, code=code, detail=detail)
    kind = _kind(words) or DEFINITE.get(status or 0, ProviderBroken)
    if kind is RateLimited:
        return RateLimited(retry_after(headers or {}), status=status, code=code, detail=detail)
    return kind(status=status, code=code, detail=detail)


def as_kind(
    kind: type[SeedanceError],
    words: Words | None,
    status: int | None = None,
    secrets: Collection[str] = (),
) -> SeedanceError:
    """Return an error of this very class, with the provider's words."""
    fault = sort_fault(words, status, secrets=secrets)
    return kind(status=status, code=fault.code, detail=fault.detail)


def trouble(words: Words | None, status: int, headers: Mapping[str, str]) -> SeedanceError:
    """Return why a question without effect was not answered: what one can act on, else broken."""
    error = sort_fault(words, status, headers)
    # A 403 without the provider's own words is a firewall's, and says nothing about the key.
    expected = isinstance(error, RateLimited | BadKey | OutOfFunds) and (words or status != 403)
    return error if expected and status < 500 else as_kind(ProviderBroken, words, status)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Read Retry-After: seconds, or a date measured against the answer's own Date."""
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    value = lower.get("retry-after", "")
    if re.fullmatch(r"[0-9]{1,9}", value):
        return min(timedelta(seconds=int(value)), LONGEST_DELAY)
    try:
        delay = parsedate_to_datetime(value) - parsedate_to_datetime(lower.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(delay, timedelta()), LONGEST_DELAY)


def _refusal(words: Words) -> RefusalReason | None:
    found = _POLICY_CODE.match(words.code) or _POLICY_SENTENCE.match(words.message)
    if found is None:
        return RefusalReason.TEXT if _POLICY_IN_GENERAL.match(words.code) else None
    side, medium = found[1].lower(), found[2].lower()
    if side == "input" and _is_about_a_person(words):
        return RefusalReason.REAL_PERSON
    return _REASONS.get((side, medium), RefusalReason.OUTPUT)


def _is_about_a_person(words: Words) -> bool:
    return "PrivacyInformation" in words.code or "real person" in words.message


def _kind(words: Words) -> type[SeedanceError] | None:
    if words.code.startswith("QuotaExceeded") and "queue" in words.message:
        return RateLimited  # one code, three meanings; this one passes by itself
    return next((kind for pattern, kind in _KINDS if pattern.match(words.code)), None)
