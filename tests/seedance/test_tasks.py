from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedance import (
    BadInput,
    BadKey,
    Echo,
    OutOfFunds,
    ProviderBroken,
    RateLimited,
    RefusalReason,
    Refused,
    Route,
    SeedanceError,
    Task,
    TaskMissing,
    TaskState,
    query_request,
    read_created,
    read_models,
    read_task,
)
from tests.seedance import answers
from tests.seedance.answers import wrapped

LINK = "https://example.com/a.mp4"
DEEP = b'{"status": "succeeded", "content": ' + b'{"content": ' * 900 + b"[]" + b"}" * 901


def read(document: object, status: int = 200, route: Route = Route.TASKS) -> Task:
    return read_task(route, status, {}, answers.body(document))


@pytest.mark.parametrize(
    ("route", "path"),
    [
        (Route.TASKS, "/volc/v3/contents/generations/tasks/cgt-1"),
        (Route.VIDEOS, "/v1/videos/cgt-1"),
    ],
)
def test_a_query_names_the_task_in_its_path(route: Route, path: str) -> None:
    request = query_request(route, "cgt-1")
    assert (request.method, request.path) == ("GET", path)
    assert request.headers["Accept-Encoding"] == "identity"


def test_the_documented_success_of_the_tasks_route_is_read() -> None:
    assert read(answers.SUCCEEDED_TASKS) == Task(
        state=TaskState.SUCCEEDED,
        video_url="https://example.com/generated.mp4",
        echo=Echo(
            resolution="720p",
            ratio="16:9",
            duration_seconds=Decimal(5),
            created_at=datetime(2026, 3, 12, 6, 33, 25, tzinfo=UTC),
        ),
    )


def test_a_real_success_echoes_seed_and_tokens_and_keeps_the_signature() -> None:
    task = read(answers.SUCCEEDED_ARK)
    assert (task.echo.seed, task.echo.tokens) == (1276, 108900)
    assert task.video_url == "https://tos.example/a%2Fb.mp4?X-Tos-Signature=a%2Bb"


def test_a_real_failure_says_that_the_output_was_refused() -> None:
    task = read(answers.FAILED_ARK)
    assert task.state is TaskState.FAILED
    assert isinstance(task.error, Refused)
    assert task.error.reason is RefusalReason.OUTPUT
    assert task.error.code == "OutputVideoSensitiveContentDetected"
    assert task.error.detail.startswith("The request failed because the output video")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answers.COPYRIGHT, Refused),
        (answers.TASK_TYPE, BadInput),
        ({"code": "InternalServiceError", "message": "x"}, ProviderBroken),
        ("it broke", ProviderBroken),
        (None, ProviderBroken),
        ({}, ProviderBroken),
    ],
)
def test_a_failed_task_always_has_an_error(error: object, kind: type[Exception]) -> None:
    task = read({"id": "a", "status": "failed", "error": error})
    assert task.state is TaskState.FAILED
    assert type(task.error) is kind


def test_the_failure_of_the_videos_route_has_no_words() -> None:
    task = read(answers.VIDEOS_FAILED, route=Route.VIDEOS)
    assert task.state is TaskState.FAILED
    assert isinstance(task.error, ProviderBroken)
    assert (task.error.code, task.error.detail) == ("", "")


def test_a_wrapped_failure_reads_its_reason() -> None:
    reason = "The request failed because the input image may contain real person."
    task = read(wrapped("FAILURE", fail_reason=reason))
    assert isinstance(task.error, Refused)
    assert task.error.reason is RefusalReason.REAL_PERSON


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("queued", TaskState.QUEUED),
        ("SUBMITTED", TaskState.QUEUED),
        ("NOT_START", TaskState.QUEUED),
        ("pending", TaskState.QUEUED),
        ("running", TaskState.RUNNING),
        ("IN_PROGRESS", TaskState.RUNNING),
        ("in_progress", TaskState.RUNNING),
        ("processing", TaskState.RUNNING),
        ("succeeded", TaskState.SUCCEEDED),
        ("SUCCESS", TaskState.SUCCEEDED),
        ("Completed", TaskState.SUCCEEDED),
        ("failed", TaskState.FAILED),
        ("FAILURE", TaskState.FAILED),
        ("ERROR", TaskState.FAILED),
        ("cancelled", TaskState.CANCELLED),
        ("canceled", TaskState.CANCELLED),
        ("expired", TaskState.EXPIRED),
        ("UNKNOWN", TaskState.UNKNOWN),
        ("rendering_v2", TaskState.UNKNOWN),
    ],
)
@pytest.mark.parametrize("route", list(Route))
def test_both_vocabularies_are_read_flat_and_wrapped(
    word: str, state: TaskState, route: Route
) -> None:
    assert read({"id": "a", "status": word}, route=route).state is state
    assert read(wrapped(word), route=route).state is state
    assert read(wrapped(word, data={"status": "running"}), route=route).state is state


def test_the_envelopes_own_status_does_not_count() -> None:
    assert read({"status": "success", "data": {"status": "running"}}).state is TaskState.RUNNING


def test_the_flat_status_counts_where_data_has_none() -> None:
    assert read({"status": "completed", "data": {"video_url": LINK}}) == Task(
        state=TaskState.SUCCEEDED, video_url=LINK
    )


@pytest.mark.parametrize(
    "document",
    [
        {"status": "succeeded", "content": {"video_url": LINK}},
        {"status": "completed", "video_url": LINK},
        {"status": "completed", "video_url": {"url": LINK}},
        {"status": "completed", "url": f" {LINK} "},
        {"status": "completed", "download_url": LINK},
        {"status": "completed", "result_url": LINK},
        {"status": "completed", "result": {"video_url": LINK}},
        {"status": "completed", "result": LINK},
        {"status": "completed", "output": {"url": LINK}},
        {"status": "completed", "video": {"url": LINK}},
        {"status": "completed", "metadata": {"url": LINK}},
        wrapped("SUCCESS", video_url=LINK),
        wrapped("SUCCESS", fail_reason=LINK),
        wrapped("SUCCESS", result_url=LINK),
        wrapped("SUCCESS", data={"status": "succeeded", "content": {"video_url": LINK}}),
        wrapped("SUCCESS", data={"result": {"video_url": LINK}}),
    ],
)
def test_the_link_is_found_in_every_known_place(document: object) -> None:
    task = read(document)
    assert task.state is TaskState.SUCCEEDED
    assert task.video_url == LINK


@pytest.mark.parametrize(
    "document",
    [
        {"status": "succeeded"},
        {"status": "succeeded", "content": None},
        {"status": "succeeded", "content": {}},
        {"status": "succeeded", "content": {"last_frame_url": LINK}},
        {"status": "succeeded", "content": {"video_url": ""}},
        {"status": "succeeded", "content": {"video_url": "ftp://example.com/a"}},
        {"status": "succeeded", "content": {"video_url": "https://example.com/a b"}},
        wrapped("SUCCESS", fail_reason=""),
    ],
)
def test_a_success_without_a_link_is_a_success_without_a_link(document: object) -> None:
    assert read(document) == Task(state=TaskState.SUCCEEDED)


def test_a_link_counts_only_once_the_task_has_succeeded() -> None:
    assert read({"status": "running", "video_url": LINK}).video_url is None
    assert read(wrapped("FAILURE", fail_reason=LINK)).video_url is None


@pytest.mark.parametrize(
    ("fields", "echo"),
    [
        ({"duration": 4.5}, Echo(duration_seconds=Decimal("4.5"))),
        ({"seconds": "8"}, Echo(duration_seconds=Decimal(8))),
        ({"duration": 99999}, Echo()),
        ({"duration": "five"}, Echo()),
        ({"duration": True, "seed": -1, "resolution": "", "ratio": 7}, Echo()),
        ({"seed": 2**63}, Echo()),
        ({"seed": 2**32 - 1}, Echo(seed=2**32 - 1)),
        ({"created_at": 1777385418000}, Echo()),
        ({"usage": {"completion_tokens": 7}}, Echo(tokens=7)),
        ({"usage": [], "data": {"status": "running", "seed": 3}}, Echo(seed=3)),
    ],
)
def test_what_is_rendered_is_echoed_where_it_makes_sense(
    fields: dict[str, Any], echo: Echo
) -> None:
    assert read({"status": "running"} | fields).echo == echo


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (404, None),
        (404, answers.ark_error("NotFound")),
        (400, answers.TASK_NOT_EXIST),
        (400, answers.gateway_error("task_not_exist", "no")),
        (200, answers.TASK_NOT_EXIST),
    ],
)
def test_an_unknown_id_is_a_missing_task(status: int, document: object) -> None:
    with pytest.raises(TaskMissing):
        read(document, status)


@pytest.mark.parametrize(
    ("status", "document", "kind"),
    [
        (401, answers.ark_error("AuthenticationError"), BadKey),
        (401, None, BadKey),
        (403, answers.ark_error("AccessDenied"), BadKey),
        (403, answers.ark_error("AccountOverdueError"), OutOfFunds),
        (403, None, ProviderBroken),
        (402, None, OutOfFunds),
        (429, answers.RPM, RateLimited),
        (429, None, RateLimited),
        (400, answers.TOP_LEVEL, ProviderBroken),
        (400, None, ProviderBroken),
        (500, answers.INVALID_REQUEST, ProviderBroken),
        (500, answers.ark_error("OutputVideoSensitiveContentDetected"), ProviderBroken),
        (503, answers.NO_CHANNEL, ProviderBroken),
        (524, None, ProviderBroken),
        (301, None, ProviderBroken),
        (200, {"id": "a"}, ProviderBroken),
        (200, {"status": None}, ProviderBroken),
        (200, [], ProviderBroken),
        (200, answers.ERROR_AS_TEXT, ProviderBroken),
    ],
)
def test_a_query_that_fails_says_what_to_do(
    status: int, document: object, kind: type[SeedanceError]
) -> None:
    with pytest.raises(SeedanceError) as caught:
        read(document, status)
    assert type(caught.value) is kind
    assert caught.value.status == status


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        answers.HTML,
        DEEP,
        b'{"status": "succ',
        b'{"seed": 1e99999999999999999999}',
        b"[" * 9999,
    ],
)
def test_a_broken_body_is_a_broken_provider(raw: bytes) -> None:
    with pytest.raises(ProviderBroken):
        read_task(Route.VIDEOS, 200, {}, raw)


def test_a_query_refused_by_policy_is_the_end_of_the_task() -> None:
    task = read(answers.ark_error("OutputVideoSensitiveContentDetected"), 400)
    assert task.state is TaskState.FAILED
    assert isinstance(task.error, Refused)


KEYS = st.sampled_from(
    [
        "id",
        "task_id",
        "status",
        "data",
        "error",
        "code",
        "message",
        "content",
        "video_url",
        "url",
        "result",
        "usage",
        "seed",
        "duration",
        "seconds",
        "created_at",
        "fail_reason",
        "completion_tokens",
        "pricing",
        "per_second",
        "endpoints",
        "page",
        "total",
    ]
)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS | st.text(), inner),
    max_leaves=20,
)
WORDS = st.sampled_from(["succeeded", "FAILURE", "running", "https://a.b/c", "1e9", "5"])
DOCUMENTS = st.dictionaries(KEYS, WORDS | JSON).map(lambda value: json.dumps(value).encode())
STATUSES = st.sampled_from([200, 201, 301, 400, 401, 403, 404, 429, 500, 503])
HEADERS = st.dictionaries(st.sampled_from(["Retry-After", "Date"]), st.text())


@given(st.sampled_from(Route), STATUSES, HEADERS, st.binary() | DOCUMENTS)
def test_no_answer_breaks_the_readers(
    route: Route, status: int, headers: dict[str, str], raw: bytes
) -> None:
    for reader in (
        lambda: read_task(route, status, headers, raw),
        lambda: read_created(route, status, headers, raw),
        lambda: read_models(status, headers, raw),
    ):
        try:
            reader()
        except SeedanceError as error:
            f"{error.code}{error.detail}".encode()


@given(JSON)
def test_a_link_that_is_given_out_is_a_plain_web_address(value: object) -> None:
    link = read({"status": "succeeded", "video_url": value, "content": value}).video_url
    assert link is None or (link.startswith("http") and link.isascii())
