"""What is sent to Volcengine Ark and BytePlus ModelArk, and what they do not share with CometAPI.

Checked against the vendors' own Python packages, volcengine-python-sdk 5.0.53
(`volcenginesdkarkruntime`), byteplus-python-sdk-v2 3.0.63 (`byteplussdkarkruntime`) and arkruntime
0.17.0: `resources/content_generation/tasks.py`, `types/content_generation/*`, `_constants.py`,
`_exceptions.py`. They are no part of the project; the facts are written down here as our own data.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from seedance import (
    ADAPTIVE,
    ARK,
    BYTEPLUS,
    CATALOGUE,
    COMETAPI,
    PROVIDERS,
    BadInput,
    BadKey,
    FrameImage,
    FrameRole,
    ModelGone,
    Offer,
    Option,
    Provider,
    RateLimited,
    Route,
    SeedanceError,
    Submission,
    create_request,
    find,
    offers,
    query_request,
    read_created,
    read_task,
)
from seedance.catalogue import documented_models
from seedance.tasks import cancel_request
from tests.seedance import answers

PROMPT = "A paper boat drifts on a quiet lake at sunrise."
FIRST = FrameImage(role=FrameRole.FIRST, data_uri="data:image/png;base64,Rmlyc3Q=")
LAST = FrameImage(role=FrameRole.LAST, data_uri="data:image/png;base64,TGFzdA==")

# The keyword arguments that `Tasks.create` has in both packages (tasks.py); `tools`, which we do
# not use, is Ark's alone.
CREATE_FIELDS = frozenset(
    {
        "model",
        "content",
        "safety_identifier",
        "callback_url",
        "return_last_frame",
        "service_tier",
        "execution_expires_after",
        "priority",
        "generate_audio",
        "draft",
        "camera_fixed",
        "watermark",
        "seed",
        "resolution",
        "ratio",
        "duration",
        "frames",
        "output_format",
        "omni_reference_task_type",
    }
)
# `ImageRole` (arkruntime), as far as it is for frames.
FRAME_ROLES = {"first_frame", "last_frame"}


def offer(name: str, provider: Provider = ARK) -> Offer:
    (found,) = offers([name], None, provider)
    return found


def ask(name: str, provider: Provider = ARK, **changes: object) -> Submission:
    plain = Submission(
        offer=offer(name, provider),
        prompt=PROMPT,
        duration_seconds=5,
        resolution="720p",
        ratio="16:9",
    )
    return replace(plain, **changes)


def body(submission: Submission) -> dict[str, Any]:
    return create_request(submission).json or {}


def test_each_provider_is_found_by_its_name() -> None:
    assert list(PROVIDERS) == ["cometapi", "ark", "byteplus"]
    assert [PROVIDERS[name].name for name in PROVIDERS] == list(PROVIDERS)


def test_the_addresses_are_those_of_the_vendors_packages() -> None:
    """`BASE_URL` of each package's `_constants.py`, and the path of its `tasks.py`."""
    assert ARK.base_url == "https://ark.cn-beijing.volces.com/api/v3"
    assert BYTEPLUS.base_url == "https://ark.ap-southeast.bytepluses.com/api/v3"
    for provider in (ARK, BYTEPLUS):
        assert query_request(Route.TASKS, "cgt-1", provider).path == (
            "/contents/generations/tasks/cgt-1"
        )


def test_the_settings_travel_in_the_body_and_the_prompt_alone_in_the_text() -> None:
    request = create_request(ask("doubao-seedance-1-0-pro", seed=11))
    assert (request.method, request.path) == ("POST", "/contents/generations/tasks")
    assert request.json == {
        "model": "doubao-seedance-1-0-pro-250528",
        "content": [{"type": "text", "text": PROMPT}],
        "resolution": "720p",
        "ratio": "16:9",
        "duration": 5,
        "seed": 11,
        "execution_expires_after": 3600,
        "return_last_frame": True,
    }


@pytest.mark.parametrize("provider", [ARK, BYTEPLUS], ids=lambda provider: provider.name)
def test_every_field_is_one_that_the_vendors_packages_send(provider: Provider) -> None:
    for each in offers([], None, provider):
        options = {"audio": True} if each.carries(Option.AUDIO) else {"seed": 7}
        sent = body(
            ask(
                each.name,
                provider,
                **options,
                callback_url="https://bot.example/1",
                safety_identifier="a1",
                frames=(FIRST, LAST),
                ratio=ADAPTIVE,
            )
        )
        assert set(sent) <= CREATE_FIELDS
        assert {item.get("role") for item in sent["content"][1:]} == FRAME_ROLES
        fields = {carriage.field for carriage in each.options.values()} - {"content[].role"}
        assert fields <= CREATE_FIELDS


def test_sound_is_a_choice_on_2_x_and_a_seed_on_1_x() -> None:
    for each in offers([], None, ARK):
        assert each.carries(Option.AUDIO) is ("-1-" not in each.name)
        assert each.carries(Option.SEED) is ("-1-" in each.name)
    assert body(ask("doubao-seedance-2-0", audio=False))["generate_audio"] is False
    assert "generate_audio" not in body(ask("doubao-seedance-2-0"))


@pytest.mark.parametrize(
    ("submission", "part"),
    [
        (ask("doubao-seedance-1-0-pro", audio=True), "audio"),
        (ask("doubao-seedance-2-0", seed=1), "seed"),
        (ask("doubao-seedance-1-5-pro-251215", COMETAPI, audio=True), "audio"),
        (ask("seedance-2-5", frames=(FIRST, LAST)), "ratio"),
        (ask("doubao-seedance-2-0", frames=(LAST,)), "last_frame"),
        (ask("doubao-seedance-1-0-pro", ratio=ADAPTIVE), "ratio"),
    ],
)
def test_what_the_model_does_not_take_there_is_not_sent(submission: Submission, part: str) -> None:
    with pytest.raises(BadInput) as caught:
        create_request(submission)
    assert caught.value.detail == part


def test_2_x_takes_real_frames_and_2_5_only_with_the_adaptive_ratio() -> None:
    roles = [
        item.get("role") for item in body(ask("doubao-seedance-2-0", frames=(FIRST,)))["content"]
    ]
    assert roles == [None, "first_frame"]
    sent = body(ask("seedance-2-5", BYTEPLUS, frames=(FIRST, LAST), ratio=ADAPTIVE))
    assert (sent["model"], sent["ratio"]) == ("dreamina-seedance-2-5-260628", "adaptive")
    assert [item.get("role") for item in sent["content"]] == [None, "first_frame", "last_frame"]


def test_beside_a_frame_no_empty_text_is_sent() -> None:
    sent = body(ask("doubao-seedance-2-0", prompt=" ", frames=(FIRST,)))
    assert [item["type"] for item in sent["content"]] == ["image_url"]


def test_the_member_is_named_by_a_hash_where_the_provider_takes_one() -> None:
    assert body(ask("doubao-seedance-2-0", safety_identifier="h1"))["safety_identifier"] == "h1"
    pro = ask("doubao-seedance-1-5-pro-251215", COMETAPI)
    assert create_request(replace(pro, safety_identifier="h1")) == create_request(pro)


def test_the_ids_are_the_vendors_own() -> None:
    assert [each.remote_id for each in offers([], None, ARK)] == [
        "doubao-seedance-2-5-260628",
        "doubao-seedance-2-0-260128",
        "doubao-seedance-2-0-fast-260128",
        "doubao-seedance-2-0-mini-260615",
        "doubao-seedance-1-0-pro-250528",
    ]
    assert [each.remote_id for each in offers([], None, BYTEPLUS)] == [
        "dreamina-seedance-2-5-260628",
        "dreamina-seedance-2-0-260128",
        "dreamina-seedance-2-0-fast-260128",
        "dreamina-seedance-2-0-mini-260615",
        "seedance-1-0-pro-250528",
    ]


def test_every_id_leads_back_to_its_model() -> None:
    for provider in PROVIDERS.values():
        for each in offers([], None, provider):
            assert find(each.remote_id) is each.model
            assert each.retires == provider.services[each.name][each.route].retires


def test_1_5_pro_is_not_offered_where_it_was_shut_down() -> None:
    assert offers(["doubao-seedance-1-5-pro-251215"], None, ARK) == ()
    assert offers(["doubao-seedance-1-5-pro-251215"], None, BYTEPLUS) == ()


def test_what_the_documents_name_stands_for_a_list() -> None:
    for provider in (ARK, BYTEPLUS):
        listed = documented_models(provider)
        assert offers([], listed, provider) == offers([], None, provider)
    # And the list of another provider offers nothing.
    assert offers([], documented_models(ARK), BYTEPLUS) == ()


@pytest.mark.parametrize(
    ("name", "resolution", "usd"),
    [
        # Tokens alone, at the list price; CometAPI's rates by the second are not theirs.
        ("seedance-2-5", "480p", Decimal(992 * 432 * 121 // 1024) * Decimal("0.0000107")),
        ("doubao-seedance-2-0", "480p", Decimal(992 * 432 * 121 // 1024) * Decimal("0.000007")),
        ("doubao-seedance-2-0", "1080p", Decimal(2206 * 946 * 121 // 1024) * Decimal("0.0000077")),
        (
            "doubao-seedance-2-0-mini",
            "720p",
            Decimal(1112 * 834 * 121 // 1024) * Decimal("0.0000035"),
        ),
    ],
)
def test_the_price_is_that_of_the_tokens(name: str, resolution: str, usd: Decimal) -> None:
    assert offer(name).price(resolution, 5) == usd
    assert offer(name, BYTEPLUS).price(resolution, 5) == usd


def test_cometapi_can_neither_list_nor_cancel_nor_name_members() -> None:
    can = (COMETAPI.can_list, COMETAPI.can_cancel, COMETAPI.takes_safety_identifier)
    assert can == (False, False, False)
    assert all(ARK.services[name].keys() == {Route.TASKS} for name in ARK.services)
    assert set(COMETAPI.services) == {model.name for model in CATALOGUE}


def test_a_task_is_cancelled_by_deleting_it() -> None:
    """`Tasks.delete` of both packages: DELETE on the path of the task."""
    request = cancel_request(Route.TASKS, "cgt-1", ARK)
    assert (request.method, request.path) == ("DELETE", "/contents/generations/tasks/cgt-1")


# --- answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "status_and_kind",
    [(400, BadInput), (401, BadKey), (403, BadKey), (404, ModelGone), (429, RateLimited)],
)
def test_every_status_that_has_an_error_class_is_sorted(
    status_and_kind: tuple[int, type[SeedanceError]],
) -> None:
    """The classes of `_exceptions.py` by status; the error is unwrapped from `error`.

    409 and 5xx have classes too, and are repeated by the packages themselves. We never do: a
    create that ends so may have made a task.
    """
    status, kind = status_and_kind
    raw = answers.body({"error": {"code": "New", "message": "m", "param": "", "type": "x"}})
    with pytest.raises(SeedanceError) as caught:
        read_created(Route.TASKS, status, {}, raw)
    assert type(caught.value) is kind


@pytest.mark.parametrize("word", ["queued", "running", "cancelled", "succeeded", "failed"])
def test_every_state_of_the_vendors_is_known(word: str) -> None:
    """`TaskStatus` (arkruntime); `expired`, which the pages name besides, is tested elsewhere."""
    raw = answers.body({"id": "cgt-1", "model": "m", "status": word})
    assert read_task(Route.TASKS, 200, {}, raw).state.value == word


def test_the_last_frame_comes_with_the_video() -> None:
    """`Content.video_url` and `Content.last_frame_url` of `content_generation_task.py`."""
    content = answers.SUCCEEDED_ARK["content"] | {"last_frame_url": "https://tos.example/l.png?a=b"}
    task = read_task(
        Route.TASKS, 200, {}, answers.body(answers.SUCCEEDED_ARK | {"content": content})
    )
    assert task.last_frame_url == "https://tos.example/l.png?a=b"
    assert task.video_url == answers.SUCCEEDED_ARK["content"]["video_url"]


@pytest.mark.parametrize("link", [None, "", 7, "ftp://tos.example/l.png", "https://a b"])
def test_a_last_frame_that_is_no_link_is_none(link: object) -> None:
    content = answers.SUCCEEDED_ARK["content"] | {"last_frame_url": link}
    task = read_task(
        Route.TASKS, 200, {}, answers.body(answers.SUCCEEDED_ARK | {"content": content})
    )
    assert task.video_url
    assert task.last_frame_url is None
