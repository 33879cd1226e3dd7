from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedance import (
    ARK,
    BadKey,
    ListedTask,
    OutOfFunds,
    ProviderBroken,
    RateLimited,
    SeedanceError,
    TaskState,
)
from seedance.inventory import TasksPage, read_tasks_page, tasks_request
from tests.seedance import answers


def read(document: object, status: int = 200) -> TasksPage:
    return read_tasks_page(status, {}, answers.body(document))


def test_a_page_is_asked_for_by_number_with_its_filters() -> None:
    """The names are those of `Tasks.list` in volcengine-python-sdk and byteplus-python-sdk-v2."""
    assert tasks_request(ARK).path == "/contents/generations/tasks?page_num=1&page_size=500"
    request = tasks_request(ARK, 2, state=TaskState.QUEUED, task_ids=["cgt-1", "cgt-2"])
    assert request.method == "GET"
    assert request.path == (
        "/contents/generations/tasks?page_num=2&page_size=500&filter.status=queued"
        "&filter.task_ids=cgt-1&filter.task_ids=cgt-2"
    )


def test_a_page_holds_tasks_and_how_many_there_are_in_all() -> None:
    """`ListContentGenerationTasksResponse`, and `safety_identifier` of `ContentGenerationTask`."""
    page = read(
        {
            "items": [answers.SUCCEEDED_ARK | {"safety_identifier": "h1"}, answers.FAILED_ARK],
            "total": 7,
        }
    )
    done, failed = page.tasks
    assert (page.total, done.id, done.model) == (
        7,
        "cgt-20260514183217-t8rzv",
        "doubao-seedance-2-0-260128",
    )
    assert (done.task.state, done.task.echo.seed) == (TaskState.SUCCEEDED, 1276)
    assert done.task.echo.created_at == datetime(2026, 5, 14, 10, 32, 17, tzinfo=UTC)
    assert (done.safety_identifier, failed.safety_identifier) == ("h1", None)
    assert failed.task.state is TaskState.FAILED


def test_an_empty_list_is_a_list() -> None:
    assert read({"items": [], "total": 0}) == TasksPage(tasks=(), total=0)


@pytest.mark.parametrize("named", ["", None, 5])
def test_who_a_task_is_for_may_be_unsaid(named: object) -> None:
    item = {"id": "cgt-1", "model": "m", "status": "queued", "safety_identifier": named}
    (task,) = read({"items": [item], "total": 1}).tasks
    assert task == ListedTask(id="cgt-1", model="m", task=task.task)


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"items": None, "total": 0},
        {"items": []},
        {"items": [], "total": "0"},
        {"items": ["cgt-1"], "total": 1},
        {"items": [{"id": "cgt-1", "model": "m"}], "total": 1},
        {"items": [{"id": 1, "model": "m", "status": "queued"}], "total": 1},
        {"items": [{"id": "../a", "model": "m", "status": "queued"}], "total": 1},
        {"items": [{"id": "cgt-1", "status": "queued"}], "total": 1},
    ],
)
def test_a_list_of_which_a_part_cannot_be_read_is_none(document: object) -> None:
    with pytest.raises(ProviderBroken):
        read(document)


@pytest.mark.parametrize(
    ("status", "document", "kind"),
    [
        (401, answers.ark_error("AuthenticationError"), BadKey),
        (403, answers.ark_error("AccountOverdueError"), OutOfFunds),
        (403, {}, ProviderBroken),
        (429, answers.RPM, RateLimited),
        (400, answers.ark_error("InvalidParameter.page_num"), ProviderBroken),
        (404, answers.HTML.decode(), ProviderBroken),
        (500, answers.ark_error("InternalServiceError"), ProviderBroken),
        (500, answers.ark_error("AccountOverdueError"), ProviderBroken),
    ],
)
def test_a_list_that_is_refused_says_what_to_do(
    status: int, document: object, kind: type[SeedanceError]
) -> None:
    with pytest.raises(SeedanceError) as caught:
        read(document, status)
    assert type(caught.value) is kind


@given(st.sampled_from([200, 400, 403, 500]), st.binary())
def test_no_answer_breaks_the_reader(status: int, raw: bytes) -> None:
    with pytest.raises(SeedanceError):
        read_tasks_page(status, {}, raw)
