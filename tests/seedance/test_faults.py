from __future__ import annotations

from datetime import timedelta

import pytest

from seedance import (
    BadInput,
    BadKey,
    ModelGone,
    OutOfFunds,
    ProviderBroken,
    RateLimited,
    RefusalReason,
    Refused,
)
from seedance.faults import Words, read_words, retry_after, sort_fault
from tests.seedance import answers


def fault(code: str, message: str = "", status: int | None = 400) -> Exception:
    return sort_fault(Words(code=code, message=message), status)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("InputTextSensitiveContentDetected", RefusalReason.TEXT),
        ("InputTextSensitiveContentDetected.PolicyViolation", RefusalReason.TEXT),
        ("InputTextRiskDetection", RefusalReason.TEXT),
        ("SensitiveContentDetected", RefusalReason.TEXT),
        ("SensitiveContentDetected.SevereViolation", RefusalReason.TEXT),
        ("InputImageSensitiveContentDetected", RefusalReason.IMAGE),
        ("InputImageRiskDetection", RefusalReason.IMAGE),
        ("InputVideoSensitiveContentDetected", RefusalReason.IMAGE),
        ("InputImageSensitiveContentDetected.PrivacyInformation", RefusalReason.REAL_PERSON),
        ("InputVideoSensitiveContentDetected.PrivacyInformation", RefusalReason.REAL_PERSON),
        ("InputAudioSensitiveContentDetected", RefusalReason.AUDIO),
        ("OutputVideoSensitiveContentDetected", RefusalReason.OUTPUT),
        ("OutputVideoSensitiveContentDetected.PolicyViolation", RefusalReason.OUTPUT),
        ("OutputTextRiskDetection", RefusalReason.OUTPUT),
        ("OutputImageSensitiveContentDetected", RefusalReason.OUTPUT),
        ("OutputAudioSensitiveContentDetected", RefusalReason.OUTPUT_AUDIO),
    ],
)
def test_a_policy_code_names_what_was_refused(code: str, reason: RefusalReason) -> None:
    error = fault(code)
    assert isinstance(error, Refused)
    assert (error.reason, error.code, error.status) == (reason, code, 400)


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("input text may contain sensitive information.", RefusalReason.TEXT),
        ("input image may contain real person.", RefusalReason.REAL_PERSON),
        ("output audio may contain sensitive information.", RefusalReason.OUTPUT_AUDIO),
        ("output video may be related to copyright restrictions.", RefusalReason.OUTPUT),
    ],
)
def test_the_providers_own_sentence_is_enough(sentence: str, reason: RefusalReason) -> None:
    error = fault("fail_to_fetch_task", f"The request failed because the {sentence}", None)
    assert isinstance(error, Refused)
    assert error.reason is reason


def test_a_sentence_inside_a_prompt_that_is_quoted_refuses_nothing() -> None:
    error = fault("", "bad prompt: The request failed because the input text may hurt")
    assert isinstance(error, BadInput)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccountOverdueError", OutOfFunds),
        ("OperationDenied.ServiceOverdue", OutOfFunds),
        ("SetLimitExceeded", OutOfFunds),
        ("QuotaExceeded", OutOfFunds),
        ("insufficient_user_quota", OutOfFunds),
        ("insufficient_quota", OutOfFunds),
        ("AuthenticationError", BadKey),
        ("InvalidAccountStatus", BadKey),
        ("AccessDenied", BadKey),
        ("OperationDenied.PermissionDenied", BadKey),
        ("OperationDenied.ServiceNotOpen", ModelGone),
        ("InvalidEndpointOrModel.NotFound", ModelGone),
        ("InvalidEndpointOrModel.ModelIDAccessDisabled", ModelGone),
        ("InvalidEndpoint.ClosedEndpoint", ModelGone),
        ("ModelNotOpen", ModelGone),
        ("UnsupportedModel", ModelGone),
        ("NotFound.model", ModelGone),
        ("model_not_found", ModelGone),
        ("RateLimitExceeded.EndpointRPMExceeded", RateLimited),
        ("ModelAccountTpmRateLimitExceeded", RateLimited),
        ("APIAccountRpmRateLimitExceeded", RateLimited),
        ("AccountRateLimitExceeded", RateLimited),
        ("InflightBatchsizeExceeded", RateLimited),
        ("RequestBurstTooFast", RateLimited),
        ("ServerOverloaded", RateLimited),
        ("ContentSecurityDetectionError", RateLimited),
        ("MissingParameter.model", BadInput),
        ("InvalidParameter", BadInput),
        ("InvalidParameter.TaskTypeConstraint", BadInput),
        ("InvalidArgumentError.UnknownRole", BadInput),
        ("InvalidImageURL.InvalidFormat", BadInput),
    ],
)
def test_a_known_code_counts_more_than_the_status(code: str, kind: type[Exception]) -> None:
    assert type(fault(code, status=429)) is kind
    assert type(fault(code, status=None)) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadInput),
        (401, BadKey),
        (402, OutOfFunds),
        (403, BadKey),
        (404, ModelGone),
        (413, BadInput),
        (422, BadInput),
        (429, RateLimited),
        (500, ProviderBroken),
        (None, ProviderBroken),
    ],
)
def test_an_unknown_code_means_what_the_status_means(
    status: int | None, kind: type[Exception]
) -> None:
    assert type(fault("SomethingNew", status=status)) is kind


def test_a_full_queue_at_the_provider_passes_by_itself() -> None:
    assert type(fault("QuotaExceeded", "queued task limit reached", 429)) is RateLimited


@pytest.mark.parametrize(
    ("document", "code", "message"),
    [
        (answers.RPM, "ModelAccountRpmRateLimitExceeded", "RPM limit exceeded"),
        (answers.NO_MODEL_NAME, "", "model name is required (request id: 2026)"),
        (answers.INVALID_REQUEST, "invalid_request", "..."),
        (answers.TOP_LEVEL, "InvalidParameter", "seconds must be between 4 and 15"),
        (answers.TASK_NOT_EXIST, "400", "task_not_exist"),
        (answers.ERROR_AS_TEXT, "", "upstream is busy"),
        (answers.NESTED, "InputTextSensitiveContentDetected", "The request failed"),
        ({"message": "task_not_exist"}, "", "task_not_exist"),
        ({"code": "x", "message": '{"code": "y", "message": 7}'}, "y", ""),
        ({"code": "x", "message": "{}"}, "x", "{}"),
        ({"data": {"error": {"code": "x"}}}, "x", ""),
        ({"code": "outer", "message": "m", "data": {"error": {"code": "x"}}}, "x", ""),
        ({"code": "", "message": "task_not_exist", "data": None}, "", "task_not_exist"),
        ({"status": "error", "message": "no"}, "", "no"),
        ({"code": "x", "message": '{"y": 1}'}, "x", '{"y": 1}'),
        ({"code": "success", "data": {"fail_reason": "no", "error": ""}}, "", "no"),
        ({"status": "FAILURE", "fail_reason": '{"error": {"code": "x"}}'}, "x", ""),
        ({"error": {"type": "odd"}, "fail_reason": "no"}, "", "no"),
        ({"error": {"code": ["x"], "message": "m"}}, "", "m"),
    ],
)
def test_error_words_are_found_in_every_known_place(
    document: object, code: str, message: str
) -> None:
    assert read_words(answers.body(document)) == Words(code=code, message=message)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        answers.HTML,
        b"[]",
        b"null",
        b'"no"',
        b'{"error": ',
        b'{"error": NaN}',
        b"\xff\xfe",
        b"{}",
        b'{"error": null}',
        b'{"error": {}}',
        b'{"code": "success", "message": ""}',
        b'{"code": 200, "message": "ok", "data": {}}',
        b'{"code": 0, "message": "Success", "data": {"fail_reason": ""}}',
        b'{"data": {"data": {"data": {"data": {"error": "too deep"}}}}}',
    ],
)
def test_what_is_not_the_providers_own_error_has_no_words(raw: bytes) -> None:
    assert read_words(raw) is None


def test_nesting_without_end_is_left_alone() -> None:
    text = "core"
    for _ in range(6):
        text = answers.body({"code": "outer", "message": text}).decode()
    words = read_words(text.encode())
    assert words is not None
    assert words.code == "outer"


def test_the_details_are_cut_and_free_of_keys() -> None:
    error = sort_fault(Words(code="C" * 999, message="Bearer abcdefgh " + "x" * 999), 400)
    assert error.detail.startswith("Bearer [key] x")
    assert (len(error.code), len(error.detail)) == (100, 300)


@pytest.mark.parametrize(
    ("headers", "delay"),
    [
        ({"Retry-After": "7"}, timedelta(seconds=7)),
        ({"retry-after": " 0 "}, timedelta()),
        ({"Retry-After": "999999999"}, timedelta(days=1)),
        (
            {
                "Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT",
                "Date": "Sun, 22 Nov 2026 10:00:00 GMT",
            },
            timedelta(seconds=30),
        ),
        (
            {
                "Retry-After": "Sun, 22 Nov 2026 09:00:00 GMT",
                "Date": "Sun, 22 Nov 2026 10:00:00 GMT",
            },
            timedelta(),
        ),
        (
            {
                "Retry-After": "Sun, 22 Nov 2026 10:00:30 -0000",
                "Date": "Sun, 22 Nov 2026 10:00:00 GMT",
            },
            None,
        ),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_the_providers_own_delay_is_read(headers: dict[str, str], delay: timedelta | None) -> None:
    assert retry_after(headers) == delay
    error = sort_fault(None, 429, headers)
    assert isinstance(error, RateLimited)
    assert error.retry_after == delay
