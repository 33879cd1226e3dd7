from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from seedance import (
    ADAPTIVE,
    Ambiguous,
    BadInput,
    BadKey,
    FrameImage,
    FrameRole,
    ListedModel,
    ModelGone,
    Offer,
    OutOfFunds,
    RateLimited,
    RefusalReason,
    Refused,
    Route,
    SeedanceError,
    Submission,
    create_request,
    offers,
    read_created,
)
from tests.seedance import answers

PROMPT = "A paper boat drifts on a quiet lake at sunrise."
FIRST = FrameImage(role=FrameRole.FIRST, data_uri="data:image/png;base64,Rmlyc3Q=")
LAST = FrameImage(role=FrameRole.LAST, data_uri="data:image/png;base64,TGFzdA==")


def offer(name: str, route: Route) -> Offer:
    hint = "/contents/generations/tasks" if route is Route.TASKS else "/v1/videos"
    (found,) = offers([name], [ListedModel(id=name, paths=(hint,))])
    return found


PRO = offer("doubao-seedance-1-5-pro-251215", Route.TASKS)
ON_TASKS = Submission(offer=PRO, prompt=PROMPT, duration_seconds=5, resolution="720p", ratio="16:9")
ON_VIDEOS = replace(ON_TASKS, offer=offer("seedance-2-5", Route.VIDEOS))


def content(submission: Submission) -> list[dict[str, Any]]:
    body = create_request(submission).json
    assert body is not None
    return body["content"]


def test_the_tasks_route_takes_the_settings_behind_the_prompt() -> None:
    request = create_request(ON_TASKS)
    assert (request.method, request.path) == ("POST", "/volc/v3/contents/generations/tasks")
    assert request.form is None
    assert request.json == {
        "model": "doubao-seedance-1-5-pro-251215",
        "content": [
            {"type": "text", "text": f"{PROMPT} --resolution 720p --ratio 16:9 --duration 5"}
        ],
    }


def test_a_seed_travels_last() -> None:
    (text,) = content(replace(ON_TASKS, seed=0))
    assert text["text"].endswith("--duration 5 --seed 0")


def test_frames_follow_the_text_with_their_roles() -> None:
    items = content(replace(ON_TASKS, frames=(FIRST, LAST), ratio=ADAPTIVE))
    assert items[1:] == [
        {"type": "image_url", "image_url": {"url": FIRST.data_uri}, "role": "first_frame"},
        {"type": "image_url", "image_url": {"url": LAST.data_uri}, "role": "last_frame"},
    ]
    assert items[0]["type"] == "text"


def test_an_empty_prompt_leaves_the_settings_alone() -> None:
    (text, _) = content(replace(ON_TASKS, prompt="  ", frames=(FIRST,)))
    assert text["text"] == "--resolution 720p --ratio 16:9 --duration 5"


def test_a_callback_is_named_on_the_tasks_route_only() -> None:
    url = "https://bot.example/callback/1"
    assert (create_request(replace(ON_TASKS, callback_url=url)).json or {})["callback_url"] == url
    assert create_request(replace(ON_VIDEOS, callback_url=url)) == create_request(ON_VIDEOS)


def test_the_videos_route_takes_a_form_with_an_exact_size() -> None:
    request = create_request(ON_VIDEOS)
    assert (request.method, request.path, request.json) == ("POST", "/v1/videos", None)
    assert request.form == {
        "model": "seedance-2-5",
        "prompt": PROMPT,
        "seconds": "5",
        "size": "1280x720",
    }


@pytest.mark.parametrize(
    ("submission", "part"),
    [
        (replace(ON_TASKS, duration_seconds=13), "duration"),
        (replace(ON_TASKS, resolution="4k"), "resolution"),
        (replace(ON_TASKS, ratio="2:1"), "ratio"),
        (replace(ON_TASKS, frames=(LAST,)), "last_frame"),
        (replace(ON_TASKS, frames=(LAST, FIRST)), "last_frame"),
        (replace(ON_TASKS, frames=(FIRST, FIRST)), "last_frame"),
        (replace(ON_VIDEOS, ratio=ADAPTIVE), "ratio"),
        (replace(ON_VIDEOS, frames=(FIRST,)), "first_frame"),
        (replace(ON_VIDEOS, frames=(FIRST, LAST)), "first_frame"),
        (replace(ON_VIDEOS, seed=1), "seed"),
        (
            replace(ON_TASKS, offer=offer("seedance-2-5", Route.TASKS), frames=(FIRST,)),
            "ratio",
        ),
        (
            replace(ON_TASKS, offer=offer("doubao-seedance-1-0-pro", Route.TASKS), ratio=ADAPTIVE),
            "ratio",
        ),
    ],
)
def test_what_the_offer_cannot_carry_is_not_sent(submission: Submission, part: str) -> None:
    with pytest.raises(BadInput) as caught:
        create_request(submission)
    assert (caught.value.code, caught.value.detail) == ("NotCarried", part)


@pytest.mark.parametrize(
    "submission",
    [
        replace(
            ON_TASKS,
            offer=offer("seedance-2-5", Route.TASKS),
            frames=(FIRST, LAST),
            ratio=ADAPTIVE,
        ),
        replace(ON_TASKS, offer=offer("seedance-2-5", Route.TASKS)),
        replace(
            ON_TASKS,
            offer=offer("doubao-seedance-1-0-pro", Route.TASKS),
            frames=(FIRST,),
            ratio=ADAPTIVE,
        ),
    ],
)
def test_adaptive_goes_where_the_models_rule_allows_it(submission: Submission) -> None:
    (text, *_) = content(submission)
    assert f"--ratio {submission.ratio} " in text["text"]


def test_the_digest_is_that_of_the_content() -> None:
    digest = create_request(ON_TASKS).digest()
    assert digest == create_request(replace(ON_TASKS)).digest()
    others = [
        replace(ON_TASKS, prompt="Another boat."),
        replace(ON_TASKS, seed=1),
        replace(ON_TASKS, frames=(FIRST,)),
        ON_VIDEOS,
    ]
    assert len({digest, *(create_request(other).digest() for other in others)}) == 5


def test_the_body_is_ascii_whatever_the_prompt() -> None:
    body = create_request(replace(ON_TASKS, prompt="小猫 🛶")).encode()
    assert json.loads(body.decode("ascii"))["content"][0]["text"].startswith("小猫 🛶 --res")


# --- the answer ---------------------------------------------------------------------------------


def created(document: object, status: int = 200) -> str:
    return read_created(Route.TASKS, status, {"Retry-After": "9"}, answers.body(document))


@pytest.mark.parametrize(
    ("document", "task_id"),
    [
        (answers.CREATED_TASKS, "021773297205999example"),
        (answers.CREATED_ARK, "cgt-20250629201507-n6k56"),
        (answers.CREATED_VIDEOS, "task_abc123"),
        (answers.CREATED_VIDEOS | {"status": "SUBMITTED"}, "task_abc123"),
        (answers.CREATED_WRAPPED, "task_abc123"),
        (answers.CREATED_NUMBER, "4711"),
        ({"id": None, "task_id": "t-1"}, "t-1"),
        ({"id": "t" * 128}, "t" * 128),
    ],
)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_the_id_is_read_from_every_known_answer(
    document: object, task_id: str, status: int
) -> None:
    assert created(document, status) == task_id


@pytest.mark.parametrize(
    ("status", "raw"),
    [
        (200, b""),
        (200, answers.HTML),
        (200, b'{"id": "cgt-2025'),
        (200, b"{}"),
        (200, b'{"id": ""}'),
        (200, b'{"id": "../admin"}'),
        (200, b'{"id": "%s"}' % (b"t" * 129)),
        (200, answers.body(answers.ark_error("InputTextSensitiveContentDetected"))),
        (202, b"null"),
        (301, b""),
        (302, answers.HTML),
        (400, b""),
        (400, answers.HTML),
        (403, answers.HTML),
        (404, answers.HTML),
        (413, answers.HTML),
        (429, b""),
        (408, answers.body(answers.INVALID_REQUEST)),
        (409, answers.body(answers.INVALID_REQUEST)),
        (418, answers.body(answers.INVALID_REQUEST)),
        (500, answers.body(answers.INVALID_REQUEST)),
        (500, answers.body(answers.ark_error("InternalServiceError"))),
        (502, answers.HTML),
        (503, answers.HTML),
        (503, answers.body(answers.ERROR_AS_TEXT)),
        (504, b""),
        (524, answers.HTML),
    ],
)
def test_whatever_may_have_made_a_task_is_ambiguous(status: int, raw: bytes) -> None:
    with pytest.raises(Ambiguous) as caught:
        read_created(Route.TASKS, status, {}, raw)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("status", "document", "kind"),
    [
        (503, answers.NO_CHANNEL, ModelGone),
        (404, answers.ark_error("InvalidEndpointOrModel.NotFound"), ModelGone),
        (404, answers.gateway_error("", "Invalid URL (POST /volc/v3/x)"), ModelGone),
        (400, answers.NO_MODEL_NAME, BadInput),
        (400, answers.TOP_LEVEL, BadInput),
        (400, {"error": answers.TASK_TYPE}, BadInput),
        (413, answers.gateway_error("", "request body too large"), BadInput),
        (401, answers.ark_error("AuthenticationError"), BadKey),
        (403, answers.ark_error("AccessDenied"), BadKey),
        (403, answers.ark_error("AccountOverdueError"), OutOfFunds),
        (403, answers.gateway_error("insufficient_user_quota", "user quota"), OutOfFunds),
        (402, answers.gateway_error("", "balance"), OutOfFunds),
        (429, answers.ark_error("SetLimitExceeded"), OutOfFunds),
        (400, answers.NESTED, Refused),
    ],
)
def test_a_definite_refusal_says_what_to_do(
    status: int, document: object, kind: type[SeedanceError]
) -> None:
    with pytest.raises(SeedanceError) as caught:
        created(document, status)
    assert type(caught.value) is kind
    assert caught.value.status == status


def test_a_rate_limit_says_when_to_come_back() -> None:
    with pytest.raises(RateLimited) as caught:
        created(answers.RPM, 429)
    assert caught.value.retry_after == timedelta(seconds=9)
    assert caught.value.detail == "RPM limit exceeded"


def test_a_picture_of_a_real_person_is_named_as_such() -> None:
    with pytest.raises(Refused) as caught:
        created(answers.ark_error("InputImageSensitiveContentDetected.PrivacyInformation"), 400)
    assert caught.value.reason is RefusalReason.REAL_PERSON
